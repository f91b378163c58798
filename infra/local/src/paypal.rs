//! PayPal's side on this machine: an authority, a certificate that it vouches for, and the key that signs events.
//!
//! They are made at a data directory's first start. The webhook function is told to trust this authority, and to fetch
//! certificates here: their addresses still have to be PayPal's, and they are checked as PayPal's are.

use crate::{files, secrets::SecretsError, signing::PayPalKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
    RsaKeySize, date_time_ymd,
};
use serde::{Deserialize, Serialize};
use std::{io, path::Path};

/// The file in the data directory, readable by its owner alone.
const FILE: &str = "paypal.json";

/// The id of this machine's webhook at PayPal: part of what is signed, and no secret.
pub(crate) const WEBHOOK_ID: &str = "LOCALWEBHOOK";

/// Where events say that the certificate is. The host is PayPal's, or nobody would fetch it; the path is this stack's.
pub(crate) const CERTIFICATE_URL: &str = "https://api.paypal.com/_local/paypal/cert.pem";

/// The path of the certificate under the stack's own door.
pub(crate) const CERTIFICATE_PATH: &str = "/paypal/cert.pem";

/// What PayPal's certificates are for.
const SIGNER: &str = "messageverificationcerts.paypal.com";

/// A moved clock must not outlive them.
const VALID_YEARS: [i32; 2] = [2020, 2120];

/// Keys and certificates, in PEM. The `Debug` form shows no key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayPal {
    root: String,
    certificate: String,
    private_key: String,
}

impl std::fmt::Debug for PayPal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PayPal").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl PayPal {
    /// Those of a data directory, made there at first use; without one, fresh ones.
    ///
    /// # Errors
    /// Where the file cannot be read or written, is damaged, or no certificate can be made.
    pub fn open(data: Option<&Path>) -> Result<Self, SecretsError> {
        let Some(path) = data.map(|dir| dir.join(FILE)) else { return generate() };
        let fail = |source| SecretsError::File { path: path.clone(), source };
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| SecretsError::Damaged { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = generate()?;
                let bytes = serde_json::to_vec_pretty(&made).map_err(|error| fail(error.into()))?;
                files::write_private(&path, &bytes).map_err(fail)?;
                Ok(made)
            }
            Err(error) => Err(fail(error)),
        }
    }

    /// The authority that the function is to trust.
    #[must_use]
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The certificate that events are signed under.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// What events are signed with.
    #[must_use]
    pub fn key(&self) -> PayPalKey {
        PayPalKey { webhook_id: WEBHOOK_ID.into(), certificate_url: CERTIFICATE_URL.into(), private_key: self.private_key.clone() }
    }
}

fn generate() -> Result<PayPal, SecretsError> {
    made().map_err(|error| SecretsError::Certificate(error.to_string()))
}

/// The authority's own key is thrown away: nobody can have it vouch for anything else.
fn made() -> Result<PayPal, rcgen::Error> {
    let mut params = valid(CertificateParams::default());
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.distinguished_name.push(DnType::CommonName, "Local stack, in place of PayPal's authority");
    let root_key = KeyPair::generate()?;
    let root = params.self_signed(&root_key)?;

    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    let mut signer = valid(CertificateParams::new([SIGNER.to_owned()])?);
    signer.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    signer.distinguished_name.push(DnType::CommonName, SIGNER);
    let certificate = signer.signed_by(&key, &Issuer::new(params, root_key))?;
    Ok(PayPal {
        root: pem("CERTIFICATE", root.der()),
        certificate: pem("CERTIFICATE", certificate.der()),
        private_key: pem("PRIVATE KEY", key.serialized_der()),
    })
}

fn valid(mut params: CertificateParams) -> CertificateParams {
    [params.not_before, params.not_after] = VALID_YEARS.map(|year| date_time_ymd(year, 1, 1));
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
}

/// RFC 7468: base64 in lines of 64 characters between two lines that say what it is.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let mut text = STANDARD.encode(der);
    for end in (64..text.len()).step_by(64).rev() {
        text.insert(end, '\n');
    }
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn are_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = PayPal::open(Some(dir.path())).unwrap();
        assert_eq!(first, PayPal::open(Some(dir.path())).unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(dir.path().join(FILE)).unwrap().permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
        }
        assert!(!format!("{first:?}").contains("PRIVATE KEY"));
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for text in ["", "{}", r#"{"root":"","certificate":""}"#] {
            std::fs::write(dir.path().join(FILE), text).unwrap();
            let error = PayPal::open(Some(dir.path())).unwrap_err();
            assert!(matches!(error, SecretsError::Damaged { .. }), "{error}");
        }
    }

    #[test]
    fn pem_has_lines_of_64_characters() {
        assert_eq!(pem("X", &[0; 3]), "-----BEGIN X-----\nAAAA\n-----END X-----\n");
        let line = "A".repeat(64);
        assert_eq!(pem("X", &[0; 48]), format!("-----BEGIN X-----\n{line}\n-----END X-----\n"));
        assert_eq!(pem("X", &[0; 99]), format!("-----BEGIN X-----\n{line}\n{line}\nAAAA\n-----END X-----\n"));
    }
}
