//! An audit that is kept after every step and goes on in another process answers the same.

use crate::{
    desk::{Desk, at, seal_keys},
    story::{books, now},
    tables::Tables,
};
use proof::{Audit, Limits, Patience, Progress, Report};
use std::sync::Arc;
use store::{Store, backend::Value, keys};

/// A page holds the longest partition: one that is only half seen is read again.
const LIMITS: Limits = Limits { width: 16, accounts: 1_000, page: 8 };

async fn in_one(store: &Store, patience: Patience) -> Report {
    proof::run(store, now(), LIMITS, patience, async || {}).await.unwrap()
}

async fn in_many(store: &Store, patience: Patience) -> (Report, u32) {
    let mut kept = Audit::begin(store, now(), LIMITS, patience).keep(store).await.unwrap();
    let mut steps = 0;
    loop {
        let mut audit = Audit::resume(&kept).unwrap();
        let progress = audit.step(store, now()).await.unwrap();
        if progress == Progress::Done {
            return (audit.into_report(), steps);
        }
        kept = audit.keep(store).await.unwrap();
        steps += 1;
        assert!(steps < 1_000, "it comes to no end");
    }
}

#[tokio::test]
async fn kept_after_every_step_it_answers_the_same() {
    let (store, memory) = books().await;
    for bent in [false, true] {
        if bent {
            let alice = keys::figures(&"alice".parse().unwrap());
            memory.tamper(&alice, |item| drop(item.as_mut().unwrap().insert("R".into(), Value::N(77.into()))));
            memory.tamper(&keys::approved_on("2026-02-01"), |item| *item = None);
        }
        for patience in [Patience::AT_REST, Patience::BRIEF] {
            let (one, (many, steps)) = (in_one(&store, patience).await, in_many(&store, patience).await);
            assert_eq!(one, many, "{one}\n{many}");
            assert!(steps > 12, "{steps} steps");
            assert_eq!(one.is_clean(), !bent, "{one}");
        }
    }
}

/// Whoever keeps it goes on with it, too.
#[tokio::test]
async fn keeping_changes_nothing() {
    let (store, _) = books().await;
    let mut audit = Audit::begin(&store, now(), LIMITS, Patience::AT_REST);
    while audit.step(&store, now()).await.unwrap() != Progress::Done {
        audit.keep(&store).await.unwrap();
    }
    assert_eq!(audit.into_report(), in_one(&store, Patience::AT_REST).await);
    assert!(Audit::resume("{}").is_err());
}

/// Nobody promises an order of what a scan gives.
#[tokio::test]
async fn in_any_order_it_answers_the_same() {
    let (store, memory) = books().await;
    let shuffled = Store::new(Arc::new(Tables::shuffled(memory.clone())), seal_keys());
    let report = in_one(&shuffled, Patience::AT_REST).await;
    assert!(report.is_clean(), "{report}");
    let desk = Desk { store: store.clone(), now: at("2026-02-01T12:30:00Z") };
    for number in 0..5 {
        desk.refunded("stripe:pi_2", "bob", &format!("{number}.5")).await;
    }
    assert!(in_one(&shuffled, Patience::AT_REST).await.is_clean());
    for (number, invariant) in [(2, "lines_without_gap"), (5, "balances_equal_lines")] {
        let (store, memory) = copy(&memory);
        let place = keys::line(&programme::plan::Subject::Purchase("stripe:pi_2".parse().unwrap()), number);
        memory.tamper(&place, |item| *item = None);
        let shuffled = Store::new(Arc::new(Tables::shuffled(memory)), seal_keys());
        for store in [shuffled, store] {
            let report = in_one(&store, Patience::AT_REST).await;
            assert!(report.figures[invariant].violations > 0, "line {number} is gone: {report}");
        }
    }
}

fn copy(memory: &store::backend::memory::Memory) -> (Store, Arc<store::backend::memory::Memory>) {
    let (store, copy) = Store::in_memory(seal_keys());
    for (table, item) in memory.dump() {
        let part = |name: &str| item.get(name).and_then(Value::as_text).unwrap().to_owned();
        copy.tamper(&store::backend::Key { table, pk: part("pk"), sk: part("sk") }, |place| *place = Some(item.clone()));
    }
    (store, copy)
}
