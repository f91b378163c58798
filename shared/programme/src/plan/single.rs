//! The decision about a fact that moves money by itself.

use super::{Body, Line, Moves, Plan, Subject};
use crate::{
    account::Total,
    fact::{Fact, FactBody},
};
use chrono::{DateTime, Utc};
use ledger::{Currency, LedgerAccount, Transfer, TransferKind};

/// The line of a usage or a rental earning, with its time and currency. None for a fact of another
/// kind, or with an amount that is not above zero.
#[must_use]
pub fn single_line(fact: &Fact, now: DateTime<Utc>) -> Option<(Plan, DateTime<Utc>, &Currency)> {
    let mut moves = Moves::default();
    let (subject, transfer, account, at, currency) = match &fact.body {
        FactBody::Spent { usage, account, amount, currency, at } => {
            let transfer = Transfer::try_new(
                TransferKind::Usage,
                LedgerAccount::Spent(account.clone()),
                LedgerAccount::Revenue,
                *amount,
                currency.clone(),
            )
            .ok()?;
            moves.account(account).add(Total::Spent, *amount);
            (Subject::Usage(usage.clone()), transfer, account, at, currency)
        }
        FactBody::Rental { earning, account, amount, currency, at, .. } => {
            let transfer = Transfer::try_new(
                TransferKind::Rental,
                LedgerAccount::RentalExpense,
                LedgerAccount::Rental(account.clone()),
                *amount,
                currency.clone(),
            )
            .ok()?;
            moves.account(account).add(Total::Rental, *amount);
            moves.rented(account, at.date_naive(), *amount);
            (Subject::Rental(earning.clone()), transfer, account, at, currency)
        }
        FactBody::Purchase { .. } | FactBody::Closed { .. } | FactBody::Settle { .. } => return None,
    };
    moves.account(account).fact_at = Some(*at);
    let line = Line {
        subject,
        number: 0,
        at: now,
        transfers: vec![transfer],
        listed_for: Some(account.clone()),
        body: Body::Single { fact: fact.clone() },
    };
    Some((Plan { lines: vec![line], moves, ..Plan::default() }, *at, currency))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::fact::Source;

    #[test]
    fn usage_and_rent_move_their_totals_once() {
        let at: DateTime<Utc> = "2026-02-01T12:00:00Z".parse().unwrap();
        let fact = |body| Fact { source: Source::Platform, event: "e".into(), body };
        let spent = |amount: &str| {
            fact(FactBody::Spent {
                usage: "u1".into(),
                account: "bob".parse().unwrap(),
                amount: amount.parse().unwrap(),
                currency: "USD".parse().unwrap(),
                at,
            })
        };
        let rented = fact(FactBody::Rental {
            earning: "r1".into(),
            account: "hana".parse().unwrap(),
            machine: "m1".into(),
            amount: "7".parse().unwrap(),
            currency: "USD".parse().unwrap(),
            at,
        });
        let usage = spent("5");
        let (plan, ..) = single_line(&usage, at).unwrap();
        assert_eq!(plan.lines[0].subject.to_string(), "usage#u1");
        assert_eq!(plan.moves.accounts[&"bob".parse().unwrap()].totals[&Total::Spent].to_string(), "5.00");
        assert!(plan.moves.accounts[&"bob".parse().unwrap()].lowers_cash());
        let (plan, ..) = single_line(&rented, at).unwrap();
        assert_eq!(plan.moves.rented.values().next().unwrap().to_string(), "7.00");
        assert!(!plan.moves.accounts[&"hana".parse().unwrap()].lowers_cash());
        assert!(single_line(&spent("0"), at).is_none());
        assert!(single_line(&fact(FactBody::Settle { account: "bob".parse().unwrap() }), at).is_none());
    }
}
