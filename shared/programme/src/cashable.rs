//! What an account can cash out, and what of its balance it cannot, and why: the reasons are a
//! closed list, and their amounts add up to the balance.

use crate::account::{Account, Total};
use chrono::NaiveDate;
use ledger::{Money, Rate};
use serde::{Deserialize, Serialize};

/// Why part of a balance can't be cashed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotCashableReason {
    /// Rewards of referees in review.
    Review,
    /// Rewards that have not matured.
    Hold,
    /// The part of rewards that stays credit.
    Share,
    /// Purchased credits are left; they are spent first.
    PurchasedCredits,
    /// Reserved by a payout that has not ended; still part of the balance.
    InPayout,
    /// More was cashed than is left after clawbacks: negative; later rewards fill it first.
    Debt,
}

/// A part of the balance that can't be cashed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCashable {
    /// Why.
    pub reason: NotCashableReason,
    /// How much. Negative for [`NotCashableReason::Debt`] alone.
    pub amount: Money,
    /// For a hold: the UTC day on which the next part matures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// For purchased credits: how much to spend first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spend_first: Option<Money>,
}

/// What can be cashed out of which purse, and what cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cashable {
    /// Zero or more: what a payout may take in all.
    pub total: Money,
    /// What referral rewards allow: negative after a clawback of what was cashed.
    pub referral: Money,
    /// Rental earnings left: wholly cashable.
    pub rental: Money,
    /// The rest of the balance.
    pub not_cashable: Vec<NotCashable>,
}

/// How a payout is taken from the two purses: referral first, then rental.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// Out of referral rewards.
    pub referral: Money,
    /// Out of rental earnings.
    pub rental: Money,
}

impl Cashable {
    /// The split of an amount that does not pass the total; none where it does or is not above zero.
    #[must_use]
    pub fn split(&self, amount: Money) -> Option<Split> {
        if !amount.is_positive() || amount > self.total {
            return None;
        }
        let referral = self.referral.floor_zero().min(amount);
        Some(Split { referral, rental: amount - referral })
    }
}

