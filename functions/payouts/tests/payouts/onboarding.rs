//! An account's own account at Stripe: made once, proved there, and asked for only once Stripe lets it be paid.

use crate::support::{Ask, PAYPAL, STRIPE, World, id};
use chrono::Duration;
use edge::http::Method;
use rails::{Capabilities, OnboardError, RailError, testing::FakeOnboarding};
use serde_json::{Value as Json, json};
use store::{
    backend::{Item, Table, faulty::Fault},
    records::connected::Connected,
};

const READY: Capabilities = Capabilities { details_submitted: true, payouts_enabled: true, transfers_active: true };
const BANK_MISSING: Capabilities = Capabilities { payouts_enabled: false, ..READY };

fn begin() -> Ask<'static> {
    Ask { method: Method::POST, ..Ask::get("/payout-accounts/stripe_connect/onboarding") }
}

fn stripe() -> (World, std::sync::Arc<FakeOnboarding>) {
    World::new().with_stripe()
}

/// What the worker does when Stripe says that an account has changed.
async fn told(world: &World, who: &str, may: Capabilities) {
    let known = world.store.connected(&id(who)).await.unwrap().unwrap();
    let Capabilities { details_submitted, payouts_enabled, transfers_active } = may;
    let told = Connected { details_submitted, payouts_enabled, transfers_active, read_at: world.now, ..known };
    world.store.keep_connected(&id(who), &told).await.unwrap();
}

async fn listed(world: &World, who: &str) -> Json {
    world.send(who, Ask::get("/payout-accounts")).await.1["payout_accounts"].clone()
}

#[tokio::test]
async fn an_account_is_made_once_and_each_call_gives_a_link() {
    let (mut world, stripe) = stripe();
    let (status, first) = world.send("alice", begin()).await;
    assert_eq!(status, 200, "{first}");
    assert!(first["url"].as_str().unwrap().starts_with("https://connect.example/setup/acct_fake1/"), "{first}");
    assert!(first["expires_at"].is_string() && first.as_object().unwrap().len() == 2, "{first}");
    let expected = json!([{ "rail": "stripe_connect", "destination": "acct_…e1", "default": true, "version": 1,
        "changed_at": "2026-03-10T12:00:00.000Z", "usable_from": "2026-03-13T12:00:00.000Z", "state": "onboarding",
        "onboarding_url": "/payout-accounts/stripe_connect/onboarding" }]);
    assert_eq!(listed(&world, "alice").await, expected);

    let before = world.memory.dump().len();
    world.now += Duration::hours(1);
    let (_, second) = world.send("alice", begin()).await;
    assert_ne!(first["url"], second["url"], "a link is used once");
    assert_eq!((stripe.accounts(), stripe.links(), world.memory.dump().len()), (1, 2, before));
    assert_eq!(listed(&world, "alice").await[0]["version"], 1, "no new cool-down");
    world.send("bob", begin()).await;
    assert_eq!(stripe.accounts(), 2, "each has an own one");
    assert_eq!(world.store.owner_of_stripe_account("acct_fake1").await.unwrap(), Some(id("alice")));
}

#[tokio::test]
async fn what_stripe_says_is_shown_and_decides_who_can_ask() {
    let (mut world, stripe) = stripe();
    world.figures("alice", &[("R", "1000")]).await;
    world.send("alice", begin()).await;
    world.now += Duration::days(10);
    let ask = async |world: &World, key: &'static str| {
        let (status, answer) = world.send("alice", Ask::payout(key, "50")).await;
        (status, answer["rule"].clone(), answer["state"].clone())
    };
    let refused = |state: &str| (422, json!("payout_account_not_ready"), json!(state));
    assert_eq!(ask(&world, "k1").await, refused("onboarding"));
    told(&world, "alice", BANK_MISSING).await;
    assert_eq!(ask(&world, "k1").await, refused("restricted"));
    assert_eq!(listed(&world, "alice").await[0]["state"], "restricted");
    told(&world, "alice", READY).await;
    let state = listed(&world, "alice").await[0].clone();
    assert_eq!((state["state"].clone(), state["onboarding_url"].clone()), (json!("ready"), Json::Null));
    assert_eq!(ask(&world, "k1").await.0, 201);
    // Taken away again: what was asked for is answered as it was, and nothing more can be asked for.
    told(&world, "alice", BANK_MISSING).await;
    assert_eq!(ask(&world, "k1").await.0, 201);
    assert_eq!(ask(&world, "k2").await, refused("restricted"));
    // A call of the door itself asks Stripe, too.
    stripe.set_capabilities("acct_fake1", READY);
    assert_eq!(world.send("alice", begin()).await.0, 200);
    assert_eq!(ask(&world, "k2").await.0, 201);
}

#[tokio::test]
async fn a_cool_down_is_one_at_stripe_as_well() {
    let (mut world, stripe) = stripe();
    world.figures("alice", &[("R", "1000")]).await;
    world.send("alice", begin()).await;
    stripe.set_capabilities("acct_fake1", READY);
    world.send("alice", begin()).await;
    assert_eq!(listed(&world, "alice").await[0]["state"], "cooling_down");
    assert_eq!(world.send("alice", Ask::payout("k", "50")).await.1["rule"], "destination_cooldown");
    world.now += Duration::hours(72);
    assert_eq!(world.send("alice", Ask::payout("k", "50")).await.0, 201);
}

