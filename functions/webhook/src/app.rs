//! What the function needs: its sources, the queue, and the store's quarantine.

use crate::sources::Sources;
use edge::{
    config::{ConfigError, Env},
    queue::{Queue, SqsQueue},
};
use std::{fmt, sync::Arc};
use store::Store;

/// The function's parts, made once per instance.
pub struct App {
    pub(crate) sources: Sources,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) store: Store,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("sources", &self.sources).finish_non_exhaustive()
    }
}

impl App {
    /// `queue` is the one that the accrual reads.
    #[must_use]
    pub fn new(sources: Sources, queue: Arc<dyn Queue>, store: Store) -> Self {
        Self { sources, queue, store }
    }

    /// Wires the function to `FACTS_QUEUE_URL`, the store's tables and each source's own variables.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self::new(Sources::from_env(env)?, Arc::new(SqsQueue::from_env(env, "FACTS_QUEUE_URL")?), Store::from_env(env)?))
    }
}
