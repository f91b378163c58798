//! Books in order that have something of everything.

use crate::desk::{Desk, at, seal_keys};
use chrono::{DateTime, Utc};
use programme::review::Verdict;
use std::sync::Arc;
use store::{Store, backend::memory::Memory};

/// When the books are looked at.
pub(crate) fn now() -> DateTime<Utc> {
    at("2026-02-01T13:00:00Z")
}

/// Purchases that are refunded, named otherwise and contradicted, reviews in every state, usage, rent, and payouts that
/// wait, were approved, rejected and called off.
pub(crate) async fn books() -> (Store, Arc<Memory>) {
    let (store, memory) = Store::in_memory(seal_keys());
    let on = |time: &str| Desk { store: store.clone(), now: at(time) };
    on("2026-01-01T00:00:00Z").sign_up("alice", None, false).await;
    let desk = on("2026-01-02T00:00:00Z");
    desk.sign_up("bob", Some("alice"), false).await;
    desk.sign_up("carol", Some("alice"), true).await;
    desk.sign_up("dave", Some("alice"), false).await;
    desk.sign_up("erin", Some("alice"), false).await;
    desk.sign_up("hana", None, false).await;
    on("2026-01-31T00:00:00Z").by_usage().await;
    on("2026-02-01T00:01:00Z").sign_up("fred", Some("hana"), false).await;

    let desk = on("2026-02-01T12:00:00Z");
    desk.bought("stripe:pi_1", "bob", "100").await;
    desk.refunded("stripe:pi_1", "bob", "40").await;
    desk.bought("stripe:pi_2", "bob", "50").await;
    // Two accounts, equally sure: nobody is credited, and finance is told.
    desk.bought("stripe:pi_3", "bob", "30").await;
    desk.named("stripe:pi_3", "erin").await;
    desk.bought("stripe:pi_4", "gina", "20").await;
    desk.bought("stripe:pi_5", "carol", "10").await;
    desk.bought("stripe:pi_6", "dave", "60").await;
    desk.suspects("dave").await;
    desk.settle_all("dave").await.unwrap();
    desk.decides("dave", Verdict::Confirm).await;
    desk.settle_all("dave").await.unwrap();
    desk.suspects("erin").await;
    desk.decides("erin", Verdict::Clear).await;
    desk.spent("u1", "bob", "5").await;
    desk.spent("u2", "fred", "30").await;
    desk.bought("stripe:pi_7", "fred", "20").await;
    desk.refunded("stripe:pi_7", "fred", "5").await;
    desk.rented("r1", "hana", "700").await;
    let waiting = desk.asks("hana", "1", "50").await.unwrap();
    let approved = desk.asks("hana", "2", "60.50").await.unwrap();
    let rejected = desk.asks("hana", "3", "70").await.unwrap();
    let canceled = desk.asks("hana", "4", "80").await.unwrap();
    assert_eq!(waiting.version, 1);
    desk.approves(&approved, "fin1").await;
    desk.rejects(&rejected).await;
    desk.cancels(&canceled).await;
    let sent = on("2026-02-01T12:50:00Z");
    crate::sending::sent(&sent, "hana").await;
    (store, memory)
}
