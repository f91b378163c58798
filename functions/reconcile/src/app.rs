//! What the reconciliation needs.

use edge::{
    config::{ConfigError, Env},
    ids::SystemIds,
    queue::{Queue, SqsQueue},
};
use rails::Rails;
use std::{fmt, sync::Arc};
use store::Store;

/// The tables, the rails, and the queue of the payout worker.
pub struct App {
    /// The tables.
    pub store: Store,
    /// How cash leaves.
    pub rails: Rails,
    /// For what is to be looked up.
    pub queue: Arc<dyn Queue>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl App {
    /// As the function's environment says: the store's and the rails' variables, `PAYOUTS_QUEUE_URL`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            store: Store::from_env(env)?,
            rails: Rails::from_env(env, Arc::new(SystemIds))?,
            queue: Arc::new(SqsQueue::from_env(env, "PAYOUTS_QUEUE_URL")?),
        })
    }
}
