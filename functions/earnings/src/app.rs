//! What the function needs.

use edge::{
    auth::Verifier,
    config::{ConfigError, Env},
    ids::{IdSource, SystemIds},
};
use ledger::{KeyRing, TemplateId};
use std::{fmt, sync::Arc};
use store::Store;

/// Where links begin, and where templates' pages may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The base of links, without a slash at the end.
    pub public_url: String,
    /// The hosts that a template's page may be on.
    pub allowed_hosts: Vec<String>,
}

impl Site {
    /// The link of a code.
    pub(crate) fn link(&self, code: &str) -> String {
        format!("{}/r/{code}", self.public_url)
    }

    /// The link of a code and a template.
    pub(crate) fn template_link(&self, code: &str, template: &TemplateId) -> String {
        format!("{}/r/{code}/t/{template}", self.public_url)
    }
}

/// The function's parts, made once per instance.
pub struct App {
    pub(crate) store: Store,
    pub(crate) verifier: Verifier,
    pub(crate) cursor_keys: KeyRing,
    pub(crate) site: Site,
    pub(crate) ids: Arc<dyn IdSource>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("site", &self.site).finish_non_exhaustive()
    }
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(store: Store, verifier: Verifier, cursor_keys: KeyRing, site: Site, ids: Arc<dyn IdSource>) -> Self {
        Self { store, verifier, cursor_keys, site, ids }
    }

    /// Wires the function to the store's tables, the issuer, `CURSOR_KEYS`, `PUBLIC_URL` and `ALLOWED_HOSTS`.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let public_url = env.text("PUBLIC_URL")?.trim_end_matches('/').to_owned();
        let site = Site { public_url, allowed_hosts: env.list("ALLOWED_HOSTS", ',')? };
        let cursor_keys = env.parse_with("CURSOR_KEYS", KeyRing::parse)?;
        Ok(Self::new(Store::from_env(env)?, Verifier::from_env(env)?, cursor_keys, site, Arc::new(SystemIds)))
    }
}
