//! This site as a client of its issuer: where the issuer's doors are.

use super::Exchange;
use chrono::{DateTime, TimeDelta, Utc};
use edge::auth::{FetchError, KeyFetch};
use serde::Deserialize;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// How long the issuer's addresses are kept.
const KEPT_FOR: TimeDelta = TimeDelta::minutes(10);

/// The issuer's doors, as its discovery document names them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Endpoints {
    issuer: String,
    /// Where a person signs in.
    pub authorization_endpoint: String,
    /// Where a code becomes tokens.
    pub token_endpoint: String,
    /// Where a person signs out, where the issuer has such a door.
    #[serde(default)]
    pub end_session_endpoint: Option<String>,
}

/// This site at its issuer: a public client, without a secret.
pub struct Client {
    pub(super) issuer: String,
    pub(super) client_id: String,
    documents: Arc<dyn KeyFetch>,
    pub(super) exchange: Arc<dyn Exchange>,
    known: Mutex<Option<(DateTime<Utc>, Endpoints)>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("issuer", &self.issuer).field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl Client {
    /// The client `client_id` of `issuer`.
    #[must_use]
    pub fn new(issuer: String, client_id: String, documents: Arc<dyn KeyFetch>, exchange: Arc<dyn Exchange>) -> Self {
        Self { issuer, client_id, documents, exchange, known: Mutex::default() }
    }

    /// The issuer's origin: the one address besides our own that a form may lead to, by way of a redirect.
    pub(crate) fn origin(&self) -> String {
        url::Url::parse(&self.issuer).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    /// The issuer's doors.
    ///
    /// # Errors
    /// [`FetchError`] where the issuer does not answer, or its document is another's.
    pub(super) async fn endpoints(&self, now: DateTime<Utc>) -> Result<Endpoints, FetchError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, endpoints)) = known.filter(|(at, _)| (TimeDelta::zero()..KEPT_FOR).contains(&(now - *at))) {
            return Ok(endpoints);
        }
        let place = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let text = self.documents.get(&place).await?;
        let endpoints: Endpoints = serde_json::from_str(&text).map_err(|_| FetchError::Document("the discovery document can't be read"))?;
        if endpoints.issuer != self.issuer {
            return Err(FetchError::Document("the discovery document is another issuer's"));
        }
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, endpoints.clone()));
        Ok(endpoints)
    }
}
