//! The file that the signing keys are kept in: readable by its owner only, replaced as a whole.

use super::error::IdentityError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::Path;

/// A private key as it is kept.
pub(super) struct StoredKey {
    /// When it was made, in milliseconds of the stack's clock.
    pub(super) made_at_ms: i64,
    /// The private key in PKCS#8 (DER).
    pub(super) pkcs8: Vec<u8>,
}

/// The file's content: the keys, newest first.
#[derive(Serialize, Deserialize)]
struct Document {
    keys: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    made_at_ms: i64,
    pkcs8: String,
}

/// The keys in the file, newest first, or `None` when there is no file.
///
/// # Errors
/// [`IdentityError::File`] when it can't be read, [`IdentityError::Damaged`] when it holds
/// something else: making new keys then would silently end every session.
pub(super) fn read(path: &Path) -> Result<Option<Vec<StoredKey>>, IdentityError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(file_error(path, error)),
    };
    let damaged = || IdentityError::Damaged { path: path.to_owned() };
    let document: Document = serde_json::from_slice(&text).map_err(|_| damaged())?;
    let stored = |entry: Entry| {
        let pkcs8 = STANDARD.decode(entry.pkcs8).map_err(|_| damaged())?;
        Ok(StoredKey { made_at_ms: entry.made_at_ms, pkcs8 })
    };
    document.keys.into_iter().map(stored).collect::<Result<Vec<_>, _>>().map(Some)
}

/// Writes the keys, newest first. A crash leaves either the old file or the new one.
///
/// # Errors
/// [`IdentityError::File`] when the folder or the file can't be written.
pub(super) fn write<'a>(path: &Path, keys: impl Iterator<Item = &'a StoredKey>) -> Result<(), IdentityError> {
    let entry = |key: &StoredKey| Entry { made_at_ms: key.made_at_ms, pkcs8: STANDARD.encode(&key.pkcs8) };
    let document = Document { keys: keys.map(entry).collect() };
    let text = serde_json::to_vec_pretty(&document).map_err(|error| IdentityError::Crypto(error.to_string()))?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder).and_then(|()| crate::files::write_private(path, &text)).map_err(|error| file_error(path, error))
}

fn file_error(path: &Path, source: std::io::Error) -> IdentityError {
    IdentityError::File { path: path.to_owned(), source }
}
