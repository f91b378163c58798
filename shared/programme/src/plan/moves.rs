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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn id(name: &str) -> AccountId {
        AccountId::try_new(name).unwrap()
    }
    fn money(units: i64) -> Money {
        Money::from_minor(units, 0).unwrap()
    }
    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }
    fn moved(totals: &[(Total, i64)], hold: i64) -> AccountMove {
        let mut moved = AccountMove::default();
        totals.iter().for_each(|(total, units)| moved.add(*total, money(*units)));
        moved.hold(day("2026-03-20"), money(hold));
        moved
    }

    #[test]
    fn whatever_can_lower_cash_says_so() {
        use Total::{Generated, GeneratedInReview, InReview, Paid, Purchased, ReferralCash, Rental, RentalCash, Rewards, Spent};
        let cases: Vec<(&str, AccountMove, bool)> = vec![
            ("nothing", moved(&[], 0), false),
            ("a reward on hold", moved(&[(Rewards, 3)], 3), false),
            ("a reward that matured", moved(&[(Rewards, 3)], 0), false),
            ("a reward in review", moved(&[(Rewards, 3), (InReview, 3)], 0), false),
            ("a clawback of what matured", moved(&[(Rewards, -1)], 0), true),
            ("a clawback of what is on hold", moved(&[(Rewards, -1)], -1), true),
            ("a clawback of what is in review", moved(&[(Rewards, -1), (InReview, -1)], 0), false),
            ("a review that opens", moved(&[(InReview, 3)], 0), true),
            ("a review that ends well", moved(&[(InReview, -3)], 0), false),
            ("what had matured goes on hold", moved(&[], 3), true),
            ("a hold that ends", moved(&[], -3), false),
            ("more on hold than the reward grew", moved(&[(Rewards, 3)], 4), true),
            ("rent", moved(&[(Rental, 5)], 0), false),
            ("rent taken back", moved(&[(Rental, -5)], 0), true),
            ("credits bought", moved(&[(Purchased, 5)], 0), true),
            ("credits spent", moved(&[(Spent, 5)], 0), true),
            ("cash of rewards", moved(&[(ReferralCash, 5)], 0), true),
            ("cash of rent", moved(&[(RentalCash, 5)], 0), true),
            ("what only tells", moved(&[(Paid, 5), (Generated, -5), (GeneratedInReview, 5)], 0), false),
        ];
        for (name, moved, lowers) in cases {
            assert_eq!(moved.lowers_cash(), lowers, "{name}");
        }
    }

    /// One account's share of everything that moves.
    fn moves(units: i64, waiting: i64, fact_at: Option<&str>) -> Moves {
        let mut moves = Moves::default();
        let account = moves.account(&id("alice"));
        account.add(Total::Rewards, money(units));
        account.hold(day("2026-03-20"), money(units));
        account.waiting = waiting;
        account.fact_at = fact_at.map(|time| time.parse().unwrap());
        moves.earned(&id("alice"), day("2026-03-01"), None, money(units));
        moves.rented(&id("alice"), day("2026-03-02"), money(units));
        moves
    }

    #[test]
    fn what_two_move_is_added_up() {
        let mut sum = moves(3, 1, Some("2026-03-05T00:00:00Z"));
        sum.merge(moves(4, 1, Some("2026-03-04T00:00:00Z")));
        assert_eq!(sum, moves(7, 2, Some("2026-03-04T00:00:00Z")), "the first fact is the earlier one");
        sum.merge(moves(1, 0, None));
        assert_eq!(sum, moves(8, 2, Some("2026-03-04T00:00:00Z")));
        let mut other = Moves::default();
        other.account(&id("bob")).waiting = 1;
        other.rented(&id("bob"), day("2026-03-02"), money(2));
        sum.merge(other);
        assert_eq!((sum.accounts.len(), sum.earned.len(), sum.rented.len()), (2, 1, 2));
    }

    /// Neither an item nor a day is written for what came to nothing.
    #[test]
    fn what_cancels_out_is_forgotten() {
        let mut sum = moves(3, 1, None);
        sum.merge(moves(-3, -1, None));
        assert_eq!(sum, Moves::default());
        let mut counted = moves(0, 1, None);
        counted.drop_zeros();
        assert!(counted.accounts[&id("alice")].totals.is_empty() && counted.accounts[&id("alice")].holds.is_empty());
        assert_eq!((counted.accounts[&id("alice")].waiting, counted.earned.len(), counted.rented.len()), (1, 0, 0));
        let mut told = moves(0, 0, Some("2026-03-05T00:00:00Z"));
        told.drop_zeros();
        assert!(told.accounts.contains_key(&id("alice")), "a first fact is something");
    }

    #[test]
    fn holds_that_matured_are_dropped_where_the_account_is_written_anyway() {
        let days = ["2026-03-09", "2026-03-10", "2026-03-11"].map(day);
        let account = Account { holds: days.map(|day| (day, money(1))).into(), ..Account::default() };
        let mut sum = moves(3, 0, None);
        sum.drop_matured(&id("alice"), &account, day("2026-03-10"));
        sum.drop_matured(&id("bob"), &account, day("2026-03-10"));
        assert_eq!(sum.accounts[&id("alice")].matured, [days[0], days[1]].into());
        assert!(!sum.accounts.contains_key(&id("bob")));
        let mut other = moves(3, 0, None);
        other.merge(sum);
        assert_eq!(other.accounts[&id("alice")].matured.len(), 2, "they stay dropped among other moves");
    }
}
