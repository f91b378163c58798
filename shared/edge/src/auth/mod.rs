//! Who calls: access tokens of an OpenID Connect issuer, verified here, so that the local stack and the cloud run the
//! same code.

mod claims;
mod fetch;
mod identity;
mod keys;
mod principal;
mod seal;
mod session;
mod visitor;

use crate::{
    config::{ConfigError, Env},
    http::Call,
    problem::Problem,
};
use chrono::{DateTime, Utc};
use claims::Claims;
pub use fetch::HttpKeys;
pub use identity::Identity;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
pub use keys::{FetchError, KeyFetch};
use keys::{KeyError, Keys};
pub use principal::Principal;
pub use seal::{SealKeys, SealKeysError};
use session::Sessions;
pub use session::{SESSION_COOKIE, Session};
use std::sync::Arc;
pub use visitor::{VISITOR_HEADER, Visitor};

/// A longer token is none of our issuer's.
const TOKEN_LIMIT_BYTES: usize = 8 * 1024;

/// Verifies access tokens of one issuer, made for one audience.
pub struct Verifier {
    issuer: String,
    audience: String,
    keys: Keys,
    /// Of our own pages, where this function takes them.
    sessions: Option<Sessions>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("issuer", &self.issuer).field("audience", &self.audience).finish_non_exhaustive()
    }
}

/// Why a token is refused: for the log alone. The caller learns that it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("no token")]
    Missing,
    #[error("the token is too long")]
    TooLong,
    #[error("the token can't be read")]
    Garbage,
    #[error("the algorithm is not allowed")]
    Algorithm,
    #[error("the header has a critical extension")]
    Critical,
    #[error("no key id")]
    NoKeyId,
    #[error("the key is not known")]
    UnknownKey,
    #[error("the key is not one for this algorithm")]
    WrongKey,
    #[error("the signature is wrong")]
    Signature,
    #[error("the claims can't be read")]
    Claims,
    #[error("not an access token")]
    NotAccess,
    #[error("not an ID token")]
    NotIdentity,
    #[error("another sign-in's nonce")]
    Nonce,
    #[error("another issuer")]
    Issuer,
    #[error("another audience")]
    Audience,
    #[error("expired")]
    Expired,
    #[error("not valid yet")]
    NotYet,
    #[error("the subject is no account id")]
    Subject,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::unauthorized("A valid access token is needed.").caused_by(refusal)
    }
}

impl Verifier {
    /// Trusts `issuer` and takes tokens made for `audience`.
    #[must_use]
    pub fn new(issuer: &str, audience: &str, fetch: Arc<dyn KeyFetch>) -> Self {
        let keys = Keys::new(issuer, fetch);
        Self { issuer: issuer.to_owned(), audience: audience.to_owned(), keys, sessions: None }
    }

    /// From `OIDC_ISSUER` and `OIDC_AUDIENCE`; with sessions of the pages under `PUBLIC_URL` where `SESSION_KEYS` is set.
    ///
    /// # Errors
    /// [`ConfigError`] when one is missing, the issuer is neither `https` nor on this machine, or the keys can't be read.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let issuer = env.text("OIDC_ISSUER")?;
        let fetch = env.parse_with("OIDC_ISSUER", HttpKeys::try_new)?;
        let verifier = Self::new(&issuer, &env.text("OIDC_AUDIENCE")?, Arc::new(fetch));
        match env.optional("SESSION_KEYS") {
            None => Ok(verifier),
            Some(_) => Ok(verifier.with_sessions(vec![env.text("PUBLIC_URL")?], env.parse_with("SESSION_KEYS", SealKeys::parse)?)),
        }
    }

    /// Takes the token from the session cookie too, where a call changes something only from a page of these origins.
    #[must_use]
    pub fn with_sessions(self, origins: Vec<String>, keys: SealKeys) -> Self {
        Self { sessions: Some(Sessions { origins, keys }), ..self }
    }

    /// Who calls.
    ///
    /// # Errors
    /// 401 without a token that verifies, 403 for a session cookie that a foreign page sent along, 503 while the
    /// issuer's keys can't be had.
    pub async fn principal(&self, call: &Call) -> Result<Principal, Problem> {
        let token = if call.headers.contains_key(http::header::AUTHORIZATION) {
            call.bearer().ok_or(Refusal::Garbage)?.to_owned()
        } else {
            let session = self.sessions.as_ref().map(|sessions| sessions.token(call)).transpose()?;
            session.flatten().ok_or(Refusal::Missing)?
        };
        self.verify(&token, call.now).await
    }

    /// Whose browser is behind the call: the caller's own, or the one that our pages name.
    #[must_use]
    pub fn visitor(&self, call: &Call) -> Visitor {
        self.sessions.as_ref().map_or_else(|| Visitor::of(call), |sessions| Visitor::read(&sessions.keys, call))
    }

    /// Who the access token names, and until when it is good, in seconds since 1970.
    ///
    /// # Errors
    /// 401 for one that does not verify, 503 while the issuer's keys can't be had.
    pub async fn access(&self, token: &str, now: DateTime<Utc>) -> Result<(Principal, i64), Problem> {
        let (header, claims) = self.signed(token, now).await?;
        let claims: Claims = serde_json::from_value(claims).map_err(|_| Refusal::Claims)?;
        claims.check_kind(header.typ.as_deref())?;
        claims.check_parties(&self.issuer, &self.audience)?;
        claims.check_times(now)?;
        let ends = claims.ends();
        Ok((claims.into_principal()?, ends))
    }

    /// Who signed in, by the ID token that `client` got for its own `nonce`.
    ///
    /// # Errors
    /// As [`Verifier::access`].
    pub async fn identity(&self, token: &str, client: &str, nonce: &str, now: DateTime<Utc>) -> Result<Identity, Problem> {
        let (header, claims) = self.signed(token, now).await?;
        let expected = identity::Expected { issuer: &self.issuer, client, nonce, now };
        Ok(identity::read(claims, header.typ.as_deref(), &expected)?)
    }

    async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Principal, Problem> {
        self.access(token, now).await.map(|(principal, _)| principal)
    }

    /// The header and the claims of a token that the issuer signed; what they say is not looked at.
    async fn signed(&self, token: &str, now: DateTime<Utc>) -> Result<(Header, serde_json::Value), Problem> {
        if token.len() > TOKEN_LIMIT_BYTES {
            return Err(Refusal::TooLong.into());
        }
        let header = decode_header(token).map_err(|_| Refusal::Garbage)?;
        let key_id = check_header(&header)?;
        let key = self.keys.find(key_id, header.alg, now).await.map_err(|error| match error {
            KeyError::Unknown => Refusal::UnknownKey.into(),
            KeyError::Unfit => Refusal::WrongKey.into(),
            KeyError::Fetch(error) => Problem::unavailable(error),
        })?;
        let token = decode::<serde_json::Value>(token, &key, &signature_only(header.alg)).map_err(|_| Refusal::Signature)?;
        Ok((header, token.claims))
    }
}

/// The header is the caller's word until the signature is checked; all that it may do is choose among our issuer's keys.
fn check_header(header: &Header) -> Result<&str, Refusal> {
    if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256) {
        return Err(Refusal::Algorithm);
    }
    if header.crit.is_some() {
        return Err(Refusal::Critical);
    }
    header.kid.as_deref().filter(|id| !id.is_empty()).ok_or(Refusal::NoKeyId)
}

/// The library checks the signature and nothing else: its own checks of time read the machine's clock.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

#[cfg(test)]
mod tests;
