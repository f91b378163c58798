//! What a ledger line moves.

use super::{Entry, ONE, Owner, Sink, count};
use chrono::NaiveDate;
use ledger::{AccountId, LedgerAccount, Money, Transfer, TransferKind};
use programme::{
    account::Total,
    fact::{Fact, FactBody},
    plan::{Body, Line, Subject},
    reward::{Outcome, Posting, Reward},
};
use store::records::month::Series;

/// Whether a posting is added, or taken back by the one after it.
#[derive(Debug, Clone, Copy)]
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

/// Everything that a line moves, given the line before it. Of a row of postings the last one stands: each takes back the
/// one before. What matures on `today` or before is no hold any more.
pub(crate) fn moved(line: &Line, before: Option<&Line>, today: NaiveDate, sink: &mut impl Sink) {
    line.transfers.iter().for_each(|moved| transfer(moved, sink));
    match &line.body {
        Body::Purchase { posting, .. } => {
            if let Some(Body::Purchase { posting: before, .. }) = before.map(|before| &before.body) {
                posted(before, Sign::Minus, today, sink);
            }
            posted(posting, Sign::Plus, today, sink);
        }
        Body::Spent { fact, outcome } => {
            if let Some(Body::Spent { outcome: before, .. }) = before.map(|before| &before.body) {
                spent(fact, *before, Sign::Minus, sink);
            }
            spent(fact, *outcome, Sign::Plus, sink);
        }
        Body::UsageReward { counted, posting } => {
            let before = match before.map(|before| &before.body) {
                Some(Body::UsageReward { posting, .. }) => posting.reward.as_ref(),
                Some(Body::Purchase { .. } | Body::Spent { .. } | Body::Single { .. } | Body::Payout { .. }) | None => None,
            };
            if let Subject::UsageReward(referee) = &line.subject {
                let referee = Owner::Account(referee.clone());
                before.iter().for_each(|reward| generated(&referee, reward, Sign::Minus, sink));
                posting.reward.iter().for_each(|reward| generated(&referee, reward, Sign::Plus, sink));
                counted.iter().for_each(|step| {
                    sink.kept(&referee, Entry::CountedBought, step.bought);
                    sink.kept(&referee, Entry::CountedSpent, step.spent);
                });
            }
            if let Some(reward) = posting.reward.as_ref().or(before) {
                let referrer = Owner::Account(reward.referrer.clone());
                let entry = |day| Entry::Chart(Series::Earned, day, reward.template.clone());
                posting.days.iter().for_each(|(day, amount)| sink.told(&referrer, entry(*day), *amount));
            }
        }
        Body::Single { fact } => rented(fact, sink),
        Body::Payout { .. } => {}
    }
}

/// What a transfer moves: the debit side gives, the credit side takes.
fn transfer(transfer: &Transfer, sink: &mut impl Sink) {
    let amount = transfer.amount();
    side(transfer.kind(), transfer.credit(), amount, sink);
    side(transfer.kind(), transfer.debit(), -amount, sink);
}

fn side(kind: TransferKind, account: &LedgerAccount, amount: Money, sink: &mut impl Sink) {
    let reward = matches!(kind, TransferKind::Reward | TransferKind::Clawback);
    let mut add = |owner: &AccountId, entry: Entry, amount: Money| sink.told(&Owner::Account(owner.clone()), entry, amount);
    match account {
        LedgerAccount::Purchased(owner) => add(owner, Entry::Total(Total::Purchased), amount),
        // Spent is debited: it grows as it gives.
        LedgerAccount::Spent(owner) => add(owner, Entry::Total(Total::Spent), -amount),
        LedgerAccount::Referral(owner) if reward => add(owner, Entry::Total(Total::Rewards), amount),
        LedgerAccount::Referral(owner) if matches!(kind, TransferKind::Reserve | TransferKind::Release | TransferKind::Return) => {
            add(owner, Entry::Total(Total::ReferralCash), -amount);
        }
        LedgerAccount::Review(owner) => {
            add(owner, Entry::Total(Total::InReview), amount);
            if reward {
                add(owner, Entry::Total(Total::Rewards), amount);
            }
        }
        LedgerAccount::Rental(owner) if kind == TransferKind::Rental => add(owner, Entry::Total(Total::Rental), amount),
        LedgerAccount::Rental(owner) => add(owner, Entry::Total(Total::RentalCash), -amount),
        LedgerAccount::InPayout(owner) => add(owner, Entry::InPayout, amount),
        LedgerAccount::Paid(owner, _) => add(owner, Entry::Total(Total::Paid), amount),
        LedgerAccount::Referral(_)
        | LedgerAccount::RewardExpense
        | LedgerAccount::RentalExpense
        | LedgerAccount::Revenue
        | LedgerAccount::Processor(_) => {}
    }
}

/// What follows from what is posted for a purchase, beside its transfers.
fn posted(posting: &Posting, sign: Sign, today: NaiveDate, sink: &mut impl Sink) {
    let Some(buyer) = &posting.buyer else { return };
    let buyer = Owner::Account(buyer.clone());
    if posting.outcome == Outcome::Waiting {
        sink.told(&buyer, Entry::Waiting, sign.of(count(ONE)));
    }
    if posting.outcome == Outcome::ByUsage {
        sink.told(&buyer, Entry::CountedBought, sign.of(posting.purchased));
    }
    let Some(reward) = &posting.reward else { return };
    generated(&buyer, reward, sign, sink);
    let (referrer, amount) = (Owner::Account(reward.referrer.clone()), sign.of(reward.amount));
    if let Some(day) = reward.matures_on.filter(|day| !reward.in_review && *day > today) {
        sink.told(&referrer, Entry::Hold(day), amount);
    }
    sink.told(&referrer, Entry::Chart(Series::Earned, reward.day, reward.template.clone()), amount);
}

/// What a referee's account keeps of a reward that it earned its referrer.
fn generated(referee: &Owner, reward: &Reward, sign: Sign, sink: &mut impl Sink) {
    sink.told(referee, Entry::Total(Total::Generated), sign.of(reward.amount));
    if reward.in_review {
        sink.told(referee, Entry::Total(Total::GeneratedInReview), sign.of(reward.amount));
    }
}

/// A usage that waits for the signup of who spent, or counts for a reward.
fn spent(fact: &Fact, outcome: Outcome, sign: Sign, sink: &mut impl Sink) {
    let FactBody::Spent { account, amount, .. } = &fact.body else { return };
    let owner = Owner::Account(account.clone());
    if outcome == Outcome::Waiting {
        sink.told(&owner, Entry::Waiting, sign.of(count(ONE)));
    } else if outcome == Outcome::ByUsage {
        sink.told(&owner, Entry::CountedSpent, sign.of(*amount));
    }
}

/// A rent's place in the charts.
fn rented(fact: &Fact, sink: &mut impl Sink) {
    if let FactBody::Rental { account, at, amount, .. } = &fact.body {
        sink.told(&Owner::Account(account.clone()), Entry::Chart(Series::Rented, at.date_naive(), None), *amount);
    }
}
