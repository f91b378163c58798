//! The invariants, each checked once.

mod attributions;
mod balances;
mod cash;
mod charts;
mod lines;
mod payouts;
mod rewards;

use crate::Books;
use chrono::{DateTime, Utc};

/// The invariants that tables alone can't show, and why.
const NOT_CHECKED: [(&str, &str); 5] = [
    ("reserve_within_cashable", "the moment of a reserve is past; its condition is tested where it is written"),
    ("one_transfer_per_payout", "no rail is called yet"),
    ("invoice_numbers", "there are no invoices yet"),
    ("webhooks_accounted_for", "the tables do not show queues"),
    ("logs_without_secrets", "the tables do not show logs"),
];

pub(crate) fn run(books: &mut Books, now: DateTime<Utc>) {
    // Each invariant stands in the report, also where there was nothing to look at.
    for name in ["records_read", "lines_sealed", "nothing_expires"] {
        books.report.figure(name);
    }
    lines::run(books);
    rewards::run(books);
    balances::run(books, now.date_naive());
    charts::run(books);
    attributions::run(books);
    cash::run(books, now.date_naive());
    payouts::run(books);
    books.report.not_checked.extend(NOT_CHECKED.map(|(name, why)| (name.to_owned(), why.to_owned())));
}
