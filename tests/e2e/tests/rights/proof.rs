//! The audit: a day on which everything agrees, and one on which somebody bent a figure.

use crate::{STAGE, people::People};
use local::stack::Stack;
use std::time::Duration;
use store::{
    Store,
    backend::{Change, Item, Key, Scan, Table, Value, Write},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Runs of the schedule after which an audit has come to its end: it looks three times at what differs.
const RUNS_MAX: u32 = 20;

pub(crate) async fn tell(people: &People<'_>, stores: &Stack) {
    // By the side of the guard, as a hand would.
    let tables = ["accounts", "referrals", "ledger"].map(|kind| format!("referral-{STAGE}-{kind}"));
    let store = local::audit::store(stores.dynamodb_url(), &tables, people.stack.secrets()).unwrap();
    assert_eq!(violations(people, &store).await, 0);
    let bent = figures(&store).await;
    store.backend().write(&[Write::update(bent.clone(), vec![], vec![Change::Add("R".into(), 1.into())])]).await.unwrap();
    assert_eq!(violations(people, &store).await, 1, "{bent:?} is bent");
    let asked = people.get("fin1", "/finance/audit").await;
    let examples = asked["figures"]["balances_equal_lines"]["examples"].to_string();
    assert!(examples.contains(&bent.pk), "{asked}");
}

/// What the audit of the next day finds.
async fn violations(people: &People<'_>, store: &Store) -> u64 {
    let before = store.audit_report().await.unwrap();
    people.wait(DAY).await;
    for _ in 0..RUNS_MAX {
        people.stack.run_schedule("audit").await.unwrap();
        let report = store.audit_report().await.unwrap();
        if report != before {
            let report: serde_json::Value = serde_json::from_str(&report.unwrap()).unwrap();
            return report["figures"].as_object().unwrap().values().map(|figure| figure["violations"].as_u64().unwrap()).sum();
        }
    }
    panic!("the audit comes to no end");
}

/// Figures of somebody who was rewarded for purchases.
async fn figures(store: &Store) -> Key {
    let mut scan = Scan { table: Table::Accounts, after: None, limit: 100 };
    loop {
        let (items, next) = store.backend().scan(&scan).await.unwrap();
        let text = |item: &Item, name: &str| item.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        let rewarded = items.iter().find(|item| item.get("R").and_then(Value::as_number).is_some_and(|rewards| rewards > 0.into()));
        if let Some(item) = rewarded {
            return Key { table: Table::Accounts, pk: text(item, "pk"), sk: text(item, "sk") };
        }
        scan.after = Some(next.expect("somebody was rewarded"));
    }
}
