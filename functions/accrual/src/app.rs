//! What the accrual needs.

use edge::{
    config::{ConfigError, Env},
    ids::{IdSource, SystemIds},
    queue::{Queue, SqsQueue},
};
use std::sync::Arc;
use store::Store;

/// The accrual's tables, queue and randomness.
#[derive(Clone)]
pub struct App {
    /// The tables.
    pub store: Store,
    /// The facts queue itself: for what is to be looked at again.
    pub queue: Arc<dyn Queue>,
    /// For jitter.
    pub ids: Arc<dyn IdSource>,
    /// The longest wait between two attempts, in milliseconds; 0 in tests, which drive time themselves.
    pub back_off_ms_max: u64,
}

/// The longest wait between two attempts of a real function.
const BACK_OFF_MS_MAX: u64 = 1_000;

impl App {
    /// As the function's environment says.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            store: Store::from_env(env)?,
            queue: Arc::new(SqsQueue::from_env(env, "FACTS_QUEUE_URL")?),
            ids: Arc::new(SystemIds),
            back_off_ms_max: BACK_OFF_MS_MAX,
        })
    }

    /// Waits before the next attempt: full jitter, so that colliding workers part.
    pub(crate) async fn back_off(&self, attempt: u32) {
        let ceiling_ms = (20_u64 << attempt.min(6)).min(self.back_off_ms_max);
        edge::ids::pause(&*self.ids, ceiling_ms).await;
    }
}
