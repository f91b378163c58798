//! What the function needs: who calls, the store, the queue, the keys.

use edge::{
    auth::Verifier,
    config::{ConfigError, Env},
    ids::{IdSource, SystemIds},
    queue::{Queue, SqsQueue},
};
use ledger::KeyRing;
use std::{fmt, sync::Arc};
use store::Store;

/// What an [`App`] is made of.
pub struct Parts {
    /// Proves who calls.
    pub verifier: Verifier,
    /// Accounts, codes, signals.
    pub store: Store,
    /// The queue of facts: it is told to look at purchases that came before the signup.
    pub facts: Arc<dyn Queue>,
    /// Verify receipts.
    pub receipt_keys: KeyRing,
    /// Make the digests of signals.
    pub signal_keys: KeyRing,
    /// The base of links, without a slash at the end.
    pub public_url: String,
    /// Codes and device ids.
    pub ids: Arc<dyn IdSource>,
}

/// The function's parts, made once per instance.
pub struct App(pub(crate) Parts);

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("public_url", &self.0.public_url).finish_non_exhaustive()
    }
}

impl App {
    /// An instance.
    #[must_use]
    pub const fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// From `OIDC_ISSUER`, `OIDC_AUDIENCE`, `PUBLIC_URL`, `FACTS_QUEUE_URL`, `RECEIPT_KEYS`, `SIGNAL_KEYS` and the
    /// store's own variables.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self::new(Parts {
            verifier: Verifier::from_env(env)?,
            store: Store::from_env(env)?,
            facts: Arc::new(SqsQueue::from_env(env, "FACTS_QUEUE_URL")?),
            receipt_keys: env.parse_with("RECEIPT_KEYS", KeyRing::parse)?,
            signal_keys: env.parse_with("SIGNAL_KEYS", KeyRing::parse)?,
            public_url: env.text("PUBLIC_URL")?.trim_end_matches('/').to_owned(),
            ids: Arc::new(SystemIds),
        }))
    }
}
