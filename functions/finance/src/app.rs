//! What the function needs.

use edge::{
    auth::Verifier,
    config::{ConfigError, Env},
    cursor,
    http::Call,
    ids::{IdSource, SystemIds},
    problem::Problem,
    queue::{Queue, SqsQueue},
};
use ledger::KeyRing;
use std::{fmt, sync::Arc};
use store::{ListPage, Store};

/// The function's parts, made once per instance.
pub struct App {
    pub(crate) store: Store,
    pub(crate) verifier: Verifier,
    pub(crate) cursor_keys: KeyRing,
    pub(crate) facts: Arc<dyn Queue>,
    pub(crate) payouts: Arc<dyn Queue>,
    pub(crate) ids: Arc<dyn IdSource>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl App {
    /// Puts the parts together. `facts` is the queue that the accrual reads, `payouts` the payout worker's; `ids` makes jitter.
    #[must_use]
    pub fn new(
        store: Store,
        verifier: Verifier,
        cursor_keys: KeyRing,
        facts: Arc<dyn Queue>,
        payouts: Arc<dyn Queue>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        Self { store, verifier, cursor_keys, facts, payouts, ids }
    }

    /// Wires the function to the store's tables, the issuer, `FACTS_QUEUE_URL`, `PAYOUTS_QUEUE_URL` and `CURSOR_KEYS`.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let cursor_keys = env.parse_with("CURSOR_KEYS", KeyRing::parse)?;
        let facts = Arc::new(SqsQueue::from_env(env, "FACTS_QUEUE_URL")?);
        let payouts = Arc::new(SqsQueue::from_env(env, "PAYOUTS_QUEUE_URL")?);
        Ok(Self::new(Store::from_env(env)?, Verifier::from_env(env)?, cursor_keys, facts, payouts, Arc::new(SystemIds)))
    }

    /// The place in the list `scope` that the call's cursor names, if it has one.
    pub(crate) fn place(&self, call: &Call, scope: &str) -> Result<Option<String>, Problem> {
        call.query("cursor")?.map(|text| cursor::open(&self.cursor_keys, scope, text)).transpose()
    }

    /// The cursor of the page after this one.
    pub(crate) fn next_cursor<T>(&self, page: &ListPage<T>, scope: &str) -> Option<String> {
        page.next_place().map(|place| cursor::seal(&self.cursor_keys, scope, place))
    }
}
