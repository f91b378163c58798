//! A plan: everything one decision writes, in one transaction. The store adds no choice of its own.

mod line;
mod moves;
mod purchase;
mod single;
mod spending;
mod usage;

pub use line::{Body, Line, PostedPurchase, PostedSpending, PostedUsage, Subject};
pub use moves::{AccountMove, DayKey, Moves};
pub use purchase::{BuyerView, Views, purchase_line};
pub use single::rental_line;
pub use spending::spending_line;

use crate::reward::Counted;
use ledger::AccountId;
use std::collections::BTreeMap;

/// What a write was decided on, checked again as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The account's attribution is still this version; none: it has not signed up.
    Attribution(Option<u32>),
    /// Nothing has lowered what is cashable since.
    CashVersion(u64),
}

/// Lines to append, what they move, and what must still hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// New ledger lines; each is written only if none stands under its number.
    pub lines: Vec<Line>,
    /// The sum of what they move.
    pub moves: Moves,
    /// By account, what must still hold.
    pub guards: BTreeMap<AccountId, Guard>,
    /// By referee, what the lines add to what counts for its reward by usage, until [`Plan::reward_usage`] makes lines of it.
    /// With nothing added, the reward is only to be looked at again.
    pub counted: BTreeMap<AccountId, Vec<Counted>>,
}

impl Plan {
    /// Takes another decision into the same transaction.
    pub fn add(&mut self, other: Self) {
        self.lines.extend(other.lines);
        self.moves.merge(other.moves);
        self.guards.extend(other.guards);
        other.counted.into_iter().for_each(|(referee, counted)| self.counted.entry(referee).or_default().extend(counted));
    }

    /// Whether there is anything to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::account::Total;
    use ledger::Money;

    fn plan(account: &str, number: u32, units: i64) -> Plan {
        let (id, money): (AccountId, Money) = (account.parse().unwrap(), Money::from_minor(units, 0).unwrap());
        let time = "2026-03-01T00:00:00Z".parse().unwrap();
        let mut plan = Plan {
            lines: vec![Line {
                subject: Subject::Payout("pay_1".into()),
                number,
                at: time,
                transfers: Vec::new(),
                listed_for: None,
                body: Body::Payout { event: String::new() },
            }],
            guards: [(id.clone(), Guard::CashVersion(number.into()))].into(),
            counted: [(
                id.clone(),
                vec![Counted { line: format!("x/{number}"), day: time.date_naive(), bought: money, spent: Money::ZERO }],
            )]
            .into(),
            ..Plan::default()
        };
        plan.moves.account(&id).add(Total::Spent, money);
        plan
    }

    #[test]
    fn two_decisions_are_written_as_one() {
        let mut both = plan("alice", 1, 3);
        both.add(plan("alice", 2, 4));
        both.add(plan("bob", 3, 5));
        let of = |account: &str| account.parse::<AccountId>().unwrap();
        let spent = |account: &str| both.moves.accounts[&of(account)].totals[&Total::Spent].to_string();
        assert_eq!(both.lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!((spent("alice"), spent("bob")), ("7.00".into(), "5.00".into()));
        assert_eq!((both.guards[&of("alice")], both.guards[&of("bob")]), (Guard::CashVersion(2), Guard::CashVersion(3)));
        assert_eq!((both.counted[&of("alice")].len(), both.counted[&of("bob")].len()), (2, 1), "what counts is added, not replaced");
    }

    #[test]
    fn a_plan_without_lines_writes_nothing() {
        assert!(Plan::default().is_empty());
        assert!(!plan("alice", 0, 1).is_empty());
        assert!(Plan { lines: Vec::new(), ..plan("alice", 0, 1) }.is_empty(), "figures move only with a line that tells why");
    }
}
