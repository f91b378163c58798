//! How Wise signs: RSA over the raw body, and nothing else.

use super::{
    Header, SigningError,
    paypal::{sign, transmission_id},
};

/// The headers that make `body` an authentic event of Wise's. No time is part of the signature.
///
/// # Errors
/// [`SigningError::Key`] where the private key (RSA, PKCS #8 in PEM) can't be read.
pub fn wise_headers(private_key: &str, body: &[u8]) -> Result<Vec<Header>, SigningError> {
    Ok(vec![
        ("X-Signature-SHA256", sign(private_key, body)?),
        ("X-Delivery-Id", transmission_id(body)),
        ("Content-Type", "application/json".to_owned()),
    ])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{secrets::Secrets, signing::curl_arguments};

    #[test]
    fn headers_need_no_quotes_and_differ_by_body() {
        let secrets = Secrets::open(None).unwrap();
        let headers = |body: &[u8]| wise_headers(secrets.wise_private_key(), body).unwrap();
        let names: Vec<_> = headers(b"{}").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["X-Signature-SHA256", "X-Delivery-Id", "Content-Type"]);
        assert_ne!(headers(b"{}")[0], headers(b"{ }")[0]);
        let line = curl_arguments(&headers(b"{}"));
        assert!(line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -:,=+/_.".contains(&byte)), "{line}");
    }

    #[test]
    fn what_is_no_key_signs_nothing() {
        assert_eq!(wise_headers("X", b"{}"), Err(SigningError::Key));
    }
}
