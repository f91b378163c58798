//! Wise: its signature, and what its events tell: that a transfer of ours should be looked up.
//!
//! Nothing in the signature is a time, so that an old request can come again for ever. It has no effect of its own: a state can roll
//! back and a bounce comes weeks later, so that an event is never taken for the transfer's state. It only makes us ask Wise.

use super::Signed;
use crate::{
    signature::Refusal,
    translation::{Told, Unreadable, read},
};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use edge::{
    config::{ConfigError, Env},
    http::Call,
};
use ledger::Rail;
use programme::{fact::opaque, payout::Errand};
use rustls_pki_types::{SubjectPublicKeyInfoDer, pem::PemObject};
use serde::Deserialize;
use std::{fmt, sync::Arc};

/// The variable with Wise's public keys.
const KEY: &str = "WISE_WEBHOOK_KEY";

/// Keys at once: one, and another while it is rotated.
const KEYS_MAX: usize = 8;

/// The most digits of a transfer's id.
const ID_DIGITS_MAX: usize = 19;

/// The public keys of Wise's production or of its sandbox, which differ: an event of the other one does not fit.
#[derive(Clone)]
pub struct Wise(Arc<[ParsedPublicKey]>);

impl fmt::Debug for Wise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wise").field(&self.0.len()).finish()
    }
}

/// A text does not hold public keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not 1 to {KEYS_MAX} RSA public keys in PEM")]
pub struct WiseKeyError;

impl Wise {
    /// Takes RSA public keys in PEM, one after the other. Any of them may have signed, since two are valid while one is rotated.
    ///
    /// # Errors
    /// [`WiseKeyError`] where there is none, or one that can't be read.
    pub fn from_pem(text: &str) -> Result<Self, WiseKeyError> {
        let key =
            |der: SubjectPublicKeyInfoDer<'_>| ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_ref()).map_err(|_| WiseKeyError);
        let ders = SubjectPublicKeyInfoDer::pem_slice_iter(text.as_bytes());
        let keys: Vec<_> = ders.map(|der| key(der.map_err(|_| WiseKeyError)?)).collect::<Result<_, _>>()?;
        if (1..=KEYS_MAX).contains(&keys.len()) { Ok(Self(keys.into())) } else { Err(WiseKeyError) }
    }

    /// Reads `WISE_WEBHOOK_KEY`. Without one this stage takes no events of Wise's.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`].
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        let invalid = |_| ConfigError::Invalid { name: KEY.to_owned() };
        env.optional(KEY).map(|text| Self::from_pem(&text).map_err(invalid)).transpose()
    }

    /// Verifies `X-Signature-SHA256`: base64 of RSA (PKCS #1 v1.5) over the SHA-256 of the raw body.
    pub(super) fn verify<'c>(&self, call: &'c Call) -> Result<Signed<'c>, Refusal> {
        let text = call.header("x-signature-sha256").ok_or(Refusal::Missing)?;
        let signature = STANDARD.decode(text.trim()).map_err(|_| Refusal::Malformed)?;
        let fits = self.0.iter().any(|key| key.verify_sig(&call.body, &signature).is_ok());
        // The delivery's id is not signed: it is for the log alone.
        let id = call.header("x-delivery-id").filter(|id| opaque(id)).unwrap_or_default();
        if fits { Ok(Signed { id, body: &call.body, received_at: call.now }) } else { Err(Refusal::Wrong) }
    }

    /// `id` names the event, which has no id of its own.
    pub(super) fn translate(id: &str, body: &[u8]) -> Result<Told, Unreadable> {
        let head: Head = read(body)?;
        let transfer = match head.event_type.as_str() {
            "transfers#state-change" | "transfers#refund" => read::<Event<Changed>>(body)?.data.resource.id,
            "transfers#payout-failure" => read::<Event<NotPaid>>(body)?.data.transfer_id,
            // Also `transfers#active-cases`: a question of Wise's, which its own pages show.
            _ => return Ok(Told::nothing(id.to_owned())),
        };
        let errand = Errand::Hint { rail: Rail::Wise, reference: transfer.reference()? };
        Ok(Told::errands(id.to_owned(), vec![errand]))
    }
}

/// What is read of every event, to see whether it concerns the programme.
#[derive(Deserialize)]
struct Head {
    event_type: String,
}

#[derive(Deserialize)]
struct Event<T> {
    data: T,
}

#[derive(Deserialize)]
struct Changed {
    resource: Resource,
}

#[derive(Deserialize)]
struct Resource {
    id: TransferId,
}

#[derive(Deserialize)]
struct NotPaid {
    transfer_id: TransferId,
}

/// Wise writes it as a number, and reserves the right to a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum TransferId {
    Number(u64),
    Text(String),
}

impl TransferId {
    fn reference(self) -> Result<String, Unreadable> {
        let text = match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        };
        let fits = (1..=ID_DIGITS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Ok(text) } else { Err(Unreadable::because("the transfer's id is no number")) }
    }
}
