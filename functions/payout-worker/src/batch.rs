//! A batch of errands: each is done by itself, and answered by message.

use crate::{App, accounts, runs, work};
use chrono::{DateTime, Utc};
use edge::{
    events::{Batch, Record},
    queue::Outgoing,
};
use futures::future::join_all;
use ledger::Rail;
use programme::payout::Errand;
use store::StoreError;

/// From this delivery on, an errand that failed for an outage is sent anew instead of given back: its deliveries would
/// otherwise be used up while nothing is wrong with it.
const LAST_PATIENT_DELIVERY: u32 = 4;
/// Seconds until an errand that was sent anew for an outage is seen.
const OUTAGE_DELAY_SECONDS: u16 = 60;

/// What became of an errand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing is left to do.
    Done,
    /// The same again after so many seconds, at most 900.
    Later(u16),
}

/// Why an errand was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The store or the queue is busy or away: the same again, later.
    Outage,
    /// It can't be done as it is: delivered again, it ends among the dead letters with its reason.
    Poison,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "the store");
        match error {
            StoreError::Unavailable(_) => Self::Outage,
            StoreError::Corrupt { .. } | StoreError::Rejected(_) => Self::Poison,
        }
    }
}

/// Handles a batch; answers the ids of the messages to be delivered again.
pub async fn handle(app: &App, batch: Batch) -> Vec<String> {
    let now = batch.now;
    let answers = join_all(batch.records.iter().map(|record| answer(app, record, now))).await;
    batch.records.into_iter().zip(answers).filter(|(_, done)| !done).map(|(record, _)| record.message_id).collect()
}

/// Whether the message is done with.
async fn answer(app: &App, record: &Record, now: DateTime<Utc>) -> bool {
    let outcome = match serde_json::from_str::<Errand>(&record.body) {
        Ok(errand) => Box::pin(run(app, &errand, now)).await,
        Err(error) => {
            tracing::error!(message_id = record.message_id, line = error.line(), column = error.column(), "a message is no errand");
            Err(Failure::Poison)
        }
    };
    let again = match outcome {
        Ok(Outcome::Done) => return true,
        Ok(Outcome::Later(seconds)) => Some(seconds),
        Err(Failure::Outage) if record.receive_count >= LAST_PATIENT_DELIVERY => Some(OUTAGE_DELAY_SECONDS),
        Err(Failure::Outage | Failure::Poison) => None,
    };
    let Some(delay_seconds) = again else {
        tracing::warn!(message_id = record.message_id, receive_count = record.receive_count, ?outcome, "not done");
        return false;
    };
    // It is given up here only once it stands in the queue anew.
    app.queue.send(vec![Outgoing { body: record.body.clone(), delay_seconds }]).await.is_ok()
}

async fn run(app: &App, errand: &Errand, now: DateTime<Utc>) -> Result<Outcome, Failure> {
    match errand {
        Errand::Run { run } => runs::expand(app, run).await,
        Errand::Pay { run, payout } => work::on(app, payout, Some(run), now).await,
        Errand::Look { payout } => work::on(app, payout, None, now).await,
        Errand::Hint { rail, reference } => hint(app, *rail, reference, now).await,
        Errand::Account { rail: Rail::StripeConnect, account } => accounts::refresh(app, account, now).await,
        Errand::Account { rail: Rail::Paypal | Rail::Wise, .. } => Ok(Outcome::Done),
    }
}

/// A webhook told the rail's id alone. One that leads nowhere is not ours, or is ahead of our own write: then the payout
/// is open, and looked at regularly.
async fn hint(app: &App, rail: Rail, reference: &str, now: DateTime<Utc>) -> Result<Outcome, Failure> {
    match app.store.payout_by_reference(rail, reference).await? {
        Some(payout) => work::on(app, &payout, None, now).await,
        None => {
            tracing::info!(rail = rail.as_str(), "a hint about a payment that no payout has");
            Ok(Outcome::Done)
        }
    }
}
