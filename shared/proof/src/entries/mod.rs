//! The figures that are kept twice: by the lines that moved them, and materialised beside them.
//!
//! Every record gives its share of such figures, as the lines have them or as they are kept. The streaming pass adds
//! both into a sketch; a look at one account gathers its share of them and compares.

mod accounts;
mod lines;
mod payouts;

pub(crate) use accounts::{ReviewStands, book, figures, month, referral, review};
pub(crate) use lines::moved;
pub(crate) use payouts::{approved, approved_day, head};

use chrono::NaiveDate;
use ledger::{AccountId, Money, Rail, TemplateId};
use programme::{account::Total, payout::PayoutId};
use store::records::{
    account::{hold_name, total_name},
    month::Series,
};

/// Whose a figure is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// An account's.
    Account(AccountId),
    /// An UTC day's.
    Day(NaiveDate),
}

impl Owner {
    /// As a sketch names it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Account(id) => format!("a{id}"),
            Self::Day(day) => format!("d{day}"),
        }
    }

    /// Reads such a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name.strip_prefix('a') {
            Some(id) => AccountId::try_new(id).ok().map(Self::Account),
            None => name.strip_prefix('d')?.parse().ok().map(Self::Day),
        }
    }
}

/// A figure that is kept twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Entry {
    /// A total of an account.
    Total(Total),
    /// A reward that has not matured, by its day.
    Hold(NaiveDate),
    /// Purchases that wait for the buyer's signup.
    Waiting,
    /// By usage: the credits bought that count for what the account earns its referrer.
    CountedBought,
    /// By usage: the credits spent that do.
    CountedSpent,
    /// The number of referrals, and the signups of all days.
    Referrals,
    /// A bucket of the charts; clicks have none here, since what they count expires.
    Chart(Series, NaiveDate, Option<TemplateId>),
    /// What is in payout, by the transfers.
    InPayout,
    /// What is in payout, by the heads of payouts.
    OpenPayouts,
    /// An open payout in the account's book.
    OpenPayout(PayoutId, Rail),
    /// What was asked for on a day.
    AskedOn(NaiveDate),
    /// How an attribution's review stands.
    Review(ReviewStands),
    /// Dated: signups of a day that attributions tell.
    Signups(NaiveDate, Option<TemplateId>),
    /// Dated: what was approved on the day whose figure it is.
    Approved,
}

impl Entry {
    /// Whether what it counts bears its own date, so that it stands still once that day is over.
    pub(crate) const fn is_dated(&self) -> bool {
        match self {
            Self::Signups(..) | Self::Approved => true,
            Self::Total(_)
            | Self::Hold(_)
            | Self::Waiting
            | Self::CountedBought
            | Self::CountedSpent
            | Self::Referrals
            | Self::Chart(..)
            | Self::InPayout
            | Self::OpenPayouts
            | Self::OpenPayout(..)
            | Self::AskedOn(_)
            | Self::Review(_) => false,
        }
    }

    /// The invariant that it agrees.
    pub(crate) const fn invariant(&self) -> &'static str {
        match self {
            Self::Total(_) => "balances_equal_lines",
            Self::Hold(_) => "holds_equal_lines",
            Self::Waiting => "waiting_equals_lines",
            Self::CountedBought | Self::CountedSpent => "usage_counts_equal_lines",
            Self::Referrals | Self::Signups(..) => "referral_counts_equal_attributions",
            Self::Chart(..) => "charts_equal_lines",
            Self::InPayout => "in_payout_equals_lines",
            Self::OpenPayouts => "in_payout_equals_open_payouts",
            Self::OpenPayout(..) | Self::AskedOn(_) => "payout_books_equal_payouts",
            Self::Review(_) => "reviews_equal_attributions",
            Self::Approved => "approved_days_equal_approvals",
        }
    }

    /// Every invariant of an entry.
    pub(crate) const INVARIANTS: [&'static str; 11] = [
        "balances_equal_lines",
        "holds_equal_lines",
        "waiting_equals_lines",
        "usage_counts_equal_lines",
        "referral_counts_equal_attributions",
        "charts_equal_lines",
        "in_payout_equals_lines",
        "in_payout_equals_open_payouts",
        "payout_books_equal_payouts",
        "reviews_equal_attributions",
        "approved_days_equal_approvals",
    ];

    /// The item that keeps it, where it is an account's.
    pub(crate) fn key(&self, account: &AccountId) -> String {
        match self {
            Self::Chart(_, day, template) => {
                format!("account#{account}/m#{}#{}", day.format("%Y-%m"), template.as_ref().map_or("-", TemplateId::as_str))
            }
            Self::OpenPayout(..) | Self::AskedOn(_) => format!("account#{account}/payouts"),
            Self::Review(_) => format!("review#{account}/-"),
            Self::CountedBought | Self::CountedSpent => format!("usage_reward#{account}"),
            Self::Total(_)
            | Self::Hold(_)
            | Self::Waiting
            | Self::Referrals
            | Self::InPayout
            | Self::OpenPayouts
            | Self::Signups(..)
            | Self::Approved => format!("account#{account}/n"),
        }
    }

    /// The figure in words.
    pub(crate) fn what(&self) -> String {
        match self {
            Self::Total(total) => total_name(*total).to_owned(),
            Self::Hold(day) => format!("the hold {} until {day}", hold_name(*day)),
            Self::Waiting => "the number of purchases that wait".to_owned(),
            Self::CountedBought => "what counts of its purchases".to_owned(),
            Self::CountedSpent => "what counts of its usage".to_owned(),
            Self::Referrals => "the number of referrals".to_owned(),
            Self::Chart(series, day, _) => series.name(*day),
            Self::InPayout | Self::OpenPayouts => "in payout".to_owned(),
            Self::OpenPayout(id, rail) => format!("the open payout {id} by {rail}"),
            Self::AskedOn(day) => format!("what was asked for on {day}"),
            Self::Review(stands) => format!("a review that is {}", stands.as_str()),
            Self::Signups(day, _) => format!("the signups of {day}"),
            Self::Approved => "what was approved".to_owned(),
        }
    }
}

/// Takes shares of figures.
pub(crate) trait Sink {
    /// A share of a figure as the lines, or what stands for them, have it.
    fn told(&mut self, owner: &Owner, entry: Entry, amount: Money);
    /// A share of a figure as it is materialised.
    fn kept(&mut self, owner: &Owner, entry: Entry, amount: Money);
}

/// A count as a figure.
fn count(number: u64) -> Money {
    i64::try_from(number).ok().and_then(|number| Money::from_minor(number, 0).ok()).unwrap_or_default()
}

const ONE: u64 = 1;
