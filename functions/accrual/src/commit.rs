//! Groups of plans, each one transaction: purchases of one referrer cost one update of its balance.

use crate::{App, flags};
use futures::stream::{self, StreamExt};
use ledger::AccountId;
use programme::{
    fact::PurchaseId,
    plan::{Plan, Views},
};
use std::collections::BTreeMap;
use store::{CommitError, Store, backend::Write};

/// Purchases in one transaction at most.
const PURCHASES_MAX: usize = 48;
/// Operations in one transaction at most.
const OPERATIONS_MAX: usize = 100;
/// Transactions under way at once.
const CONCURRENT: usize = 8;

/// What became of a transaction.
pub(crate) type Ended = Result<(), CommitError>;

/// A decided purchase.
pub(crate) struct Ready {
    pub(crate) purchase: PurchaseId,
    pub(crate) plan: Plan,
    /// Not with others.
    pub(crate) alone: bool,
}

#[derive(Default)]
struct Group {
    purchases: Vec<PurchaseId>,
    plan: Plan,
    flags: Vec<Write>,
}

/// Whom a plan's group is of: its referrer, else its buyer. Two groups then share no account, but
/// where a buyer has purchases with and without a reward; those collide and are tried again.
fn whose(plan: &Plan) -> Option<AccountId> {
    let listed = plan.lines.iter().find_map(|line| line.listed_for.clone());
    listed.or_else(|| plan.guards.keys().next().cloned())
}

fn groups(ready: Vec<Ready>, views: &Views) -> Vec<Group> {
    let mut by_whom: BTreeMap<Option<AccountId>, Vec<Ready>> = BTreeMap::new();
    let mut groups = Vec::new();
    for item in ready {
        let whose = whose(&item.plan);
        if item.alone || whose.is_none() {
            let flags = flags::markers(&item.plan, views);
            groups.push(Group { purchases: vec![item.purchase], plan: item.plan, flags });
        } else {
            by_whom.entry(whose).or_default().push(item);
        }
    }
    for items in by_whom.into_values() {
        let mut group = Group::default();
        for item in items {
            let flags = flags::markers(&item.plan, views);
            let size = Store::size(&group.plan) + group.flags.len() + Store::size(&item.plan) + flags.len();
            if !group.purchases.is_empty() && (group.purchases.len() >= PURCHASES_MAX || size > OPERATIONS_MAX) {
                groups.push(std::mem::take(&mut group));
            }
            group.purchases.push(item.purchase);
            group.plan.add(item.plan);
            group.flags.extend(flags);
        }
        groups.push(group);
    }
    groups
}

/// Writes the plans, some transactions at a time, and tells what became of each.
pub(crate) async fn commit_groups(app: &App, ready: Vec<Ready>, views: &Views) -> Vec<(Vec<PurchaseId>, Ended)> {
    let writes = groups(ready, views).into_iter().map(|group| async move {
        let ended = app.store.commit_with(&group.plan, &group.flags).await;
        (group.purchases, ended)
    });
    stream::iter(writes).buffer_unordered(CONCURRENT).collect().await
}
