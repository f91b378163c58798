//! The work of a batch: what is told of each subject, and what is known of its lines.

use programme::{
    fact::{Fact, FactBody, PurchaseFact},
    plan::{PostedPurchase, PostedSpending, Subject},
};
use std::collections::{BTreeMap, BTreeSet};

/// The newest line of a subject, as the next decision needs it.
#[derive(Debug, Clone)]
pub(crate) enum Posted {
    Purchase(Box<PostedPurchase>),
    Spending(Box<PostedSpending>),
    /// A rental earning: its fact.
    Rental(Box<Fact>),
}

/// What is known of a subject's lines.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    /// Nothing was read: what is told is most often the first of its subject, so line 0 is tried blind.
    Untried,
    /// A line came in between: to be read before anything else.
    Old,
    /// The newest line, if there is one.
    Line(Option<Posted>),
}

/// One subject and what the batch tells of it.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// In the order in which they came. None where the subject is only to be computed again.
    pub(crate) facts: Vec<Fact>,
    /// The messages that told them, by their place in the batch.
    pub(crate) messages: BTreeSet<usize>,
    pub(crate) seen: Seen,
    /// Commit it alone: a transaction with others was refused as such.
    pub(crate) alone: bool,
}

impl Item {
    pub(crate) const fn posted(&self) -> Option<&Posted> {
        match &self.seen {
            Seen::Untried | Seen::Old => None,
            Seen::Line(posted) => posted.as_ref(),
        }
    }

    /// The fact that stands under the subject's id, of those of which only one can: the posted one, else the first told.
    pub(crate) fn standing(&self) -> Option<&Fact> {
        match self.posted() {
            Some(Posted::Spending(posted)) => Some(&posted.fact),
            Some(Posted::Rental(fact)) => Some(fact),
            Some(Posted::Purchase(_)) => None,
            None => self.facts.first(),
        }
    }

    /// Whether a line can be decided without knowing the ones before it.
    pub(crate) fn can_be_tried(&self) -> bool {
        self.facts.iter().any(|fact| match &fact.body {
            FactBody::Purchase { fact, .. } => matches!(fact, PurchaseFact::Captured { .. }),
            FactBody::Spent { .. } | FactBody::Rental { .. } => true,
            FactBody::Closed { .. } | FactBody::Settle { .. } => false,
        })
    }

    /// Whether something else is told under the same id than what stands: finance decides about it.
    pub(crate) fn contradicts_itself(&self) -> bool {
        match self.standing() {
            Some(standing) if is_single(standing) => self.facts.iter().any(|fact| fact.body != standing.body),
            Some(_) | None => false,
        }
    }
}

/// Whether a fact moves money by itself, so that another one under its id contradicts it.
const fn is_single(fact: &Fact) -> bool {
    match fact.body {
        FactBody::Spent { .. } | FactBody::Rental { .. } => true,
        FactBody::Purchase { .. } | FactBody::Closed { .. } | FactBody::Settle { .. } => false,
    }
}

/// The subjects of a batch.
#[derive(Debug, Default)]
pub(crate) struct Work(pub(crate) BTreeMap<Subject, Item>);

impl Work {
    /// Adds a fact, or (none) a call to compute the subject again.
    pub(crate) fn add(&mut self, subject: Subject, fact: Option<Fact>, message: usize) {
        let item = self.0.entry(subject).or_insert_with(|| Item {
            facts: Vec::new(),
            messages: BTreeSet::new(),
            seen: Seen::Untried,
            alone: false,
        });
        item.facts.extend(fact);
        item.messages.insert(message);
    }

    /// The line that was tried is taken: whatever was known of the subject is old.
    pub(crate) fn reread(&mut self, subject: &Subject) {
        if let Some(item) = self.0.get_mut(subject) {
            item.seen = Seen::Old;
        }
    }

    /// A line of the subject is written. What contradicts it is left, to be told so.
    pub(crate) fn done(&mut self, subject: &Subject) {
        match self.0.get_mut(subject) {
            Some(item) if item.contradicts_itself() => item.seen = Seen::Old,
            Some(_) => drop(self.0.remove(subject)),
            None => {}
        }
    }
}

/// What a fact is of, where it is one that becomes a line.
pub(crate) fn subject(fact: &Fact) -> Option<Subject> {
    match &fact.body {
        FactBody::Purchase { purchase, .. } => Some(Subject::Purchase(purchase.clone())),
        FactBody::Spent { usage, .. } => Some(Subject::Usage(usage.clone())),
        FactBody::Rental { earning, .. } => Some(Subject::Rental(earning.clone())),
        FactBody::Closed { .. } | FactBody::Settle { .. } => None,
    }
}
