//! Cashable and the reasons add up to the balance; payouts in flight are what the lines reserve.

use crate::Books;
use chrono::NaiveDate;
use ledger::{AccountId, LedgerAccount, Money};
use programme::{cashable::cashable, plan::Subject};
use std::collections::BTreeMap;

pub(super) fn run(books: &mut Books, today: NaiveDate) {
    for name in ["cashable_and_reasons_add_up", "in_payout_equals_lines"] {
        books.report.figure(name);
    }
    let programme = books.programme();
    let newest = programme.history.versions().last().map(|version| version.from);
    let share =
        newest.map_or_else(|| programme.at(chrono::DateTime::UNIX_EPOCH).1.cashable_share, |from| programme.at(from).1.cashable_share);
    let mut reserved: BTreeMap<AccountId, Money> = BTreeMap::new();
    for (subject, lines) in &books.lines {
        if !matches!(subject, Subject::Payout(_)) {
            continue;
        }
        for transfer in lines.values().flat_map(|line| &line.transfers) {
            for (side, amount) in [(transfer.credit(), transfer.amount()), (transfer.debit(), -transfer.amount())] {
                if let LedgerAccount::InPayout(account) = side {
                    *reserved.entry(account.clone()).or_default() += amount;
                }
            }
        }
    }
    let accounts = std::mem::take(&mut books.accounts);
    for (id, account) in &accounts {
        let made = cashable(account, share, today);
        let parts: Money = made.not_cashable.iter().map(|part| part.amount).sum();
        books.differ("cashable_and_reasons_add_up", &format!("account#{id}/n"), "the balance", account.balance(), made.total + parts);
        let lines = reserved.remove(id).unwrap_or_default();
        books.differ("in_payout_equals_lines", &format!("account#{id}/n"), "in payout", account.in_payout(), lines);
    }
    for (id, lines) in reserved {
        books.differ("in_payout_equals_lines", &format!("account#{id}/n"), "in payout", Money::ZERO, lines);
    }
    books.accounts = accounts;
}
