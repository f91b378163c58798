//! The undeliverable function: what a queue gave up is kept whole in the quarantine, with the reason, until finance decides.
//!
//! A queue forgets after 14 days, the quarantine never. What can't be written now stays among the dead letters and is tried
//! again; their age has an alarm.

mod death;

use chrono::{DateTime, Utc};
use death::Death;
use edge::{
    config::{ConfigError, Env},
    events::{Batch, Record},
    telemetry::metrics::{FACTS_QUARANTINED, Metric, PAYOUTS_QUARANTINED},
};
use std::fmt;
use store::{
    Quarantined, Store,
    records::quarantine::{FACTS, PAYOUTS},
};

/// Whose dead letters they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// The one that the accrual reads.
    Facts,
    /// The one that the worker of payouts reads.
    Payouts,
}

impl Queue {
    /// What the quarantine calls it.
    const fn source(self) -> &'static str {
        match self {
            Self::Facts => FACTS,
            Self::Payouts => PAYOUTS,
        }
    }

    /// What the alarm watches.
    const fn metric(self) -> Metric {
        match self {
            Self::Facts => FACTS_QUARANTINED,
            Self::Payouts => PAYOUTS_QUARANTINED,
        }
    }
}

/// The function's tables, and how it tells its queues apart.
pub struct App {
    store: Store,
    payouts: String,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl App {
    /// Over these tables; `payouts` is the name of the queue with the dead letters of payouts.
    #[must_use]
    pub fn new(store: Store, payouts: &str) -> Self {
        Self { store, payouts: payouts.to_owned() }
    }

    /// Wires the function to the store's tables and `PAYOUTS_DEAD_LETTERS_URL`.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let url = env.text("PAYOUTS_DEAD_LETTERS_URL")?;
        // A queue's URL ends with its name.
        Ok(Self::new(Store::from_env(env)?, url.rsplit('/').next().unwrap_or_default()))
    }

    /// The queue of that name.
    #[must_use]
    pub fn queue(&self, name: &str) -> Queue {
        if name == self.payouts { Queue::Payouts } else { Queue::Facts }
    }
}

/// Keeps a batch of dead letters of one queue; answers the ids of those that could not be kept now.
pub async fn handle(app: &App, queue: Queue, batch: Batch) -> Vec<String> {
    let mut failed = Vec::new();
    for record in batch.records {
        let message_id = record.message_id.clone();
        if !keep(app, queue, record, batch.now).await {
            failed.push(message_id);
        }
    }
    failed
}

async fn keep(app: &App, queue: Queue, record: Record, now: DateTime<Utc>) -> bool {
    let death = Death::of(queue, &record.body);
    let reason = death.sentence(&record.message_id);
    let event = Quarantined::new(queue.source(), reason, record.body.into_bytes(), record.sent_at.unwrap_or(now));
    let (message_id, cause) = (record.message_id, death.as_str());
    match app.store.quarantine(&event).await {
        Ok(()) => {
            tracing::error!(queue = queue.source(), message_id, id = event.id, cause, "a dead letter goes to the quarantine");
            queue.metric().count(1, cause, Some(&event.id));
            true
        }
        Err(error) => {
            tracing::error!(queue = queue.source(), message_id, id = event.id, cause, %error, "a dead letter is not kept yet");
            false
        }
    }
}
