//! From what is posted to what should be: the transfers, and what they move.

use super::{
    target::{Outcome, Posting, Reward},
    usage::UsagePosting,
};
use crate::{account::Total, plan::Moves};
use chrono::NaiveDate;
use ledger::{AccountId, Currency, LedgerAccount, Money, Transfer, TransferKind};

/// The difference between two postings of one purchase.
///
/// `today` is the UTC day of the write: holds that have matured by then are no longer kept.
#[must_use]
pub fn difference(old: &Posting, new: &Posting, processor: &str, currency: &Currency, today: NaiveDate) -> Moves {
    let mut moves = Moves::default();
    let pay = Pay { currency };
    buyer_transfers(&mut moves.transfers, &pay, old, new, processor);
    reward_transfers(&mut moves.transfers, &pay, old.reward.as_ref(), new.reward.as_ref());
    apply(&mut moves, old, today, Sign::Minus);
    apply(&mut moves, new, today, Sign::Plus);
    moves.drop_zeros();
    moves
}

#[derive(Clone, Copy)]
enum Sign {
    Plus,
    Minus,
}

impl Sign {
    fn of(self, amount: Money) -> Money {
        match self {
            Self::Plus => amount,
            Self::Minus => -amount,
        }
    }
}

/// What one posting moved in the materialised figures, added or taken back.
fn apply(moves: &mut Moves, posting: &Posting, today: NaiveDate, sign: Sign) {
    if let Some(buyer) = &posting.buyer {
        let account = moves.account(buyer);
        account.add(Total::Purchased, sign.of(posting.purchased));
        if posting.outcome == Outcome::Waiting {
            account.waiting += match sign {
                Sign::Plus => 1,
                Sign::Minus => -1,
            };
        }
    }
    if let Some(reward) = &posting.reward {
        if let Some(buyer) = &posting.buyer {
            generate(moves, buyer, reward, sign);
        }
        earn(moves, reward, today, sign);
        moves.earned(&reward.referrer, reward.day, reward.template.as_ref(), sign.of(reward.amount));
    }
}

/// What a reward moved on the account of the referee that it was earned by.
fn generate(moves: &mut Moves, referee: &AccountId, reward: &Reward, sign: Sign) {
    let account = moves.account(referee);
    account.add(Total::Generated, sign.of(reward.amount));
    if reward.in_review {
        account.add(Total::GeneratedInReview, sign.of(reward.amount));
    }
}

/// What it moved on its referrer's.
fn earn(moves: &mut Moves, reward: &Reward, today: NaiveDate, sign: Sign) {
    let account = moves.account(&reward.referrer);
    account.add(Total::Rewards, sign.of(reward.amount));
    match reward.matures_on {
        _ if reward.in_review => account.add(Total::InReview, sign.of(reward.amount)),
        Some(day) if day > today => account.hold(day, sign.of(reward.amount)),
        Some(_) | None => {}
    }
}

/// The difference between two postings of what `referee` earned its referrer by usage. What each day of the chart gets is said by
/// the new one: a reward that grows from day to day is not moved to the last of them.
#[must_use]
pub fn usage_difference(
    referee: &AccountId,
    old: Option<&UsagePosting>,
    new: &UsagePosting,
    currency: &Currency,
    today: NaiveDate,
) -> Moves {
    let mut moves = Moves::default();
    let before = old.and_then(|old| old.reward.as_ref());
    reward_transfers(&mut moves.transfers, &Pay { currency }, before, new.reward.as_ref());
    for (reward, sign) in
        before.map(|reward| (reward, Sign::Minus)).into_iter().chain(new.reward.as_ref().map(|reward| (reward, Sign::Plus)))
    {
        generate(&mut moves, referee, reward, sign);
        earn(&mut moves, reward, today, sign);
    }
    if let Some(reward) = new.reward.as_ref().or(before) {
        new.days.iter().for_each(|(day, amount)| moves.earned(&reward.referrer, *day, reward.template.as_ref(), *amount));
    }
    moves.drop_zeros();
    moves
}

struct Pay<'a> {
    currency: &'a Currency,
}

impl Pay<'_> {
    /// Adds a transfer of `amount`; none for nothing, and none from an account to itself.
    fn push(&self, to: &mut Vec<Transfer>, kind: TransferKind, debit: LedgerAccount, credit: LedgerAccount, amount: Money) {
        to.extend(Transfer::try_new(kind, debit, credit, amount, self.currency.clone()));
    }
}

fn buyer_transfers(to: &mut Vec<Transfer>, pay: &Pay<'_>, old: &Posting, new: &Posting, processor: &str) {
    let processor = || LedgerAccount::Processor(processor.to_owned());
    let mut shift = |buyer: &AccountId, delta: Money| {
        let purchased = LedgerAccount::Purchased(buyer.clone());
        pay.push(to, TransferKind::Purchase, processor(), purchased.clone(), delta);
        pay.push(to, TransferKind::PurchaseReversal, purchased, processor(), -delta);
    };
    match (&old.buyer, &new.buyer) {
        (Some(before), Some(after)) if before == after => shift(after, new.purchased - old.purchased),
        (before, after) => {
            before.iter().for_each(|buyer| shift(buyer, -old.purchased));
            after.iter().for_each(|buyer| shift(buyer, new.purchased));
        }
    }
}

fn purse(reward: &Reward) -> LedgerAccount {
    if reward.in_review { LedgerAccount::Review(reward.referrer.clone()) } else { LedgerAccount::Referral(reward.referrer.clone()) }
}

fn reward_transfers(to: &mut Vec<Transfer>, pay: &Pay<'_>, old: Option<&Reward>, new: Option<&Reward>) {
    let shift = |to: &mut Vec<Transfer>, purse: LedgerAccount, delta: Money| {
        pay.push(to, TransferKind::Reward, LedgerAccount::RewardExpense, purse.clone(), delta);
        pay.push(to, TransferKind::Clawback, purse, LedgerAccount::RewardExpense, -delta);
    };
    match (old, new) {
        // A reward that stays in its purse has nothing to move between purses: only the difference is pushed.
        (Some(old), Some(new)) if old.referrer == new.referrer => {
            let kind = if new.in_review { TransferKind::ReviewOpened } else { TransferKind::ReviewCleared };
            pay.push(to, kind, purse(old), purse(new), old.amount);
            shift(to, purse(new), new.amount - old.amount);
        }
        (old, new) => {
            old.iter().for_each(|reward| shift(to, purse(reward), -reward.amount));
            new.iter().for_each(|reward| shift(to, purse(reward), reward.amount));
        }
    }
}

#[cfg(test)]
#[path = "posting_tests.rs"]
mod tests;
