//! Every fault of the store at every call of every door that writes: told to come back, the caller
//! does, and both the answer and the tables end as they do without a fault.

use crate::{
    flags::{decide, flagged},
    reviews::in_review,
    support::{Ask, World},
};
use programme::{attribution::AttributionReason, settings::Settings};
use serde_json::{Value as Json, json};
use store::backend::{Item, Table, faulty::Fault};

/// More calls than any door makes.
const CALLS_MAX: u32 = 24;
/// The first payout of alice, as the support makes it.
const PAYOUT: &str = "pay_DB1KYJSWECHTQGT4TA9CSWP8GW";
/// The first payout of carol, which is approved.
const APPROVED: &str = "pay_DZG3JJZ42ZJAZ7V5VCBA494RNT";

async fn run(ask: &impl Fn() -> Ask<'static>, fault: Option<(Fault, u32)>) -> ((u16, Json), Vec<(Table, Item)>, bool) {
    let world = World::new();
    world.payout("alice", "50").await;
    in_review(&world, "bob", "alice", AttributionReason::SameDevice).await;
    flagged(&world, 3).await;
    world.approved("carol", "40").await;
    if let Some((fault, calls)) = fault {
        world.faulty.fail_after(calls, fault);
    }
    let first = world.send("fin1", ask()).await;
    let answer = if first.0 == 503 { world.send("fin1", ask()).await } else { first };
    (answer, world.memory.dump(), world.faulty.is_pending())
}

async fn each_fault(name: &str, ask: impl Fn() -> Ask<'static>) {
    let (answer, tables, _) = run(&ask, None).await;
    assert!(matches!(answer.0, 200 | 202), "{name}: {}", answer.1);
    let mut met = 0;
    for fault in Fault::ALL {
        for calls in 0..CALLS_MAX {
            let (faulted, after, pending) = run(&ask, Some((fault, calls))).await;
            if pending {
                break;
            }
            met += 1;
            assert_eq!(faulted, answer, "{name}: {fault:?} after {calls} calls");
            assert!(after == tables, "{name}: {fault:?} after {calls} calls: the tables differ");
        }
    }
    assert!(met >= 8, "{name}: only {met} faults were met");
}

#[tokio::test]
async fn acts_on_payouts() {
    each_fault("approve", || Ask::act(PAYOUT, "approve", json!({ "version": 1 }))).await;
    each_fault("reject", || Ask::act(PAYOUT, "reject", json!({ "version": 1, "reason": "x" }))).await;
}

#[tokio::test]
async fn orders() {
    each_fault("run", || Ask::run_of_all("k")).await;
    each_fault("list", || Ask::run("k", json!({ "payout_ids": [APPROVED] }))).await;
    each_fault("pay", || Ask::pay(APPROVED, 2)).await;
    each_fault("switch", || Ask::switch(false, "a rail misbehaves")).await;
}

#[tokio::test]
async fn versions() {
    each_fault("rate", || Ask::rate("alice", json!({ "rate": "0.05", "from": "2026-04-01T00:00:00Z" }))).await;
    each_fault("programme", || Ask::programme(json!({ "from": "2026-04-01T00:00:00Z", "settings": Settings::default() }))).await;
}

#[tokio::test]
async fn verdicts() {
    each_fault("clear", || Ask::review("bob", "clear")).await;
    each_fault("confirm", || Ask::review("bob", "confirm")).await;
}

#[tokio::test]
async fn flags() {
    each_fault("accept", || decide("stripe:pi_1", json!({ "decision": "accept", "reason": "x" }))).await;
}
