//! Lines are numbered without a gap, and their facts merged again give the state they hold.

use crate::Books;
use ledger::{Money, Transfer, TransferKind};
use programme::{
    fact::FactBody,
    plan::{Body, Line},
    purchase::PurchaseState,
    reward::{Posting, difference},
};
use std::collections::BTreeMap;

pub(super) fn run(books: &mut Books) {
    books.report.figure("lines_without_gap");
    books.report.figure("facts_move_money_once");
    books.report.figure("transfers_equal_postings");
    let programme = books.programme();
    for (subject, lines) in &books.lines {
        let gap = lines
            .keys()
            .zip(0_u32..)
            .find(|(number, expected)| *number != expected)
            .map(|(_, expected)| format!("number {expected} is missing"));
        books.report.look("lines_without_gap", subject, gap);
        books.report.look("facts_move_money_once", subject, merged_again(lines));
        let currency = &programme.at(lines.values().next().map_or_else(Default::default, |line| line.at)).1.currency;
        books.report.look("transfers_equal_postings", subject, transfers(lines, currency));
    }
}

/// The facts of all lines, merged from nothing, against the state each line holds.
fn merged_again(lines: &BTreeMap<u32, Line>) -> Option<String> {
    let mut state = PurchaseState::default();
    for (number, line) in lines {
        let Body::Purchase { facts, state: kept, .. } = &line.body else { continue };
        for fact in facts {
            if let FactBody::Purchase { fact, .. } = &fact.body {
                state.merge(fact);
            }
        }
        if state != **kept {
            return Some(format!("line {number} holds another state than its facts give"));
        }
    }
    None
}

/// By kind, how much a line's transfers move.
fn sums(transfers: &[Transfer]) -> BTreeMap<(TransferKind, String, String), Money> {
    let mut sums = BTreeMap::new();
    for transfer in transfers {
        let key = (transfer.kind(), transfer.debit().to_string(), transfer.credit().to_string());
        *sums.entry(key).or_insert(Money::ZERO) += transfer.amount();
    }
    sums
}

/// Each line's transfers against the difference of what is posted after and before it.
fn transfers(lines: &BTreeMap<u32, Line>, currency: &ledger::Currency) -> Option<String> {
    let mut before = Posting::nothing();
    for (number, line) in lines {
        let (Body::Purchase { posting, .. }, programme::plan::Subject::Purchase(purchase)) = (&line.body, &line.subject) else { continue };
        let expected = difference(&before, posting, purchase.processor(), currency, line.at.date_naive()).transfers;
        if sums(&expected) != sums(&line.transfers) {
            return Some(format!("line {number} moves something else than its posting says"));
        }
        before = (**posting).clone();
    }
    None
}
