//! What finance orders, and how it follows that.

use crate::people::People;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A payout that fin2 approved.
async fn approved(people: &People<'_>, key: &str) -> String {
    let payout = people.send_with("alice", Method::POST, "/payouts", ("idempotency-key", key), json!({ "amount": "20.00" })).await;
    let id = payout["payout_id"].as_str().unwrap().to_owned();
    people.send("fin2", Method::POST, &format!("/finance/payouts/{id}/approve"), json!({ "version": 1 })).await;
    id
}

pub(crate) async fn tell(people: &People<'_>) {
    let (first, second) = (approved(people, "orders-1").await, approved(people, "orders-2").await);
    for on in [false, true] {
        let turn = json!({ "payouts_enabled": on, "reason": "A look at the rails." });
        people.send("fin1", Method::PUT, "/finance/switch", turn).await;
    }
    people.get("fin1", "/finance/switch").await;
    people.get("fin1", "/finance/payouts?status=approved&payees=true").await;
    people.get("fin1", "/finance/payouts/summary").await;
    people.get("fin1", &format!("/finance/payouts/{first}")).await;
    for _ in 0..2 {
        people.send("fin1", Method::POST, &format!("/finance/payouts/{first}/pay"), json!({ "version": 2 })).await;
    }
    let order = |body: Value| people.send_with("fin1", Method::POST, "/finance/payout-runs", ("idempotency-key", "orders"), body);
    let bill = order(json!({ "dry_run": true })).await;
    assert!(bill["payouts"].as_array().unwrap().iter().any(|one| one["payout_id"] == json!(second)), "{bill}");
    let run = order(json!({ "payout_ids": [second] })).await["run_id"].as_str().unwrap().to_owned();
    people.settle().await;
    people.get("fin1", "/finance/payout-runs").await;
    people.get("fin1", &format!("/finance/payout-runs/{run}")).await;
    people.get("fin1", &format!("/finance/payout-runs/{run}/export.csv")).await;
    people.get("fin1", "/finance/payouts.csv").await;
    papers(people).await;
    // One that is said to be of a payout that another rail has, and one that is of none.
    for payment in [json!({ "amount": "5.00", "payout": second }), json!({ "amount": "6.00" })] {
        people.stray_payment("stripe_connect", &payment).await;
    }
    people.wait(DAY).await;
    people.stack.run_schedule("reconcile").await.unwrap();
    let found = people.get("fin1", "/finance/reconciliation").await;
    assert!(found["findings"].as_array().unwrap().iter().any(|finding| finding["kind"] == "unknown_to_us"), "{found}");
    people.settle().await;
}

/// What was issued for a payout that came back.
async fn papers(people: &People<'_>) {
    let returned = people.get("fin1", "/finance/payouts?status=returned").await;
    let mut payouts = returned["payouts"].as_array().unwrap().iter();
    let payout = payouts.find(|payout| payout["credit_notes"].is_array()).unwrap_or_else(|| panic!("{returned}"));
    for paper in [&payout["invoice"], &payout["credit_notes"][0]] {
        people.get("fin1", paper["url"].as_str().unwrap()).await;
    }
}
