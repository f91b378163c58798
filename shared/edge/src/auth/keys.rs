//! The issuer's public keys: found by discovery, kept for a while, asked for again when an unknown one turns up.

use crate::problem::causes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A key that the issuer withdrew is trusted no longer than this.
const KEPT_FOR: TimeDelta = TimeDelta::minutes(10);
/// Tokens with made-up key ids can't have us ask the issuer more often than this.
const ASKED_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(30);
/// An issuer has a handful of keys.
const KEYS_MAX: usize = 100;

/// Why the issuer's documents can't be had or used.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address may not be asked: not `https`, and not on this machine.
    #[error("the issuer's address may not be asked")]
    Address,
    /// No answer, or another than 200.
    #[error("the issuer does not answer")]
    Unreachable(#[source] crate::Error),
    /// An answer that is not what it should be.
    #[error("the issuer's document can't be used: {0}")]
    Document(&'static str),
}

/// Gets a document of the issuer: one implementation asks over HTTP, others have the document at hand.
pub trait KeyFetch: Send + Sync {
    /// The document at `url`.
    ///
    /// # Errors
    /// [`FetchError`].
    fn get<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<String, FetchError>>;
}

#[derive(Debug)]
pub(super) enum KeyError {
    Unknown,
    Unfit,
    Fetch(FetchError),
}

pub(super) struct Keys {
    issuer: String,
    fetch: Arc<dyn KeyFetch>,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    known: Vec<Jwk>,
    fetched: Option<DateTime<Utc>>,
    asked: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    /// Read one by one: a key of a kind that we don't know must not hide the others.
    keys: Vec<serde_json::Value>,
}

impl Keys {
    pub(super) fn new(issuer: &str, fetch: Arc<dyn KeyFetch>) -> Self {
        Self { issuer: issuer.to_owned(), fetch, cache: Mutex::new(Cache::default()) }
    }

    /// The key of that id, fit for that algorithm.
    pub(super) async fn find(&self, id: &str, algorithm: Algorithm, now: DateTime<Utc>) -> Result<DecodingKey, KeyError> {
        // The lock is held while the issuer is asked, so that one question answers everyone who waits.
        let mut cache = self.cache.lock().await;
        let fresh = within(cache.fetched, now, KEPT_FOR);
        let asked_lately = within(cache.asked, now, ASKED_AGAIN_AFTER);
        if !fresh || (!cache.has(id) && !asked_lately) {
            cache.asked = Some(now);
            match self.download().await {
                Ok(known) => *cache = Cache { known, fetched: Some(now), asked: Some(now) },
                // Fresh keys are still good for those who hold tokens of theirs; this id is not among them.
                Err(error) if fresh => tracing::warn!(error = causes(&error), "the issuer's keys could not be renewed"),
                Err(error) => return Err(KeyError::Fetch(error)),
            }
        }
        let key = cache.known.iter().find(|key| key.common.key_id.as_deref() == Some(id)).ok_or(KeyError::Unknown)?;
        if fits(key, algorithm) { DecodingKey::from_jwk(key).map_err(|_| KeyError::Unfit) } else { Err(KeyError::Unfit) }
    }

    async fn download(&self) -> Result<Vec<Jwk>, FetchError> {
        let place = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let text = self.fetch.get(&place).await?;
        let discovery: Discovery = serde_json::from_str(&text).map_err(|_| FetchError::Document("the discovery document can't be read"))?;
        if discovery.issuer != self.issuer {
            return Err(FetchError::Document("the discovery document is another issuer's"));
        }
        let text = self.fetch.get(&discovery.jwks_uri).await?;
        let set: KeySet = serde_json::from_str(&text).map_err(|_| FetchError::Document("the key set can't be read"))?;
        let keys: Vec<Jwk> = set.keys.into_iter().take(KEYS_MAX).filter_map(|key| serde_json::from_value(key).ok()).collect();
        if keys.is_empty() { Err(FetchError::Document("the key set has no key")) } else { Ok(keys) }
    }
}

impl Cache {
    fn has(&self, id: &str) -> bool {
        self.known.iter().any(|key| key.common.key_id.as_deref() == Some(id))
    }
}

/// Whether `then` is less than `span` away from now, in either direction: requests are not taken in the order of their times.
fn within(then: Option<DateTime<Utc>>, now: DateTime<Utc>, span: TimeDelta) -> bool {
    then.is_some_and(|then| now.signed_duration_since(then).abs() < span)
}

/// The key's own kind decides which algorithm it serves; a token can't talk an RSA key into anything else.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let kind = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256) => Some(KeyAlgorithm::RS256),
        (AlgorithmParameters::EllipticCurve(curve), Algorithm::ES256) if curve.curve == EllipticCurve::P256 => Some(KeyAlgorithm::ES256),
        _ => None,
    };
    let signs = key.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    signs && kind.is_some() && (key.common.key_algorithm.is_none() || key.common.key_algorithm == kind)
}
