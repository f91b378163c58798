//! The daily reconciliation over books at rest: it finds nothing but payouts whose outcome nobody can know.

use crate::{apps::keys, world::World};
use chrono::{DateTime, Utc};
use edge::{events::Schedule, queue::Queue};
use std::sync::Arc;
use store::{Store, records::reconciliation::FindingKind};

/// Everything that it finds and should not, a sentence each.
pub async fn check(world: &World, now: DateTime<Utc>) -> Vec<String> {
    let store = Store::new(world.memory.clone(), keys());
    let queue: Arc<dyn Queue> = world.errands.clone();
    let app = reconcile::App { store: store.clone(), rails: world.bank.rails(), queue };
    if let Err(problem) = reconcile::handle(&app, Schedule { now, job_id: "the end".into() }).await {
        return vec![format!("the reconciliation fails with {}", problem.status())];
    }
    let found = match store.reconciliation(now.date_naive()).await {
        Ok(Some(found)) => found,
        Ok(None) => return vec!["the reconciliation left no report".into()],
        Err(error) => return vec![format!("the reconciliation's report does not read: {error}")],
    };
    // What no rail has and nobody may send any more is late for ever: people decide it.
    let wrong = found.findings.iter().filter(|finding| finding.kind != FindingKind::Late || finding.reference.is_some());
    wrong.map(|finding| format!("the reconciliation finds {finding:?}")).collect()
}
