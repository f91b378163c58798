//! Signed bodies that could not be read are kept whole, for someone to decide.

use crate::translation::Unreadable;
use chrono::{DateTime, Utc};
use programme::fact::Source;
use sha2::{Digest, Sha256};
use store::Quarantined;

/// How much of the hash names a body: 104 bits.
const HEX_DIGITS: usize = 26;

/// The record of a body. Its id comes from the source and the bytes, so that a body that is delivered
/// again and again is kept once.
pub(crate) fn record(source: Source, body: &[u8], reason: &Unreadable, received_at: DateTime<Utc>) -> Quarantined {
    let digest = Sha256::new().chain_update(source.as_str()).chain_update([0]).chain_update(body).finalize();
    let mut id = hex::encode(digest);
    id.truncate(HEX_DIGITS);
    Quarantined {
        id: format!("qua_{id}"),
        source: source.as_str().to_owned(),
        reason: reason.to_string(),
        body: body.to_vec(),
        received_at,
    }
}
