//! The ids of payouts and runs are made from what asked for them, so that the first record is also the
//! request's idempotency record: the same account and key can never make two.

use ledger::AccountId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 26 characters hold 130 bits: enough that no two requests share an id.
const CHARACTERS: usize = 26;

/// Why a text is no idempotency key, or no payout's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(&'static str);

/// What a caller sends to name a request: the same key is the same request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Takes a text as a key.
    ///
    /// # Errors
    /// [`KeyError`] unless it is 1 to 255 visible ASCII characters.
    pub fn try_new(text: &str) -> Result<Self, KeyError> {
        if crate::fact::opaque(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyError("an idempotency key is 1 to 255 visible ASCII characters"))
        }
    }
}

/// The first 130 bits of a digest, as characters after a prefix.
fn named(prefix: &str, digest: &[u8]) -> String {
    let bit = |place: usize| digest.get(place / 8).is_some_and(|byte| byte & (0x80 >> (place % 8)) != 0);
    let digit = |index: usize| (0..5).fold(0, |value: usize, step| value * 2 + usize::from(bit(index * 5 + step)));
    let text = (0..CHARACTERS).filter_map(|index| ALPHABET.get(digit(index))).map(|byte| char::from(*byte));
    prefix.chars().chain(text).collect()
}

macro_rules! made_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a text as an id.
            ///
            /// # Errors
            /// [`KeyError`] where it has another shape.
            pub fn try_new(text: &str) -> Result<Self, KeyError> {
                let rest = text.strip_prefix($prefix).unwrap_or_default();
                let fits = rest.len() == CHARACTERS && rest.bytes().all(|byte| ALPHABET.contains(&byte));
                if fits { Ok(Self(text.to_owned())) } else { Err(KeyError($rule)) }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = KeyError;
            fn from_str(text: &str) -> Result<Self, KeyError> {
                Self::try_new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = KeyError;
            fn try_from(text: String) -> Result<Self, KeyError> {
                Self::try_new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

made_id!(
    /// `pay_` and 26 characters.
    PayoutId,
    "pay_",
    "a payout's id is pay_ and 26 characters"
);

made_id!(
    /// `run_` and 26 characters: what names one order of finance to send payouts.
    RunId,
    "run_",
    "a run's id is run_ and 26 characters"
);

impl PayoutId {
    /// The id of the payout that this account asks for under this key.
    #[must_use]
    pub fn of_request(account: &AccountId, key: &IdempotencyKey) -> Self {
        // Neither text has the character NUL: no other account and key give the same bytes.
        Self(named("pay_", &Sha256::new().chain_update(account.as_str()).chain_update([0]).chain_update(&key.0).finalize()))
    }
}

impl RunId {
    /// The id of the run that this person of finance orders under this key.
    #[must_use]
    pub fn of_request(by: &AccountId, key: &IdempotencyKey) -> Self {
        let digest = Sha256::new().chain_update("run").chain_update([0]).chain_update(by.as_str()).chain_update([0]).chain_update(&key.0);
        Self(named("run_", &digest.finalize()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_request_has_one_id() {
        let id =
            |account: &str, key: &str| PayoutId::of_request(&AccountId::try_new(account).unwrap(), &IdempotencyKey::try_new(key).unwrap());
        assert_eq!(id("alice", "k"), id("alice", "k"));
        let others = [id("alice", "k2"), id("bob", "k"), id("alic", "ek")];
        assert!(others.iter().all(|other| *other != id("alice", "k")));
        assert_eq!(id("alice", "k").as_str().parse(), Ok(id("alice", "k")));
        // The first 130 bits of SHA-256 of alice, NUL, k, made with another program.
        assert_eq!(id("alice", "k").as_str(), "pay_4YGQGXK5VRGSQN7XQD252HFMW1");
    }

    #[test]
    fn keys_and_ids_have_a_shape() {
        for (text, fits) in [("", false), ("k", true), ("a b", false), ("k\u{e9}", false), ("k\n", false)] {
            assert_eq!(IdempotencyKey::try_new(text).is_ok(), fits, "{text:?}");
        }
        assert!(IdempotencyKey::try_new(&"k".repeat(255)).is_ok() && IdempotencyKey::try_new(&"k".repeat(256)).is_err());
        for text in
            ["", "pay_", "pay_I0000000000000000000000000", "pay_0", "PAY_00000000000000000000000000", "pay_000000000000000000000000000"]
        {
            assert!(PayoutId::try_new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_id_is_written_as_its_text() {
        let text = "pay_4YGQGXK5VRGSQN7XQD252HFMW1";
        let id = PayoutId::try_new(text).unwrap();
        assert_eq!((id.as_str(), id.to_string().as_str(), String::from(id.clone()).as_str()), (text, text, text));
        assert_eq!(serde_json::to_value(&id).unwrap(), text);
        assert_eq!(serde_json::from_value::<PayoutId>(text.into()).unwrap(), id);
        assert!(serde_json::from_value::<PayoutId>("pay_1".into()).is_err());
    }

    #[test]
    fn a_run_has_an_id_of_its_own() {
        let (fin, key) = (AccountId::try_new("fin1").unwrap(), IdempotencyKey::try_new("k").unwrap());
        let run = RunId::of_request(&fin, &key);
        assert_eq!((run.as_str().parse(), RunId::of_request(&fin, &key)), (Ok(run.clone()), run.clone()));
        assert!(PayoutId::try_new(run.as_str()).is_err() && RunId::try_new(PayoutId::of_request(&fin, &key).as_str()).is_err());
        assert_ne!(run.as_str().get(4..), PayoutId::of_request(&fin, &key).as_str().get(4..));
        for (by, key) in [("fin2", "k"), ("fin1", "k2"), ("fin", "1k")] {
            assert_ne!(RunId::of_request(&AccountId::try_new(by).unwrap(), &IdempotencyKey::try_new(key).unwrap()), run);
        }
    }
}
