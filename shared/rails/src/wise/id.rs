//! The `customerTransactionId` of a payout: a UUID made from the payout's id, so that it needs no place to be kept.

use programme::payout::PayoutId;
use sha2::{Digest, Sha256};

/// The first 128 bits of SHA-256 of `wise:` and the payout's id, with the version and variant of a name-based UUID (5):
/// the construction is that of RFC 9562's version 5 but for the hash, and the number is the one that every validator
/// of UUIDs knows.
pub(super) fn of(payout: &PayoutId) -> String {
    let digest = Sha256::digest(format!("wise:{payout}"));
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().zip(digest) {
        *place = byte;
    }
    bytes[6] = (bytes[6] & 0x0F) | 0x50;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    let text = hex::encode(bytes);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_payout_has_one_uuid() {
        let one = PayoutId::try_new("pay_4YGQGXK5VRGSQN7XQD252HFMW1").unwrap();
        let other = PayoutId::try_new("pay_4YGQGXK5VRGSQN7XQD252HFMW2").unwrap();
        // Made with another program.
        assert_eq!(of(&one), "45342edc-a29b-54f1-8c73-a4b905619421");
        assert_ne!(of(&one), of(&other));
        let text = of(&other);
        assert_eq!((text.len(), &text[14..15]), (36, "5"));
        assert!("89ab".contains(&text[19..20]));
    }
}
