//! After the demo's payout: more of them, refused and called off; a suspicion, and what finance sets.

use crate::people::People;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const DAY: u64 = 24 * 3600;

async fn request(people: &People<'_>, key: &str) -> String {
    let payout = people.send_with("alice", Method::POST, "/payouts", ("idempotency-key", key), json!({ "amount": "20.00" })).await;
    payout["payout_id"].as_str().unwrap().to_owned()
}

pub(crate) async fn tell(people: &People<'_>) {
    people.buy("acct_bob", "more", "4000.00", "USD").await;
    people.settle().await;
    people.wait(Duration::from_secs(15 * DAY)).await;

    let (first, second) = (request(people, "rights-1").await, request(people, "rights-2").await);
    people.get("fin1", "/finance/payouts").await;
    for _ in 0..2 {
        let reject = json!({ "version": 1, "reason": "Not this one." });
        people.send("fin1", Method::POST, &format!("/finance/payouts/{first}/reject"), reject).await;
    }
    people.send("alice", Method::POST, &format!("/payouts/{second}/cancel"), Value::Null).await;
    people.get("alice", "/payouts").await;
    people.get("alice", &format!("/payouts/{second}")).await;
    people.get("alice", "/payout-accounts").await;
    let details = json!({ "name": "Alice", "address": ["Street 1"], "country": "HR" });
    assert_eq!(people.send("alice", Method::PUT, "/billing", details.clone()).await, details);
    assert_eq!(people.get("alice", "/billing").await, details);
    // Her own account at Stripe is made, and then known.
    for _ in 0..2 {
        let link = people.send("alice", Method::POST, "/payout-accounts/stripe_connect/onboarding", json!({})).await;
        assert!(link["url"].is_string(), "{link}");
    }
    assert_eq!(people.wise("transfers#state-change", 1).await, "accepted");

    // Bob is to be paid where Alice is, who referred him.
    people.send("bob", Method::PUT, "/payout-accounts/paypal", json!({ "email": "alice@example.com" })).await;
    people.get("fin1", "/finance/reviews").await;
    people.send("fin1", Method::POST, "/finance/reviews/acct_bob/clear", json!({ "reason": "One household." })).await;
    people.settle().await;

    people.get("fin1", "/finance/accounts/acct_alice").await;
    let from = people.at(Duration::from_secs(3600));
    people.send("fin1", Method::PUT, "/finance/accounts/acct_alice/rate", json!({ "rate": "0.05", "from": from })).await;
    let settings = people.get("fin1", "/finance/programme").await["settings"].clone();
    people.send("fin1", Method::PUT, "/finance/programme", json!({ "from": from, "settings": settings })).await;
}
