//! The MD5 checksums of SQS, which senders compare to see that the message arrived as it was sent.

use md5::{Digest, Md5};

use super::{
    error::Refusal,
    message_attributes::{AttributeValue, MessageAttributes},
};

const TEXT_MARK: u8 = 1;
const BYTES_MARK: u8 = 2;

/// `MD5OfMessageBody`: of the body's UTF-8 bytes, in hexadecimal.
pub(super) fn of_body(body: &str) -> String {
    hex::encode(Md5::digest(body.as_bytes()))
}

/// `MD5OfMessageAttributes`: names in order, each as name, type, a mark for text or bytes, and value, every part with
/// its length before it (4 bytes, big-endian) but the mark. Without attributes there is no checksum.
pub(super) fn of_attributes(attributes: &MessageAttributes) -> Result<Option<String>, Refusal> {
    if attributes.is_empty() {
        return Ok(None);
    }
    let mut hash = Md5::new();
    for (name, attribute) in attributes {
        put(&mut hash, name.as_bytes());
        put(&mut hash, attribute.data_type.as_bytes());
        match attribute.value(name)? {
            AttributeValue::Text(text) => {
                hash.update([TEXT_MARK]);
                put(&mut hash, text.as_bytes());
            }
            AttributeValue::Bytes(bytes) => {
                hash.update([BYTES_MARK]);
                put(&mut hash, &bytes);
            }
        }
    }
    Ok(Some(hex::encode(hash.finalize())))
}

fn put(hash: &mut Md5, part: &[u8]) {
    // A part is never longer than a message, which is far below 4 GiB.
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    hash.update(length.to_be_bytes());
    hash.update(part);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_has_the_md5_of_rfc_1321() {
        assert_eq!(of_body("abc"), "900150983cd24fb0d6963f7d28e17f72");
    }

    #[test]
    fn attributes_are_hashed_in_the_order_of_their_names() {
        let attributes = |text| serde_json::from_value::<MessageAttributes>(text).unwrap();
        assert_eq!(of_attributes(&MessageAttributes::new()).unwrap(), None);
        let one = attributes(json!({
            "timestamp": {"DataType": "Number.java.lang.Long", "StringValue": "1493147359900"}
        }));
        assert_eq!(of_attributes(&one).unwrap().unwrap(), "2e2e4876d8e0bd6b8c2c8f556831c349");
    }
}
