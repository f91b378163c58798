//! What the worker needs.

use chrono::Duration;
use edge::{
    config::{ConfigError, Env},
    ids::{IdSource, SystemIds},
    queue::{Outgoing, Queue, QueueError, SqsQueue},
};
use programme::payout::{Errand, Issuer};
use rails::Rails;
use std::{fmt, sync::Arc};
use store::Store;

/// The longest wait between two attempts of a real function, in milliseconds.
const BACK_OFF_MS_MAX: u64 = 1_000;

/// The worker's tables, rails, queue and randomness.
pub struct App {
    /// The tables.
    pub store: Store,
    /// How cash leaves.
    pub rails: Rails,
    /// The payouts queue itself: for what is to be looked at again.
    pub queue: Arc<dyn Queue>,
    /// Who issues invoices: frozen in each of them.
    pub issuer: Issuer,
    /// For the names of leases, and for jitter.
    pub ids: Arc<dyn IdSource>,
    /// How long a lease holds: longer than an invocation can last, so that nobody works on without one.
    pub lease: Duration,
    /// The longest wait between two attempts, in milliseconds; 0 in tests, which drive time themselves.
    pub back_off_ms_max: u64,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl App {
    /// As the function's environment says: the store's and the rails' variables, `PAYOUTS_QUEUE_URL`,
    /// `INVOICE_ISSUER` (JSON), `FUNCTION_TIMEOUT_SECONDS`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
        let timeout_seconds: u32 = env.parse("FUNCTION_TIMEOUT_SECONDS")?;
        Ok(Self {
            store: Store::from_env(env)?,
            rails: Rails::from_env(env, Arc::clone(&ids))?,
            queue: Arc::new(SqsQueue::from_env(env, "PAYOUTS_QUEUE_URL")?),
            issuer: env.parse_with("INVOICE_ISSUER", Issuer::parse)?,
            ids,
            lease: Duration::seconds(i64::from(timeout_seconds) * 2),
            back_off_ms_max: BACK_OFF_MS_MAX,
        })
    }

    /// A name that no other piece of work has.
    pub(crate) fn work_name(&self) -> String {
        hex::encode(self.ids.bytes16())
    }

    /// Waits before the next attempt: full jitter, so that colliding workers part.
    pub(crate) async fn back_off(&self, attempt: u32) {
        let ceiling_ms = (20_u64 << attempt.min(6)).min(self.back_off_ms_max);
        edge::ids::pause(&*self.ids, ceiling_ms).await;
    }

    /// Sends errands, all of them to be seen after so many seconds.
    pub(crate) async fn send(&self, errands: &[Errand], delay_seconds: u16) -> Result<(), QueueError> {
        // Ids and our own enums always serialise.
        let message = |errand: &Errand| Outgoing { body: serde_json::to_string(errand).unwrap_or_default(), delay_seconds };
        if errands.is_empty() { Ok(()) } else { self.queue.send(errands.iter().map(message).collect()).await }
    }
}
