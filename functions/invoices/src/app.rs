//! What the function needs.

use edge::{
    auth::Verifier,
    config::{ConfigError, Env},
};
use std::fmt;
use store::Store;

/// The function's parts, made once per instance.
pub struct App {
    pub(crate) store: Store,
    pub(crate) verifier: Verifier,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub const fn new(store: Store, verifier: Verifier) -> Self {
        Self { store, verifier }
    }

    /// Wires the function to the store's tables and the issuer.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self::new(Store::from_env(env)?, Verifier::from_env(env)?))
    }
}
