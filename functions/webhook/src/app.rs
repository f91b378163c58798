//! What the function needs: its sources, its queues, and the store's quarantine.

use crate::sources::Sources;
use edge::{
    config::{ConfigError, Env},
    queue::{Queue, SqsQueue},
};
use std::{fmt, sync::Arc};
use store::Store;

/// Where what was told goes to.
#[derive(Clone)]
pub struct Queues {
    /// The one that the accrual reads.
    pub facts: Arc<dyn Queue>,
    /// The one that the worker of payouts reads.
    pub payouts: Arc<dyn Queue>,
}

impl fmt::Debug for Queues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queues").finish_non_exhaustive()
    }
}

/// The function's parts, made once per instance.
pub struct App {
    pub(crate) sources: Sources,
    pub(crate) queues: Queues,
    pub(crate) store: Store,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("sources", &self.sources).finish_non_exhaustive()
    }
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub const fn new(sources: Sources, queues: Queues, store: Store) -> Self {
        Self { sources, queues, store }
    }

    /// Wires the function to `FACTS_QUEUE_URL`, `PAYOUTS_QUEUE_URL`, the store's tables and each source's own variables.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let queue = |variable| SqsQueue::from_env(env, variable).map(Arc::new);
        let queues = Queues { facts: queue("FACTS_QUEUE_URL")?, payouts: queue("PAYOUTS_QUEUE_URL")? };
        Ok(Self::new(Sources::from_env(env)?, queues, Store::from_env(env)?))
    }
}
