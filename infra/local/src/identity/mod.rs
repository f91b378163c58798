//! The local identity provider: a small OpenID Connect issuer with sample people and no passwords.
//!
//! It stands in for the cloud's issuer, so that the functions verify tokens in the very way they
//! do in production: discovery, key set, signature, issuer, audience, expiry. It asks for nothing
//! but a name, so it must never be reachable from another machine.
//!
//! [`Issuer::router`] is mounted at the issuer's URL (`{public url}/_local/oidc`);
//! [`Issuer::admin_router`] behind the door that only the command line can pass.

mod admin;
mod authorize;
mod client;
mod codes;
mod discovery;
mod end_session;
mod error;
mod exchange;
mod keyfile;
mod keys;
mod page;
mod params;
mod people;
mod pkce;
mod reply;
#[cfg(test)]
mod tests;
mod tokens;

pub use admin::{TokenAnswer, TokenRequest};
pub use error::IdentityError;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use codes::{Codes, Grant};
use jsonwebtoken::jwk::JwkSet;
use keys::KeyRing;
use people::Person;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokens::{AccessClaims, LIFETIME_MAX_SECONDS, Occasion};

/// Where the issuer is mounted under the stack's public URL.
pub const MOUNT_PATH: &str = "/_local/oidc";

/// The file with the signing keys, in the stack's data directory.
const KEY_FILE: &str = "identity-keys.json";

/// The longest body of a request, in bytes; the protocol's forms are far shorter.
const BODY_LENGTH_MAX: usize = 16 * 1024;

/// The stack's clock: the time that it is moved to, in milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The issuer: signing keys, waiting codes, and who it speaks to.
pub struct Issuer {
    url: String,
    origin: String,
    audience: String,
    clock: Clock,
    keys: RwLock<KeyRing>,
    codes: Mutex<Codes>,
}

impl Issuer {
    /// Opens the issuer with the keys in `data`, which are made on first use; without `data` the
    /// keys live in memory only, and its tokens die with it.
    ///
    /// `issuer_url` is what tokens say in `iss`, `audience` what access tokens say in `aud`.
    ///
    /// # Errors
    /// [`IdentityError::IssuerUrl`] for a URL that can't be one, [`IdentityError::File`] and
    /// [`IdentityError::Damaged`] for the key file, [`IdentityError::Crypto`] when no key can be made.
    pub fn open(data: Option<&Path>, issuer_url: String, audience: String, clock: Clock) -> Result<Arc<Self>, IdentityError> {
        let Some(origin) = origin_of(&issuer_url) else {
            return Err(IdentityError::IssuerUrl(issuer_url));
        };
        let keys = KeyRing::open(data.map(|folder| folder.join(KEY_FILE)), clock())?;
        Ok(Arc::new(Self { url: issuer_url, origin, audience, clock, keys: RwLock::new(keys), codes: Mutex::default() }))
    }

    /// The protocol's routes, relative to the issuer's URL.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/", get(discovery::home))
            .route("/.well-known/openid-configuration", get(discovery::document))
            .route("/jwks", get(discovery::key_set))
            .route("/authorize", get(authorize::show).post(authorize::sign_in))
            .route("/token", post(exchange::exchange))
            .route("/end_session", get(end_session::by_query).post(end_session::by_form))
            .layer(DefaultBodyLimit::max(BODY_LENGTH_MAX))
            .with_state(self)
    }

    /// `POST /token` with [`TokenRequest`]: any token, without a sign-in. To be mounted under
    /// `/_local`, only behind the check of the stack's own token.
    pub fn admin_router(self: Arc<Self>) -> Router {
        Router::new().route("/token", post(admin::token)).layer(DefaultBodyLimit::max(BODY_LENGTH_MAX)).with_state(self)
    }

    /// An access token for a name: a sample person, the machine `platform`, or a new customer.
    ///
    /// # Errors
    /// [`IdentityError::Name`], [`IdentityError::Lifetime`] beyond 30 days, and
    /// [`IdentityError::Crypto`] when signing fails.
    pub fn token_for(&self, name: &str, ttl_seconds: u32) -> Result<String, IdentityError> {
        if !(1..=LIFETIME_MAX_SECONDS).contains(&ttl_seconds) {
            return Err(IdentityError::Lifetime { max_seconds: LIFETIME_MAX_SECONDS });
        }
        let person = Person::named(name)?;
        self.access_token(
            &Occasion {
                issuer: &self.url,
                person: &person,
                client_id: client::COMMAND_LINE_ID,
                at_seconds: self.now_seconds(),
                lifetime_seconds: ttl_seconds,
            },
            &client::SCOPES.join(" "),
        )
    }

    /// The public keys, newest first.
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).public()
    }

    /// Makes a new signing key. Tokens of the key before it stay valid until they expire.
    ///
    /// # Errors
    /// [`IdentityError::Crypto`] and [`IdentityError::File`]; the old key then goes on signing.
    pub fn rotate(&self) -> Result<(), IdentityError> {
        let now_ms = self.now_ms();
        self.keys.write().unwrap_or_else(PoisonError::into_inner).rotate(now_ms)
    }

    /// The sample people: name to account id, which is their tokens' `sub`.
    #[must_use]
    pub fn people(&self) -> BTreeMap<String, String> {
        people::samples()
    }

    /// The issuer's URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    fn access_token(&self, on: &Occasion<'_>, scope: &str) -> Result<String, IdentityError> {
        let claims = AccessClaims::new(on, &self.audience, scope, unguessable()?);
        self.sign(tokens::ACCESS_TYPE, &claims)
    }

    fn sign<T: serde::Serialize>(&self, typ: &str, claims: &T) -> Result<String, IdentityError> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).sign(typ, claims)
    }

    /// Keeps a grant and gives its code, or `None` when too many wait.
    fn keep_grant(&self, grant: Grant) -> Result<Option<String>, IdentityError> {
        let code = unguessable()?;
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(codes.keep(code.clone(), grant).then_some(code))
    }

    fn take_grant(&self, code: &str) -> Option<Grant> {
        let now_ms = self.now_ms();
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).take(code, now_ms)
    }

    fn now_ms(&self) -> i64 {
        (self.clock)()
    }

    fn now_seconds(&self) -> i64 {
        seconds(self.now_ms())
    }
}

/// 128 random bits as text, for codes and token ids.
fn unguessable() -> Result<String, IdentityError> {
    crate::secrets::token().map_err(|error| IdentityError::Crypto(error.to_string()))
}

/// Whole seconds of a time in milliseconds, downwards.
fn seconds(at_ms: i64) -> i64 {
    at_ms.div_euclid(1000)
}

/// The origin (`http://host:port`) of an issuer URL, or `None` where it can't be one: tokens are
/// compared with it as text, so it must have one spelling only.
fn origin_of(issuer_url: &str) -> Option<String> {
    let url = url::Url::parse(issuer_url).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && !issuer_url.ends_with('/');
    // The parser's own spelling: lower case, no default port, no dots in the path.
    (plain && url.as_str() == issuer_url).then(|| url.origin().ascii_serialization())
}
