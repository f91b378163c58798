//! Runs: what they freeze, what they leave out, and how they go on.

use crate::{
    support::{Ask, World, id},
    worker::{failed, paid},
};
use chrono::Duration;
use ledger::Rail;
use programme::payout::{Errand, Payout, PayoutId, RunId};
use serde_json::{Value as Json, json};
use store::{keys, records::payout as head};

fn entry(payout: &Payout) -> Json {
    json!({ "payout_id": payout.id, "account_id": payout.account, "amount": payout.amount, "rail": "paypal", "destination": "s…@example.com", "version": 2 })
}

async fn run_of(world: &World, answer: &Json) -> RunId {
    let id: RunId = answer["run_id"].as_str().unwrap().parse().unwrap();
    assert!(world.store.run(&id).await.unwrap().is_some());
    id
}

#[tokio::test]
async fn a_run_freezes_what_is_approved_and_is_the_same_again() {
    let mut world = World::new();
    let first = world.approved("alice", "50").await;
    world.now += Duration::minutes(1);
    let second = world.approved("bob", "30").await;
    let own = world.approved("fin1", "20").await;
    world.payout("carol", "40").await;
    let list = json!({ "count": 2, "amount": "80.00", "currency": "USD", "by_rail": [{ "rail": "paypal", "count": 2, "amount": "80.00" }],
        "payouts": [entry(&first), entry(&second)], "left_out": [{ "payout_id": own.id, "reason": "own_payout" }] });
    let with = |more: Json| {
        let mut whole = list.clone();
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        whole
    };
    let before = world.memory.dump();
    let bill = with(json!({ "dry_run": true, "payouts_enabled": true, "expected_canceled": { "count": 0, "amount": "0.00" } }));
    assert_eq!(world.send("fin1", Ask::dry_run()).await, (200, bill));
    assert!(world.memory.dump() == before && world.sent().is_empty(), "a dry run writes and sends nothing");

    let ordered = world.send("fin1", Ask::run_of_all("k")).await;
    let run = run_of(&world, &ordered.1).await;
    let told = with(json!({ "run_id": run, "dry_run": false, "by": "fin1", "at": "2026-03-10T12:01:00.000Z", "state": "open" }));
    assert_eq!(ordered, (202, told));
    assert_eq!(world.sent(), [Errand::Run { run: run.clone() }]);
    assert_eq!(world.trail().await[0], format!("fin1 payout_run_ordered {run}"));
    // More is approved meanwhile: the list stays.
    world.approved("dave", "25").await;
    world.now += Duration::minutes(1);
    let acts = world.trail().await;
    assert_eq!(world.send("fin1", Ask::run_of_all("k")).await, ordered);
    assert_eq!(world.sent(), [Errand::Run { run: run.clone() }], "the first message may have been lost");
    assert_eq!(world.trail().await, acts);
    let (status, problem) = world.send("fin1", Ask::run("k", json!({ "payout_ids": [first.id] }))).await;
    assert_eq!((status, &problem["run_id"]), (409, &json!(run)), "the same key for something else");
    // Somebody else's key of the same text is another one.
    let (status, other) = world.send("fin2", Ask::run_of_all("k")).await;
    assert_eq!((status, &other["payouts"][1]["account_id"]), (202, &json!("dave")), "{other}");
    assert_eq!(other["payouts"][0]["payout_id"], json!(own.id), "it is fin1's own, not fin2's");
    let ids: Vec<&Json> = other["left_out"].as_array().unwrap().iter().map(|left| &left["payout_id"]).collect();
    assert_eq!(ids, [&json!(first.id), &json!(second.id)]);
    assert!(other["left_out"].as_array().unwrap().iter().all(|left| left["reason"] == "already_ordered"));
    let (status, problem) = world.send("fin2", Ask::run_of_all("k2")).await;
    assert_eq!((status, &problem["rule"]), (422, &json!("nothing_to_pay")));
}

