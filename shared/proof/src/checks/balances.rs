//! Every materialised figure equals the sum of the lines that moved it, and none lacks its lines.

use crate::Books;
use chrono::NaiveDate;
use ledger::{AccountId, LedgerAccount, Money, Transfer, TransferKind};
use programme::{account::Total, plan::Body, reward::Outcome};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
struct Sums {
    totals: BTreeMap<(AccountId, Total), Money>,
    holds: BTreeMap<(AccountId, NaiveDate), Money>,
    waiting: BTreeMap<AccountId, u64>,
}

impl Sums {
    fn add(&mut self, account: &AccountId, total: Total, amount: Money) {
        *self.totals.entry((account.clone(), total)).or_default() += amount;
    }

    /// What a transfer moves. The debit side gives, the credit side takes.
    fn transfer(&mut self, transfer: &Transfer) {
        let amount = transfer.amount();
        self.side(transfer.kind(), transfer.credit(), amount);
        self.side(transfer.kind(), transfer.debit(), -amount);
    }

    fn side(&mut self, kind: TransferKind, account: &LedgerAccount, amount: Money) {
        let reward = matches!(kind, TransferKind::Reward | TransferKind::Clawback);
        match account {
            LedgerAccount::Purchased(owner) => self.add(owner, Total::Purchased, amount),
            // Spent is debited: it grows as it gives.
            LedgerAccount::Spent(owner) => self.add(owner, Total::Spent, -amount),
            LedgerAccount::Referral(owner) if reward => self.add(owner, Total::Rewards, amount),
            LedgerAccount::Referral(owner) if matches!(kind, TransferKind::Reserve | TransferKind::Release | TransferKind::Return) => {
                self.add(owner, Total::ReferralCash, -amount);
            }
            LedgerAccount::Review(owner) => {
                self.add(owner, Total::InReview, amount);
                if reward {
                    self.add(owner, Total::Rewards, amount);
                }
            }
            LedgerAccount::Rental(owner) if kind == TransferKind::Rental => self.add(owner, Total::Rental, amount),
            LedgerAccount::Rental(owner) => self.add(owner, Total::RentalCash, -amount),
            LedgerAccount::Paid(owner, _) => self.add(owner, Total::Paid, amount),
            LedgerAccount::Referral(_)
            | LedgerAccount::InPayout(_)
            | LedgerAccount::RewardExpense
            | LedgerAccount::RentalExpense
            | LedgerAccount::Revenue
            | LedgerAccount::Processor(_) => {}
        }
    }
}

fn sum(books: &Books, today: NaiveDate) -> Sums {
    let mut sums = Sums::default();
    for lines in books.lines.values() {
        lines.values().flat_map(|line| &line.transfers).for_each(|transfer| sums.transfer(transfer));
        let Some(Body::Purchase { posting, .. }) = lines.values().last().map(|line| &line.body) else { continue };
        let Some(buyer) = &posting.buyer else { continue };
        if posting.outcome == Outcome::Waiting {
            *sums.waiting.entry(buyer.clone()).or_default() += 1;
        }
        if let Some(reward) = &posting.reward {
            sums.add(buyer, Total::Generated, reward.amount);
            if reward.in_review {
                sums.add(buyer, Total::GeneratedInReview, reward.amount);
            } else if let Some(day) = reward.matures_on.filter(|day| *day > today) {
                *sums.holds.entry((reward.referrer.clone(), day)).or_default() += reward.amount;
            }
        }
    }
    sums
}

pub(super) fn run(books: &mut Books, today: NaiveDate) {
    books.report.figure("balances_equal_lines");
    books.report.figure("holds_equal_lines");
    books.report.figure("waiting_equals_lines");
    let sums = sum(books, today);
    let mut totals: BTreeSet<(AccountId, Total)> = sums.totals.keys().cloned().collect();
    let mut holds: BTreeSet<(AccountId, NaiveDate)> = sums.holds.keys().cloned().collect();
    let mut waiting: BTreeSet<AccountId> = sums.waiting.keys().cloned().collect();
    for (id, account) in &books.accounts {
        totals.extend(account.totals.keys().map(|total| (id.clone(), *total)));
        holds.extend(account.holds.keys().filter(|day| **day > today).map(|day| (id.clone(), *day)));
        waiting.insert(id.clone());
    }
    for key in totals {
        let kept = books.accounts.get(&key.0).map_or(Money::ZERO, |account| account.total(key.1));
        let lines = sums.totals.get(&key).copied().unwrap_or_default();
        let name = store::records::account::total_name(key.1);
        books.differ("balances_equal_lines", &format!("account#{}/n", key.0), name, kept, lines);
    }
    for key in holds {
        let kept = books.accounts.get(&key.0).and_then(|account| account.holds.get(&key.1)).copied().unwrap_or_default();
        let lines = sums.holds.get(&key).copied().unwrap_or_default();
        books.differ("holds_equal_lines", &format!("account#{}/n", key.0), &format!("the hold until {}", key.1), kept, lines);
    }
    for id in waiting {
        let kept = books.accounts.get(&id).map_or(0, |account| account.waiting);
        let lines = sums.waiting.get(&id).copied().unwrap_or(0);
        books.report.look("waiting_equals_lines", &id, (kept != lines).then(|| format!("{kept} purchases wait, the lines say {lines}")));
    }
}
