//! What lines move in the materialised figures.

use crate::account::{Account, Total};
use chrono::{DateTime, NaiveDate, Utc};
use ledger::{AccountId, Money, TemplateId, Transfer};
use std::collections::{BTreeMap, BTreeSet};

/// A bucket of the charts: an account's figures of one day and one template (none: the plain link).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayKey {
    /// Whose.
    pub account: AccountId,
    /// Which UTC day.
    pub day: NaiveDate,
    /// By which template.
    pub template: Option<TemplateId>,
}

/// What is added to one account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountMove {
    /// Added to its totals.
    pub totals: BTreeMap<Total, Money>,
    /// Added to its holds.
    pub holds: BTreeMap<NaiveDate, Money>,
    /// Added to the number of its purchases that wait for its signup.
    pub waiting: i64,
    /// A fact of it, of this time, came in: kept where it is the first.
    pub fact_at: Option<DateTime<Utc>>,
    /// Holds that have matured, dropped along the way: they count for nothing any more, and the item stays small.
    pub matured: BTreeSet<NaiveDate>,
}

impl AccountMove {
    /// Adds to a total.
    pub fn add(&mut self, total: Total, amount: Money) {
        *self.totals.entry(total).or_default() += amount;
    }

    /// Adds to a hold.
    pub fn hold(&mut self, day: NaiveDate, amount: Money) {
        *self.holds.entry(day).or_default() += amount;
    }

    fn total(&self, total: Total) -> Money {
        self.totals.get(&total).copied().unwrap_or_default()
    }

    /// Whether it can lower what is cashable: then a reserve that was decided before it must not pass.
    #[must_use]
    pub fn lowers_cash(&self) -> bool {
        let out_of_review = self.total(Total::Rewards) - self.total(Total::InReview);
        let matured = out_of_review - self.holds.values().copied().sum();
        let moved = |total| !self.total(total).is_zero();
        out_of_review.is_negative()
            || matured.is_negative()
            || self.total(Total::Rental).is_negative()
            || [Total::Purchased, Total::Spent, Total::ReferralCash, Total::RentalCash].into_iter().any(moved)
    }

    fn is_nothing(&self) -> bool {
        self.totals.is_empty() && self.holds.is_empty() && self.waiting == 0 && self.fact_at.is_none()
    }
}

/// Transfers and all that they move.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moves {
    /// The transfers themselves.
    pub transfers: Vec<Transfer>,
    /// By account.
    pub accounts: BTreeMap<AccountId, AccountMove>,
    /// Referral earnings by day and template.
    pub earned: BTreeMap<DayKey, Money>,
    /// Rental earnings by day.
    pub rented: BTreeMap<DayKey, Money>,
}

impl Moves {
    /// The account's share, to add to.
    pub fn account(&mut self, account: &AccountId) -> &mut AccountMove {
        self.accounts.entry(account.clone()).or_default()
    }

    /// Adds to a day of the earning chart.
    pub fn earned(&mut self, account: &AccountId, day: NaiveDate, template: Option<&TemplateId>, amount: Money) {
        let key = DayKey { account: account.clone(), day, template: template.cloned() };
        *self.earned.entry(key).or_default() += amount;
    }

    /// Adds to a day of the rental chart.
    pub fn rented(&mut self, account: &AccountId, day: NaiveDate, amount: Money) {
        let key = DayKey { account: account.clone(), day, template: None };
        *self.rented.entry(key).or_default() += amount;
    }

    /// Takes in another's figures; its transfers stay in its own line.
    pub fn merge(&mut self, other: Self) {
        for (account, moved) in other.accounts {
            let mine = self.accounts.entry(account).or_default();
            moved.totals.into_iter().for_each(|(total, amount)| mine.add(total, amount));
            moved.holds.into_iter().for_each(|(day, amount)| mine.hold(day, amount));
            mine.waiting += moved.waiting;
            mine.matured.extend(moved.matured);
            mine.fact_at = [mine.fact_at, moved.fact_at].into_iter().flatten().min();
        }
        other.earned.into_iter().for_each(|(key, amount)| *self.earned.entry(key).or_default() += amount);
        other.rented.into_iter().for_each(|(key, amount)| *self.rented.entry(key).or_default() += amount);
        self.transfers.extend(other.transfers);
        self.drop_zeros();
    }

    /// Drops the matured holds of an account that is written anyway. Nobody adds to a hold that has
    /// matured, so that a figure that is some moments old is good enough.
    pub fn drop_matured(&mut self, id: &AccountId, account: &Account, today: NaiveDate) {
        if let Some(moved) = self.accounts.get_mut(id) {
            moved.matured.extend(account.holds.keys().filter(|day| **day <= today));
        }
    }

    /// Forgets what cancelled out.
    pub fn drop_zeros(&mut self) {
        for moved in self.accounts.values_mut() {
            moved.totals.retain(|_, amount| !amount.is_zero());
            moved.holds.retain(|_, amount| !amount.is_zero());
        }
        self.accounts.retain(|_, moved| !moved.is_nothing());
        self.earned.retain(|_, amount| !amount.is_zero());
        self.rented.retain(|_, amount| !amount.is_zero());
    }
}
