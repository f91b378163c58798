//! How the processors sign what they send, as pure functions: body, secret and time come in.
//!
//! The webhook function only verifies; the local stack stands in for the other side, so that a
//! developer can post an event file with `curl` and the demo can tell its story over HTTP.

mod paypal;
mod wise;

pub use paypal::{PayPalKey, paypal_headers};
pub use wise::wise_headers;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::str::FromStr;

/// What a Standard Webhooks secret begins with; the key itself is the base64 after it.
const SECRET_PREFIX: &str = "whsec_";

/// Why an event could not be signed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SigningError {
    /// The secret is not `whsec_` followed by base64.
    #[error("the local secret is not `whsec_` followed by base64")]
    Secret,
    /// No webhook source has this name.
    #[error("no source is called {0:?}; the sources are stripe, platform, paypal and wise")]
    UnknownSource(String),
    /// The private key is no RSA key in PEM.
    #[error("the local private key can't be read")]
    Key,
    /// The time is in no calendar.
    #[error("the time to sign at is out of range")]
    Time,
    /// The source signs with a key, not with a secret.
    #[error("{0} signs with its own key, not with a secret")]
    OwnKey(&'static str),
}

/// Who is said to have sent an event: the last part of `POST /webhooks/{source}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Stripe, with its own signature header.
    Stripe,
    /// The platform itself, by Standard Webhooks 1.0.0.
    Platform,
    /// PayPal, which signs with the private key of a certificate.
    PayPal,
    /// Wise, which signs with a private RSA key.
    Wise,
}

impl Source {
    /// Its name in `POST /webhooks/{source}`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Platform => "platform",
            Self::PayPal => "paypal",
            Self::Wise => "wise",
        }
    }
}

impl FromStr for Source {
    type Err = SigningError;

    fn from_str(name: &str) -> Result<Self, SigningError> {
        match name {
            "stripe" => Ok(Self::Stripe),
            "platform" => Ok(Self::Platform),
            "paypal" => Ok(Self::PayPal),
            "wise" => Ok(Self::Wise),
            other => Err(SigningError::UnknownSource(other.chars().take(40).collect())),
        }
    }
}

/// The local secrets that events are signed with, newest only. PayPal and Wise sign with a key instead: [`paypal_headers`], [`wise_headers`].
#[derive(Debug, Clone, Copy)]
pub struct WebhookSecrets<'a> {
    /// Stripe's endpoint secret, `whsec_…`.
    pub stripe: &'a str,
    /// The platform's Standard Webhooks secret, `whsec_` and base64.
    pub platform: &'a str,
}

