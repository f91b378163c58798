//! Who signed in: what an ID token says to the client that asked for it.

use super::{
    Refusal,
    claims::{Audience, Claims},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::fmt;

/// The person behind a verified ID token.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The token's `sub`.
    pub subject: String,
    /// Its name, where it has one.
    pub name: Option<String>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// What an ID token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: DateTime<Utc>,
}

#[derive(Deserialize)]
struct IdClaims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    #[serde(default)]
    iat: Option<i64>,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    token_use: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

pub(super) fn read(claims: serde_json::Value, typ: Option<&str>, expected: &Expected<'_>) -> Result<Identity, Refusal> {
    let claims: IdClaims = serde_json::from_value(claims).map_err(|_| Refusal::Claims)?;
    let typ = typ.unwrap_or_default().to_ascii_lowercase();
    if typ.ends_with("at+jwt") || claims.token_use.as_deref().is_some_and(|kind| kind != "id") {
        return Err(Refusal::NotIdentity);
    }
    if claims.iss != expected.issuer {
        return Err(Refusal::Issuer);
    }
    if !claims.aud.has(expected.client) {
        return Err(Refusal::Audience);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(Refusal::Nonce);
    }
    Claims::check_span(claims.exp, claims.iat, expected.now)?;
    Ok(Identity { subject: claims.sub, name: claims.name })
}
