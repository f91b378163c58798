//! Approving: it moves no money, and everything that could make it the wrong person's or the wrong
//! destination's is checked here.

use super::{Actor, Approval, Change, Payout, PayoutAccount, PayoutStatus, Step};
use crate::{plan::Moves, settings::Settings};
use chrono::{DateTime, Utc};
use ledger::{AccountId, Money};

/// What an approval is decided on.
#[derive(Debug, Clone, Copy)]
pub struct Approve<'a> {
    /// The payout as it was read.
    pub payout: &'a Payout,
    /// Who approves.
    pub by: &'a AccountId,
    /// The version that the person saw.
    pub version: u32,
    /// When.
    pub now: DateTime<Utc>,
    /// Version and settings in force.
    pub settings: (u32, &'a Settings),
    /// The payout account of the payout's rail, as it stands now.
    pub current: Option<&'a PayoutAccount>,
    /// What was approved for all accounts today.
    pub approved_today: Money,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approved {
    /// The same person approved it before: nothing changes.
    Already,
    /// It counts.
    Now(Box<Change>),
}

/// Why an approval is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalRefusal {
    /// The payee approves nothing of her own, however small.
    #[error("Nobody approves their own payout.")]
    OwnPayout,
    /// Nobody approves a destination that they changed.
    #[error("Who changed the payout account does not approve payouts to it.")]
    OwnDestination,
    /// The payout has moved on since the person looked.
    #[error("The payout has changed since it was read.")]
    Stale,
    /// It is past approving.
    #[error("The payout is not waiting for an approval.")]
    NotRequested,
    /// The payout account is no longer the one that was asked for.
    #[error("The payout account was changed after the request.")]
    DestinationChanged,
    /// The payout account was changed too recently.
    #[error("The payout account was changed a short time ago and opens later.")]
    DestinationCooldown {
        /// When it opens.
        opens_at: DateTime<Utc>,
    },
    /// Above what may be approved for all accounts in a day.
    #[error("The amount is above what is left of today's limit for all accounts.")]
    GlobalDailyLimit {
        /// What is left of it.
        left: Money,
    },
}

/// How many different people must approve this payout.
#[must_use]
pub fn approvals_needed(payout: &Payout, settings: &Settings) -> usize {
    if payout.amount > settings.four_eyes_above { 2 } else { 1 }
}

/// Decides an approval.
///
/// # Errors
/// [`ApprovalRefusal`]: the first rule that it breaks.
pub fn approve(asked: &Approve<'_>) -> Result<Approved, ApprovalRefusal> {
    let (settings_version, settings) = asked.settings;
    let payout = asked.payout;
    #[cfg(feature = "bugs")]
    let lenient = crate::bug::lenient(settings);
    #[cfg(feature = "bugs")]
    let settings = &lenient;
    let (own, own_destination) = (*asked.by == payout.account, *asked.by == payout.destination.changed_by);
    #[cfg(feature = "bugs")]
    let (own, own_destination) = if crate::bug::active(crate::bug::Bug::OwnApproval) { (false, false) } else { (own, own_destination) };
    if own {
        return Err(ApprovalRefusal::OwnPayout);
    }
    if own_destination {
        return Err(ApprovalRefusal::OwnDestination);
    }
    if payout.approvals_that_hold().any(|approval| approval.by == *asked.by) {
        return Ok(Approved::Already);
    }
    if payout.status != PayoutStatus::Requested {
        return Err(ApprovalRefusal::NotRequested);
    }
    if payout.version != asked.version {
        return Err(ApprovalRefusal::Stale);
    }
    destination_holds(asked, settings)?;
    let needed = approvals_needed(payout, settings);
    let status = if payout.approvals_that_hold().count() + 1 >= needed { PayoutStatus::Approved } else { PayoutStatus::Requested };
    let left = (settings.global_daily_limit - asked.approved_today).floor_zero();
    if status == PayoutStatus::Approved && payout.amount > left {
        return Err(ApprovalRefusal::GlobalDailyLimit { left });
    }
    let step = Step::ApprovalGiven {
        amount: payout.amount,
        destination: payout.destination.digest.clone(),
        destination_version: payout.destination.version,
        needed,
        settings_version,
    };
    let mut change = Change::next(payout, status, asked.now, Actor::Finance(asked.by.clone()), step, Moves::default())
        .map_err(|_| ApprovalRefusal::NotRequested)?;
    change.payout.approvals.push(Approval {
        by: asked.by.clone(),
        at: asked.now,
        amount: payout.amount,
        destination: payout.destination.digest.clone(),
        destination_version: payout.destination.version,
    });
    Ok(Approved::Now(Box::new(change)))
}

fn destination_holds(asked: &Approve<'_>, settings: &Settings) -> Result<(), ApprovalRefusal> {
    let frozen = &asked.payout.destination;
    let current = asked.current.ok_or(ApprovalRefusal::DestinationChanged)?;
    if (current.version, &current.digest) != (frozen.version, &frozen.digest) {
        return Err(ApprovalRefusal::DestinationChanged);
    }
    let opens_at = current.opens_at(settings);
    if asked.now < opens_at { Err(ApprovalRefusal::DestinationCooldown { opens_at }) } else { Ok(()) }
}
