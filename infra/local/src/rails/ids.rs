//! Ids in the providers' forms. They are made from a counter and a random text of the books, so that no two books share one.

use sha2::{Digest as _, Sha256};

const MIXED: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const CAPITALS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// `prefix` and letters and digits, as Stripe's: `tr_1PgcX…`.
pub(super) fn mixed(prefix: &str, seed: &str, length: usize) -> String {
    format!("{prefix}{}", letters(seed, prefix, length, MIXED))
}

/// Capitals and digits, as PayPal's: `8AELMXH8UB2P8`.
pub(super) fn capitals(seed: &str, kind: &str, length: usize) -> String {
    letters(seed, kind, length, CAPITALS)
}

/// In the form of a UUID of version 4.
pub(super) fn uuid(seed: &str, kind: &str) -> String {
    let mut id = hex::encode(digest(seed, kind));
    id.truncate(32);
    // The version, and the variant.
    id.replace_range(12..13, "4");
    id.replace_range(16..17, "a");
    for at in [20, 16, 12, 8] {
        id.insert(at, '-');
    }
    id
}

fn letters(seed: &str, kind: &str, length: usize, alphabet: &[u8]) -> String {
    let digest = digest(seed, kind);
    let letter = |byte: &u8| alphabet.get(usize::from(*byte) % alphabet.len()).copied().map_or('0', char::from);
    digest.iter().take(length).map(letter).collect()
}

fn digest(seed: &str, kind: &str) -> [u8; 32] {
    Sha256::new().chain_update(kind).chain_update([0]).chain_update(seed).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn have_the_providers_forms() {
        let id = mixed("tr_", "1", 24);
        assert!(id.len() == 27 && id.starts_with("tr_"), "{id}");
        assert_eq!(capitals("1", "item", 13).len(), 13);
        let id = uuid("1", "quote");
        let parts: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
        assert!(id.get(14..15) == Some("4") && id.get(19..20) == Some("a"), "{id}");
        assert_ne!(mixed("tr_", "1", 24), mixed("tr_", "2", 24));
        assert_ne!(uuid("1", "a"), uuid("1", "b"));
    }
}