#[tokio::test]
async fn a_run_shows_how_its_payouts_go_and_is_listed() {
    let world = World::new();
    let mut payouts = Vec::new();
    for name in ["alice", "bob", "carol"] {
        payouts.push(world.approved(name, "50").await);
    }
    let ordered = world.send("fin1", Ask::run_of_all("k")).await.1;
    let run = run_of(&world, &ordered).await;
    let by_account = |name: &str| payouts.iter().find(|payout| payout.account == id(name)).unwrap();
    world.sent_in(&run, by_account("alice"), &[paid("R1", "0")]).await;
    world.sent_in(&run, by_account("bob"), &[failed("NO_FUNDS")]).await;
    let (status, shown) = world.send("fin1", Ask::one("/finance/payout-runs/{id}", run.as_str())).await;
    let progress = json!({ "approved": 1, "rejected": 0, "canceled": 0, "submitting": 0, "submitted": 0, "paid": 1, "failed": 1, "unknown": 0, "returned": 0 });
    assert_eq!((status, &shown["progress"], &shown["state"], &shown["count"]), (200, &progress, &json!("open"), &json!(3)));
    let statuses: Vec<_> = shown["payouts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["account_id"].as_str(), one["status"].as_str(), one["reason"].as_str()))
        .collect();
    assert!(
        statuses.contains(&(Some("alice"), Some("paid"), None)) && statuses.contains(&(Some("bob"), Some("failed"), Some("NO_FUNDS"))),
        "{statuses:?}"
    );

    let listed = json!({ "state": "open", "runs": [{ "run_id": run, "by": "fin1", "at": "2026-03-10T12:00:00.000Z", "state": "open", "count": 3, "amount": "150.00", "currency": "USD" }] });
    assert_eq!(world.send("fin1", Ask::get("/finance/payout-runs")).await, (200, listed));
    let closed = Ask { query: "state=closed", ..Ask::get("/finance/payout-runs") };
    assert_eq!(world.send("fin1", closed).await.1, json!({ "state": "closed", "runs": [] }));
    let known = world.store.run_head(&run).await.unwrap().unwrap();
    world.store.close_run(&known, world.now).await.unwrap();
    let closed = world.send("fin1", Ask { query: "state=closed", ..Ask::get("/finance/payout-runs") }).await.1;
    assert_eq!((&closed["runs"][0]["state"], &closed["runs"][0]["closed_at"]), (&json!("closed"), &json!("2026-03-10T12:00:00.000Z")));
    assert!(world.sent().len() == 1);
    assert_eq!(world.send("fin1", Ask::run_of_all("k")).await.1["state"], "closed", "the same key again");
    assert!(world.sent().is_empty(), "there is nothing left to tell the worker");
}

#[tokio::test]
async fn each_bad_order_gets_its_answer() {
    let world = World::new();
    let payout = world.approved("alice", "50").await;
    let own = world.approved("fin1", "50").await;
    let requested = world.payout("bob", "50").await;
    let waiting = world.approved("dave", "50").await;
    assert_eq!(world.send("fin2", Ask::run("other", json!({ "payout_ids": [waiting.id] }))).await.0, 202);
    world.sent();
    let before = world.memory.dump();
    let list = |ids: Json| json!({ "payout_ids": ids });
    let of = |ids: Json| Ask::run("k", list(ids));
    let unknown = "pay_00000000000000000000000000";
    let cases = vec![
        ("no key", Ask { key: None, ..Ask::run_of_all("") }, 400),
        ("an empty key", Ask::run_of_all(""), 400),
        ("a key of two words", Ask::run_of_all("a b"), 400),
        ("no body", Ask { body: None, ..Ask::run_of_all("k") }, 415),
        ("another field", Ask::run("k", json!({ "amount": "1" })), 400),
        ("a dry run that is none", Ask::run("k", json!({ "dry_run": "yes" })), 400),
        ("an empty list", of(json!([])), 400),
        ("no list", of(json!("all")), 400),
        ("an id that is none", of(json!(["pay_1"])), 400),
        ("an unknown one", of(json!([unknown])), 404),
        ("an own one", of(json!([payout.id, own.id])), 403),
        ("one that is not approved", of(json!([payout.id, requested.id])), 409),
        ("one that waits in another run", of(json!([payout.id, waiting.id])), 409),
        ("a state that is none", Ask { query: "state=done", ..Ask::get("/finance/payout-runs") }, 400),
        ("a cursor of another state", Ask { query: "cursor=x", ..Ask::get("/finance/payout-runs") }, 400),
        ("an unknown run", Ask::one("/finance/payout-runs/{id}", "run_00000000000000000000000000"), 404),
        ("a run's id that is none", Ask::one("/finance/payout-runs/{id}", payout.id.as_str()), 404),
        ("a table of an unknown run", Ask::one("/finance/payout-runs/{id}/export.csv", "run_00000000000000000000000000"), 404),
    ];
    for (name, ask, expected) in cases {
        let (status, problem) = world.send("fin1", ask).await;
        assert_eq!(status, expected, "{name}: {problem}");
    }
    // A dry run of a list refuses as the run would.
    let dry = |ids: Json| Ask { key: None, ..Ask::run("", json!({ "payout_ids": ids, "dry_run": true })) };
    for (ids, status, member, told) in [
        (json!([unknown]), 404, "payout_id", json!(unknown)),
        (json!([own.id]), 403, "payout_id", json!(own.id)),
        (json!([requested.id]), 409, "payout_status", json!("requested")),
        (json!([waiting.id]), 409, "payout_id", json!(waiting.id)),
    ] {
        let (answered, problem) = world.send("fin1", dry(ids)).await;
        assert_eq!((answered, &problem[member]), (status, &told), "{problem}");
    }
    assert!(world.memory.dump() == before && world.sent().is_empty(), "none of them did anything");
    let many: Vec<String> = (0..=2000).map(|number| format!("pay_{number:026}")).collect();
    let (status, problem) = world.send("fin1", of(json!(many))).await;
    assert_eq!((status, &problem["rule"], &problem["maximum"]), (422, &json!("run_maximum"), &json!(2000)));
    let (status, _) = world.send("fin1", of(json!(many[1..]))).await;
    assert_eq!(status, 404, "2,000 are read");
    let same_twice = world.send("fin1", of(json!([payout.id, payout.id]))).await;
    assert_eq!((same_twice.0, &same_twice.1["count"]), (202, &json!(1)));
}

#[tokio::test]
async fn a_dry_run_tells_what_will_be_canceled_instead() {
    let world = World::new();
    let covered = world.approved("alice", "50").await;
    let (older, newer) = (world.approved("bob", "40").await, world.approved("bob", "30").await);
    let moved = world.approved("carol", "20").await;
    // A refund took what bob's payouts were to be paid from, but for the smaller one.
    let figures = keys::figures(&id("bob"));
    world.memory.tamper(&figures, |item| drop(item.as_mut().unwrap().insert("R".into(), store::backend::Value::N(45.into()))));
    world.memory.tamper(&keys::destination(&id("carol"), Rail::Paypal), |item| {
        item.as_mut().unwrap().insert("ver".into(), 2_u32.into());
    });
    let (status, bill) = world.send("fin1", Ask::dry_run()).await;
    let expected = |payout: &Payout| {
        let found = bill["payouts"].as_array().unwrap().iter().find(|one| one["payout_id"] == json!(payout.id)).unwrap();
        found["expected"].as_str().map(str::to_owned)
    };
    assert_eq!((status, &bill["count"], &bill["amount"]), (200, &json!(4), &json!("140.00")), "they stay in the run, which cancels them");
    assert_eq!((expected(&covered), expected(&moved).as_deref()), (None, Some("destination_changed")));
    let of_bob = [expected(&older), expected(&newer)];
    assert_eq!(of_bob.iter().flatten().collect::<Vec<_>>(), ["clawed_back"], "the one's reserve covers the other: {of_bob:?}");
    let gone = if of_bob[0].is_some() { "60.00" } else { "50.00" };
    assert_eq!(bill["expected_canceled"], json!({ "count": 2, "amount": gone }));
}

#[tokio::test]
async fn nothing_is_ordered_while_payouts_are_switched_off() {
    let mut world = World::new();
    let payout = world.approved("alice", "50").await;
    assert_eq!(world.send("fin2", Ask::switch(false, "a rail misbehaves")).await.0, 200);
    for ask in [Ask::run_of_all("k"), Ask::pay(payout.id.as_str(), 2)] {
        let (status, problem) = world.send("fin1", ask).await;
        assert_eq!((status, &problem["rule"]), (422, &json!("payouts_disabled")));
    }
    let (status, bill) = world.send("fin1", Ask::dry_run()).await;
    assert_eq!((status, &bill["payouts_enabled"], &bill["count"]), (200, &json!(false), &json!(1)));
    assert_eq!(world.send("fin2", Ask::switch(true, "mended")).await.0, 200);
    let ordered = world.send("fin1", Ask::run_of_all("k")).await;
    assert_eq!(ordered.0, 202);
    // What was ordered before is answered as before; and the settings have a word, too.
    let settings = serde_json::to_value(programme::settings::Settings { payouts_enabled: false, ..Default::default() }).unwrap();
    assert_eq!(world.send("fin2", Ask::programme(json!({ "from": "2026-03-10T12:06:00Z", "settings": settings }))).await.0, 200);
    world.now += Duration::minutes(10);
    assert_eq!(world.send("fin1", Ask::run_of_all("k")).await, ordered);
    world.approved("bob", "50").await;
    assert_eq!(world.send("fin1", Ask::run_of_all("k2")).await.1["rule"], "payouts_disabled");
    assert_eq!(world.send("fin1", Ask::dry_run()).await.1["payouts_enabled"], false);
}

/// More than a run can have: the oldest go first, and the rest is named.
#[tokio::test]
async fn the_oldest_go_first_and_a_run_has_an_end() {
    let world = World::new();
    let template = world.approved("alice", "50").await;
    for number in 0..2_005_i64 {
        let payout = Payout {
            id: PayoutId::try_new(&format!("pay_{number:026}")).unwrap(),
            requested_at: world.now - Duration::days(30) + Duration::minutes(number),
            version: 1,
            ..template.clone()
        };
        world.store.backend().write(&[head::write(&payout)]).await.unwrap();
    }
    let (status, first) = world.send("fin1", Ask::run_of_all("k")).await;
    assert_eq!((status, &first["count"], &first["amount"]), (202, &json!(2000), &json!("100000.00")));
    assert_eq!(first["payouts"][0]["payout_id"], format!("pay_{:026}", 0));
    let left = first["left_out"].as_array().unwrap();
    assert!(left.len() == 6 && left.iter().all(|left| left["reason"] == "over_maximum"), "{left:?}");
    assert_eq!(left[5]["payout_id"], json!(template.id), "the newest");
    let run = run_of(&world, &first).await;
    let shown = world.send("fin1", Ask::one("/finance/payout-runs/{id}", run.as_str())).await.1;
    assert_eq!((&shown["progress"]["approved"], shown["payouts"].as_array().unwrap().len()), (&json!(2000), 2000));
    let (status, second) = world.send("fin1", Ask::run_of_all("k2")).await;
    assert_eq!((status, &second["count"]), (202, &json!(6)));
    assert_eq!(second["left_out"].as_array().unwrap().len(), 2000);
}
