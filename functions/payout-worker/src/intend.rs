//! The intent to pay, written before a rail is called; and the last look at the money before that.

use crate::{
    App,
    batch::{Failure, Outcome},
    steps::{self, Written},
};
use chrono::{DateTime, Utc};
use programme::payout::{self, Actor, CancelReason, Change, Payout, PayoutStatus, RunId, Submit, SubmitRefusal, Submitted};
use store::records::lease::Lease;

/// How often the intent is decided anew where figures move meanwhile.
const TRIES_MAX: u32 = 8;

/// What became of it.
pub(crate) enum Intended {
    /// The intent stands: the rail is to be called, for the first time.
    Go(Box<Payout>),
    /// No rail is to be called.
    Ended(Outcome),
}

/// Writes the intent of an approved payout; or cancels it, where its money or its destination is gone.
pub(crate) async fn intend(app: &App, mut payout: Payout, run: &RunId, lease: &Lease, now: DateTime<Utc>) -> Result<Intended, Failure> {
    let Some(ordered) = app.store.run_head(run).await? else {
        tracing::error!(run_id = %run, payout_id = %payout.id, "nobody ordered it");
        return Err(Failure::Poison);
    };
    for attempt in 0..TRIES_MAX {
        let decided = decide(app, &payout, &ordered.by, run, now).await?;
        let (change, goes) = match decided {
            Decided::Step { change, goes } => (change, goes),
            Decided::Not(outcome) => return Ok(Intended::Ended(outcome)),
        };
        match steps::write(app, &change, lease).await? {
            Written::Yes if goes => {
                tracing::info!(payout_id = %payout.id, run_id = %run, rail = payout.destination.rail.as_str(), "the intent to pay stands");
                return Ok(Intended::Go(Box::new(change.payout)));
            }
            Written::Yes => {
                tracing::warn!(payout_id = %payout.id, reason = change.payout.reason, "a payout was canceled before it was sent");
                return Ok(Intended::Ended(Outcome::Done));
            }
            Written::LeaseLost => return Ok(Intended::Ended(Outcome::Done)),
            Written::Again => {}
        }
        app.back_off(attempt).await;
        payout = app.store.payout(&payout.id).await?.ok_or(Failure::Poison)?;
        // The answer to an own write may have been lost: then the intent stands, and no call was made yet.
        if payout.status == PayoutStatus::Submitting {
            return Ok(Intended::Go(Box::new(payout)));
        }
        if payout.status != PayoutStatus::Approved {
            return Ok(Intended::Ended(Outcome::Done));
        }
    }
    Err(Failure::Outage)
}

enum Decided {
    Step { change: Box<Change>, goes: bool },
    Not(Outcome),
}

async fn decide(app: &App, payout: &Payout, ordered_by: &ledger::AccountId, run: &RunId, now: DateTime<Utc>) -> Result<Decided, Failure> {
    let (account, rail) = (&payout.account, payout.destination.rail);
    let (programme, switch, figures, current) = futures::try_join!(
        app.store.programme(now),
        app.store.switch(),
        app.store.account(account),
        app.store.payout_account(account, rail),
    )?;
    let figures = figures.unwrap_or_default();
    let asked = Submit {
        payout,
        run,
        ordered_by,
        now,
        programme: &programme,
        switched_on: switch.payouts_enabled,
        current: current.as_ref().map(|stored| (&stored.account, &stored.destination)),
        figures: &figures,
    };
    match payout::submit(&asked) {
        Ok(Submitted::Intended(change)) => Ok(Decided::Step { change, goes: true }),
        Ok(Submitted::ClawedBack(change)) => Ok(Decided::Step { change, goes: false }),
        Err(SubmitRefusal::DestinationChanged) => {
            let canceled = payout::cancel(payout, Actor::System, CancelReason::DestinationChanged, now);
            Ok(canceled.map_or(Decided::Not(Outcome::Done), |change| Decided::Step { change: Box::new(change), goes: false }))
        }
        // Its run stays open, and the sweep sends it again: errands that wait by themselves would add to those of each sweep.
        Err(SubmitRefusal::Disabled) => Ok(Decided::Not(Outcome::Done)),
        Err(SubmitRefusal::NotApproved { .. }) => Ok(Decided::Not(Outcome::Done)),
        Err(SubmitRefusal::ApprovalsMissing) => {
            tracing::error!(payout_id = %payout.id, "an approved payout lacks approvals that hold");
            Err(Failure::Poison)
        }
    }
}
