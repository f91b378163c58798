//! What of a payout and its payee somebody should look at before deciding: a closed list. None of them refuses anything.

use crate::refunds::RefundRate;
use chrono::{DateTime, Days, Utc};
use ledger::AccountId;
use programme::{
    account::{Account, Total},
    attribution::AttributionStatus,
    cashable::{NotCashableReason, cashable},
    payout::{Payout, PayoutAccount},
    settings::Settings,
};
use serde::Serialize;

/// An account is new for so many days.
const NEW_ACCOUNT_DAYS: u64 = 30;
/// A payout account is new for so many days.
const NEW_DESTINATION_DAYS: u64 = 14;

/// One thing to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Signal {
    /// Nothing was ever paid to the account.
    FirstPayout,
    /// It signed up a short time ago, or never did.
    NewAccount,
    /// It is closed.
    ClosedAccount,
    /// The payout account was changed a short time before the request.
    DestinationNew,
    /// The payout account was changed or is gone since the request: this payout will not be sent.
    DestinationChanged,
    /// Somebody else than the payee changed the payout account.
    DestinationChangedByOther,
    /// The account itself came by a referral that is in review.
    OwnReferralInReview,
    /// Some of its rewards are of referees in review.
    RefereesInReview,
    /// Much of its rewards was taken back again.
    HighRefundRate,
    /// More was cashed than is left.
    InDebt,
}

/// Those of an account.
pub(crate) fn of_account(account: &Account, refunds: Option<&RefundRate>, settings: &Settings, now: DateTime<Utc>) -> Vec<Signal> {
    let status = account.attribution.as_ref().map(|attribution| attribution.status);
    let is_new = match &account.attribution {
        Some(attribution) => attribution.signed_up_at.checked_add_days(Days::new(NEW_ACCOUNT_DAYS)).is_none_or(|end| now < end),
        None => true,
    };
    let debt = |reason| reason == NotCashableReason::Debt;
    let in_debt = cashable(account, settings.cashable_share, now.date_naive()).not_cashable.iter().any(|part| debt(part.reason));
    present([
        (!account.total(Total::Paid).is_positive(), Signal::FirstPayout),
        (is_new, Signal::NewAccount),
        (account.closed_at.is_some(), Signal::ClosedAccount),
        (status == Some(AttributionStatus::InReview), Signal::OwnReferralInReview),
        (account.total(Total::InReview).is_positive(), Signal::RefereesInReview),
        (refunds.is_some_and(RefundRate::is_high), Signal::HighRefundRate),
        (in_debt, Signal::InDebt),
    ])
}

/// Those of a payout's destination; `current` is the payee's payout account as it stands now.
pub(crate) fn of_destination(payout: &Payout, current: Option<&PayoutAccount>) -> Vec<Signal> {
    let frozen = &payout.destination;
    let other = |by: &AccountId| *by != payout.account;
    let is_new = frozen.changed_at.checked_add_days(Days::new(NEW_DESTINATION_DAYS)).is_none_or(|end| payout.requested_at < end);
    present([
        (is_new, Signal::DestinationNew),
        (payout.status.can_be_canceled() && !unchanged(payout, current), Signal::DestinationChanged),
        (other(&frozen.changed_by), Signal::DestinationChangedByOther),
    ])
}

/// Whether the payout account is still the one that was asked for.
pub(crate) fn unchanged(payout: &Payout, current: Option<&PayoutAccount>) -> bool {
    let frozen = &payout.destination;
    current.is_some_and(|current| (current.version, &current.digest) == (frozen.version, &frozen.digest))
}

fn present<const N: usize>(signals: [(bool, Signal); N]) -> Vec<Signal> {
    signals.into_iter().filter(|(there, _)| *there).map(|(_, signal)| signal).collect()
}
