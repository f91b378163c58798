//! Receipt handles and message ids: both follow from the stored row, so neither needs randomness or a column.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::error::Refusal;

/// What one receive of one message handed out. Only the latest handle of a message has an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Receipt {
    /// The queue that it was received from.
    pub(super) queue: i64,
    /// The message's row, never used again.
    pub(super) row: i64,
    /// How often the message had been received then, this receive included.
    pub(super) receive: u32,
    /// When the message was sent, in epoch milliseconds: a handle of another database does not fit by chance.
    pub(super) sent_ms: i64,
}

impl Receipt {
    /// The handle as clients see it; its content is none of their business.
    pub(super) fn handle(&self) -> String {
        opaque(&format!("{}:{}:{}:{}", self.queue, self.row, self.receive, self.sent_ms))
    }

    /// Reads a handle that this server made for this queue.
    pub(super) fn parse(handle: &str, queue: i64) -> Result<Self, Refusal> {
        Self::decode(handle).filter(|receipt| receipt.queue == queue).ok_or(Refusal::ReceiptHandleIsInvalid)
    }

    fn decode(handle: &str) -> Option<Self> {
        let text = String::from_utf8(STANDARD.decode(handle).ok()?).ok()?;
        let mut parts = text.split(':');
        let receipt = Self {
            queue: parts.next()?.parse().ok()?,
            row: parts.next()?.parse().ok()?,
            receive: parts.next()?.parse().ok()?,
            sent_ms: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(receipt)
    }
}

/// A text in a form that says nothing to those who should not read it.
pub(super) fn opaque(text: &str) -> String {
    STANDARD.encode(text)
}

/// The id of a message, in the form of a UUID. A row number is never used twice in a database, the time tells
/// databases apart.
pub(super) fn message_id(row: i64, sent_ms: i64) -> String {
    uuid(&format!("message:{row}:{sent_ms}"))
}

/// A text in the form of a UUID that follows from a seed.
pub(super) fn uuid(seed: &str) -> String {
    let digest = hex::encode(Sha256::digest(seed.as_bytes()));
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_read_back_for_its_own_queue_only() {
        let receipt = Receipt { queue: 3, row: 7, receive: 2, sent_ms: 1_000 };
        assert_eq!(Receipt::parse(&receipt.handle(), 3), Ok(receipt));
        assert_eq!(Receipt::parse(&receipt.handle(), 4), Err(Refusal::ReceiptHandleIsInvalid));
    }

    #[test]
    fn a_foreign_handle_is_invalid() {
        let encode = |text: &str| STANDARD.encode(text);
        for bad in
            [String::new(), "not-a-handle".to_owned(), encode("3:7:2"), encode("3:7:2:1000:5"), encode("3:x:2:1000"), encode("3:7:-2:1000")]
        {
            assert_eq!(Receipt::parse(&bad, 3), Err(Refusal::ReceiptHandleIsInvalid), "{bad}");
        }
    }

    #[test]
    fn ids_look_like_uuids_and_differ() {
        let id = message_id(1, 1_000);
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_ne!(id, message_id(2, 1_000));
        assert_ne!(id, message_id(1, 1_001));
    }
}