#[tokio::test]
async fn an_account_at_stripe_is_not_typed_in() {
    let (world, _) = stripe();
    let put = |body: Json| Ask::account(STRIPE, body);
    for body in [json!({ "stripe_account": "acct_fake1" }), json!({ "default": true }), json!({})] {
        let (status, problem) = world.send("alice", put(body.clone())).await;
        assert_eq!((status, problem["rule"].clone()), (422, json!("onboarding_needed")), "{body}: {problem}");
    }
    world.send("alice", Ask::account(PAYPAL, json!({ "email": "alice@example.com" }))).await;
    world.send("alice", begin()).await;
    for body in [json!({ "default": true }), json!({ "stripe_account": "acct_fake1" })] {
        let (status, answer) = world.send("alice", put(body)).await;
        assert_eq!((status, answer["default"].clone(), answer["version"].clone()), (200, json!(true), json!(1)), "{answer}");
    }
    for account in ["acct_other", "acct_fake2"] {
        assert_eq!(world.send("alice", put(json!({ "stripe_account": account }))).await.1["rule"], "onboarding_needed");
    }
    // Another's account gives nobody a link to it.
    let (_, answer) = world.send("bob", put(json!({ "stripe_account": "acct_fake1" }))).await;
    assert_eq!(answer["rule"], "onboarding_needed");
    assert_eq!(world.send("alice", put(json!({ "stripe_account": "sk_live_x" }))).await.0, 400);
}

#[tokio::test]
async fn without_stripe_there_is_no_such_door() {
    let world = World::new();
    assert_eq!(world.send("alice", begin()).await.0, 404);
    let (status, problem) = world.send("alice", Ask::account(STRIPE, json!({}))).await;
    assert_eq!((status, problem["field"].clone()), (400, json!("stripe_account")));
}

#[tokio::test]
async fn each_bad_call_gets_its_answer() {
    let (world, stripe) = stripe();
    for (body, status) in [
        (json!({ "country": "DE" }), 200),
        (json!({ "country": "de" }), 400),
        (json!({ "country": "DEU" }), 400),
        (json!({ "country": "" }), 400),
        (json!({ "email": "someone@example.com" }), 400),
        (json!({ "stripe_account": "acct_1" }), 400),
    ] {
        let (answered, answer) = world.send("alice", Ask { body: Some(body.clone()), ..begin() }).await;
        assert_eq!(answered, status, "{body}: {answer}");
    }
    assert_eq!(world.send_call(world.call(None, &begin())).await.0, 401);
    assert_eq!(stripe.accounts(), 1);
}

#[tokio::test]
async fn what_stripe_refuses_or_does_not_answer_changes_nothing() {
    for (error, status) in [
        (OnboardError::Refused("country_unsupported".into()), 422),
        (OnboardError::Rail(RailError::Busy), 503),
        (OnboardError::Rail(RailError::Misconfigured("401".into())), 503),
    ] {
        let (world, stripe) = stripe();
        stripe.fail_next(error.clone());
        let (answered, answer) = world.send("alice", begin()).await;
        assert_eq!(answered, status, "{error:?}: {answer}");
        if status == 422 {
            assert_eq!((answer["rule"].clone(), answer["code"].clone()), (json!("onboarding_refused"), json!("country_unsupported")));
        }
        assert!(world.memory.dump().is_empty(), "{error:?}");
        // The link alone fails: the account is there, and the next call gives one.
        assert_eq!(world.send("alice", begin()).await.0, 200);
        stripe.fail_next(error);
        assert_eq!(world.send("alice", begin()).await.0, status);
        assert_eq!((world.send("alice", begin()).await.0, stripe.accounts()), (200, 1));
    }
}

#[tokio::test]
async fn two_at_once_make_one_account() {
    let (world, stripe) = stripe();
    let (one, other) = futures::join!(world.send("alice", begin()), world.send("alice", begin()));
    assert_eq!((one.0, other.0, stripe.accounts()), (200, 200, 1), "{one:?} {other:?}");
    let shown = listed(&world, "alice").await;
    assert_eq!((shown.as_array().unwrap().len(), shown[0]["version"].clone()), (1, json!(1)));
}

#[tokio::test]
async fn a_change_to_stripe_cancels_nothing_of_other_rails() {
    let (world, _) = World::with_alice("100").await.with_stripe();
    assert_eq!(world.send("alice", Ask::payout("k", "50")).await.0, 201);
    assert_eq!(world.send("alice", begin()).await.0, 200);
    assert_eq!(world.taken("alice").await.0, "50.00");
    assert_eq!(listed(&world, "alice").await[0]["default"], true, "the default stays where it was");
}

async fn run(fault: Option<(Fault, u32)>) -> (u16, usize, Vec<(Table, Item)>, bool) {
    let (world, stripe) = stripe();
    if let Some((fault, calls)) = fault {
        world.faulty.fail_after(calls, fault);
    }
    let first = world.send("alice", begin()).await.0;
    let status = if first == 503 { world.send("alice", begin()).await.0 } else { first };
    (status, stripe.accounts(), world.memory.dump(), world.faulty.is_pending())
}

#[tokio::test]
async fn every_fault_of_the_store_at_every_call_ends_the_same() {
    let (status, accounts, tables, _) = run(None).await;
    assert_eq!((status, accounts), (200, 1));
    let mut met = 0;
    for fault in Fault::ALL {
        for calls in 0..24 {
            let (answered, made, after, pending) = run(Some((fault, calls))).await;
            if pending {
                break;
            }
            met += 1;
            assert_eq!((answered, made), (200, 1), "{fault:?} after {calls} calls");
            assert!(after == tables, "{fault:?} after {calls} calls: the tables differ");
        }
    }
    assert!(met >= 8, "only {met} faults were met");
}
