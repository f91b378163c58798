//! An account as the rules see it: its totals, holds, attribution.

use crate::attribution::Attribution;
use chrono::{DateTime, NaiveDate, Utc};
use ledger::Money;
use std::collections::BTreeMap;

/// The totals of an account that rules check. Each is the sum of the ledger lines that moved it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Total {
    /// P: credits bought, net.
    Purchased,
    /// U: credits spent.
    Spent,
    /// R: rewards net of clawbacks, those in review included.
    Rewards,
    /// W: the part of R from referees in review.
    InReview,
    /// C: referral cash taken or in flight.
    ReferralCash,
    /// E: rental earnings.
    Rental,
    /// K: rental cash taken or in flight.
    RentalCash,
    /// X: the part of C and K that was paid.
    Paid,
    /// G: the rewards that this account's purchases earned its referrer.
    Generated,
    /// GW: the part of G that is in review.
    GeneratedInReview,
}

impl Total {
    /// Every total.
    pub const ALL: [Self; 10] = [
        Self::Purchased,
        Self::Spent,
        Self::Rewards,
        Self::InReview,
        Self::ReferralCash,
        Self::Rental,
        Self::RentalCash,
        Self::Paid,
        Self::Generated,
        Self::GeneratedInReview,
    ];
}

/// An account's materialised figures and its own attribution.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// Every total that is not zero.
    pub totals: BTreeMap<Total, Money>,
    /// Rewards not yet matured, by the day on whose 00:00 UTC they do. Days in the past may linger.
    pub holds: BTreeMap<NaiveDate, Money>,
    /// How many accounts are attributed to it.
    pub referrals: u64,
    /// Purchases of it that were merged before its signup was known.
    pub waiting: u64,
    /// Its own attribution; none before its signup.
    pub attribution: Option<Attribution>,
    /// The time of the first fact of it that came in.
    pub first_fact: Option<DateTime<Utc>>,
    /// Since when it is closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Counts the writes that can lower what is cashable: a reserve holds only on the version it was decided on.
    pub cash_version: u64,
}

impl Account {
    /// A total.
    #[must_use]
    pub fn total(&self, total: Total) -> Money {
        self.totals.get(&total).copied().unwrap_or_default()
    }

    /// H: rewards that mature after `today`, an UTC day.
    #[must_use]
    pub fn on_hold(&self, today: NaiveDate) -> Money {
        self.holds.iter().filter(|(day, _)| **day > today).map(|(_, amount)| *amount).sum()
    }

    /// Purchased credits left: max(0, P − U).
    #[must_use]
    pub fn purchased_left(&self) -> Money {
        (self.total(Total::Purchased) - self.total(Total::Spent)).floor_zero()
    }

    /// What was spent beyond the purchased credits, and so out of referral credits: max(0, U − P).
    #[must_use]
    pub fn spent_beyond(&self) -> Money {
        (self.total(Total::Spent) - self.total(Total::Purchased)).floor_zero()
    }

    /// Referral credits left: R − C − max(0, U − P). Negative after a clawback of what was cashed or spent.
    #[must_use]
    pub fn referral_left(&self) -> Money {
        self.total(Total::Rewards) - self.total(Total::ReferralCash) - self.spent_beyond()
    }

    /// Rental earnings left: E less the cash taken.
    #[must_use]
    pub fn rental_left(&self) -> Money {
        self.total(Total::Rental) - self.total(Total::RentalCash)
    }

    /// Total earnings: R + E, net of clawbacks, paid and unpaid.
    #[must_use]
    pub fn total_earnings(&self) -> Money {
        self.total(Total::Rewards) + self.total(Total::Rental)
    }

    /// Payouts not yet ended.
    #[must_use]
    pub fn in_payout(&self) -> Money {
        self.total(Total::ReferralCash) + self.total(Total::RentalCash) - self.total(Total::Paid)
    }

    /// Current balance: total earnings less what was paid out and referral credits spent; payouts in flight are still in it.
    #[must_use]
    pub fn balance(&self) -> Money {
        self.total_earnings() - self.total(Total::Paid) - self.spent_beyond()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn referral_credits_left_are_net_of_cash_and_of_spending_beyond_the_purchased() {
        // R, C, U, P and what is left.
        for (rewards, cash, spent, purchased, left) in [
            (0, 0, 0, 0, 0),
            (30, 0, 0, 0, 30),
            (30, 12, 0, 0, 18),
            (30, 0, 7, 0, 23),
            (30, 0, 7, 5, 28),
            (30, 0, 5, 7, 30),
            (30, 12, 7, 5, 16),
            (18, 22, 3, 0, -7),
        ] {
            let totals = [(Total::Rewards, rewards), (Total::ReferralCash, cash), (Total::Spent, spent), (Total::Purchased, purchased)];
            let money = |units: i64| Money::from_minor(units, 0).unwrap();
            let account = Account { totals: totals.map(|(total, units)| (total, money(units))).into(), ..Account::default() };
            assert_eq!(account.referral_left(), money(left), "{totals:?}");
        }
    }
}
