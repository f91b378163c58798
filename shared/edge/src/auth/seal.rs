//! What a browser keeps for us and can neither read nor make: AES-256-GCM under keys that can be rotated.

use crate::{ids::IdSource, problem::Problem};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt, sync::Arc};

/// A browser keeps no longer cookie, and no header of ours is longer.
const TEXT_LIMIT_BYTES: usize = 8 * 1024;

/// Why a text is no ring of keys. It never tells the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealKeysError {
    /// No key at all.
    #[error("no key")]
    Empty,
    /// A key is not `id:hex` with an id of 1 to 16 letters or digits and 32 bytes.
    #[error("a key is not id:hex with 32 bytes")]
    Malformed,
    /// Two keys share an id.
    #[error("two keys share an id")]
    DuplicateId,
}

/// Secret keys, newest first: the first seals, all of them open.
///
/// A nonce is 96 random bits, so a key should be rotated before it has sealed 2³² texts.
#[derive(Clone)]
pub struct SealKeys(Arc<[(String, LessSafeKey)]>);

impl fmt::Debug for SealKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(id, _)| id)).finish()
    }
}

impl SealKeys {
    /// Reads `id:hex id:hex …`, the sealing key first.
    ///
    /// # Errors
    /// [`SealKeysError`], without the text.
    pub fn parse(text: &str) -> Result<Self, SealKeysError> {
        let mut keys: Vec<(String, LessSafeKey)> = Vec::new();
        for entry in text.split_ascii_whitespace() {
            let (id, key) = entry.split_once(':').ok_or(SealKeysError::Malformed)?;
            let bytes = hex::decode(key).map_err(|_| SealKeysError::Malformed)?;
            let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| SealKeysError::Malformed)?;
            if !(1..=16).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(SealKeysError::Malformed);
            }
            if keys.iter().any(|(known, _)| known == id) {
                return Err(SealKeysError::DuplicateId);
            }
            keys.push((id.to_owned(), LessSafeKey::new(key)));
        }
        if keys.is_empty() { Err(SealKeysError::Empty) } else { Ok(Self(keys.into())) }
    }

    /// Seals a value for one purpose: what was sealed for another never opens in its place. The text is fit for a
    /// cookie and a header.
    ///
    /// # Errors
    /// [`Problem::internal`] where the value has no JSON form or the cipher refuses, which are mistakes of ours.
    pub fn seal<T: Serialize>(&self, purpose: &str, value: &T, ids: &dyn IdSource) -> Result<String, Problem> {
        let (id, key) = self.0.first().ok_or_else(|| Problem::internal("there is no key to seal with"))?;
        let mut nonce = [0; NONCE_LEN];
        nonce.iter_mut().zip(ids.bytes16()).for_each(|(place, byte)| *place = byte);
        let mut sealed = serde_json::to_vec(value).map_err(Problem::internal)?;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(id, purpose), &mut sealed)
            .map_err(|_| Problem::internal("the cipher refuses to seal"))?;
        Ok(format!("{id}.{}", BASE64_URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// Opens what [`SealKeys::seal`] made for the same purpose. `None` for everything else, whatever is wrong with it.
    #[must_use]
    pub fn open<T: DeserializeOwned>(&self, purpose: &str, text: &str) -> Option<T> {
        if text.len() > TEXT_LIMIT_BYTES {
            return None;
        }
        let (id, encoded) = text.split_once('.')?;
        let (_, key) = self.0.iter().find(|(known, _)| known == id)?;
        let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(encoded).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = key.open_in_place(nonce, aad(id, purpose), sealed).ok()?;
        serde_json::from_slice(plain).ok()
    }
}

/// The key's id stands in it, too: it is part of the text, and nothing of the text may be changed.
fn aad(id: &str, purpose: &str) -> Aad<String> {
    Aad::from(format!("{id} {purpose}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ids::{SequenceIds, SystemIds};
    use proptest::prelude::*;

    fn old() -> String {
        format!("k1:{}", "01".repeat(32))
    }

    fn both() -> SealKeys {
        SealKeys::parse(&format!("k2:{} {}", "02".repeat(32), old())).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_after_a_rotation() {
        let old = SealKeys::parse(&old()).unwrap();
        let sealed = old.seal("session", &"a secret", &SystemIds).unwrap();
        assert!(sealed.starts_with("k1.") && !sealed.contains("secret"));
        assert_eq!(both().open::<String>("session", &sealed).unwrap(), "a secret");
        assert_eq!(both().open::<String>("login", &sealed), None, "another purpose");
        assert_eq!(both().open::<u64>("session", &sealed), None, "another shape");
        assert_eq!(old.open::<String>("session", &both().seal("session", &"x", &SystemIds).unwrap()), None, "a key that is not known");
        assert_eq!(old.open::<String>("session", &sealed.replace("k1.", "k2.")), None, "another key's id");
        assert_ne!(sealed, old.seal("session", &"a secret", &SystemIds).unwrap(), "never twice the same");
    }

    #[test]
    fn what_is_nothing_of_ours_does_not_open() {
        for text in ["", "k1", "k1.", "k1.AAAA", "k1.!!", ".", "k1.\u{e9}", &format!("k1.{}", "A".repeat(9_000))] {
            assert_eq!(both().open::<String>("session", text), None, "{text}");
        }
    }

    #[test]
    fn bad_rings_are_refused_without_telling_the_key() {
        for (text, error) in [
            (String::new(), SealKeysError::Empty),
            ("k1".into(), SealKeysError::Malformed),
            ("k1:zz".into(), SealKeysError::Malformed),
            (format!("k1:{}", "01".repeat(16)), SealKeysError::Malformed),
            (format!("k-1:{}", "01".repeat(32)), SealKeysError::Malformed),
            (format!("{} {}", old(), old()), SealKeysError::DuplicateId),
        ] {
            assert_eq!(SealKeys::parse(&text).map(drop).unwrap_err(), error, "{text}");
        }
        assert_eq!(format!("{:?}", both()), r#"["k2", "k1"]"#);
    }

    proptest! {
        #[test]
        fn no_changed_byte_opens(value in "[ -~]{0,30}", place in 0_usize..400, flip in 1_u8..=255) {
            let sealed = both().seal("s", &value, &SequenceIds::new(7)).unwrap();
            let (id, encoded) = sealed.split_once('.').unwrap();
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(encoded).unwrap();
            let place = place % bytes.len();
            bytes[place] ^= flip;
            let forged = format!("{id}.{}", BASE64_URL_SAFE_NO_PAD.encode(&bytes));
            prop_assert_eq!(both().open::<String>("s", &forged), None);
        }
    }
}
