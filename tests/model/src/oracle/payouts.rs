//! Payouts that wait: each is still bound to the payout account as it stands now.

use super::tables::Books;
use crate::exact::amount;

pub(super) fn check(books: &Books, wrong: &mut Vec<String>) {
    for (id, open) in &books.open_payouts {
        let current = books.destinations.get(&(open.account.clone(), open.rail.clone()));
        if current != Some(&open.destination_version) {
            let (bound, now) = (amount(open.destination_version), amount(current.copied().unwrap_or(0)));
            wrong.push(format!("{id} waits, bound to version {bound} of its payout account, which is at version {now}"));
        }
    }
}
