//! The signing keys (ES256): the newest signs, the older ones stay published while a token that
//! they signed may still be valid.

use super::error::IdentityError;
use super::keyfile::{self, StoredKey};
use super::tokens::LIFETIME_MAX_SECONDS;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// One key pair with what is published of it.
struct SigningKey {
    stored: StoredKey,
    kid: String,
    private: EncodingKey,
    public: Jwk,
}

impl SigningKey {
    fn generate(now_ms: i64) -> Result<Self, IdentityError> {
        let failed = |_| IdentityError::Crypto("no P-256 key could be generated".to_owned());
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(failed)?;
        Self::from_stored(StoredKey { made_at_ms: now_ms, pkcs8: pkcs8.as_ref().to_vec() })
    }

    /// The key's id is its RFC 7638 thumbprint, so that it cannot be given to another key.
    fn from_stored(stored: StoredKey) -> Result<Self, IdentityError> {
        let private = EncodingKey::from_ec_der(&stored.pkcs8);
        let mut public = Jwk::from_encoding_key(&private, Algorithm::ES256)?;
        let kid = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { stored, kid, private, public })
    }
}

/// All keys that are published; there is always one that signs.
pub(super) struct KeyRing {
    /// Where the keys are kept; `None` keeps them in memory only.
    file: Option<PathBuf>,
    newest: Arc<SigningKey>,
    /// Newest first.
    older: Vec<Arc<SigningKey>>,
}

impl KeyRing {
    /// Reads the keys from `file`, or makes a first one (and the file) where there is none.
    ///
    /// # Errors
    /// [`IdentityError::File`] and [`IdentityError::Damaged`] for the file,
    /// [`IdentityError::Crypto`] when no key can be made.
    pub(super) fn open(file: Option<PathBuf>, now_ms: i64) -> Result<Self, IdentityError> {
        if let Some(path) = &file
            && let Some(stored) = keyfile::read(path)?
        {
            return Self::from_stored(path.clone(), stored);
        }
        let newest = Arc::new(SigningKey::generate(now_ms)?);
        let ring = Self { file, newest, older: Vec::new() };
        ring.save()?;
        Ok(ring)
    }

    fn from_stored(path: PathBuf, stored: Vec<StoredKey>) -> Result<Self, IdentityError> {
        let keys: Result<Vec<_>, _> = stored.into_iter().map(|key| SigningKey::from_stored(key).map(Arc::new)).collect();
        let mut keys = keys.unwrap_or_default().into_iter();
        match keys.next() {
            Some(newest) => Ok(Self { file: Some(path), newest, older: keys.collect() }),
            None => Err(IdentityError::Damaged { path }),
        }
    }

    /// Makes a new key that signs from now on. The one before it stays published; one that was
    /// replaced longer ago than a token can live is dropped.
    ///
    /// # Errors
    /// As [`KeyRing::open`]; the old key then goes on signing.
    pub(super) fn rotate(&mut self, now_ms: i64) -> Result<(), IdentityError> {
        let lifetime_ms = i64::from(LIFETIME_MAX_SECONDS).saturating_mul(1000);
        let mut replaced_at_ms = now_ms;
        let mut may_have_living_tokens = |key: &Arc<SigningKey>| {
            let age_ms = now_ms.saturating_sub(replaced_at_ms);
            replaced_at_ms = key.stored.made_at_ms;
            age_ms <= lifetime_ms
        };
        let older = self.all().filter(|key| may_have_living_tokens(key)).cloned().collect();
        let newest = Arc::new(SigningKey::generate(now_ms)?);
        let rotated = Self { file: self.file.clone(), newest, older };
        rotated.save()?;
        *self = rotated;
        Ok(())
    }

    /// A token of this type (`typ`) with these claims, signed by the newest key.
    ///
    /// # Errors
    /// [`IdentityError::Crypto`] when signing fails.
    pub(super) fn sign<T: Serialize>(&self, typ: &str, claims: &T) -> Result<String, IdentityError> {
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.newest.kid.clone());
        Ok(jsonwebtoken::encode(&header, claims, &self.newest.private)?)
    }

    /// The public halves, newest first.
    pub(super) fn public(&self) -> JwkSet {
        JwkSet { keys: self.all().map(|key| key.public.clone()).collect() }
    }

    fn all(&self) -> impl Iterator<Item = &Arc<SigningKey>> {
        std::iter::once(&self.newest).chain(&self.older)
    }

    fn save(&self) -> Result<(), IdentityError> {
        match &self.file {
            Some(path) => keyfile::write(path, self.all().map(|key| &key.stored)),
            None => Ok(()),
        }
    }
}
