//! A ledger line as its account reads it: what it changed for that account, by which rule, and why,
//! in words. It tells nothing of who bought: a referrer may know what a referred account bought, not who it is.

use crate::{
    fact::{DisputeStatus, Fact, FactBody, PurchaseFact, RefundStatus},
    payout::PayoutStatus,
    plan::{Body, Line, Subject},
    purchase::PurchaseState,
    reward::{Outcome, Posting, Reward},
};
use ledger::{AccountId, Currency, LedgerAccount, Money, TransferKind};
use serde::Deserialize;

mod by_usage;

/// What one line says to one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement<'a> {
    /// The kinds of those of its transfers that touch the account; none where nothing moved for it.
    pub kinds: Vec<TransferKind>,
    /// What it changed in the account's credits, cash purses and earnings: negative where it took.
    /// Cash that leaves is counted when it is reserved, so that its payment changes nothing more.
    pub amount: Money,
    /// The currency of that; none where nothing moved.
    pub currency: Option<&'a Currency>,
    /// The rule that decided: the outcome of a purchase, `by_usage` of a reward by usage, else `usage`, `rental` or `payout`.
    pub rule: &'static str,
    /// Why, in words.
    pub cause: String,
    /// The account's reward as it stands after the line, with its rate and versions.
    pub reward: Option<&'a Reward>,
}

/// Reads a line for `account`.
#[must_use]
pub fn statement<'a>(line: &'a Line, account: &AccountId) -> Statement<'a> {
    let mut kinds: Vec<TransferKind> = Vec::new();
    let (mut amount, mut currency) = (Money::ZERO, None);
    for transfer in &line.transfers {
        let side =
            |ledger: &LedgerAccount| if ledger.owner() == Some(account) && is_purse(ledger) { transfer.amount() } else { Money::ZERO };
        if [transfer.debit(), transfer.credit()].into_iter().any(|ledger| ledger.owner() == Some(account)) {
            amount += side(transfer.credit()) - side(transfer.debit());
            currency = Some(transfer.currency());
            if !kinds.contains(&transfer.kind()) {
                kinds.push(transfer.kind());
            }
        }
    }
    let reward = match &line.body {
        Body::Purchase { posting, .. } => posting.reward.as_ref().filter(|reward| reward.referrer == *account),
        Body::UsageReward { posting, .. } => posting.reward.as_ref().filter(|reward| reward.referrer == *account),
        Body::Single { .. } | Body::Spent { .. } | Body::Payout { .. } => None,
    };
    let (rule, cause) = match &line.body {
        Body::Purchase { facts, state, posting } => {
            (posting.outcome.as_str(), purchase_cause(facts, state, posting, reward, (amount, &kinds)))
        }
        Body::UsageReward { counted, posting } => (Outcome::ByUsage.as_str(), by_usage::cause(counted, posting, (amount, &kinds))),
        Body::Single { fact } | Body::Spent { fact, .. } => (subject_rule(&line.subject), single_cause(fact, account)),
        Body::Payout { event } => ("payout", payout_cause(event, &kinds)),
    };
    Statement { kinds, amount, currency, rule, cause, reward }
}

/// Whether it holds what the account has. What is on its way out, or out, is no longer that.
const fn is_purse(ledger: &LedgerAccount) -> bool {
    match ledger {
        LedgerAccount::Purchased(_)
        | LedgerAccount::Spent(_)
        | LedgerAccount::Referral(_)
        | LedgerAccount::Review(_)
        | LedgerAccount::Rental(_) => true,
        LedgerAccount::InPayout(_)
        | LedgerAccount::Paid(..)
        | LedgerAccount::RewardExpense
        | LedgerAccount::RentalExpense
        | LedgerAccount::Revenue
        | LedgerAccount::Processor(_) => false,
    }
}

const fn subject_rule(subject: &Subject) -> &'static str {
    match subject {
        Subject::Purchase(_) => "purchase",
        Subject::Usage(_) => "usage",
        Subject::Rental(_) => "rental",
        Subject::Payout(_) => "payout",
        Subject::UsageReward(_) => Outcome::ByUsage.as_str(),
    }
}

/// What a purchase earns, or why it earns nothing, in words for its referrer.
#[must_use]
pub const fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Earns => "it earns a reward",
        Outcome::NotCaptured => "nothing was captured yet",
        Outcome::NoBuyer => "it is not certain who bought",
        Outcome::Parked => "it is not in the programme's currency, and waits for a decision",
        Outcome::Waiting => "the buyer has not signed up yet",
        Outcome::NotAttributed => "the buyer came by no link",
        Outcome::Refused => "the referral was refused",
        Outcome::BeforeClick => "it was bought before the click that is credited",
        Outcome::AfterDuration => "it was bought after the time in which this referral earns",
        Outcome::ReferrerClosed => "it was bought after the referrer's account was closed",
        Outcome::ByUsage => "this referral earns from credits spent, up to those bought",
        Outcome::ByPurchase => "this referral earns from credits bought, not from credits spent",
    }
}

fn purchase_cause(
    facts: &[Fact],
    state: &PurchaseState,
    posting: &Posting,
    reward: Option<&Reward>,
    moved: (Money, &[TransferKind]),
) -> String {
    let news = news(facts, state, posting.outcome, moved);
    let stands = match reward {
        Some(reward) => reward_words(reward, posting, state),
        None if posting.reward.is_some() => "it is credited to another account".to_owned(),
        None => format!("earns nothing: {}", outcome_words(posting.outcome)),
    };
    let taken = if moved.0.is_negative() { "taken back: " } else { "" };
    if news.is_empty() { format!("{taken}{stands}") } else { format!("{taken}{}; now {stands}", news.join("; ")) }
}

