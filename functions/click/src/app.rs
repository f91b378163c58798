//! What the function needs: the store, the keys, and where it may send people.

use crate::lookup::Lookups;
use edge::{
    config::{ConfigError, Env},
    ids::{IdSource, SystemIds},
};
use ledger::KeyRing;
use std::{fmt, sync::Arc};
use store::Store;

/// What an [`App`] is made of.
pub struct Parts {
    /// Codes, templates, settings; clicks.
    pub store: Store,
    /// Sign receipts.
    pub receipt_keys: KeyRing,
    /// Make the digests of signals.
    pub signal_keys: KeyRing,
    /// Where a link leads.
    pub landing_url: String,
    /// The hosts that a template's page may be on.
    pub allowed_hosts: Vec<String>,
    /// Click and device ids.
    pub ids: Arc<dyn IdSource>,
}

/// The function's parts, made once per instance.
pub struct App {
    pub(crate) parts: Parts,
    pub(crate) lookups: Lookups,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("landing_url", &self.parts.landing_url).finish_non_exhaustive()
    }
}

impl App {
    /// An instance that has looked nothing up yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts, lookups: Lookups::default() }
    }

    /// From `RECEIPT_KEYS`, `SIGNAL_KEYS`, `LANDING_URL`, `ALLOWED_HOSTS` and the store's own variables.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self::new(Parts {
            store: Store::from_env(env)?,
            receipt_keys: env.parse_with("RECEIPT_KEYS", KeyRing::parse)?,
            signal_keys: env.parse_with("SIGNAL_KEYS", KeyRing::parse)?,
            landing_url: env.parse_with("LANDING_URL", web_address)?,
            allowed_hosts: env.list("ALLOWED_HOSTS", ',')?,
            ids: Arc::new(SystemIds),
        }))
    }
}

/// An instance that would send people nowhere had better not start.
fn web_address(text: &str) -> Result<String, &'static str> {
    let on_the_web = text.starts_with("https://") || text.starts_with("http://");
    if on_the_web && text.bytes().all(|byte| byte.is_ascii_graphic()) { Ok(text.to_owned()) } else { Err("no web address") }
}

#[cfg(test)]
mod tests {
    use super::web_address;

    #[test]
    fn the_landing_page_is_on_the_web() {
        for (text, fits) in [
            ("https://example.com/join?a=b", true),
            ("http://127.0.0.1:8080/", true),
            ("/join", false),
            ("javascript:alert(1)", false),
            ("https://example.com/\r\nx", false),
        ] {
            assert_eq!(web_address(text).is_ok(), fits, "{text:?}");
        }
    }
}
