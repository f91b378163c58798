use crate::support::{Ask, PAYPAL, STRIPE, WISE, World, id};
use chrono::Duration;
use programme::{
    attribution::{Attribution, AttributionReason, AttributionStatus, Credit},
    settings::{RewardBasis, RewardDuration},
};
use serde_json::{Value as Json, json};
use store::{
    backend::{Item, Write},
    keys,
    records::act::ActKind,
};

#[tokio::test]
async fn each_rail_has_one_account_and_the_first_is_the_default() {
    let world = World::new();
    let (status, made) = world.send("alice", Ask::account(WISE, json!({ "recipient_id": 40_000_001 }))).await;
    assert_eq!(status, 200);
    let expected = json!({
        "rail": "wise", "destination": "…0001 USD", "default": true, "version": 1,
        "changed_at": "2026-03-10T12:00:00.000Z", "usable_from": "2026-03-13T12:00:00.000Z",
        "state": "cooling_down",
    });
    assert_eq!(made, expected);
    let (_, second) = world.send("alice", Ask::account(STRIPE, json!({ "stripe_account": "acct_1032D82eZvKYlo2C" }))).await;
    assert_eq!((second["default"].clone(), second["destination"].clone()), (json!(false), json!("acct_…lo2C")));
    let (_, third) = world.send("alice", Ask::account(PAYPAL, json!({ "payer_id": "ABCDEFGHJ1234", "default": true }))).await;
    assert_eq!(third["default"], true);
    let list = world.send("alice", Ask::get("/payout-accounts")).await.1;
    let defaults: Vec<_> =
        list["payout_accounts"].as_array().unwrap().iter().map(|one| (one["rail"].clone(), one["default"].clone())).collect();
    assert_eq!(defaults, [(json!("paypal"), json!(true)), (json!("stripe_connect"), json!(false)), (json!("wise"), json!(false))]);
    assert_eq!(world.send("bob", Ask::get("/payout-accounts")).await.1, json!({ "payout_accounts": [] }));
    let (status, problem) = world.send("alice", Ask::account(PAYPAL, json!({ "payer_id": "ABCDEFGHJ1234", "default": false }))).await;
    assert_eq!((status, problem["rule"].clone()), (422, json!("one_default")));
}