/// `3 % of 50.00 bought by a referred account on 2026-11-21, settings version 2`.
fn reward_words(reward: &Reward, posting: &Posting, state: &PurchaseState) -> String {
    let (left, base) = (posting.purchased, state.base());
    let of = if left == base { base.to_string() } else { format!("the {left} left of {base}") };
    let own = reward.rate_version.map(|version| format!(", own rate version {version}")).unwrap_or_default();
    let review = if reward.in_review { ", in review" } else { "" };
    let (rate, day, version) = (reward.rate.percent(), reward.day, reward.settings_version);
    format!("{rate} of {of} bought by a referred account on {day}, settings version {version}{own}{review}")
}

/// What the line took in, beside the purchase itself.
fn news(facts: &[Fact], state: &PurchaseState, outcome: Outcome, (amount, kinds): (Money, &[TransferKind])) -> Vec<String> {
    let name_currency = outcome == Outcome::Parked || state.currencies.len() > 1;
    let mut news: Vec<String> = Vec::new();
    for fact in facts {
        news.extend(match &fact.body {
            FactBody::Purchase { fact, .. } => fact_words(fact, name_currency),
            FactBody::Spent { .. } | FactBody::Rental { .. } | FactBody::Closed { .. } | FactBody::Settle { .. } => None,
        });
    }
    if kinds.contains(&TransferKind::ReviewOpened) {
        news.push("the referral went into review".into());
    }
    if kinds.contains(&TransferKind::ReviewCleared) {
        news.push("the referral's review was cleared".into());
    }
    if news.is_empty() && facts.is_empty() {
        news.push("something about the referral changed".into());
    } else if news.is_empty() && amount.is_negative() {
        news.push("the processor told the purchase otherwise".into());
    }
    news
}

fn fact_words(fact: &PurchaseFact, name_currency: bool) -> Option<String> {
    let of = |amount: &Money, currency: &Currency| if name_currency { format!("{amount} {currency}") } else { amount.to_string() };
    match fact {
        PurchaseFact::Captured { .. } | PurchaseFact::Instrument { .. } => None,
        PurchaseFact::Named { .. } => Some("the processor told more about the purchase".into()),
        PurchaseFact::Refund { amount, currency, status, .. } => {
            Some(format!("a refund of {} {}", of(amount, currency), refund_words(*status)))
        }
        PurchaseFact::RefundedTotal { amount, currency } => Some(format!("{} was refunded in all", of(amount, currency))),
        PurchaseFact::Dispute { amount, currency, status, .. } => {
            Some(format!("a dispute over {} {}", of(amount, currency), dispute_words(*status)))
        }
    }
}

const fn refund_words(status: RefundStatus) -> &'static str {
    match status {
        RefundStatus::Pending => "was asked for",
        RefundStatus::Succeeded => "went through",
        RefundStatus::Canceled => "was called off",
        RefundStatus::Failed => "failed",
    }
}

const fn dispute_words(status: DisputeStatus) -> &'static str {
    match status {
        DisputeStatus::Inquiry => "is asked about",
        DisputeStatus::Open => "was opened",
        DisputeStatus::Won => "was decided for the seller",
        DisputeStatus::Lost => "was decided for the buyer",
    }
}

fn single_cause(fact: &Fact, account: &AccountId) -> String {
    match &fact.body {
        FactBody::Spent { account: spender, amount, at, .. } => {
            let whose = if spender == account { "" } else { " by a referred account" };
            format!("{amount} of credits spent{whose} on {}", at.date_naive())
        }
        FactBody::Rental { machine, at, .. } => format!("rent of the machine {machine} on {}", at.date_naive()),
        FactBody::Closed { at, .. } => format!("the account was closed on {}", at.date_naive()),
        FactBody::Purchase { .. } | FactBody::Settle { .. } => "something about a purchase changed".to_owned(),
    }
}

/// What every step of a payout tells: where it stands after it.
#[derive(Deserialize)]
struct Stands {
    status: PayoutStatus,
}

/// A payout's step by what it moved, and where the payout stands after it.
fn payout_cause(event: &str, kinds: &[TransferKind]) -> String {
    let moved = payout_words(kinds);
    let stands: Option<Stands> = serde_json::from_str(event).ok();
    stands.map_or_else(|| moved.to_owned(), |Stands { status }| format!("{moved}; the payout is {status}"))
}

/// The last of the transfers' kinds says what the step was for.
fn payout_words(kinds: &[TransferKind]) -> &'static str {
    match kinds.last() {
        None => "a step of a payout that moved no money",
        Some(TransferKind::Reserve) => "reserved for a payout",
        Some(TransferKind::Release) => "given back by a payout that did not go out",
        Some(TransferKind::Payout) => "a payout was paid out of what was reserved for it",
        Some(TransferKind::Return) => "given back by a payout that was returned",
        Some(
            TransferKind::Purchase
            | TransferKind::PurchaseReversal
            | TransferKind::Reward
            | TransferKind::Clawback
            | TransferKind::ReviewCleared
            | TransferKind::ReviewOpened
            | TransferKind::Usage
            | TransferKind::Rental,
        ) => "a step of a payout",
    }
}

#[cfg(test)]
#[path = "wording_tests.rs"]
mod tests;
