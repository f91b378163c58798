//! How PayPal signs: RSA over the transmission's id and time, the webhook's id and a checksum of the body.

use super::{Header, SigningError};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// What PayPal's events are signed with on this machine.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayPalKey {
    /// The id of the webhook that they are for.
    pub webhook_id: String,
    /// Where they say that the certificate is.
    pub certificate_url: String,
    /// The private key of the certificate: RSA, PKCS #8 in PEM.
    pub private_key: String,
}

impl fmt::Debug for PayPalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayPalKey").field("webhook_id", &self.webhook_id).finish_non_exhaustive()
    }
}

/// The headers that make `body` an authentic event of PayPal's at `at_seconds` (Unix time).
///
/// # Errors
/// [`SigningError::Key`] where the key can't be read, [`SigningError::Time`] for a time that no calendar has.
pub fn paypal_headers(key: &PayPalKey, body: &[u8], at_seconds: i64) -> Result<Vec<Header>, SigningError> {
    let at = DateTime::from_timestamp(at_seconds, 0).ok_or(SigningError::Time)?.to_rfc3339_opts(SecondsFormat::Secs, true);
    let id = transmission_id(body);
    let message = format!("{id}|{at}|{}|{}", key.webhook_id, crc32fast::hash(body));
    Ok(vec![
        ("PAYPAL-TRANSMISSION-ID", id),
        ("PAYPAL-TRANSMISSION-TIME", at),
        ("PAYPAL-TRANSMISSION-SIG", sign(&key.private_key, message.as_bytes())?),
        ("PAYPAL-CERT-URL", key.certificate_url.clone()),
        ("PAYPAL-AUTH-ALGO", "SHA256withRSA".to_owned()),
        ("Content-Type", "application/json".to_owned()),
    ])
}

pub(super) fn sign(private_key: &str, message: &[u8]) -> Result<String, SigningError> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(private_key.as_bytes()).map_err(|_| SigningError::Key)?;
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| SigningError::Key)?;
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map_err(|_| SigningError::Key)?;
    Ok(STANDARD.encode(signature))
}

/// In the form of a UUID, made from the bytes: the same file signed again is the same transmission.
pub(super) fn transmission_id(body: &[u8]) -> String {
    let mut id = hex::encode(Sha256::digest(body));
    id.truncate(32);
    for at in [20, 16, 12, 8] {
        id.insert(at, '-');
    }
    id
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{paypal::PayPal, signing::curl_arguments};
    use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    #[test]
    fn the_signature_is_over_id_time_webhook_and_checksum() {
        let key = PayPal::open(None).unwrap().key();
        // The check value that every description of this CRC gives.
        let headers = paypal_headers(&key, b"123456789", 1_790_000_000).unwrap();
        let value = |name: &str| headers.iter().find(|(known, _)| *known == name).unwrap().1.clone();
        assert_eq!(value("PAYPAL-TRANSMISSION-TIME"), "2026-09-21T14:13:20Z");
        // `printf 123456789 | sha256sum`
        assert_eq!(value("PAYPAL-TRANSMISSION-ID"), "15e2b0d3-c338-91eb-b0f1-ef609ec41942");
        assert_eq!(value("PAYPAL-AUTH-ALGO"), "SHA256withRSA");
        let message = "15e2b0d3-c338-91eb-b0f1-ef609ec41942|2026-09-21T14:13:20Z|LOCALWEBHOOK|3421780262";
        let der = PrivatePkcs8KeyDer::from_pem_slice(key.private_key.as_bytes()).unwrap();
        let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
        let signature = STANDARD.decode(value("PAYPAL-TRANSMISSION-SIG")).unwrap();
        assert!(public.verify(message.as_bytes(), &signature).is_ok());
        assert!(public.verify(b"", &signature).is_err());
        let line = curl_arguments(&headers);
        assert!(line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -:,=+/_.".contains(&byte)), "{line}");
    }

    #[test]
    fn what_is_no_key_signs_nothing() {
        let key = PayPalKey { webhook_id: "X".into(), certificate_url: "Y".into(), private_key: "Z".into() };
        assert_eq!(paypal_headers(&key, b"{}", 1), Err(SigningError::Key));
        assert_eq!(paypal_headers(&key, b"{}", i64::MAX), Err(SigningError::Time));
    }
}
