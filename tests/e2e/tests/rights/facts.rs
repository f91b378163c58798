//! Facts of every kind, those that contradict each other, and what finance does with what was kept.

use crate::people::People;
use e2e::{World, captured, event};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) async fn tell(people: &People<'_>) {
    for amount in ["5.00", "6.00"] {
        let at = people.at(Duration::ZERO);
        let spent = json!({ "usage_id": "u1", "account_id": "acct_dave", "amount": amount, "currency": "USD", "at": at });
        let rented =
            json!({ "earning_id": "r1", "account_id": "acct_gina", "machine_id": "m1", "amount": amount, "currency": "USD", "at": at });
        // Twice each: the second contradiction finds the first one kept.
        for _ in 0..2 {
            assert_eq!(people.tell("credits.spent", spent.clone()).await, "accepted");
            assert_eq!(people.tell("rental.earned", rented.clone()).await, "accepted");
            people.settle().await;
        }
    }
    people.buy("acct_dave", "foreign", "10.00", "EUR").await;
    cards(people).await;
    let closed = json!({ "account_id": "acct_dave", "at": people.at(Duration::ZERO) });
    assert_eq!(people.tell("account.closed", closed).await, "accepted");
    people.settle().await;
    kept(people).await;
}

/// The same card on both sides of a referral; and a buyer who is named before there is anything to move.
async fn cards(people: &People<'_>) {
    let (world, at) = (World::of(people.stack), people.stack.clock().now_ms() / 1000);
    let checkout = json!({ "id": "cs_named", "payment_status": "paid", "payment_intent": "pi_named", "client_reference_id": "acct_frank", "metadata": {} });
    let mut events = vec![event("checkout.session.completed", "evt_named", at, checkout)];
    for (payment, account) in [("pi_gina", "acct_gina"), ("pi_dave", "acct_dave")] {
        let card = json!({ "type": "card", "card": { "fingerprint": "FpRights" } });
        let charge = json!({ "id": format!("ch_{payment}"), "amount_refunded": 0, "currency": "usd", "payment_intent": payment, "payment_method_details": card });
        events.push(captured(payment, account, 1_000, at));
        events.push(event("charge.succeeded", &format!("evt_card_{payment}"), at, charge));
    }
    for event in &events {
        assert_eq!(world.stripe(event, at).await, Some(200), "{event}");
        people.settle().await;
    }
    let reviews = people.get("fin1", "/finance/reviews").await;
    assert!(reviews["reviews"].as_array().unwrap().iter().any(|review| review["account_id"] == "acct_dave"), "{reviews}");
}

/// What was kept is replayed.
async fn kept(people: &People<'_>) {
    let ahead = Duration::from_secs(3600);
    let early = json!({ "purchase_id": "ahead", "account_id": "acct_frank", "amount": "10.00", "currency": "USD", "at": people.at(ahead) });
    for _ in 0..2 {
        assert_eq!(people.tell("purchase.captured", early.clone()).await, "quarantined");
    }
    people.wait(ahead).await;
    let kept = people.get("fin1", "/finance/quarantine").await;
    let own = |event: &&Value| event["source"] == "platform";
    let id = kept["quarantine"].as_array().unwrap().iter().find(own).unwrap()["id"].as_str().unwrap().to_owned();
    people.send("fin1", Method::POST, &format!("/finance/quarantine/{id}/replay"), json!({})).await;
    people.bury("FactsDeadLetters", "no fact").await;
    people.bury("FactsDeadLetters", "no fact").await;
    people.bury("PayoutsDeadLetters", "no errand").await;
    let letters = people.send("fin1", Method::POST, "/finance/dead-letters/replay", json!({})).await;
    assert_ne!(letters["replayed"], 0, "{letters}");
    people.settle().await;
    people.get("fin1", "/finance/acts").await;
    let flags = people.get("fin1", "/finance/flags").await;
    let accept = json!({ "decision": "accept", "reason": "It is foreign, and earns nothing." });
    let purchase = flags["flags"][0]["purchase"].as_str().unwrap();
    for _ in 0..2 {
        people.send("fin1", Method::POST, &format!("/finance/flags/{purchase}/decide"), accept.clone()).await;
    }
}
