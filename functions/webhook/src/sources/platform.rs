//! The platform itself, and any processor that it speaks for: Standard Webhooks 1.0.0.

mod events;

use super::Signed;
use crate::{
    signature::{self, Refusal},
    translation::{Told, Unreadable},
};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use edge::{
    config::{ConfigError, Env, Secret},
    http::Call,
};
use programme::fact::opaque;
use std::fmt;

/// What every secret begins with; the key is the base64 after it.
const SECRET_PREFIX: &str = "whsec_";

/// The least bytes of a key. The standard asks for 24 to 64; shorter ones are in use, and an empty one is a mistake.
const KEY_BYTES_MIN: usize = 16;

/// Secrets are written with and without the padding.
const SECRET_BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// A secret is not `whsec_` and base64 of at least 16 bytes. It never tells the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret is not whsec_ and base64 of at least 16 bytes")]
pub struct PlatformSecretError;

/// The platform's secrets.
#[derive(Clone)]
pub struct Platform {
    keys: Vec<Vec<u8>>,
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").finish_non_exhaustive()
    }
}

impl Platform {
    /// Takes secrets as they are exchanged: `whsec_` and base64.
    ///
    /// # Errors
    /// [`PlatformSecretError`].
    pub fn try_new(secrets: &[Secret]) -> Result<Self, PlatformSecretError> {
        let key = |secret: &Secret| {
            let encoded = secret.expose().strip_prefix(SECRET_PREFIX).ok_or(PlatformSecretError)?;
            SECRET_BASE64.decode(encoded).ok().filter(|key| key.len() >= KEY_BYTES_MIN).ok_or(PlatformSecretError)
        };
        Ok(Self { keys: secrets.iter().map(key).collect::<Result<_, _>>()? })
    }

    /// Reads `PLATFORM_WEBHOOK_SECRETS`.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let name = "PLATFORM_WEBHOOK_SECRETS";
        Self::try_new(&env.secrets(name, ' ')?).map_err(|_| ConfigError::Invalid { name: name.to_owned() })
    }

    pub(super) fn verify<'c>(&self, call: &'c Call) -> Result<Signed<'c>, Refusal> {
        let header = |name| call.header(name).ok_or(Refusal::Missing);
        let (id, seconds, signatures) = (header("webhook-id")?, header("webhook-timestamp")?, header("webhook-signature")?);
        if !opaque(id) {
            return Err(Refusal::Malformed);
        }
        signature::near(seconds, call.now)?;
        // Other versions are passed over; what is not base64 fits nothing, but another beside it may.
        let candidates: Vec<_> =
            signatures.split(' ').filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok()).collect();
        let parts = [id.as_bytes(), b".", seconds.as_bytes(), b".", &call.body];
        if signature::any_fits(self.keys.iter().map(Vec::as_slice), &parts, &candidates) {
            Ok(Signed { id, body: &call.body, received_at: call.now })
        } else {
            Err(Refusal::Wrong)
        }
    }

    pub(super) fn translate(&self, id: &str, body: &[u8]) -> Result<Told, Unreadable> {
        Ok(Told::facts(id.to_owned(), events::facts(body)?))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use edge::http::Method;

    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const OTHER: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    const ID: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
    const RIGHT: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";
    const ZEROS: &str = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    /// The vector that Standard Webhooks publishes, received `late` seconds after it was signed.
    fn answer(secrets: &[&str], id: &str, signatures: &str, late: i64) -> Result<(), Refusal> {
        let secrets: Vec<_> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
        let signed_at = DateTime::from_timestamp(1_649_367_553, 0).unwrap();
        let call = Call::builder(Method::POST, "/webhooks/{source}", signed_at + TimeDelta::seconds(late))
            .header("webhook-id", id)
            .header("webhook-timestamp", "1649367553")
            .header("webhook-signature", signatures)
            .body(r#"{"email":"test@example.com","username":"test_user"}"#)
            .build();
        Platform::try_new(&secrets).unwrap().verify(&call).map(|_| ())
    }

    #[test]
    fn the_published_vector_and_what_differs_from_it() {
        for (secrets, id, signatures, late, expected) in [
            (&[SECRET][..], ID, RIGHT.to_owned(), 0, Ok(())),
            (&[SECRET], ID, RIGHT.to_owned(), 300, Ok(())),
            (&[SECRET], ID, RIGHT.to_owned(), -300, Ok(())),
            (&[SECRET], ID, RIGHT.to_owned(), 301, Err(Refusal::Stale)),
            (&[SECRET], ID, RIGHT.to_owned(), -301, Err(Refusal::Stale)),
            (&[OTHER, SECRET], ID, format!("{ZEROS} v1,no v1a,{} {RIGHT}", &RIGHT[3..]), 0, Ok(())),
            (&[OTHER], ID, RIGHT.to_owned(), 0, Err(Refusal::Wrong)),
            (&[SECRET], "msg_other", RIGHT.to_owned(), 0, Err(Refusal::Wrong)),
            (&[SECRET], ID, ZEROS.to_owned(), 0, Err(Refusal::Wrong)),
            (&[SECRET], ID, RIGHT.replace("v1,", "v1a,"), 0, Err(Refusal::Wrong)),
            (&[SECRET], ID, RIGHT[3..].to_owned(), 0, Err(Refusal::Wrong)),
            (&[SECRET], ID, String::new(), 0, Err(Refusal::Wrong)),
            (&[SECRET], "", RIGHT.to_owned(), 0, Err(Refusal::Malformed)),
        ] {
            assert_eq!(answer(secrets, id, &signatures, late), expected, "{id} {signatures} {late}");
        }
    }

    #[test]
    fn a_secret_is_whsec_and_base64() {
        for (secret, fits) in [
            (SECRET, true),
            (OTHER, true),
            ("whsec_AAAAAAAAAAAAAAAAAAAAAA", true),
            ("whsec_AAAA", false),
            ("whsec_", false),
            (&SECRET[6..], false),
            ("whsec_not base64", false),
        ] {
            assert_eq!(Platform::try_new(&[Secret::new(secret)]).is_ok(), fits, "{secret}");
        }
        let shown = format!("{:?}", Platform::try_new(&[Secret::new(SECRET)]).unwrap());
        assert_eq!(shown, "Platform { .. }");
    }
}
