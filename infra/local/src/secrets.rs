//! The secrets of one local stack, made with randomness at its first start.
//!
//! In the cloud they stand in Secrets Manager; the template names each by its key, and the stack resolves it from here.

use crate::paypal::pem;
use base64::Engine as _;
use rcgen::{KeyPair, PKCS_RSA_SHA256, PublicKeyData as _, RsaKeySize};
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

/// The file in the data directory, readable by its owner alone.
const FILE: &str = "secrets.json";

/// The keys that the template may name.
pub const KEYS: &[&str] = &[
    STRIPE,
    PLATFORM,
    "receipt_keys",
    "signal_keys",
    "digest_keys",
    "cursor_keys",
    "session_keys",
    STRIPE_API,
    PAYPAL_ID,
    PAYPAL_SECRET,
    WISE_TOKEN,
    WISE_PUBLIC,
];

/// The keys that every version of this program has made: without one of them, what was kept under it could not be read.
const FIRST: &[&str] = &[STRIPE, PLATFORM, "receipt_keys", "signal_keys", "digest_keys", "cursor_keys"];

const STRIPE: &str = "stripe_webhook_secrets";
const PLATFORM: &str = "platform_webhook_secrets";
const STRIPE_API: &str = "stripe_api_key";
const PAYPAL_ID: &str = "paypal_client_id";
const PAYPAL_SECRET: &str = "paypal_client_secret";
const WISE_TOKEN: &str = "wise_api_token";
/// The public key of Wise's events. Wise publishes it, so that it is no secret; it stands here to be set where the others are.
const WISE_PUBLIC: &str = "wise_webhook_key";
/// Its other half, which only Wise has: no function is told it.
const WISE_PRIVATE: &str = "wise_private_key";

/// Why there are no secrets.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file could not be read or written.
    #[error("the secrets in {path} cannot be read or written: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is not what this program wrote.
    #[error("{path} does not hold the stack's secrets; move it away to start with new ones")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness: {0}")]
    Randomness(String),
    /// No key or certificate could be made.
    #[error("no certificate can be made: {0}")]
    Certificate(String),
}

/// The values by key. Its `Debug` form shows none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets(BTreeMap<String, String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl Secrets {
    /// The secrets of a data directory, made there at first use; without one, fresh ones.
    ///
    /// # Errors
    /// Where the file cannot be read or written, is damaged, or there is no randomness.
    pub fn open(data: Option<&Path>) -> Result<Self, SecretsError> {
        let Some(path) = data.map(|dir| dir.join(FILE)) else {
            return Ok(Self(generate()?));
        };
        let fail = |source| SecretsError::File { path: path.clone(), source };
        match std::fs::read(&path) {
            Ok(bytes) => {
                let Some(found) = Self::read(&bytes) else { return Err(SecretsError::Damaged { path }) };
                if found.is_whole() {
                    return Ok(found);
                }
                // An older version of this program wrote it: what it had stays, what it did not know is made now.
                let mut values = generate()?;
                let pair = found.has(&[WISE_PUBLIC, WISE_PRIVATE]);
                let stays = |key: &str| pair || ![WISE_PUBLIC, WISE_PRIVATE].contains(&key);
                values.extend(found.0.into_iter().filter(|(key, value)| !value.is_empty() && stays(key)));
                Self(values).kept(&path)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self(generate()?).kept(&path),
            Err(error) => Err(fail(error)),
        }
    }

    fn kept(self, path: &Path) -> Result<Self, SecretsError> {
        let keep = || crate::files::write_private(path, &serde_json::to_vec_pretty(&self.0)?);
        keep().map_err(|source| SecretsError::File { path: path.to_owned(), source })?;
        Ok(self)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let found = Self(serde_json::from_slice(bytes).ok()?);
        found.has(FIRST).then_some(found)
    }

    fn has(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.get(key).is_some_and(|value| !value.is_empty()))
    }

    /// The two halves of Wise's key are made together: one without the other is worth nothing.
    fn is_whole(&self) -> bool {
        self.has(KEYS) && self.has(&[WISE_PRIVATE])
    }

    /// The value of a key of [`KEYS`].
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The newest secret that Stripe's events are signed with, `whsec_…`.
    #[must_use]
    pub fn stripe(&self) -> &str {
        self.newest(STRIPE)
    }

    /// The newest secret of the platform's events, `whsec_` and base64.
    #[must_use]
    pub fn platform(&self) -> &str {
        self.newest(PLATFORM)
    }

    /// The key that the functions call Stripe with, `sk_test_…`.
    #[must_use]
    pub fn stripe_api_key(&self) -> &str {
        self.newest(STRIPE_API)
    }

    /// The id and the secret that the functions ask PayPal for a token with.
    #[must_use]
    pub fn paypal_client(&self) -> (&str, &str) {
        (self.newest(PAYPAL_ID), self.newest(PAYPAL_SECRET))
    }

    /// The token that the functions call Wise with.
    #[must_use]
    pub fn wise_api_token(&self) -> &str {
        self.newest(WISE_TOKEN)
    }

    /// What Wise's events are signed with here: RSA, PKCS #8 in PEM.
    #[must_use]
    pub fn wise_private_key(&self) -> &str {
        self.get(WISE_PRIVATE).unwrap_or_default()
    }

    /// Several secrets stand in one value while one is rotated, the newest first.
    fn newest(&self, key: &str) -> &str {
        self.get(key).and_then(|value| value.split_ascii_whitespace().next()).unwrap_or_default()
    }
}

