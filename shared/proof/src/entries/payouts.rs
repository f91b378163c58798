//! What payouts say of their account, and approvals of their day.

use super::{Entry, ONE, Owner, Sink, count};
use chrono::{DateTime, NaiveDate, Utc};
use ledger::Money;
use programme::payout::{Payout, PayoutEvent, PayoutStatus, Step};

/// What a payout's head says of its account: that it is open, and how much was asked for on a day of `today` or later.
///
/// What was let go of on the day of the request can be asked for again on it, so that it does not count. `ended` is when
/// the payout's newest record was written.
pub(crate) fn head(payout: &Payout, ended: Option<DateTime<Utc>>, today: NaiveDate, sink: &mut impl Sink) {
    let owner = Owner::Account(payout.account.clone());
    if payout.status.is_reserved() {
        sink.told(&owner, Entry::OpenPayouts, payout.amount);
        sink.told(&owner, Entry::OpenPayout(payout.id.clone(), payout.destination.rail), count(ONE));
    }
    let asked_on = payout.requested_at.date_naive();
    let let_go = match payout.status {
        PayoutStatus::Rejected | PayoutStatus::Canceled | PayoutStatus::Failed => ended.map(|at| at.date_naive()) == Some(asked_on),
        PayoutStatus::Requested
        | PayoutStatus::Approved
        | PayoutStatus::Submitting
        | PayoutStatus::Submitted
        | PayoutStatus::Unknown
        | PayoutStatus::Paid
        | PayoutStatus::Returned => false,
    };
    if asked_on >= today && !let_go {
        sink.told(&owner, Entry::AskedOn(asked_on), payout.amount);
    }
}

/// What an approval that was the last one needed adds to its day.
pub(crate) fn approved(at: DateTime<Utc>, event: &PayoutEvent, sink: &mut impl Sink) {
    if let (PayoutStatus::Approved, Step::ApprovalGiven { amount, .. }) = (event.status, &event.step) {
        sink.told(&Owner::Day(at.date_naive()), Entry::Approved, *amount);
    }
}

/// What a day's item keeps of its approvals.
pub(crate) fn approved_day(day: NaiveDate, amount: Money, sink: &mut impl Sink) {
    sink.kept(&Owner::Day(day), Entry::Approved, amount);
}
