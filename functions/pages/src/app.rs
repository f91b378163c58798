//! What the function needs.

use crate::{
    api::{Api, HttpApi},
    oidc::{Client, HttpExchange},
};
use edge::{
    auth::{HttpKeys, SealKeys, Verifier},
    config::{ConfigError, Env},
    ids::{IdSource, SystemIds},
};
use std::{fmt, sync::Arc};

/// The parts that a test may replace.
pub struct Parts {
    /// The JSON API.
    pub api: Arc<dyn Api>,
    /// This site at the issuer.
    pub issuer: Client,
    /// Verifies what the issuer gives.
    pub verifier: Verifier,
    /// Seal sessions and sign-ins under way.
    pub keys: SealKeys,
    /// Randomness.
    pub ids: Arc<dyn IdSource>,
    /// The base of the site, without a slash at the end.
    pub public_url: String,
}

/// The function's parts, made once per instance.
pub struct App(pub(crate) Parts);

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("public_url", &self.0.public_url).finish_non_exhaustive()
    }
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// Wires the function to `API_URL`, `PUBLIC_URL`, the issuer (`OIDC_ISSUER`, `OIDC_AUDIENCE`, `OIDC_CLIENT_ID`) and
    /// `SESSION_KEYS`.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let public_url = env.text("PUBLIC_URL")?.trim_end_matches('/').to_owned();
        let issuer = env.text("OIDC_ISSUER")?;
        let documents = env.parse_with("OIDC_ISSUER", HttpKeys::try_new)?;
        let exchange = env.parse_with("OIDC_ISSUER", HttpExchange::try_new)?;
        let client_id = env.text("OIDC_CLIENT_ID")?;
        Ok(Self::new(Parts {
            api: Arc::new(env.parse_with("API_URL", HttpApi::try_new)?),
            issuer: Client::new(issuer, client_id, Arc::new(documents), Arc::new(exchange)),
            verifier: Verifier::from_env(env)?,
            keys: env.parse_with("SESSION_KEYS", SealKeys::parse)?,
            ids: Arc::new(SystemIds),
            public_url,
        }))
    }
}
