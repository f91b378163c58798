//! Contradictions in a purchase's facts, marked for finance in the transaction that merges them.

use programme::{
    plan::{Body, Plan, Subject, Views},
    purchase::Flag,
};
use std::collections::BTreeSet;
use store::{
    backend::Write,
    records::flag::{self, Flagged},
};

/// A marker for each purchase of the plan that finance should look at.
pub(crate) fn markers(plan: &Plan, views: &Views) -> Vec<Write> {
    plan.lines
        .iter()
        .filter_map(|line| match (&line.subject, &line.body) {
            (Subject::Purchase(purchase), Body::Purchase { state, .. }) => {
                let at = state.capture.as_ref().map_or(line.at, |capture| capture.at);
                let flags: BTreeSet<Flag> = state.flags(&views.programme.at(at).1.currency);
                (!flags.is_empty()).then(|| flag::write(&Flagged { purchase: purchase.clone(), flags, line: line.number, at: line.at }))
            }
            (Subject::Purchase(_) | Subject::Usage(_) | Subject::Rental(_) | Subject::Payout(_), _) => None,
        })
        .collect()
}
