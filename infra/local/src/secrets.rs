//! The secrets of one local stack, made with randomness at its first start.
//!
//! In the cloud they stand in Secrets Manager; the template names each by its key, and the stack resolves it from here.

use base64::Engine as _;
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

/// The file in the data directory, readable by its owner alone.
const FILE: &str = "secrets.json";

/// The keys that the template may name.
pub const KEYS: &[&str] = &[STRIPE, PLATFORM, "receipt_keys", "signal_keys", "digest_keys", "cursor_keys"];

const STRIPE: &str = "stripe_webhook_secrets";
const PLATFORM: &str = "platform_webhook_secrets";

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
            Ok(bytes) => Self::read(&bytes).ok_or(SecretsError::Damaged { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secrets = Self(generate()?);
                let bytes = serde_json::to_vec_pretty(&secrets.0).map_err(|error| fail(error.into()))?;
                crate::files::write_private(&path, &bytes).map_err(fail)?;
                Ok(secrets)
            }
            Err(error) => Err(fail(error)),
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let values: BTreeMap<String, String> = serde_json::from_slice(bytes).ok()?;
        let whole = KEYS.iter().all(|key| values.get(*key).is_some_and(|value| !value.is_empty()));
        whole.then_some(Self(values))
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
            // `id:key`: the id tells which key made a value that outlives a rotation.
            _ => format!("k1:{}", hex::encode(random::<32>()?)),
        };
        values.insert((*key).to_owned(), value);
    }
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
    fn a_file_without_one_of_them_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), r#"{"receipt_keys":"k1:00"}"#).unwrap();
        let error = Secrets::open(Some(dir.path())).unwrap_err();
        assert!(matches!(error, SecretsError::Damaged { .. }), "{error}");
    }

    #[test]
    fn debug_shows_no_value() {
        let secrets = Secrets::open(None).unwrap();
        assert!(!format!("{secrets:?}").contains(secrets.stripe()));
    }
}
