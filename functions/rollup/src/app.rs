//! What the function needs: the store, and how long a run may take.

use edge::{
    config::{ConfigError, Env},
    ids::{IdSource, SystemIds},
};
use std::{fmt, sync::Arc, time::Duration};
use store::Store;

/// What a run leaves of the function's timeout, so that it ends by itself and not by force.
const MARGIN: Duration = Duration::from_secs(5);

/// The function's parts, made once per instance.
pub struct App {
    pub(crate) store: Store,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) budget: Duration,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("budget", &self.budget).finish_non_exhaustive()
    }
}

impl App {
    /// Runs take no longer than `budget`; `ids` give the randomness of pauses.
    #[must_use]
    pub const fn new(store: Store, ids: Arc<dyn IdSource>, budget: Duration) -> Self {
        Self { store, ids, budget }
    }

    /// From `FUNCTION_TIMEOUT_SECONDS` and the store's own variables.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let timeout = Duration::from_secs(env.parse("FUNCTION_TIMEOUT_SECONDS")?);
        Ok(Self::new(Store::from_env(env)?, Arc::new(SystemIds), timeout.saturating_sub(MARGIN)))
    }
}
