//! Lines are numbered without a gap, their facts merged again give the state they hold, and their transfers are the
//! difference of what is posted.

use super::usage;
use crate::report::Report;
use ledger::{Money, Transfer, TransferKind};
use programme::{
    fact::FactBody,
    plan::{Body, Line, Subject},
    purchase::PurchaseState,
    reward::{Posting, difference},
    settings::Programme,
};
use std::collections::BTreeMap;

/// Lines of one subject with consecutive numbers, and the line before the first of them.
pub(crate) struct Row {
    /// In the order of their numbers; at least one.
    pub(crate) lines: Vec<Line>,
    /// The line before them; none before number 0, and none where it is missing.
    pub(crate) before: Option<Line>,
}

impl Row {
    /// The number of its first line.
    pub(crate) fn first(&self) -> u32 {
        self.lines.first().map_or(0, |line| line.number)
    }

    /// What was posted before it.
    pub(crate) fn posted_before(&self) -> Option<&Posting> {
        self.before.as_ref().and_then(posting)
    }
}

/// What a line of a purchase posts.
pub(crate) fn posting(line: &Line) -> Option<&Posting> {
    match &line.body {
        Body::Purchase { posting, .. } => Some(posting),
        Body::Single { .. } | Body::Spent { .. } | Body::UsageReward { .. } | Body::Payout { .. } => None,
    }
}

/// Checks a row.
pub(crate) fn run(row: &Row, programme: &Programme, report: &mut Report) {
    let Some(first) = row.lines.first() else { return };
    let gap = (first.number > 0 && row.before.is_none()).then(|| format!("number {} is missing", first.number - 1));
    report.look("lines_without_gap", &first.subject, gap);
    report.look("facts_move_money_once", &first.subject, merged_again(row).or_else(|| usage::moved_once(row)));
    report.look("transfers_equal_postings", &first.subject, transfers(row, &programme.at(first.at).1.currency));
    usage::run(row, report);
}

/// The facts of the lines, merged from the state before them, against the state that each line holds.
fn merged_again(row: &Row) -> Option<String> {
    let mut state = match row.before.as_ref().map(|line| &line.body) {
        Some(Body::Purchase { state, .. }) => (**state).clone(),
        Some(Body::Single { .. } | Body::Spent { .. } | Body::UsageReward { .. } | Body::Payout { .. }) | None => PurchaseState::default(),
    };
    for line in &row.lines {
        let Body::Purchase { facts, state: kept, .. } = &line.body else { continue };
        for fact in facts {
            if let FactBody::Purchase { fact, .. } = &fact.body {
                state.merge(fact);
            }
        }
        if state != **kept {
            return Some(format!("line {} holds another state than its facts give", line.number));
        }
    }
    None
}

/// By kind and sides, how much transfers move.
fn sums(transfers: &[Transfer]) -> BTreeMap<(TransferKind, &ledger::LedgerAccount, &ledger::LedgerAccount), Money> {
    let mut sums = BTreeMap::new();
    for transfer in transfers {
        *sums.entry((transfer.kind(), transfer.debit(), transfer.credit())).or_insert(Money::ZERO) += transfer.amount();
    }
    sums
}

/// Each line's transfers against the difference of what is posted after and before it.
fn transfers(row: &Row, currency: &ledger::Currency) -> Option<String> {
    let nothing = Posting::nothing();
    let mut before = row.posted_before().unwrap_or(&nothing);
    for line in &row.lines {
        let (Body::Purchase { posting, .. }, Subject::Purchase(purchase)) = (&line.body, &line.subject) else { continue };
        let expected = difference(before, posting, purchase.processor(), currency, line.at.date_naive()).transfers;
        if sums(&expected) != sums(&line.transfers) {
            return Some(format!("line {} moves something else than its posting says", line.number));
        }
        before = posting;
    }
    let same = |line: &Line, expected: &[Transfer]| sums(expected) == sums(&line.transfers);
    let wrong = usage::wrong_transfers(row, currency, same)?;
    Some(format!("line {wrong} moves something else than its posting says"))
}
