//! Steps of a payout, decided from what its rail says, and written under the lease.

use crate::{
    App,
    batch::{Failure, Outcome},
};
use chrono::{DateTime, Utc};
use edge::telemetry::metrics::PAYOUT_CONTRADICTIONS;
use programme::payout::{self, Change, Numbers, Payout, RailDoubt, Sighting, Step};
use store::{PayoutCommit, StepError, records::lease::Lease};

/// How often a step is decided anew before the errand comes again.
const TRIES_MAX: u32 = 12;

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// It stands.
    Yes,
    /// It may or may not stand, or what it was decided on has changed: read again.
    Again,
    /// The payout is somebody else's work now.
    LeaseLost,
}

/// Writes one step.
pub(crate) async fn write(app: &App, change: &Change, lease: &Lease) -> Result<Written, Failure> {
    let issues = matches!(change.event.step, Step::Paid { .. } | Step::Returned { .. });
    let payee = if issues { app.store.billing(&change.payout.account).await? } else { None };
    let commit = PayoutCommit { change, lease, issuer: &app.issuer, payee: payee.as_ref(), beside: &[] };
    match app.store.commit_step(&commit).await {
        Ok(()) => Ok(Written::Yes),
        Err(StepError::Stale(_) | StepError::NumberTaken | StepError::Busy(_)) => Ok(Written::Again),
        Err(StepError::LeaseLost) => Ok(Written::LeaseLost),
        Err(StepError::ReferenceTaken) => {
            let rail = change.payout.destination.rail.as_str();
            tracing::error!(payout_id = %change.payout.id, rail, "the rail's id of the payment is another payout's");
            PAYOUT_CONTRADICTIONS.count(1, rail, Some(change.payout.id.as_str()));
            Err(Failure::Poison)
        }
        Err(StepError::Rejected(reason)) => {
            tracing::error!(payout_id = %change.payout.id, reason, "the store refuses a step");
            Err(Failure::Poison)
        }
    }
}

/// Takes every step that follows from what the rail says, until nothing is new.
pub(crate) async fn follow(app: &App, mut payout: Payout, told: &Sighting, lease: &Lease, now: DateTime<Utc>) -> Result<Outcome, Failure> {
    for attempt in 0..TRIES_MAX {
        let numbers = numbers(app, told, now).await?;
        let change = match payout::decide(&payout, told, now, &numbers) {
            Ok(None) => return Ok(Outcome::Done),
            Ok(Some(change)) => change,
            Err(contradiction) => {
                let rail = payout.destination.rail.as_str();
                tracing::error!(payout_id = %payout.id, rail, %contradiction, "the rail contradicts the ledger");
                PAYOUT_CONTRADICTIONS.count(1, rail, Some(payout.id.as_str()));
                return Ok(Outcome::Done);
            }
        };
        match write(app, &change, lease).await? {
            Written::Yes => {
                tracing::info!(payout_id = %payout.id, step = change.event.step.name(), status = change.payout.status.as_str(), "a step");
                payout = change.payout;
            }
            Written::LeaseLost => return Ok(Outcome::Done),
            Written::Again => {
                app.back_off(attempt).await;
                payout = app.store.payout(&payout.id).await?.ok_or(Failure::Poison)?;
            }
        }
    }
    Err(Failure::Outage)
}

/// Writes that the outcome is unknown, where that is new.
pub(crate) async fn note_doubt(app: &App, mut payout: Payout, why: RailDoubt, lease: &Lease, now: DateTime<Utc>) -> Result<(), Failure> {
    for attempt in 0..TRIES_MAX {
        let Some(change) = payout::doubt(&payout, why, now) else { return Ok(()) };
        match write(app, &change, lease).await? {
            Written::Yes | Written::LeaseLost => return Ok(()),
            Written::Again => {
                app.back_off(attempt).await;
                payout = app.store.payout(&payout.id).await?.ok_or(Failure::Poison)?;
            }
        }
    }
    Err(Failure::Outage)
}

/// The next numbers, read only where one may be given out.
async fn numbers(app: &App, told: &Sighting, now: DateTime<Utc>) -> Result<Numbers, Failure> {
    match told {
        Sighting::Paid { .. } | Sighting::Returned { .. } => Ok(app.store.numbers(now).await?),
        Sighting::Absent | Sighting::Underway { .. } | Sighting::Failed { .. } => Ok(Numbers::after(0, 0, 0)),
    }
}
