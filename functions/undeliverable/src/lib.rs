//! The undeliverable function: what the facts queue gave up is kept whole in the quarantine, with the reason, until finance
//! decides.
//!
//! A queue forgets after 14 days, the quarantine never. What can't be written now stays among the dead letters and is tried
//! again; their age has an alarm.

use chrono::{DateTime, Utc};
use edge::{
    config::{ConfigError, Env},
    events::{Batch, Record},
    telemetry::metrics,
};
use programme::fact::Fact;
use std::fmt;
use store::{Quarantined, Store, records::quarantine::FACTS};

/// How often the queue delivers a message before it gives it up: its `maxReceiveCount`.
const DELIVERIES: u32 = 5;

/// How much of a reader's complaint is kept, in characters. It may quote the body.
const COMPLAINT_MAX: usize = 300;

/// The function's tables.
pub struct App {
    store: Store,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl App {
    /// Over these tables.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    /// As the function's environment says.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self::new(Store::from_env(env)?))
    }
}

/// Why a message died. The queue can't tell, so the body is looked at again.
enum Death {
    /// It tells no fact, with the reader's complaint.
    NoFact(String),
    /// It is a fact that could not be posted.
    NotPosted,
}

impl Death {
    fn of(body: &str) -> Self {
        match serde_json::from_str::<Fact>(body) {
            Ok(_) => Self::NotPosted,
            Err(error) => Self::NoFact(error.to_string().chars().take(COMPLAINT_MAX).collect()),
        }
    }

    const fn as_str(&self) -> &'static str {
        match self {
            Self::NoFact(_) => "no_fact",
            Self::NotPosted => "not_posted",
        }
    }

    fn sentence(&self, message_id: &str) -> String {
        match self {
            Self::NoFact(complaint) => format!("no fact: {complaint}"),
            Self::NotPosted => format!("delivered {DELIVERIES} times without success; see the log for message id {message_id}"),
        }
    }
}

/// Keeps a batch of dead letters; answers the ids of those that could not be kept now.
pub async fn handle(app: &App, batch: Batch) -> Vec<String> {
    let mut failed = Vec::new();
    for record in batch.records {
        let message_id = record.message_id.clone();
        if !keep(app, record, batch.now).await {
            failed.push(message_id);
        }
    }
    failed
}

async fn keep(app: &App, record: Record, now: DateTime<Utc>) -> bool {
    let death = Death::of(&record.body);
    let reason = death.sentence(&record.message_id);
    let event = Quarantined::new(FACTS, reason, record.body.into_bytes(), record.sent_at.unwrap_or(now));
    let (message_id, cause) = (record.message_id, death.as_str());
    match app.store.quarantine(&event).await {
        Ok(()) => {
            tracing::error!(message_id, id = event.id, cause, "a dead letter goes to the quarantine");
            // What the alarm watches.
            metrics::FACTS_QUARANTINED.count(1, cause, Some(&event.id));
            true
        }
        Err(error) => {
            tracing::error!(message_id, id = event.id, cause, %error, "a dead letter is not kept yet");
            false
        }
    }
}