/// `referral = min(share × (R − W − H) − C, R − W − C − max(0, U − P))`; where purchased credits are
/// left it is at most 0; `cashable = max(0, referral + rental left)`. `today` is an UTC day.
#[must_use]
pub fn cashable(account: &Account, share: Rate, today: NaiveDate) -> Cashable {
    let (rewards, in_review, cash) = (account.total(Total::Rewards), account.total(Total::InReview), account.total(Total::ReferralCash));
    let on_hold = account.on_hold(today);
    #[cfg(feature = "bugs")]
    let share = if crate::bug::active(crate::bug::Bug::ShareIgnored) { Rate::ONE } else { share };
    let by_share = (rewards - in_review - on_hold).share(share) - cash;
    let by_balance = rewards - in_review - cash - account.spent_beyond();
    let ungated = by_share.min(by_balance);
    let purchased_left = account.purchased_left();
    #[cfg(feature = "bugs")]
    let purchased_left = if crate::bug::active(crate::bug::Bug::GateIgnored) { Money::ZERO } else { purchased_left };
    let referral = if purchased_left.is_positive() { ungated.min(Money::ZERO) } else { ungated };
    let rental = account.rental_left();
    let total = (referral + rental).floor_zero();

    let gap = by_balance - ungated;
    let hold = on_hold.min(gap).floor_zero();
    let plain = |reason, amount| NotCashable { reason, amount, until: None, spend_first: None };
    let next = account.holds.iter().find(|(day, amount)| **day > today && amount.is_positive()).map(|(day, _)| *day);
    let mut not_cashable = vec![
        plain(NotCashableReason::Review, in_review),
        NotCashable { until: next, ..plain(NotCashableReason::Hold, hold) },
        plain(NotCashableReason::Share, gap - hold),
        NotCashable { spend_first: Some(purchased_left), ..plain(NotCashableReason::PurchasedCredits, ungated - referral) },
        plain(NotCashableReason::InPayout, account.in_payout()),
        plain(NotCashableReason::Debt, referral + rental - total),
    ];
    not_cashable.retain(|part| !part.amount.is_zero());
    Cashable { total, referral, rental, not_cashable }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use NotCashableReason as Why;
    use proptest::prelude::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }
    fn today() -> NaiveDate {
        "2026-03-10".parse().unwrap()
    }
    fn share() -> Rate {
        "0.75".parse().unwrap()
    }
    fn account(totals: &[(Total, &str)], holds: &[(&str, &str)]) -> Account {
        Account {
            totals: totals.iter().map(|(total, amount)| (*total, money(amount))).collect(),
            holds: holds.iter().map(|(day, amount)| (day.parse().unwrap(), money(amount))).collect(),
            ..Account::default()
        }
    }

    #[test]
    fn what_can_be_cashed_and_what_not() {
        use Total::{InReview, Paid, Purchased, ReferralCash, Rental, RentalCash, Rewards, Spent};
        type Case = (&'static str, Vec<(Total, &'static str)>, Vec<(&'static str, &'static str)>, &'static str, Vec<(Why, &'static str)>);
        let cases: Vec<Case> = vec![
            ("nothing", vec![], vec![], "0", vec![]),
            ("three quarters", vec![(Rewards, "30")], vec![], "22.5", vec![(Why::Share, "7.5")]),
            ("the share is floored", vec![(Rewards, "0.000001")], vec![], "0", vec![(Why::Share, "0.000001")]),
            ("on hold", vec![(Rewards, "30")], vec![("2026-03-11", "10")], "15", vec![(Why::Hold, "10"), (Why::Share, "5")]),
            ("matured today", vec![(Rewards, "30")], vec![("2026-03-10", "10")], "22.5", vec![(Why::Share, "7.5")]),
            ("in review", vec![(Rewards, "30"), (InReview, "10")], vec![], "15", vec![(Why::Review, "10"), (Why::Share, "5")]),
            (
                "purchased credits left",
                vec![(Rewards, "30"), (Purchased, "5"), (Spent, "4")],
                vec![],
                "0",
                vec![(Why::Share, "7.5"), (Why::PurchasedCredits, "22.5")],
            ),
            ("spent beyond the purchased", vec![(Rewards, "30"), (Purchased, "5"), (Spent, "25")], vec![], "10", vec![]),
            ("spent within what must stay", vec![(Rewards, "30"), (Spent, "5")], vec![], "22.5", vec![(Why::Share, "2.5")]),
            ("in flight", vec![(Rewards, "30"), (ReferralCash, "20")], vec![], "2.5", vec![(Why::Share, "7.5"), (Why::InPayout, "20")]),
            ("paid", vec![(Rewards, "30"), (ReferralCash, "20"), (Paid, "20")], vec![], "2.5", vec![(Why::Share, "7.5")]),
            (
                "clawed back after a payout",
                vec![(Rewards, "18"), (ReferralCash, "22.5"), (Paid, "22.5")],
                vec![],
                "0",
                vec![(Why::Share, "4.5"), (Why::Debt, "-9")],
            ),
            ("a host", vec![(Rental, "100"), (RentalCash, "40"), (Paid, "40")], vec![], "60", vec![]),
            (
                "a host with purchased credits",
                vec![(Rental, "100"), (Rewards, "30"), (Purchased, "9")],
                vec![],
                "100",
                vec![(Why::Share, "7.5"), (Why::PurchasedCredits, "22.5")],
            ),
            (
                "a host's rent fills the debt",
                vec![(Rental, "100"), (Rewards, "18"), (ReferralCash, "22.5"), (Paid, "22.5")],
                vec![],
                "91",
                vec![(Why::Share, "4.5")],
            ),
        ];
        for (name, totals, holds, total, parts) in cases {
            let account = account(&totals, &holds);
            let cashable = cashable(&account, share(), today());
            assert_eq!(cashable.total, money(total), "{name}");
            let told: Vec<_> = cashable.not_cashable.iter().map(|part| (part.reason, part.amount)).collect();
            assert_eq!(told, parts.iter().map(|(reason, amount)| (*reason, money(amount))).collect::<Vec<_>>(), "{name}");
            assert_eq!(cashable.total + told.iter().map(|(_, amount)| *amount).sum(), account.balance(), "{name}");
        }
    }

    #[test]
    fn a_hold_tells_until_when_and_purchased_credits_how_much_to_spend() {
        // What matures today is no longer on hold.
        let holds = [("2026-03-09", "1"), ("2026-03-10", "1"), ("2026-03-20", "2"), ("2026-03-12", "2")];
        let account = account(&[(Total::Rewards, "30"), (Total::Purchased, "7")], &holds);
        let cashable = cashable(&account, share(), today());
        let part = |reason| cashable.not_cashable.iter().find(|part| part.reason == reason).unwrap();
        assert_eq!(part(Why::Hold).until, Some("2026-03-12".parse().unwrap()));
        assert_eq!(part(Why::PurchasedCredits).spend_first, Some(money("7")));
    }

    #[test]
    fn referral_goes_first() {
        let account = account(&[(Total::Rewards, "40"), (Total::Rental, "10")], &[]);
        let cashable = cashable(&account, share(), today());
        assert_eq!(cashable.split(money("35")), Some(Split { referral: money("30"), rental: money("5") }));
        assert_eq!(cashable.split(money("20")), Some(Split { referral: money("20"), rental: money("0") }));
        assert_eq!(cashable.split(money("40.000001")), None);
        assert_eq!(cashable.split(money("0")), None);
    }

    proptest! {
        #[test]
        fn cashable_and_reasons_add_up_to_the_balance(figures in proptest::collection::vec(0_i64..100_000, 8), hold in 0_i64..1000) {
            use Total::{InReview, Paid, Purchased, ReferralCash, Rental, RentalCash, Rewards, Spent};
            let mut account = Account::default();
            for (total, figure) in [Rewards, InReview, ReferralCash, Rental, RentalCash, Paid, Purchased, Spent].into_iter().zip(figures) {
                account.totals.insert(total, Money::from_minor(figure, 3).unwrap());
            }
            // What was paid was taken before.
            let taken = account.total(ReferralCash) + account.total(RentalCash);
            account.totals.insert(Paid, account.total(Paid).min(taken));
            account.holds.insert("2026-04-01".parse().unwrap(), Money::from_minor(hold, 3).unwrap());
            let made = cashable(&account, share(), today());
            prop_assert!(!made.total.is_negative());
            let parts: Money = made.not_cashable.iter().map(|part| part.amount).sum();
            prop_assert_eq!(made.total + parts, account.balance());
            prop_assert!(made.not_cashable.iter().all(|part| part.amount.is_positive() || part.reason == Why::Debt));
        }
    }
}
