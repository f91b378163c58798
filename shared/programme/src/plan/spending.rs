//! The decision about credits that were spent: once by the platform's id, and whether they count for a reward by usage.

use super::{Body, Guard, Line, Moves, Plan, PostedSpending, Subject, Views};
use crate::{
    account::Total,
    fact::{Fact, FactBody},
    reward::{Counted, Outcome, spending_outcome},
};
use chrono::{DateTime, Utc};
use ledger::{AccountId, LedgerAccount, Money, Transfer, TransferKind};
use std::collections::BTreeMap;

/// The next line of a usage. `fact` is the one that is posted already, where one is.
///
/// None where nothing changes, and for a fact of another kind or with an amount that is not above zero.
#[must_use]
pub fn spending_line(fact: &Fact, known: Option<&PostedSpending>, views: &Views, now: DateTime<Utc>) -> Option<Plan> {
    let FactBody::Spent { usage, account, amount, currency, at } = &fact.body else { return None };
    let attribution = views.attribution(Some(account));
    let outcome = spending_outcome(*at, attribution, &views.referrer(attribution), &views.programme);
    let before = known.map(|known| known.outcome);
    if before == Some(outcome) {
        return None;
    }
    let mut moves = Moves::default();
    let mut transfers = Vec::new();
    let moved = moves.account(account);
    if known.is_none() {
        let (debit, credit) = (LedgerAccount::Spent(account.clone()), LedgerAccount::Revenue);
        transfers.push(Transfer::try_new(TransferKind::Usage, debit, credit, *amount, currency.clone()).ok()?);
        moved.add(Total::Spent, *amount);
        moved.fact_at = Some(*at);
    }
    moved.waiting = waits(Some(outcome)) - waits(before);
    moves.drop_zeros();
    let (subject, number) = (Subject::Usage(usage.clone()), known.map_or(0, |known| known.number + 1));
    let step = |spent| Counted { line: format!("{subject}/{number}"), day: at.date_naive(), bought: Money::ZERO, spent };
    let counted = counted(before, outcome, *amount).map(|spent| (account.clone(), vec![step(spent)])).into_iter().collect();
    let line = Line {
        subject,
        number,
        at: now,
        transfers,
        // Whoever spent is told of it once.
        listed_for: known.is_none().then(|| account.clone()),
        body: Body::Spent { fact: fact.clone(), outcome },
    };
    Some(Plan { lines: vec![line], moves, guards: guards(*at, account, views), counted })
}

/// Without a referral by usage since then, nothing of the account was looked at.
fn guards(at: DateTime<Utc>, account: &AccountId, views: &Views) -> BTreeMap<AccountId, Guard> {
    let looked = views.programme.by_usage_since().is_some_and(|since| at >= since);
    looked.then(|| (account.clone(), views.guard(account))).into_iter().collect()
}

fn waits(outcome: Option<Outcome>) -> i64 {
    i64::from(outcome == Some(Outcome::Waiting))
}

/// What changes in what counts.
fn counted(before: Option<Outcome>, after: Outcome, amount: Money) -> Option<Money> {
    match (before == Some(Outcome::ByUsage), after == Outcome::ByUsage) {
        (false, true) => Some(amount),
        (true, false) => Some(-amount),
        (true, true) | (false, false) => None,
    }
}
