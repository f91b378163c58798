//! Calls to a rail about one payout, and what is concluded from each answer.

use crate::{
    App,
    batch::{Failure, Outcome},
    leave::Leave,
    steps, sweep,
};
use chrono::{DateTime, Utc};
use edge::telemetry::metrics::{PAYOUT_CONTRADICTIONS, RAIL_ERRORS};
use programme::payout::{Errand, Payout, PayoutStatus, RailDoubt, Sighting};
use rails::{Held, Order, Rail, RailError};
use store::records::lease::Lease;

/// Seconds until a rail that takes no requests is asked again.
const BUSY_SECONDS: u16 = 30;
/// Seconds until a payout of unknown outcome is looked at for the first time; after that the sweep does.
const LOOK_SECONDS: u16 = 60;
/// Seconds until a rail that does not accept our access is tried again: somebody has to mend it first.
const MISCONFIGURED_SECONDS: u16 = 900;

/// Whether an attempt may have reached the rail before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// Surely none: the intent was written a moment ago, by this very piece of work.
    First,
    /// One may have.
    Again,
}

/// Brings a payout on whose intent stands: sends it the first time; later asks what became of it, and sends the same
/// again under the same key where the rail has nothing.
pub(crate) async fn resolve(app: &App, payout: Payout, attempt: Attempt, lease: &Lease, now: DateTime<Utc>) -> Result<Outcome, Failure> {
    let Some((rail, order)) = order(app, &payout, attempt, now)? else { return Ok(Outcome::Later(MISCONFIGURED_SECONDS)) };
    let told = match attempt {
        Attempt::Again if rail.can_look_up(&order) => match rail.look_up(&order).await {
            Ok(Sighting::Absent) => rail.submit(&order, &Leave { app, lease, now }).await,
            told => told,
        },
        Attempt::First | Attempt::Again => rail.submit(&order, &Leave { app, lease, now }).await,
    };
    let (id, at_once) = (payout.id.clone(), matches!(told, Ok(Sighting::Paid { .. } | Sighting::Returned { .. })));
    let outcome = conclude(app, payout, rail, &order, told, lease, now).await?;
    // Until this step stood the rail's id led nowhere: a webhook about what came back meanwhile was taken for somebody
    // else's, and no sweep comes to what is paid.
    if at_once {
        app.send(&[Errand::Look { payout: id }], LOOK_SECONDS).await.map_err(|_| Failure::Outage)?;
    }
    Ok(outcome)
}

/// Asks what became of a payout that a rail had; nothing is ever sent.
pub(crate) async fn look(app: &App, payout: Payout, lease: &Lease, now: DateTime<Utc>) -> Result<Outcome, Failure> {
    let Some((rail, order)) = order(app, &payout, Attempt::Again, now)? else { return Ok(Outcome::Later(MISCONFIGURED_SECONDS)) };
    if !rail.can_look_up(&order) {
        return Ok(Outcome::Done);
    }
    let told = rail.look_up(&order).await;
    conclude(app, payout, rail, &order, told, lease, now).await
}

async fn conclude(
    app: &App,
    payout: Payout,
    rail: &dyn Rail,
    order: &Order,
    told: Result<Sighting, RailError>,
    lease: &Lease,
    now: DateTime<Utc>,
) -> Result<Outcome, Failure> {
    let name = rail.rail().as_str();
    let error = match told {
        Ok(sighting) => return steps::follow(app, payout, &sighting, lease, now).await,
        Err(error) => error,
    };
    tracing::warn!(payout_id = %payout.id, rail = name, %error, private = error.private_half(), "a rail's answer");
    match error {
        RailError::Unknown(doubt) => doubtful(app, payout, doubt, lease, now).await,
        RailError::Busy => Ok(Outcome::Later(BUSY_SECONDS)),
        // Sending is over; what it has may still be asked.
        RailError::Closed => {
            RAIL_ERRORS.count(1, name, Some("closed"));
            if rail.can_look_up(order)
                && let Ok(sighting) = rail.look_up(order).await
                && sighting != Sighting::Absent
            {
                return steps::follow(app, payout, &sighting, lease, now).await;
            }
            // Nobody is sending it any more: it waits, reserved, until it is known what became of it.
            doubtful(app, payout, RailDoubt::NoAnswer, lease, now).await
        }
        RailError::Misconfigured(_) => {
            RAIL_ERRORS.count(1, name, Some("misconfigured"));
            Ok(Outcome::Later(MISCONFIGURED_SECONDS))
        }
        RailError::Conflict => {
            PAYOUT_CONTRADICTIONS.count(1, name, Some(payout.id.as_str()));
            // Nothing is known of the payment that this payout should have: it waits for a person, reserved.
            steps::note_doubt(app, payout, RailDoubt::Unreadable, lease, now).await.map(|()| Outcome::Done)
        }
        // Reserved, with its intent: the sweep asks again.
        RailError::Held(Held::SwitchedOff) => steps::note_doubt(app, payout, RailDoubt::NoAnswer, lease, now).await.map(|()| Outcome::Done),
        RailError::Held(Held::LeaseLost) => Ok(Outcome::Done),
        RailError::Held(Held::Outage) => Err(Failure::Outage),
    }
}

/// The outcome is unknown: the reserve stays, and the rail is asked soon.
async fn doubtful(app: &App, payout: Payout, doubt: RailDoubt, lease: &Lease, now: DateTime<Utc>) -> Result<Outcome, Failure> {
    let first = payout.status == PayoutStatus::Submitting;
    let id = payout.id.clone();
    if !sweep::comes_to(payout.status) {
        // Somebody told that something became of it, and nobody else asks.
        return Ok(Outcome::Later(LOOK_SECONDS));
    }
    steps::note_doubt(app, payout, doubt, lease, now).await?;
    if first && app.send(&[Errand::Look { payout: id }], LOOK_SECONDS).await.is_err() {
        tracing::debug!("the sweep looks at it");
    }
    Ok(Outcome::Done)
}

/// What a rail is asked with; none where this platform does not offer the rail at the moment.
fn order<'a>(app: &'a App, payout: &Payout, attempt: Attempt, now: DateTime<Utc>) -> Result<Option<(&'a dyn Rail, Order)>, Failure> {
    let (Some(destination), Some(intended_at)) = (payout.to.clone(), payout.submitting_since) else {
        // It ended before any intent.
        tracing::error!(payout_id = %payout.id, status = payout.status.as_str(), "a payout without its intent");
        return Err(Failure::Poison);
    };
    let Some(rail) = app.rails.get(payout.destination.rail) else {
        RAIL_ERRORS.count(1, payout.destination.rail.as_str(), Some("not offered"));
        return Ok(None);
    };
    let order = Order {
        payout: payout.id.clone(),
        account: payout.account.clone(),
        amount: payout.amount,
        currency: payout.currency.clone(),
        destination,
        key: payout.key(),
        intended_at,
        now,
        reference: payout.reference.clone(),
        attempted: attempt == Attempt::Again,
    };
    Ok(Some((rail, order)))
}
