//! Keyed digests with keys that can be rotated: the first key signs, all of them verify.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// Why a text is no key ring. It never tells the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// No key at all.
    #[error("no key")]
    Empty,
    /// A key is not `id:hex` with an id of 1 to 16 letters or digits and at least 16 bytes.
    #[error("a key is not id:hex with 16 bytes or more")]
    Malformed,
    /// Two keys share an id.
    #[error("two keys share an id")]
    DuplicateId,
}

/// An HMAC-SHA256 and the id of the key that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedMac {
    /// Which key.
    pub key_id: String,
    /// The 32 bytes.
    pub mac: Vec<u8>,
}

impl KeyedMac {
    /// `{key id}.{hex}`, as it is stored.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}.{}", self.key_id, hex::encode(&self.mac))
    }

    /// Reads what [`KeyedMac::to_text`] wrote.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let (key_id, mac) = text.split_once('.')?;
        Some(Self { key_id: key_id.to_owned(), mac: hex::decode(mac).ok()? })
    }
}

/// Secret keys, newest first.
#[derive(Clone)]
pub struct KeyRing(Vec<(String, Vec<u8>)>);

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(id, _)| id)).finish()
    }
}

impl KeyRing {
    /// A ring without keys, for a function that is given none because it has nothing to sign: whatever it signs
    /// all the same verifies nowhere.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Reads `id:hex id:hex …`, the signing key first.
    ///
    /// # Errors
    /// [`KeyRingError`], without the text.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let mut keys: Vec<(String, Vec<u8>)> = Vec::new();
        for entry in text.split_ascii_whitespace() {
            let (id, key) = entry.split_once(':').ok_or(KeyRingError::Malformed)?;
            let key = hex::decode(key).map_err(|_| KeyRingError::Malformed)?;
            if !(1..=16).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) || key.len() < 16 {
                return Err(KeyRingError::Malformed);
            }
            if keys.iter().any(|(known, _)| known == id) {
                return Err(KeyRingError::DuplicateId);
            }
            keys.push((id.to_owned(), key));
        }
        if keys.is_empty() { Err(KeyRingError::Empty) } else { Ok(Self(keys)) }
    }

    /// Whether it holds no key.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Signs with the newest key. `domain` keeps uses apart: a receipt never passes for a cursor.
    #[must_use]
    pub fn sign(&self, domain: &str, bytes: &[u8]) -> KeyedMac {
        let (id, key) = self.0.first().map_or(("", [].as_slice()), |(id, key)| (id, key));
        KeyedMac { key_id: id.to_owned(), mac: mac(key, domain, bytes).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default() }
    }

    /// The digest under every key, newest first: where something stored under an older key is to be found again.
    #[must_use]
    pub fn sign_all(&self, domain: &str, bytes: &[u8]) -> Vec<KeyedMac> {
        let made = |(id, key): &(String, Vec<u8>)| {
            mac(key, domain, bytes).map(|mac| KeyedMac { key_id: id.clone(), mac: mac.finalize().into_bytes().to_vec() })
        };
        self.0.iter().filter_map(made).collect()
    }

    /// Whether `claim` is this text's digest under one of the keys. In constant time.
    #[must_use]
    pub fn verify(&self, domain: &str, bytes: &[u8], claim: &KeyedMac) -> bool {
        self.0
            .iter()
            .find(|(id, _)| *id == claim.key_id)
            .and_then(|(_, key)| mac(key, domain, bytes))
            .is_some_and(|mac| mac.verify_slice(&claim.mac).is_ok())
    }
}

fn mac(key: &[u8], domain: &str, bytes: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(domain.as_bytes());
    mac.update(&[0]);
    mac.update(bytes);
    Some(mac)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const OLD: &str = "k1:000102030405060708090a0b0c0d0e0f";
    const BOTH: &str = "k2:ff0102030405060708090a0b0c0d0e0f k1:000102030405060708090a0b0c0d0e0f";

    #[test]
    fn the_first_signs_and_all_verify() {
        let (old, both) = (KeyRing::parse(OLD).unwrap(), KeyRing::parse(BOTH).unwrap());
        let made = old.sign("receipt", b"x");
        assert!(both.verify("receipt", b"x", &made));
        assert_eq!(both.sign("receipt", b"x").key_id, "k2");
        assert!(!old.verify("receipt", b"x", &both.sign("receipt", b"x")));
        assert!(!both.verify("cursor", b"x", &made), "another use");
        assert!(!both.verify("receipt", b"y", &made), "another text");
        assert!(!both.verify("receipt", b"x", &KeyedMac { mac: made.mac[..31].to_vec(), ..made.clone() }), "cut");
        assert_eq!(both.sign_all("receipt", b"x")[1], made);
        assert_eq!(KeyedMac::from_text(&made.to_text()), Some(made));
    }

    #[test]
    fn without_a_key_nothing_verifies() {
        let none = KeyRing::none();
        assert!(none.is_none() && !KeyRing::parse(OLD).unwrap().is_none());
        assert!(!none.verify("receipt", b"x", &none.sign("receipt", b"x")));
    }

    #[test]
    fn bad_rings_are_refused_without_telling_the_key() {
        for (text, error) in [
            ("", KeyRingError::Empty),
            ("k1", KeyRingError::Malformed),
            ("k1:zz", KeyRingError::Malformed),
            ("k1:0001", KeyRingError::Malformed),
            (":000102030405060708090a0b0c0d0e0f", KeyRingError::Malformed),
        ] {
            assert_eq!(KeyRing::parse(text).map(|_| ()), Err(error), "{text}");
        }
        assert_eq!(KeyRing::parse(&format!("{OLD} {OLD}")).map(|_| ()), Err(KeyRingError::DuplicateId));
        assert_eq!(format!("{:?}", KeyRing::parse(BOTH).unwrap()), r#"["k2", "k1"]"#);
    }
}
