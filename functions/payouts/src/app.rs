//! What the function needs.

use edge::{
    auth::Verifier,
    config::{ConfigError, Env},
    ids::{IdSource, SystemIds},
    queue::{Queue, SqsQueue},
};
use ledger::KeyRing;
use rails::Rails;
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
    pub(crate) rails: Rails,
    pub(crate) public_url: String,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl App {
    /// Puts the parts together, without any rail to onboard at. `facts` is the queue that the accrual reads; `ids` makes jitter.
    #[must_use]
    pub fn new(store: Store, verifier: Verifier, keys: Keys, facts: Arc<dyn Queue>, ids: Arc<dyn IdSource>) -> Self {
        Self { store, verifier, keys, facts, ids, rails: Rails::default(), public_url: String::new() }
    }

    /// The same with rails to onboard at, whose forms lead back to the pages at `public_url`.
    #[must_use]
    pub fn with_rails(self, rails: Rails, public_url: &str) -> Self {
        Self { rails, public_url: public_url.trim_end_matches('/').to_owned(), ..self }
    }

    /// Wires the function to the store's tables, the issuer, `FACTS_QUEUE_URL`, `CURSOR_KEYS`, `SIGNAL_KEYS`, `PUBLIC_URL`, and Stripe's
    /// `STRIPE_API_URL` and `STRIPE_API_KEY`.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let keys =
            Keys { cursors: env.parse_with("CURSOR_KEYS", KeyRing::parse)?, signals: env.parse_with("SIGNAL_KEYS", KeyRing::parse)? };
        let facts = Arc::new(SqsQueue::from_env(env, "FACTS_QUEUE_URL")?);
        let app = Self::new(Store::from_env(env)?, Verifier::from_env(env)?, keys, facts, Arc::new(SystemIds));
        Ok(app.with_rails(Rails::from_env(env, Arc::new(SystemIds))?, &env.text("PUBLIC_URL")?))
    }
}
