//! What the function needs.

use edge::{
    auth::Verifier,
    config::{ConfigError, Env},
    ids::{IdSource, SystemIds},
    queue::{Queue, SqsQueue},
};
use ledger::KeyRing;
use std::{fmt, sync::Arc};
use store::Store;

/// The keys of the function.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Sign cursors.
    pub cursors: KeyRing,
    /// Make the digests that destinations are compared by.
    pub signals: KeyRing,
}

/// The function's parts, made once per instance.
pub struct App {
    pub(crate) store: Store,
    pub(crate) verifier: Verifier,
    pub(crate) keys: Keys,
    pub(crate) facts: Arc<dyn Queue>,
    pub(crate) ids: Arc<dyn IdSource>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl App {
    /// Puts the parts together. `facts` is the queue that the accrual reads; `ids` makes jitter.
    #[must_use]
    pub fn new(store: Store, verifier: Verifier, keys: Keys, facts: Arc<dyn Queue>, ids: Arc<dyn IdSource>) -> Self {
        Self { store, verifier, keys, facts, ids }
    }

    /// Wires the function to the store's tables, the issuer, `FACTS_QUEUE_URL`, `CURSOR_KEYS` and `SIGNAL_KEYS`.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let keys =
            Keys { cursors: env.parse_with("CURSOR_KEYS", KeyRing::parse)?, signals: env.parse_with("SIGNAL_KEYS", KeyRing::parse)? };
        let facts = Arc::new(SqsQueue::from_env(env, "FACTS_QUEUE_URL")?);
        Ok(Self::new(Store::from_env(env)?, Verifier::from_env(env)?, keys, facts, Arc::new(SystemIds)))
    }
}