#[tokio::test]
async fn the_same_again_changes_nothing_and_a_new_default_needs_no_cool_down() {
    let mut world = World::with_alice("100").await;
    let email = json!({ "email": "ALICE@example.com" });
    let (_, again) = world.send("alice", Ask::account(PAYPAL, email)).await;
    assert_eq!((again["version"].clone(), again["changed_at"].clone()), (json!(1), json!("2026-02-28T12:00:00.000Z")));
    world.send("alice", Ask::account(WISE, json!({ "recipient_id": "7" }))).await;
    world.now += Duration::days(4);
    let (_, wise) = world.send("alice", Ask::account(WISE, json!({ "recipient_id": "7", "default": true }))).await;
    assert_eq!((wise["default"].clone(), wise["version"].clone()), (json!(true), json!(1)));
    assert_eq!(world.send("alice", Ask::payout("k", "20")).await.1["rail"], "wise");
    let acts = world.store.acts("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap(), None, 10).await.unwrap();
    assert_eq!(acts.entries.len(), 2, "two changes, of which there are acts");
}

#[tokio::test]
async fn a_change_cancels_what_was_bound_to_it_and_begins_a_cool_down() {
    let world = World::with_alice("100").await;
    let payout = world.send("alice", Ask::payout("k", "50")).await.1["payout_id"].as_str().unwrap().to_owned();
    let (status, changed) = world.send("alice", Ask::account(PAYPAL, json!({ "email": "other@example.com" }))).await;
    assert_eq!((status, changed["version"].clone()), (200, json!(2)));
    let params = [("id", payout.as_str())];
    let after = world.send("alice", Ask { params: &params, ..Ask::get("/payouts/{id}") }).await.1;
    assert_eq!((after["status"].clone(), after["reason"].clone()), (json!("canceled"), json!("destination_changed")));
    assert_eq!(after["destination"], "a…@example.com", "frozen at the request");
    assert_eq!(after["timeline"][1]["by"], "system");
    assert_eq!(world.taken("alice").await.0, "0.00");
    assert_eq!(world.send("alice", Ask::payout("k2", "50")).await.1["rule"], "destination_cooldown");
    let acts = world.store.acts(world.now.date_naive(), world.now.date_naive(), None, 10).await.unwrap();
    let act = &acts.entries[0].entry;
    assert_eq!(
        (act.kind, act.by.as_str(), act.details["canceled_payouts"].clone()),
        (ActKind::PayoutAccountChanged, "alice", json!([payout]))
    );
}

#[tokio::test]
async fn each_bad_form_gets_its_answer() {
    let world = World::new();
    type Case = (&'static [(&'static str, &'static str)], Json, u16);
    let cases: Vec<Case> = vec![
        (PAYPAL, json!({}), 400),
        (PAYPAL, json!({ "email": "a@example.com", "payer_id": "ABCDEFGHJ1234" }), 400),
        (PAYPAL, json!({ "email": "nobody" }), 400),
        (PAYPAL, json!({ "email": "a@example.com\r\nx" }), 400),
        (PAYPAL, json!({ "email": "a@example.com", "account": "x" }), 400),
        (PAYPAL, json!({ "email": ["a@example.com"] }), 400),
        (STRIPE, json!({ "stripe_account": "sk_live_x" }), 400),
        (STRIPE, json!({ "email": "a@example.com" }), 400),
        (WISE, json!({ "recipient_id": -7 }), 400),
        (WISE, json!({ "recipient_id": 7.5 }), 400),
        (WISE, json!({ "recipient_id": "7", "currency": "eur" }), 400),
        (WISE, json!({ "recipient_id": "7", "default": "yes" }), 400),
        (&[("rail", "cash")], json!({}), 404),
    ];
    for (rail, body, expected) in cases {
        let (status, problem) = world.send("alice", Ask::account(rail, body.clone())).await;
        assert_eq!(status, expected, "{body}: {problem}");
        let shown = problem.to_string();
        assert!(!shown.contains("sk_live") && !shown.contains("nobody"), "no value is sent back: {shown}");
    }
    assert!(world.memory.dump().is_empty(), "none of them wrote anything");
}

#[tokio::test]
async fn what_is_stored_is_shown_to_nobody() {
    let world = World::with_alice("100").await;
    world.send("alice", Ask::payout("k", "50")).await;
    let mut told = world.send("alice", Ask::get("/payout-accounts")).await.1.to_string();
    told += &world.send("alice", Ask::get("/payouts")).await.1.to_string();
    assert!(!told.contains("alice@"), "{told}");
    for (_, item) in world.memory.dump() {
        let secret = format!("{item:?}").contains("alice@example.com");
        let sk = item["sk"].as_text().unwrap();
        assert_eq!(secret, sk == "dest#paypal", "{sk}");
    }
}

async fn referred(world: &World, referee: &str, referrer: &str) {
    let at = "2026-02-01T00:00:00Z".parse().unwrap();
    let credit = Credit {
        referrer: id(referrer),
        click: "clk_1".into(),
        clicked_at: at,
        template: None,
        duration: RewardDuration::Lifetime,
        basis: RewardBasis::Purchase,
        settings_version: 0,
    };
    let attribution =
        Attribution { version: 1, status: AttributionStatus::Attributed, reason: None, signed_up_at: at, credit: Some(credit) };
    let item: Item = store::records::account::attribution_changes(&attribution)
        .into_iter()
        .filter_map(|change| match change {
            store::backend::Change::Set(name, value) => Some((name, value)),
            store::backend::Change::SetOnce(..) | store::backend::Change::Add(..) | store::backend::Change::Remove(_) => None,
        })
        .collect();
    world.store.backend().write(&[Write::put(keys::figures(&id(referee)), item)]).await.unwrap();
}

#[tokio::test]
async fn one_destination_on_both_sides_of_a_referral_goes_to_review() {
    let same = || json!({ "email": "shared@example.com" });
    for (first, second) in [("alice", "bob"), ("bob", "alice")] {
        let world = World::new();
        referred(&world, "bob", "alice").await;
        assert_eq!(world.send(first, Ask::account(PAYPAL, same())).await.0, 200);
        assert!(world.queue.taken().is_empty());
        assert_eq!(world.send(second, Ask::account(PAYPAL, same())).await.0, 200, "it is saved all the same");
        let attribution = world.account("bob").await.attribution.unwrap();
        assert_eq!(
            (attribution.status, attribution.reason, attribution.version),
            (AttributionStatus::InReview, Some(AttributionReason::SameDestination), 2)
        );
        let review = world.store.review(&id("bob")).await.unwrap().unwrap();
        assert_eq!((review.referrer, review.decided), (Some(id("alice")), None));
        let sent = world.queue.taken();
        assert_eq!(sent.iter().map(|message| message.delay_seconds).collect::<Vec<_>>(), [30, 0]);
        assert!(sent.iter().all(|message| message.body.contains(r#""about":"settle","account":"bob""#)), "{}", sent[0].body);
    }
}

#[tokio::test]
async fn a_shared_destination_of_strangers_is_no_review() {
    let world = World::new();
    referred(&world, "bob", "carol").await;
    for name in ["alice", "bob", "alice"] {
        assert_eq!(world.send(name, Ask::account(PAYPAL, json!({ "email": "shared@example.com" }))).await.0, 200);
    }
    assert_eq!(world.account("bob").await.attribution.unwrap().status, AttributionStatus::Attributed);
    assert!(world.queue.taken().is_empty());
}

#[tokio::test]
async fn a_review_of_the_caller_and_its_own_open_payouts_go_together() {
    let world = World::with_alice("100").await;
    assert_eq!(world.send("bob", Ask::account(PAYPAL, json!({ "email": "shared@example.com" }))).await.0, 200);
    referred(&world, "alice", "bob").await;
    let totals = store::backend::Change::Add("R".into(), 100.into());
    world.store.backend().write(&[Write::update(keys::figures(&id("alice")), vec![], vec![totals])]).await.unwrap();
    assert_eq!(world.send("alice", Ask::payout("k", "50")).await.0, 201);
    assert_eq!(world.send("alice", Ask::account(PAYPAL, json!({ "email": "shared@example.com" }))).await.0, 200);
    assert_eq!(world.account("alice").await.attribution.unwrap().status, AttributionStatus::InReview);
    assert_eq!(world.taken("alice").await.0, "0.00");
}
