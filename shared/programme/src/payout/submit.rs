//! Sending an approved payout to its rail: everything that approvals were given for is checked once
//! more, and the intent is written, before anybody is called.

use super::{Actor, CancelReason, Change, Destination, Payout, PayoutAccount, PayoutStatus, RunId, Step, approvals_needed, cancel};
use crate::{account::Account, cashable::cashable, plan::Guard, settings::Programme};
use chrono::{DateTime, Utc};
use ledger::AccountId;
use std::collections::BTreeSet;

/// What sending is decided on.
#[derive(Debug, Clone, Copy)]
pub struct Submit<'a> {
    /// The payout as it was read.
    pub payout: &'a Payout,
    /// The run that sends it.
    pub run: &'a RunId,
    /// Who of finance ordered the run.
    pub ordered_by: &'a AccountId,
    /// When.
    pub now: DateTime<Utc>,
    /// The settings over time: those of the request, of the approvals and of now are needed.
    pub programme: &'a Programme,
    /// Whether the kill switch lets money out, as it was read a moment ago.
    pub switched_on: bool,
    /// The payout account of the payout's rail, as it stands now, and what it pays to.
    pub current: Option<(&'a PayoutAccount, &'a Destination)>,
    /// The payee's figures as they were read.
    pub figures: &'a Account,
}

/// What becomes of an approved payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// The intent: once it is written the rail is called.
    Intended(Box<Change>),
    /// The money is no longer there: it is canceled, and no rail is called.
    ClawedBack(Box<Change>),
}

/// Why a payout is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitRefusal {
    /// It is not waiting to be sent.
    #[error("the payout is {status}, not approved")]
    NotApproved {
        /// Where it stands.
        status: PayoutStatus,
    },
    /// The kill switch or the settings hold all payouts back.
    #[error("payouts are switched off")]
    Disabled,
    /// The payout account is no longer the one that was approved.
    #[error("the payout account was changed after the request")]
    DestinationChanged,
    /// Fewer different people approved it than had to.
    #[error("approvals are missing")]
    ApprovalsMissing,
}

/// Decides the sending of a payout, good as long as nothing lowers what the payee can cash.
///
/// The payout's own reserve is part of the figures, so what is left beside it must not be below zero. The
/// share that can be cashed is that of the time of the request: a lower one since then takes nothing back.
///
/// # Errors
/// [`SubmitRefusal`]: the first rule that it breaks.
pub fn submit(asked: &Submit<'_>) -> Result<Submitted, SubmitRefusal> {
    let payout = asked.payout;
    let (settings_version, settings) = asked.programme.at(asked.now);
    if payout.status != PayoutStatus::Approved {
        return Err(SubmitRefusal::NotApproved { status: payout.status });
    }
    if !asked.switched_on || !settings.payouts_enabled {
        return Err(SubmitRefusal::Disabled);
    }
    let frozen = &payout.destination;
    let holds = |account: &PayoutAccount, to: &Destination| {
        (account.version, &account.digest, to.rail()) == (frozen.version, &frozen.digest, frozen.rail)
    };
    let to = asked.current.filter(|(account, to)| holds(account, to)).ok_or(SubmitRefusal::DestinationChanged)?.1;
    if !approved_by_enough(payout, asked.programme) {
        return Err(SubmitRefusal::ApprovalsMissing);
    }
    let not_approved = |_| SubmitRefusal::NotApproved { status: payout.status };
    let guard = Guard::CashVersion(asked.figures.cash_version);
    if !is_covered(asked) {
        let mut change = cancel(payout, Actor::System, CancelReason::ClawedBack, asked.now).map_err(not_approved)?;
        change.plan.guards.insert(payout.account.clone(), guard);
        return Ok(Submitted::ClawedBack(Box::new(change)));
    }
    let step = Step::Submitting {
        run: asked.run.clone(),
        ordered_by: asked.ordered_by.clone(),
        key: payout.key(),
        destination: frozen.digest.clone(),
        destination_version: frozen.version,
        settings_version,
    };
    let moves = crate::plan::Moves::default();
    let mut change = Change::next(payout, PayoutStatus::Submitting, asked.now, Actor::System, step, moves).map_err(not_approved)?;
    change.payout.run = Some(asked.run.clone());
    change.payout.submitting_since = Some(asked.now);
    change.payout.to = Some(to.clone());
    change.plan.guards.insert(payout.account.clone(), guard);
    Ok(Submitted::Intended(Box::new(change)))
}

/// Whether enough different people approved it, by the settings of the time at which the last of them did.
fn approved_by_enough(payout: &Payout, programme: &Programme) -> bool {
    let lawful = |by: &AccountId| *by != payout.account && *by != payout.destination.changed_by;
    let people: BTreeSet<&AccountId> = payout.approvals_that_hold().map(|approval| &approval.by).filter(|by| lawful(by)).collect();
    let last = payout.approvals_that_hold().map(|approval| approval.at).max();
    last.is_some_and(|at| people.len() >= approvals_needed(payout, programme.at(at).1))
}

fn is_covered(asked: &Submit<'_>) -> bool {
    #[cfg(feature = "bugs")]
    if crate::bug::active(crate::bug::Bug::SubmitWithoutMoneyCheck) {
        return true;
    }
    let share = asked.programme.at(asked.payout.requested_at).1.cashable_share;
    let left = cashable(asked.figures, share, asked.now.date_naive());
    !(left.referral + left.rental).is_negative()
}
