//! Purchases: merged, decided, posted; attempt after attempt until each is done or out of patience.

use crate::{
    App,
    batch::{Failure, Failures},
    commit::{Ended, Ready, commit_groups},
    instruments::{self, Paid},
    views::Known,
};
use chrono::{DateTime, Utc};
use programme::{
    fact::{Fact, FactBody, PurchaseFact, PurchaseId},
    plan::{PostedPurchase, Subject, purchase_line},
    purchase::PurchaseState,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{CommitError, Lost, StoreError};

/// Attempts at a purchase within one invocation. The store's own clients retry below this.
const ATTEMPTS: u32 = 10;

/// What is known of a purchase's lines.
#[derive(Debug, Clone)]
enum Seen {
    /// Nothing was read: a capture is most often the first fact, so line 0 is tried blind.
    Untried,
    /// A line came in between: to be read before anything else.
    Old,
    /// The newest line.
    Line(Box<Option<PostedPurchase>>),
}

/// One purchase and what the batch tells of it.
#[derive(Debug, Clone)]
struct Item {
    facts: Vec<Fact>,
    messages: BTreeSet<usize>,
    seen: Seen,
    /// Commit it alone: a transaction with others was refused as such.
    alone: bool,
}

/// The purchases of a batch.
#[derive(Debug, Default)]
pub(crate) struct Work(BTreeMap<PurchaseId, Item>);

impl Work {
    /// Adds a fact, or (none) a call to compute the purchase again.
    pub(crate) fn add(&mut self, purchase: PurchaseId, fact: Option<Fact>, message: usize) {
        let item = self.0.entry(purchase).or_insert_with(|| Item {
            facts: Vec::new(),
            messages: BTreeSet::new(),
            seen: Seen::Untried,
            alone: false,
        });
        item.facts.extend(fact);
        item.messages.insert(message);
    }
}

fn brings_capture(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(&fact.body, FactBody::Purchase { fact: PurchaseFact::Captured { .. }, .. }))
}

/// Posts what the purchases should have. What stays undone is added to the failures.
pub(crate) async fn post(app: &App, mut work: Work, now: DateTime<Utc>, failures: &mut Failures) {
    let (mut known, mut paid) = (Known::default(), Paid::default());
    for attempt in 0..ATTEMPTS {
        if work.0.is_empty() {
            break;
        }
        if attempt > 0 {
            app.back_off(attempt).await;
        }
        if let Err(error) = attempt_once(app, &mut work, (&mut known, &mut paid), now, failures).await {
            match error {
                StoreError::Unavailable(reason) => tracing::warn!(attempt, reason, "the store is away"),
                StoreError::Corrupt { .. } | StoreError::Rejected(_) => {
                    tracing::error!(%error, "can't be read");
                    break;
                }
            }
        }
    }
    for (purchase, item) in work.0 {
        tracing::warn!(%purchase, "given back");
        failures.add(&item.messages, Failure::Outage);
    }
    for (buyer, (digests, messages)) in &paid.0 {
        if let Err(failure) = instruments::look(app, buyer, digests, now).await {
            failures.add(messages, failure);
        }
    }
}

async fn attempt_once(
    app: &App,
    work: &mut Work,
    (known, paid): (&mut Known, &mut Paid),
    now: DateTime<Utc>,
    failures: &mut Failures,
) -> Result<(), StoreError> {
    read_lines(app, work, failures).await?;
    let mut buyers = BTreeSet::new();
    for item in work.0.values() {
        let state = merged(item);
        if let Some(buyer) = state.buyer() {
            paid.note(buyer, &state.instruments, &item.messages);
            buyers.insert(buyer.clone());
        }
    }
    known.load(app, &buyers, now).await?;
    let mut ready = Vec::new();
    let mut unchanged = Vec::new();
    for (purchase, item) in &work.0 {
        let line = match &item.seen {
            Seen::Untried | Seen::Old => None,
            Seen::Line(line) => line.as_ref().as_ref(),
        };
        match purchase_line(purchase, line, &item.facts, known.views(), now) {
            Some(mut plan) => {
                known.drop_matured(&mut plan, now);
                ready.push(Ready { purchase: purchase.clone(), plan, alone: item.alone });
            }
            None => unchanged.push(purchase.clone()),
        }
    }
    unchanged.iter().for_each(|purchase| drop(work.0.remove(purchase)));
    for (purchases, ended) in commit_groups(app, ready, known.views()).await {
        settle_group(work, known, failures, purchases, ended);
    }
    Ok(())
}

/// Reads the newest line of each purchase that is not tried blind.
async fn read_lines(app: &App, work: &mut Work, failures: &mut Failures) -> Result<(), StoreError> {
    let mut broken = Vec::new();
    for (purchase, item) in &mut work.0 {
        match item.seen {
            Seen::Line(_) => continue,
            Seen::Untried if brings_capture(&item.facts) => continue,
            Seen::Untried | Seen::Old => {}
        }
        match app.store.posted(purchase).await {
            Ok(line) => item.seen = Seen::Line(Box::new(line)),
            // One unreadable purchase never holds up the others.
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(%error, %purchase, "a line does not read");
                failures.add(&item.messages, Failure::Poison);
                broken.push(purchase.clone());
            }
            Err(error) => return Err(error),
        }
    }
    broken.iter().for_each(|purchase| drop(work.0.remove(purchase)));
    Ok(())
}

/// The state that the purchase will have, as far as is known: it names the buyer to look up.
fn merged(item: &Item) -> PurchaseState {
    let mut state = match &item.seen {
        Seen::Line(line) => line.as_ref().as_ref().map(|posted| posted.state.clone()).unwrap_or_default(),
        Seen::Untried | Seen::Old => PurchaseState::default(),
    };
    for fact in &item.facts {
        if let FactBody::Purchase { fact, .. } = &fact.body {
            state.merge(fact);
        }
    }
    state
}

/// Takes in what became of one transaction: done, to be read again, or given up.
fn settle_group(work: &mut Work, known: &mut Known, failures: &mut Failures, purchases: Vec<PurchaseId>, ended: Ended) {
    match ended {
        Ok(()) => purchases.iter().for_each(|purchase| drop(work.0.remove(purchase))),
        Err(CommitError::Busy(reason)) => tracing::info!(reason, "busy"),
        Err(CommitError::Lost(lost)) => {
            for claim in lost {
                match claim {
                    Lost::Line(Subject::Purchase(purchase)) => reread(work, &purchase),
                    Lost::Account(account) => known.forget(&account),
                    Lost::Line(Subject::Usage(_) | Subject::Rental(_) | Subject::Payout(_)) | Lost::Beside(_) => {}
                }
            }
        }
        Err(CommitError::Rejected(reason)) => match purchases.as_slice() {
            [only] => {
                tracing::error!(purchase = %only, reason, "refused by the store");
                if let Some(item) = work.0.remove(only) {
                    failures.add(&item.messages, Failure::Poison);
                }
            }
            _ => purchases.iter().for_each(|purchase| {
                if let Some(item) = work.0.get_mut(purchase) {
                    item.alone = true;
                }
            }),
        },
    }
}

/// The line that was tried is taken: whatever was known of the purchase is old.
fn reread(work: &mut Work, purchase: &PurchaseId) {
    if let Some(item) = work.0.get_mut(purchase) {
        item.seen = Seen::Old;
    }
}
