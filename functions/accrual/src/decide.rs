//! What one subject of a batch should have written now.

use crate::{
    flags,
    instruments::Paid,
    work::{Item, Posted, Work},
};
use chrono::{DateTime, Utc};
use ledger::AccountId;
use programme::{
    fact::FactBody,
    plan::{Plan, Subject, Views, purchase_line, rental_line, spending_line},
    purchase::PurchaseState,
};
use std::collections::BTreeSet;
use store::backend::Write;

/// What is to be done about a subject.
pub(crate) enum Decision {
    /// Its next line, and what is marked for finance with it.
    Write(Plan, Vec<Write>),
    /// Everything is posted already.
    Done,
    /// What is told can't be posted as it is.
    Poison,
}

/// Whose attributions the decisions about the work look at. Notes who paid with what along the way.
pub(crate) fn accounts(work: &Work, views: &Views, paid: &mut Paid) -> BTreeSet<AccountId> {
    let mut accounts = BTreeSet::new();
    for (subject, item) in &work.0 {
        match subject {
            Subject::Purchase(_) => {
                let state = merged(item);
                if let Some(buyer) = state.buyer() {
                    paid.note(buyer, &state.instruments, &item.messages);
                    accounts.insert(buyer.clone());
                }
                // Whom it is taken from, where it turns out to be another's.
                if let Some(Posted::Purchase(posted)) = item.posted() {
                    accounts.extend(posted.posting.buyer.clone());
                }
            }
            Subject::Usage(_) => accounts.extend(spender(item, views)),
            Subject::UsageReward(referee) => drop(accounts.insert(referee.clone())),
            Subject::Rental(_) | Subject::Payout(_) => {}
        }
    }
    accounts
}

/// Who spent, where a referral can earn by it.
fn spender(item: &Item, views: &Views) -> Option<AccountId> {
    match &item.standing()?.body {
        FactBody::Spent { account, at, .. } => views.programme.by_usage_since().filter(|since| at >= since).map(|_| account.clone()),
        FactBody::Purchase { .. } | FactBody::Rental { .. } | FactBody::Closed { .. } | FactBody::Settle { .. } => None,
    }
}

/// The state that the purchase will have, as far as is known: it names the buyer to look up.
fn merged(item: &Item) -> PurchaseState {
    let mut state = match item.posted() {
        Some(Posted::Purchase(posted)) => posted.state.clone(),
        Some(Posted::Spending(_) | Posted::Rental(_)) | None => PurchaseState::default(),
    };
    for fact in &item.facts {
        if let FactBody::Purchase { fact, .. } = &fact.body {
            state.merge(fact);
        }
    }
    state
}

/// Decides about one subject.
pub(crate) fn decide(subject: &Subject, item: &Item, views: &Views, now: DateTime<Utc>) -> Decision {
    let plain = |plan: Option<Plan>| plan.map(|plan| Decision::Write(plan, Vec::new()));
    match subject {
        Subject::Purchase(purchase) => {
            let known = match item.posted() {
                Some(Posted::Purchase(posted)) => Some(&**posted),
                Some(Posted::Spending(_) | Posted::Rental(_)) | None => None,
            };
            purchase_line(purchase, known, &item.facts, views, now).map_or(Decision::Done, |plan| {
                let flags = flags::markers(&plan, known.map(|known| &known.state), views);
                Decision::Write(plan, flags)
            })
        }
        Subject::Usage(_) => {
            let known = match item.posted() {
                Some(Posted::Spending(posted)) => Some(&**posted),
                Some(Posted::Purchase(_) | Posted::Rental(_)) | None => None,
            };
            let undecided = if known.is_some() || item.facts.is_empty() { Decision::Done } else { Decision::Poison };
            plain(item.standing().and_then(|fact| spending_line(fact, known, views, now))).unwrap_or(undecided)
        }
        Subject::Rental(_) if item.posted().is_some() || item.facts.is_empty() => Decision::Done,
        Subject::Rental(_) => plain(item.standing().and_then(|fact| rental_line(fact, now))).unwrap_or(Decision::Poison),
        Subject::UsageReward(referee) => Decision::Write(Plan::looking_at_usage(referee), Vec::new()),
        Subject::Payout(_) => Decision::Done,
    }
}
