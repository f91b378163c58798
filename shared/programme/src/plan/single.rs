//! The decision about a fact that moves money by itself, and is of nothing else: a rental earning.

use super::{Body, Line, Moves, Plan, Subject};
use crate::{
    account::Total,
    fact::{Fact, FactBody},
};
use chrono::{DateTime, Utc};
use ledger::{LedgerAccount, Transfer, TransferKind};

/// The line of a rental earning. None for a fact of another kind, or with an amount that is not above zero.
#[must_use]
pub fn rental_line(fact: &Fact, now: DateTime<Utc>) -> Option<Plan> {
    let FactBody::Rental { earning, account, amount, currency, at, .. } = &fact.body else { return None };
    let (debit, credit) = (LedgerAccount::RentalExpense, LedgerAccount::Rental(account.clone()));
    let transfer = Transfer::try_new(TransferKind::Rental, debit, credit, *amount, currency.clone()).ok()?;
    let mut moves = Moves::default();
    moves.account(account).add(Total::Rental, *amount);
    moves.account(account).fact_at = Some(*at);
    moves.rented(account, at.date_naive(), *amount);
    let line = Line {
        subject: Subject::Rental(earning.clone()),
        number: 0,
        at: now,
        transfers: vec![transfer],
        listed_for: Some(account.clone()),
        body: Body::Single { fact: fact.clone() },
    };
    Some(Plan { lines: vec![line], moves, ..Plan::default() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::fact::Source;

    #[test]
    fn rent_moves_its_total_and_its_day() {
        let at: DateTime<Utc> = "2026-02-01T12:00:00Z".parse().unwrap();
        let fact = |body| Fact { source: Source::Platform, event: "e".into(), body };
        let rented = |amount: &str| {
            fact(FactBody::Rental {
                earning: "r1".into(),
                account: "hana".parse().unwrap(),
                machine: "m1".into(),
                amount: amount.parse().unwrap(),
                currency: "USD".parse().unwrap(),
                at,
            })
        };
        let plan = rental_line(&rented("7"), at).unwrap();
        assert_eq!(plan.lines[0].subject.to_string(), "rental#r1");
        assert_eq!(plan.moves.rented.values().next().unwrap().to_string(), "7.00");
        let moved = &plan.moves.accounts[&"hana".parse().unwrap()];
        assert_eq!((moved.totals[&Total::Rental].to_string(), moved.fact_at), ("7.00".into(), Some(at)));
        assert!(!moved.lowers_cash() && plan.guards.is_empty() && plan.counted.is_empty());
        assert!(rental_line(&rented("0"), at).is_none());
        assert!(rental_line(&fact(FactBody::Settle { account: "bob".parse().unwrap() }), at).is_none());
    }
}