/// One HTTP header: name and value.
pub type Header = (&'static str, String);

/// The headers that make `body` an authentic event of `source` at `at_seconds` (Unix time).
///
/// # Errors
/// [`SigningError::OwnKey`] for PayPal and Wise, whose headers [`paypal_headers`] and [`wise_headers`] make, and
/// [`SigningError::Secret`] for a platform secret that is not base64.
pub fn headers(source: Source, secrets: WebhookSecrets<'_>, body: &[u8], at_seconds: i64) -> Result<Vec<Header>, SigningError> {
    let mut headers = match source {
        Source::Stripe => {
            vec![("Stripe-Signature", stripe_signature(secrets.stripe, at_seconds, body))]
        }
        Source::Platform => {
            let id = message_id(body);
            let signature = standard_signature(secrets.platform, &id, at_seconds, body)?;
            vec![("webhook-id", id), ("webhook-timestamp", at_seconds.to_string()), ("webhook-signature", signature)]
        }
        Source::PayPal => return Err(SigningError::OwnKey("PayPal")),
        Source::Wise => return Err(SigningError::OwnKey("Wise")),
    };
    headers.push(("Content-Type", "application/json".to_owned()));
    Ok(headers)
}

/// The value of `Stripe-Signature`: `t=…,v1=…`, where v1 is the hex HMAC-SHA256 of `{t}.{body}`
/// under the whole secret, its `whsec_` included.
#[must_use]
pub fn stripe_signature(secret: &str, at_seconds: i64, body: &[u8]) -> String {
    let at = at_seconds.to_string();
    let mac = hmac_sha256(secret.as_bytes(), &[at.as_bytes(), b".", body]);
    format!("t={at},v1={}", hex::encode(mac))
}

/// The value of `webhook-signature` by Standard Webhooks 1.0.0: `v1,` and the base64 HMAC-SHA256
/// of `{id}.{at_seconds}.{body}`, under the key whose base64 follows `whsec_`.
///
/// # Errors
/// [`SigningError::Secret`] when the secret has another form.
pub fn standard_signature(secret: &str, id: &str, at_seconds: i64, body: &[u8]) -> Result<String, SigningError> {
    let encoded = secret.strip_prefix(SECRET_PREFIX).ok_or(SigningError::Secret)?;
    let key = STANDARD.decode(encoded).map_err(|_| SigningError::Secret)?;
    if key.is_empty() {
        return Err(SigningError::Secret);
    }
    let at = at_seconds.to_string();
    let mac = hmac_sha256(&key, &[id.as_bytes(), b".", at.as_bytes(), b".", body]);
    Ok(format!("v1,{}", STANDARD.encode(mac)))
}

/// The id of a message, made from its bytes: the same file signed again is the same message,
/// as it is when a sender tries again.
#[must_use]
pub fn message_id(body: &[u8]) -> String {
    let mut id = hex::encode(Sha256::digest(body));
    id.truncate(27);
    format!("msg_{id}")
}

/// The headers as arguments for `curl`, on one line.
///
/// Without blanks and quotes, so that the line works as it is pasted, and in `curl $(…)` too, where a
/// shell splits at blanks but takes quotes for text. No value here has a character that a shell reads.
#[must_use]
pub fn curl_arguments(headers: &[Header]) -> String {
    headers.iter().map(|(name, value)| format!("-H {name}:{value}")).collect::<Vec<_>>().join(" ")
}

/// The HMAC of parts that follow each other.
pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length; there is no error to meet")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SECRETS: WebhookSecrets<'_> = WebhookSecrets { stripe: "whsec_stripe", platform: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD" };

    #[test]
    fn standard_webhooks_published_vector() {
        let signature = standard_signature(
            SECRETS.platform,
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1_649_367_553,
            br#"{"email":"test@example.com","username":"test_user"}"#,
        );
        assert_eq!(signature.unwrap(), "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }

    /// The expected digest is from `openssl dgst -sha256 -hmac whsec_stripe` over `1700000000.{}`.
    #[test]
    fn stripe_signs_under_the_whole_secret() {
        assert_eq!(
            stripe_signature("whsec_stripe", 1_700_000_000, b"{}"),
            "t=1700000000,v1=023a9526921f317fc3dbf12002d97e4be18738f20a879e862625e36451f151e0"
        );
    }

    #[test]
    fn every_byte_of_the_body_counts() {
        let signed = |body: &[u8]| stripe_signature("whsec_stripe", 1, body);
        assert_ne!(signed(b"{}"), signed(b"{}\n"));
        assert_ne!(message_id(b"{}"), message_id(b"{}\n"));
        assert_eq!(message_id(b"{}"), message_id(b"{}"));
    }

    #[test]
    fn bytes_that_are_not_text_are_signed_too() {
        assert!(headers(Source::Platform, SECRETS, &[0xff, 0x00], 1).is_ok());
    }

    #[test]
    fn headers_of_each_source() {
        let names = |source| -> Vec<&str> { headers(source, SECRETS, b"{}", 1).unwrap().iter().map(|(name, _)| *name).collect() };
        assert_eq!(names(Source::Stripe), ["Stripe-Signature", "Content-Type"]);
        assert_eq!(names(Source::Platform), ["webhook-id", "webhook-timestamp", "webhook-signature", "Content-Type"]);
    }

    #[test]
    fn sources_that_sign_with_a_private_key_are_refused_in_words() {
        for (source, words) in [(Source::PayPal, "PayPal signs with its own key"), (Source::Wise, "Wise signs with its own key")] {
            let refused = headers(source, SECRETS, b"{}", 1).unwrap_err();
            assert!(refused.to_string().contains(words), "{refused}");
        }
    }

    #[test]
    fn a_source_is_known_by_its_exact_name() {
        assert_eq!("stripe".parse(), Ok(Source::Stripe));
        for name in ["", "Stripe", "stripe ", "../stripe"] {
            assert_eq!(name.parse::<Source>(), Err(SigningError::UnknownSource(name.to_owned())));
        }
    }

    #[test]
    fn a_secret_of_another_form_is_an_error() {
        for secret in ["", "whsec_", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_not base64"] {
            assert_eq!(standard_signature(secret, "msg_1", 1, b"{}"), Err(SigningError::Secret));
        }
    }

    #[test]
    fn curl_arguments_need_no_quotes() {
        assert_eq!(curl_arguments(&[("A", "t=1,v1=2".to_owned()), ("B", "x/y".to_owned())]), "-H A:t=1,v1=2 -H B:x/y");
        for source in [Source::Stripe, Source::Platform] {
            for body in [&b"{}"[..], b"'", b"\xff", b"$(x) `y` *"] {
                let line = curl_arguments(&headers(source, SECRETS, body, 1_790_000_000).unwrap());
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" -:,=+/_".contains(&byte);
                assert!(line.bytes().all(plain), "{line}");
            }
        }
    }
}
