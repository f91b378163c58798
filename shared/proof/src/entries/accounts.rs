//! What an account's items keep.

use super::{Entry, ONE, Owner, Sink, count};
use crate::report::Report;
use chrono::NaiveDate;
use ledger::{AccountId, Money};
use programme::{
    account::{Account, Total},
    attribution::{Attribution, AttributionReason, AttributionStatus},
    review::Verdict,
};
use serde::{Deserialize, Serialize};
use store::records::{
    book::PayoutBook,
    month::{Bucket, Series},
    review::Review,
};

/// How an attribution's review stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum ReviewStands {
    /// Finance is to look at it.
    Open,
    /// It ended well.
    Cleared,
    /// It was confirmed.
    Confirmed,
}

impl ReviewStands {
    /// In words.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Cleared => "cleared",
            Self::Confirmed => "confirmed",
        }
    }
}

/// How the review stands that an attribution tells of: only reviews change one.
fn review_by_attribution(attribution: &Attribution) -> Option<ReviewStands> {
    match attribution.status {
        AttributionStatus::InReview => Some(ReviewStands::Open),
        AttributionStatus::Refused if attribution.reason == Some(AttributionReason::Confirmed) => Some(ReviewStands::Confirmed),
        AttributionStatus::Attributed if attribution.version > 1 => Some(ReviewStands::Cleared),
        AttributionStatus::Attributed | AttributionStatus::Refused | AttributionStatus::None => None,
    }
}

/// How a review stands, by its own marker.
pub(crate) fn review(review: &Review, sink: &mut impl Sink) {
    let stands = match review.decided.as_ref().map(|decided| decided.verdict) {
        None => ReviewStands::Open,
        Some(Verdict::Clear) => ReviewStands::Cleared,
        Some(Verdict::Confirm) => ReviewStands::Confirmed,
    };
    sink.told(&Owner::Account(review.account.clone()), Entry::Review(stands), count(ONE));
}

/// The figures of an account, those that matured on `today` or before left out.
pub(crate) fn figures(id: &AccountId, account: &Account, today: NaiveDate, report: &mut Report, sink: &mut impl Sink) {
    let owner = Owner::Account(id.clone());
    let mut keep = |entry: Entry, amount: Money| {
        report.looked(entry.invariant());
        if !amount.is_zero() {
            sink.kept(&owner, entry, amount);
        }
    };
    for total in Total::ALL.into_iter().filter(|total| account.totals.contains_key(total)) {
        keep(Entry::Total(total), account.total(total));
    }
    account.holds.iter().filter(|(day, _)| **day > today).for_each(|(day, amount)| keep(Entry::Hold(*day), *amount));
    keep(Entry::Waiting, count(account.waiting));
    keep(Entry::Referrals, count(account.referrals));
    keep(Entry::InPayout, account.in_payout());
    keep(Entry::OpenPayouts, account.in_payout());
    if let Some(stands) = account.attribution.as_ref().and_then(review_by_attribution) {
        keep(Entry::Review(stands), count(ONE));
    }
}

/// The referral that an account's attribution credits, on the day of its signup.
pub(crate) fn referral(attribution: &Attribution, sink: &mut impl Sink) {
    if let Some(credit) = attribution.counting() {
        let entry = Entry::Signups(attribution.signed_up_at.date_naive(), credit.template.clone());
        sink.told(&Owner::Account(credit.referrer.clone()), entry, count(ONE));
    }
}

/// The buckets of a month.
pub(crate) fn month(id: &AccountId, buckets: &[Bucket], report: &mut Report, sink: &mut impl Sink) {
    let owner = Owner::Account(id.clone());
    for bucket in buckets {
        match bucket.series {
            Series::Clicks => {}
            Series::Signups => {
                report.looked(Entry::Referrals.invariant());
                sink.told(&owner, Entry::Referrals, bucket.figure);
                sink.kept(&owner, Entry::Signups(bucket.day, bucket.template.clone()), bucket.figure);
            }
            Series::Earned | Series::Rented => {
                let entry = Entry::Chart(bucket.series, bucket.day, bucket.template.clone());
                report.looked(entry.invariant());
                sink.kept(&owner, entry, bucket.figure);
            }
        }
    }
}

/// An account's payout book. Days before `today` are forgotten when it is written: they count for nothing.
pub(crate) fn book(id: &AccountId, book: &PayoutBook, today: NaiveDate, report: &mut Report, sink: &mut impl Sink) {
    let owner = Owner::Account(id.clone());
    let mut keep = |entry: Entry, amount: Money| {
        report.looked(entry.invariant());
        sink.kept(&owner, entry, amount);
    };
    book.open.iter().for_each(|(payout, rail)| keep(Entry::OpenPayout(payout.clone(), *rail), count(ONE)));
    book.requested.iter().filter(|(day, _)| **day >= today).for_each(|(day, amount)| keep(Entry::AskedOn(*day), *amount));
}