fn generate() -> Result<BTreeMap<String, String>, SecretsError> {
    let mut values = BTreeMap::new();
    for key in KEYS {
        let value = match *key {
            STRIPE => format!("whsec_{}", hex::encode(random::<16>()?)),
            PLATFORM => {
                let encoded = base64::engine::general_purpose::STANDARD.encode(random::<32>()?);
                format!("whsec_{encoded}")
            }
            STRIPE_API => format!("sk_test_{}", hex::encode(random::<24>()?)),
            PAYPAL_ID => format!("A{}", hex::encode_upper(random::<20>()?)),
            PAYPAL_SECRET | WISE_TOKEN => hex::encode(random::<20>()?),
            // Below, as its private half is made with it.
            WISE_PUBLIC => continue,
            // `id:key`: the id tells which key made a value that outlives a rotation.
            _ => format!("k1:{}", hex::encode(random::<32>()?)),
        };
        values.insert((*key).to_owned(), value);
    }
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048);
    let pair = pair.map_err(|error| SecretsError::Certificate(error.to_string()))?;
    values.insert(WISE_PUBLIC.to_owned(), pem("PUBLIC KEY", &pair.subject_public_key_info()));
    values.insert(WISE_PRIVATE.to_owned(), pem("PRIVATE KEY", pair.serialized_der()));
    Ok(values)
}

/// Unguessable text: a name for one run of the stack.
pub(crate) fn token() -> Result<String, SecretsError> {
    Ok(hex::encode(random::<16>()?))
}

fn random<const N: usize>() -> Result<[u8; N], SecretsError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| SecretsError::Randomness(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
    use rustls_pki_types::pem::PemObject as _;

    #[test]
    fn are_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = Secrets::open(Some(dir.path())).unwrap();
        assert_eq!(first, Secrets::open(Some(dir.path())).unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(dir.path().join(FILE)).unwrap().permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn two_stacks_share_none() {
        let (one, other) = (Secrets::open(None).unwrap(), Secrets::open(None).unwrap());
        for key in KEYS {
            assert_ne!(one.get(key).unwrap(), other.get(key).unwrap());
        }
    }

    #[test]
    fn have_the_forms_that_their_readers_expect() {
        let secrets = Secrets::open(None).unwrap();
        assert_eq!(secrets.stripe().len(), "whsec_".len() + 32);
        let key = secrets.platform().strip_prefix("whsec_").unwrap();
        let key = base64::engine::general_purpose::STANDARD.decode(key);
        assert_eq!(key.unwrap().len(), 32);
        let (id, hex) = secrets.get("cursor_keys").unwrap().split_once(':').unwrap();
        assert_eq!((id, hex.len()), ("k1", 64));
    }

    #[test]
    fn a_file_without_one_of_the_first_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), r#"{"receipt_keys":"k1:00"}"#).unwrap();
        let error = Secrets::open(Some(dir.path())).unwrap_err();
        assert!(matches!(error, SecretsError::Damaged { .. }), "{error}");
    }

    #[test]
    fn a_file_of_an_older_version_gets_what_it_lacks_and_keeps_what_it_has() {
        let dir = tempfile::tempdir().unwrap();
        let all = Secrets::open(Some(dir.path())).unwrap();
        let old: BTreeMap<_, _> = all.0.iter().filter(|(key, _)| FIRST.contains(&key.as_str())).collect();
        std::fs::write(dir.path().join(FILE), serde_json::to_vec(&old).unwrap()).unwrap();
        let mended = Secrets::open(Some(dir.path())).unwrap();
        for key in KEYS {
            assert_eq!(mended.get(key) == all.get(key), FIRST.contains(key), "{key}");
        }
        assert_eq!(mended, Secrets::open(Some(dir.path())).unwrap(), "once");
    }

    /// What one half signs, the other verifies: also after one of them was lost.
    #[test]
    fn the_halves_of_wises_key_belong_together() {
        let dir = tempfile::tempdir().unwrap();
        let whole = Secrets::open(Some(dir.path())).unwrap();
        let halved: BTreeMap<_, _> = whole.0.iter().filter(|(key, _)| *key != WISE_PRIVATE).collect();
        std::fs::write(dir.path().join(FILE), serde_json::to_vec(&halved).unwrap()).unwrap();
        for secrets in [whole, Secrets::open(Some(dir.path())).unwrap()] {
            let headers = crate::signing::wise_headers(secrets.wise_private_key(), b"{}").unwrap();
            let signature = headers.iter().find(|(name, _)| *name == "X-Signature-SHA256").unwrap().1.clone();
            let signature = base64::engine::general_purpose::STANDARD.decode(signature).unwrap();
            let key = rustls_pki_types::SubjectPublicKeyInfoDer::from_pem_slice(secrets.get(WISE_PUBLIC).unwrap().as_bytes()).unwrap();
            let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.as_ref()).unwrap();
            assert!(key.verify_sig(b"{}", &signature).is_ok());
            assert!(key.verify_sig(b"{ }", &signature).is_err());
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let secrets = Secrets::open(None).unwrap();
        assert!(!format!("{secrets:?}").contains(secrets.stripe()));
    }
}
