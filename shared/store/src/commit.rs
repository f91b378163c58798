//! One plan as one transaction. Every operation has a label, so that a canceled transaction tells
//! which claim was lost, and nothing is taken for a conflict that is none.

use crate::{
    StoreError,
    backend::{Backend, Change, Condition, Key, Reason, Write, WriteError},
    keys,
    records::{
        account, line,
        month::{Series, month_of},
    },
};
use ledger::{AccountId, KeyRing, Money};
use programme::plan::{DayKey, Guard, Plan, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// A claim that somebody else took first: what to read again before deciding anew.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// There is a line with this number already.
    Line(Subject),
    /// What was known of the account is no longer so.
    Account(AccountId),
    /// Another write beside the plan was refused by its own condition, by its place among them.
    Beside(usize),
}

/// Why a plan was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitError {
    /// Claims were lost: read these again and decide anew.
    Lost(BTreeSet<Lost>),
    /// Somebody else was writing at the same moment, or the store is busy or away: the same again, later.
    Busy(String),
    /// The store refuses the transaction as such.
    Rejected(String),
}

impl From<CommitError> for StoreError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Lost(lost) => Self::Unavailable(format!("lost {lost:?}")),
            CommitError::Busy(reason) => Self::Unavailable(reason),
            CommitError::Rejected(reason) => Self::Rejected(reason),
        }
    }
}

#[derive(Debug, Clone)]
enum Label {
    Line(Subject),
    Account(AccountId),
    Bucket,
    Beside(usize),
}

/// The greatest number of operations in one transaction.
pub(crate) const OPERATIONS_MAX: usize = 100;

fn guard_condition(guard: Guard) -> Condition {
    match guard {
        Guard::Attribution(None) => Condition::Absent("av"),
        Guard::Attribution(Some(version)) => Condition::Equals("av", version.into()),
        Guard::CashVersion(0) => Condition::Absent("cv"),
        Guard::CashVersion(version) => Condition::Equals("cv", version.into()),
    }
}

/// The operations of a plan and their labels; `beside` are written along with it.
fn operations(plan: &Plan, beside: &[Write], seal_keys: &KeyRing) -> Vec<(Label, Write)> {
    let mut operations: Vec<(Label, Write)> = plan
        .lines
        .iter()
        .map(|record| {
            let item = line::write(record, seal_keys);
            (Label::Line(record.subject.clone()), Write::create(keys::line(&record.subject, record.number), item))
        })
        .collect();
    let accounts: BTreeSet<&AccountId> = plan.moves.accounts.keys().chain(plan.guards.keys()).collect();
    for id in accounts {
        let conditions: Vec<Condition> = plan.guards.get(id).copied().map(guard_condition).into_iter().collect();
        let key = keys::figures(id);
        let write = match plan.moves.accounts.get(id) {
            Some(moved) => Write::update(key, conditions, account::changes(moved)),
            None => Write { key, conditions, operation: crate::backend::Operation::Check },
        };
        operations.push((Label::Account(id.clone()), write));
    }
    operations.extend(buckets(plan).into_iter().map(|(key, changes)| (Label::Bucket, Write::update(key, Vec::new(), changes))));
    operations.extend(beside.iter().enumerate().map(|(place, write)| (Label::Beside(place), write.clone())));
    operations
}

/// The chart buckets that a plan moves, by item.
fn buckets(plan: &Plan) -> BTreeMap<Key, Vec<Change>> {
    let mut items: BTreeMap<Key, Vec<Change>> = BTreeMap::new();
    let mut add = |series: Series, day: &DayKey, amount: Money| {
        let key = keys::month(&day.account, &month_of(day.day), day.template.as_ref());
        items.entry(key).or_default().push(Change::Add(series.name(day.day), amount.decimal()));
    };
    plan.moves.earned.iter().for_each(|(day, amount)| add(Series::Earned, day, *amount));
    plan.moves.rented.iter().for_each(|(day, amount)| add(Series::Rented, day, *amount));
    items
}

/// How many operations a plan takes: whoever groups plans stays below a transaction's limit with it.
#[must_use]
pub(crate) fn size(plan: &Plan) -> usize {
    let accounts: BTreeSet<&AccountId> = plan.moves.accounts.keys().chain(plan.guards.keys()).collect();
    plan.lines.len() + accounts.len() + buckets(plan).len()
}

/// Writes a plan, and `beside` with it, in one transaction.
pub(crate) async fn commit(backend: &dyn Backend, plan: &Plan, beside: &[Write], seal_keys: &KeyRing) -> Result<(), CommitError> {
    if seal_keys.is_none() && !plan.lines.is_empty() {
        return Err(CommitError::Rejected("no key to seal ledger records with".into()));
    }
    let (labels, writes): (Vec<Label>, Vec<Write>) = operations(plan, beside, seal_keys).into_iter().unzip();
    if writes.len() > OPERATIONS_MAX {
        return Err(CommitError::Rejected(format!("{} operations in one transaction", writes.len())));
    }
    match backend.write(&writes).await {
        Ok(()) => Ok(()),
        Err(WriteError::Unavailable(reason)) => Err(CommitError::Busy(reason)),
        Err(WriteError::Rejected(reason)) => Err(CommitError::Rejected(reason)),
        Err(WriteError::Canceled(reasons)) => Err(judge(&labels, &reasons)),
    }
}

/// What a canceled transaction means: a lost claim outweighs a conflict, since only reading again can mend it.
fn judge(labels: &[Label], reasons: &[Reason]) -> CommitError {
    let mut lost = BTreeSet::new();
    let mut busy = None;
    for (label, reason) in labels.iter().zip(reasons) {
        match (reason, label) {
            (Reason::None, _) => {}
            (Reason::ConditionFailed, Label::Line(subject)) => drop(lost.insert(Lost::Line(subject.clone()))),
            (Reason::ConditionFailed, Label::Account(account)) => drop(lost.insert(Lost::Account(account.clone()))),
            (Reason::ConditionFailed, Label::Beside(place)) => drop(lost.insert(Lost::Beside(*place))),
            (Reason::ConditionFailed, Label::Bucket) => return CommitError::Rejected("a condition failed where there is none".into()),
            (Reason::Conflict | Reason::Throttled, _) => busy = Some(format!("{reason:?} at {label:?}")),
            (Reason::Other(code), _) => return CommitError::Rejected(format!("{code} at {label:?}")),
        }
    }
    if lost.is_empty() { CommitError::Busy(busy.unwrap_or_else(|| "canceled without a reason".into())) } else { CommitError::Lost(lost) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reasons_are_matched_by_their_labels() {
        let subject = || Subject::Usage("u1".into());
        let bob: AccountId = "bob".parse().unwrap();
        let labels = [Label::Line(subject()), Label::Account(bob.clone()), Label::Bucket];
        let of = |reasons: [Reason; 3]| judge(&labels, &reasons);
        use Reason::{ConditionFailed, Conflict, None, Other, Throttled};
        assert_eq!(of([ConditionFailed, None, None]), CommitError::Lost([Lost::Line(subject())].into()));
        assert_eq!(of([ConditionFailed, ConditionFailed, Conflict]), CommitError::Lost([Lost::Line(subject()), Lost::Account(bob)].into()));
        assert!(matches!(of([None, Conflict, None]), CommitError::Busy(_)));
        assert!(matches!(of([None, None, Throttled]), CommitError::Busy(_)));
        assert!(matches!(of([None, Other("ItemCollectionSizeLimitExceeded".into()), Conflict]), CommitError::Rejected(_)));
        assert!(matches!(of([None, None, ConditionFailed]), CommitError::Rejected(_)));
    }
}
