//! The invariants, each checked once. What a record shows by itself is checked where it is read; what a row of lines
//! shows, where the row ends; the figures that are kept twice are [`crate::entries`].

pub(crate) mod attributions;
pub(crate) mod cash;
pub(crate) mod lines;
pub(crate) mod payouts;
pub(crate) mod records;
pub(crate) mod rewards;
pub(crate) mod sending;
pub(crate) mod usage;

use crate::{entries::Entry, report::Report};

/// The invariants beside those of [`Entry::INVARIANTS`].
const INVARIANTS: &[&str] = &[
    "approvals_are_lawful",
    "cashable_and_reasons_add_up",
    "contradictions_are_flagged",
    "earns_when_it_should_and_only_then",
    "facts_move_money_once",
    "hard_signals_stay",
    "intents_are_ordered",
    "intents_equal_approvals",
    "invoice_numbers",
    "lines_sealed",
    "lines_without_gap",
    "lists_equal_records",
    "no_cycle_earns",
    "nobody_refers_itself",
    "nothing_expires",
    "nothing_is_left_submitting",
    "one_key_per_payout",
    "payout_heads_equal_lines",
    "payout_steps_are_legal",
    "payout_transfers_follow_steps",
    "purchased_credits_follow_the_rule",
    "records_read",
    "references_lead_to_payouts",
    "reward_follows_the_rule",
    "reward_within_bounds",
    "transfers_equal_postings",
    "vouchers_equal_payouts",
];

/// The invariants that tables alone can't show, and why.
const NOT_CHECKED: &[(&str, &str)] = &[
    (
        "reserve_within_cashable",
        "lines tell when they were decided, not in which order they were written; the condition of the write is tested",
    ),
    ("one_transfer_per_payout", "the tables do not show the books of the rails; the daily reconciliation compares them"),
    ("webhooks_accounted_for", "the tables do not show queues"),
    ("logs_without_secrets", "the tables do not show logs"),
];

/// A report in which every invariant stands, also where there will be nothing to look at.
pub(crate) fn blank() -> Report {
    let mut report = Report::default();
    for name in INVARIANTS.iter().copied().chain(usage::NAMES).chain([usage::ROW]).chain(Entry::INVARIANTS) {
        report.figure(name);
    }
    report.not_checked.extend(NOT_CHECKED.iter().map(|(name, why)| ((*name).to_owned(), (*why).to_owned())));
    report
}
