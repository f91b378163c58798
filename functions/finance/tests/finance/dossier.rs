//! What a decision about a payout looks at.

use crate::{
    reviews::in_review,
    support::{Ask, World, id},
    worker::paid,
};
use chrono::Duration;
use ledger::Rail;
use programme::attribution::AttributionReason;
use serde_json::{Value as Json, json};
use store::{backend::Value, keys};

async fn shown(world: &World, who: &str, payout: &str) -> Json {
    let (status, answer) = world.send(who, Ask::one("/finance/payouts/{id}", payout)).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[tokio::test]
async fn a_requested_payout_is_shown_with_its_payee_and_what_may_be_done() {
    let world = World::new();
    world.figures("alice", &[("R", "100"), ("E", "10"), ("W", "5")]).await;
    let payout = world.payout("alice", "50").await;
    let expected = json!({
        "payout_id": payout.id, "account_id": "alice", "status": "requested", "version": 1, "amount": "50.00", "referral": "50.00",
        "rental": "0.00", "currency": "USD", "rail": "paypal", "destination": "s…@example.com",
        "destination_changed_at": "2026-02-28T12:00:00.000Z", "requested_at": "2026-03-10T12:00:00.000Z", "approvals": [], "approvals_needed": 1,
        "timeline": [{ "at": "2026-03-10T12:00:00.000Z", "step": "requested", "status": "requested", "by": { "role": "account", "id": "alice" } }],
        "payee": {
            "account_id": "alice", "referral_count": 0, "total_earnings": "110.00", "current_balance": "110.00", "paid": "0.00",
            "open_review": false, "cashable": "31.25", "in_payout": "50.00", "rewards_in_review": "5.00", "attribution": null,
        },
        "payout_account": {
            "rail": "paypal", "destination": "s…@example.com", "version": 1, "changed_at": "2026-02-28T12:00:00.000Z", "changed_by": "alice",
            "usable_from": "2026-03-03T12:00:00.000Z", "unchanged": true,
        },
        "signals": ["first_payout", "new_account", "referees_in_review", "destination_new"],
        "can": ["approve", "reject"],
    });
    assert_eq!(shown(&world, "fin1", payout.id.as_str()).await, expected);
}

#[tokio::test]
async fn what_may_be_done_follows_from_who_asks_and_where_it_stands() {
    let world = World::new();
    let (large, own) = (world.payout("alice", "600").await, world.payout("fin1", "20").await);
    let can = async |who: &str, payout: &str| shown(&world, who, payout).await["can"].clone();
    assert_eq!(can("fin1", own.id.as_str()).await, json!([]));
    assert_eq!(can("fin2", own.id.as_str()).await, json!(["approve", "reject"]));
    world.send("fin1", Ask::approve(&large, 1)).await;
    assert_eq!(can("fin1", large.id.as_str()).await, json!(["reject"]), "the second approval is another one's");
    assert_eq!(can("fin2", large.id.as_str()).await, json!(["approve", "reject"]));
    world.send("fin2", Ask::approve(&large, 2)).await;
    assert_eq!(can("fin1", large.id.as_str()).await, json!(["pay"]));
    let run = world.send("fin1", Ask::pay(large.id.as_str(), 3)).await.1["run_id"].clone();
    let waiting = shown(&world, "fin2", large.id.as_str()).await;
    assert_eq!((&waiting["can"], &waiting["run_id"], &waiting["status"]), (&json!([]), &run, &json!("approved")));
}

#[tokio::test]
async fn a_paid_payout_tells_its_whole_way() {
    let world = World::new();
    let payout = world.approved("alice", "50").await;
    let run = world.send("fin1", Ask::run_of_all("k")).await.1["run_id"].as_str().unwrap().parse().unwrap();
    world.sent_in(&run, &payout, &[paid("R1", "0"), paid("R1", "12.5")]).await;
    let shown = shown(&world, "fin1", payout.id.as_str()).await;
    let at = "2026-03-10T12:00:00.000Z";
    let step = |name: &str, status: &str, more: Json| {
        let mut step = json!({ "at": at, "step": name, "status": status, "by": { "role": "system" } });
        step.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        step
    };
    let timeline = json!([
        step("requested", "requested", json!({ "by": { "role": "account", "id": "alice" } })),
        step("approval_given", "approved", json!({ "by": { "role": "finance", "id": "fin2" } })),
        step("submitting", "submitting", json!({ "run_id": run })),
        step("paid", "paid", json!({ "reference": "R1" })),
        step("returned", "returned", json!({ "reference": "R1", "amount": "12.50" })),
    ]);
    assert_eq!(shown["timeline"], timeline);
    let invoice = json!({ "number": "INV-2026-000001", "url": format!("/payouts/{}/invoice.pdf", payout.id) });
    let credit_note = json!({ "number": "CN-2026-000001", "url": format!("/payouts/{}/credit-note.pdf?number=CN-2026-000001", payout.id) });
    for (name, value) in [
        ("status", json!("returned")),
        ("run_id", json!(run)),
        ("sent_at", json!(at)),
        ("paid_at", json!(at)),
        ("reference", json!("R1")),
        ("returned", json!("12.50")),
        ("invoice", invoice),
        ("credit_notes", json!([credit_note])),
        ("can", json!([])),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert!(!shown.to_string().contains("someone@"), "masked everywhere");
}

#[tokio::test]
async fn each_signal_has_its_cause() {
    let world = World::new();
    // An account that is old and was paid before.
    in_review(&world, "bob", "alice", AttributionReason::SameDevice).await;
    world.memory.tamper(&keys::figures(&id("bob")), |item| {
        let item = item.as_mut().unwrap();
        for (name, amount) in [("R", 500), ("X", 20), ("C", 20)] {
            item.insert(name.into(), Value::N(amount.into()));
        }
    });
    world.destination(&id("bob"), world.now - Duration::days(20)).await;
    let payout = world.payout("bob", "50").await;
    let signals = async || shown(&world, "fin1", payout.id.as_str()).await["signals"].clone();
    assert_eq!(signals().await, json!(["own_referral_in_review"]));
    let with = async |key: store::backend::Key, name: &str, value: Value| {
        let before = std::cell::RefCell::new(None);
        world.memory.tamper(&key, |item| {
            *before.borrow_mut() = item.clone();
            item.as_mut().unwrap().insert(name.into(), value);
        });
        let found = signals().await;
        world.memory.tamper(&key, |item| *item = before.borrow().clone());
        found
    };
    let (figures, destination) = (keys::figures(&id("bob")), keys::destination(&id("bob"), Rail::Paypal));
    let head = keys::payout_head(payout.id.as_str());
    for (key, name, value, signal) in [
        (&figures, "cl", "2026-03-01T00:00:00.000Z".into(), "closed_account"),
        (&figures, "W", Value::N(1.into()), "referees_in_review"),
        (&figures, "R", Value::N(10.into()), "in_debt"),
        (&figures, "X", Value::N(0.into()), "first_payout"),
        (&destination, "ver", 2_u32.into(), "destination_changed"),
        (&destination, "dig", "k1.01".into(), "destination_changed"),
        (&head, "dby", "mallory".into(), "destination_changed_by_other"),
        (&head, "dat", "2026-03-01T00:00:00.000Z".into(), "destination_new"),
    ] {
        let found = with(key.clone(), name, value).await;
        assert!(found.as_array().unwrap().contains(&json!(signal)), "{signal} in {found}");
        assert_eq!(found.as_array().unwrap().len(), 2, "{found}");
    }
    world.memory.tamper(&destination, |item| *item = None);
    let gone = shown(&world, "fin1", payout.id.as_str()).await;
    assert_eq!((&gone["payout_account"], &gone["signals"]), (&Json::Null, &json!(["own_referral_in_review", "destination_changed"])));
    assert_eq!(gone["payee"]["attribution"]["referrer"], "alice");
    assert_eq!((&gone["payee"]["open_review"], &gone["payee"]["created_at"]), (&json!(true), &json!("2026-02-01T00:00:00.000Z")));
}

#[tokio::test]
async fn a_list_has_payees_where_they_are_asked_for() {
    let world = World::new();
    for (name, amount) in [("alice", "50"), ("bob", "40")] {
        world.payout(name, amount).await;
    }
    let plain = world.send("fin1", Ask::get("/finance/payouts")).await.1;
    assert!(plain["payouts"][0].get("payee").is_none() && plain["payouts"][0].get("signals").is_none());
    let (status, page) = world.send("fin1", Ask { query: "payees=true", ..Ask::get("/finance/payouts") }).await;
    assert_eq!(status, 200);
    for row in page["payouts"].as_array().unwrap() {
        assert_eq!(row["payee"]["account_id"], row["account_id"]);
        assert_eq!(row["payee"]["total_earnings"], "1000000.00");
        assert_eq!(row["signals"], json!(["first_payout", "new_account", "destination_new"]));
    }
}

#[tokio::test]
async fn the_summary_counts_every_status() {
    let world = World::new();
    world.approved("alice", "50").await;
    for amount in ["30", "20.5"] {
        world.payout("bob", amount).await;
    }
    let (status, summary) = world.send("fin1", Ask::get("/finance/payouts/summary")).await;
    assert_eq!((status, &summary["currency"], &summary["count_max"]), (200, &json!("USD"), &json!(1000)));
    let statuses = summary["statuses"].as_array().unwrap();
    assert_eq!(statuses.len(), 10);
    assert_eq!(statuses[0], json!({ "status": "requested", "count": 2, "amount": "50.50", "more": false }));
    assert_eq!(statuses[1], json!({ "status": "approved", "count": 1, "amount": "50.00", "more": false }));
    assert!(statuses[2..].iter().all(|figure| figure["count"] == 0 && figure["amount"] == "0.00"));
}
