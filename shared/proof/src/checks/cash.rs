//! Cashable and the reasons add up to the balance.

use crate::report::Report;
use chrono::NaiveDate;
use ledger::{AccountId, Money};
use programme::{account::Account, cashable::cashable, settings::Programme};

/// Checks an account by itself.
pub(crate) fn run(id: &AccountId, account: &Account, programme: &Programme, today: NaiveDate, report: &mut Report) {
    let newest = programme.history.versions().last().map(|version| version.from);
    let share = programme.at(newest.unwrap_or(chrono::DateTime::UNIX_EPOCH)).1.cashable_share;
    let made = cashable(account, share, today);
    let parts: Money = made.not_cashable.iter().map(|part| part.amount).sum();
    let (balance, sum) = (account.balance(), made.total + parts);
    let fault = (balance != sum).then(|| format!("the balance is {balance}, its parts add up to {sum}"));
    report.look("cashable_and_reasons_add_up", &format_args!("account#{id}/n"), fault);
}
