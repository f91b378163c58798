//! Work on one payout, under its lease: where it stands decides what is done.

use crate::{
    App,
    batch::{Failure, Outcome},
    call::{self, Attempt},
    intend::{self, Intended},
    sweep,
};
use chrono::{DateTime, Utc};
use programme::payout::{Payout, PayoutId, PayoutStatus, RunId};
use store::records::lease::Lease;

/// Seconds until a payout that somebody else works on is looked at again.
const LEASED_SECONDS: u16 = 120;

/// Works on a payout: sends it where `run` orders it and nothing was sent yet, and else asks its rail what became of it.
pub(crate) async fn on(app: &App, id: &PayoutId, run: Option<&RunId>, now: DateTime<Utc>) -> Result<Outcome, Failure> {
    let Some(lease) = app.store.take_lease(id, &app.work_name(), now, now + app.lease).await? else {
        return Ok(Outcome::Later(LEASED_SECONDS));
    };
    let outcome = Box::pin(leased(app, id, run, &lease, now)).await;
    // Where this fails the lease runs out by itself.
    if let Err(error) = app.store.release_lease(&lease).await {
        tracing::debug!(%error, "a lease was not given back");
    }
    outcome
}

async fn leased(app: &App, id: &PayoutId, run: Option<&RunId>, lease: &Lease, now: DateTime<Utc>) -> Result<Outcome, Failure> {
    let Some(payout) = app.store.payout(id).await? else {
        tracing::error!(payout_id = %id, "there is no such payout");
        return Err(Failure::Poison);
    };
    let is_swept = sweep::comes_to(payout.status);
    let outcome = match payout.status {
        PayoutStatus::Approved => match run {
            Some(run) => send(app, payout, run, lease, now).await,
            // Approved is not ordered.
            None => Ok(Outcome::Done),
        },
        // An attempt may have reached the rail: whoever made it is gone.
        PayoutStatus::Submitting | PayoutStatus::Unknown => call::resolve(app, payout, Attempt::Again, lease, now).await,
        PayoutStatus::Submitted | PayoutStatus::Paid | PayoutStatus::Returned | PayoutStatus::Failed => {
            call::look(app, payout, lease, now).await
        }
        PayoutStatus::Requested | PayoutStatus::Rejected | PayoutStatus::Canceled => Ok(Outcome::Done),
    };
    // The next sweep looks again: errands that wait by themselves would add up with those of each sweep, for as long as a
    // rail is away.
    if is_swept && run.is_none() { outcome.map(|_| Outcome::Done) } else { outcome }
}

async fn send(app: &App, payout: Payout, run: &RunId, lease: &Lease, now: DateTime<Utc>) -> Result<Outcome, Failure> {
    match intend::intend(app, payout, run, lease, now).await? {
        Intended::Go(payout) => call::resolve(app, *payout, Attempt::First, lease, now).await,
        Intended::Ended(outcome) => Ok(outcome),
    }
}
