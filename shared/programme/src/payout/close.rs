//! Ending a payout before a rail had it: rejected or canceled, its reserve released.

use super::{Actor, CancelReason, Change, IllegalStep, Payout, PayoutStatus, Step, transfers};
use chrono::{DateTime, Utc};
use ledger::AccountId;

/// The longest reason, in characters.
const REASON_MAX: usize = 500;

/// A text is no reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a reason is 1 to {REASON_MAX} characters without control characters")]
pub struct ReasonError;

/// Why finance did something, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// Takes a text as a reason.
    ///
    /// # Errors
    /// [`ReasonError`] where it is blank, too long, or has control characters.
    pub fn try_new(text: &str) -> Result<Self, ReasonError> {
        let text = text.trim();
        let fits = (1..=REASON_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(ReasonError) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Finance refuses a payout.
///
/// # Errors
/// [`IllegalStep`] unless it is waiting for finance.
pub fn reject(payout: &Payout, by: &AccountId, reason: &Reason, now: DateTime<Utc>) -> Result<Change, IllegalStep> {
    let step = Step::Rejected { reason: reason.as_str().to_owned() };
    let mut change = Change::next(payout, PayoutStatus::Rejected, now, Actor::Finance(by.clone()), step, transfers::release(payout))?;
    change.payout.reason = Some(reason.as_str().to_owned());
    Ok(change)
}

/// A payout is called off.
///
/// # Errors
/// [`IllegalStep`] where a rail may have it, and where it has ended.
pub fn cancel(payout: &Payout, by: Actor, reason: CancelReason, now: DateTime<Utc>) -> Result<Change, IllegalStep> {
    let mut change = Change::next(payout, PayoutStatus::Canceled, now, by, Step::Canceled { reason }, transfers::release(payout))?;
    change.payout.reason = Some(reason.as_str().to_owned());
    Ok(change)
}
