//! Groups of plans, each one transaction: purchases of one referrer cost one update of its balance, and so does what was spent.

use crate::{App, views::Known};
use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt};
use ledger::AccountId;
use programme::{
    attribution::Attribution,
    plan::{Plan, Subject, Views},
};
use std::collections::BTreeMap;
use store::{CommitError, Store, backend::Write};

/// Subjects in one transaction at most.
const SUBJECTS_MAX: usize = 48;
/// Operations in one transaction at most.
const OPERATIONS_MAX: usize = 100;
/// Transactions under way at once.
const CONCURRENT: usize = 8;

/// What became of a transaction.
pub(crate) type Ended = Result<(), CommitError>;

/// A decided subject.
pub(crate) struct Ready {
    pub(crate) subject: Subject,
    pub(crate) plan: Plan,
    /// What is marked for finance with it.
    pub(crate) flags: Vec<Write>,
    /// Not with others.
    pub(crate) alone: bool,
}

/// What one transaction writes.
#[derive(Default)]
pub(crate) struct Group {
    /// Of the work, those that are written by it.
    pub(crate) subjects: Vec<Subject>,
    plan: Plan,
    flags: Vec<Write>,
}

impl Group {
    /// Whose rewards by usage it writes.
    pub(crate) fn rewarded(&self) -> impl Iterator<Item = &AccountId> {
        self.plan.lines.iter().filter_map(|line| match &line.subject {
            Subject::UsageReward(referee) => Some(referee),
            Subject::Purchase(_) | Subject::Usage(_) | Subject::Rental(_) | Subject::Payout(_) => None,
        })
    }

    fn add(&mut self, item: Ready) {
        self.subjects.push(item.subject);
        self.plan.add(item.plan);
        self.flags.extend(item.flags);
    }
}

/// How many operations a plan takes, with the rewards by usage that follow from what counts.
fn size(plan: &Plan, views: &Views, now: DateTime<Utc>) -> usize {
    if plan.counted.is_empty() {
        return Store::size(plan);
    }
    let mut whole = plan.clone();
    whole.reward_usage(views, now);
    Store::size(&whole)
}

/// Whom a plan's group is of: its referrer, else its buyer or whoever spent. Two groups then share no account, but
/// where a buyer has purchases with and without a reward; those collide and are tried again.
fn whose(plan: &Plan, views: &Views) -> Option<AccountId> {
    let referrer = |referee| {
        let attribution: Option<&Attribution> = views.buyers.get(referee)?.attribution.as_ref();
        Some(attribution?.counting()?.referrer.clone())
    };
    let listed = || plan.lines.iter().find_map(|line| line.listed_for.clone());
    plan.counted.keys().find_map(referrer).or_else(listed).or_else(|| plan.guards.keys().next().cloned())
}

fn groups(ready: Vec<Ready>, known: &Known, now: DateTime<Utc>) -> Vec<Group> {
    let mut by_whom: BTreeMap<Option<AccountId>, Vec<Ready>> = BTreeMap::new();
    let mut groups = Vec::new();
    for item in ready {
        let whose = whose(&item.plan, known.views());
        if item.alone || whose.is_none() {
            groups.push(Group { subjects: vec![item.subject], plan: item.plan, flags: item.flags });
        } else {
            by_whom.entry(whose).or_default().push(item);
        }
    }
    for items in by_whom.into_values() {
        let mut group = Group::default();
        for item in items {
            let flags = group.flags.len() + item.flags.len();
            let size = size(&group.plan, known.views(), now) + size(&item.plan, known.views(), now) + flags;
            if !group.subjects.is_empty() && (group.subjects.len() >= SUBJECTS_MAX || size > OPERATIONS_MAX) {
                groups.push(std::mem::take(&mut group));
            }
            group.add(item);
        }
        groups.push(group);
    }
    for group in &mut groups {
        group.plan.reward_usage(known.views(), now);
        known.drop_matured(&mut group.plan, now);
    }
    groups
}

/// Writes the plans, some transactions at a time, and tells what became of each.
pub(crate) async fn commit_groups(app: &App, ready: Vec<Ready>, known: &Known, now: DateTime<Utc>) -> Vec<(Group, Ended)> {
    let writes = groups(ready, known, now).into_iter().map(|group| async move {
        let nothing = group.plan.is_empty() && group.flags.is_empty();
        let ended = if nothing { Ok(()) } else { app.store.commit_with(&group.plan, &group.flags).await };
        (group, ended)
    });
    stream::iter(writes).buffer_unordered(CONCURRENT).collect().await
}
