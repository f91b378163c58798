use crate::support::{Ask, World, id};
use edge::http::Method;
use programme::purchase::Flag;
use serde_json::json;
use store::{
    Quarantined,
    records::{
        flag::{self, Flagged},
        quarantine::Replay,
    },
};

fn all_doors() -> Vec<Ask<'static>> {
    let put = |route| Ask { method: Method::PUT, params: vec![("id", "alice")], body: Some(json!({})), ..Ask::get(route) };
    vec![
        Ask::get("/finance/payouts"),
        Ask::get("/finance/payouts/summary"),
        Ask::get("/finance/payouts.csv"),
        Ask::one("/finance/payouts/{id}", "pay_00000000000000000000000000"),
        Ask::pay("pay_00000000000000000000000000", 1),
        Ask::get("/finance/payout-runs"),
        Ask::run_of_all("k"),
        Ask::dry_run(),
        Ask::one("/finance/payout-runs/{id}", "run_00000000000000000000000000"),
        Ask::one("/finance/payout-runs/{id}/export.csv", "run_00000000000000000000000000"),
        Ask::get("/finance/switch"),
        Ask::switch(false, "x"),
        Ask::get("/finance/reconciliation"),
        Ask::act("pay_00000000000000000000000000", "approve", json!({ "version": 1 })),
        Ask::act("pay_00000000000000000000000000", "reject", json!({ "version": 1, "reason": "x" })),
        Ask { params: vec![("id", "alice")], ..Ask::get("/finance/accounts/{id}") },
        put("/finance/accounts/{id}/rate"),
        Ask::get("/finance/programme"),
        put("/finance/programme"),
        Ask::get("/finance/reviews"),
        Ask::review("bob", "clear"),
        Ask::review("bob", "confirm"),
        Ask::get("/finance/acts"),
        Ask::get("/finance/quarantine"),
        Ask::get("/finance/flags"),
        crate::flags::decide("stripe:pi_1", json!({ "decision": "accept", "reason": "x" })),
    ]
}

#[tokio::test]
async fn every_door_is_for_finance_alone() {
    let world = World::new();
    for ask in all_doors() {
        assert_eq!(world.send_call(world.call(None, &ask)).await.0, 401, "{}", ask.route);
        assert_eq!(world.send_call(world.call(Some(("alice", &[])), &ask)).await.0, 403, "{}", ask.route);
        assert_eq!(world.send_call(world.call(Some(("alice", &["platform"])), &ask)).await.0, 403, "{}", ask.route);
    }
    assert!(world.memory.dump().is_empty());
}

#[tokio::test]
async fn each_bad_act_gets_its_answer() {
    let world = World::new();
    let payout = world.payout("alice", "50").await;
    let own = payout.id.as_str();
    let unknown = "pay_00000000000000000000000000";
    let cases = vec![
        ("unknown", Ask::act(unknown, "approve", json!({ "version": 1 })), 404),
        ("unknown", Ask::act(unknown, "reject", json!({ "version": 1, "reason": "x" })), 404),
        ("no id", Ask::act("pay_1", "approve", json!({ "version": 1 })), 404),
        ("no act", Ask::act(own, "burn", json!({ "version": 1 })), 404),
        ("no version", Ask::act(own, "approve", json!({})), 400),
        ("a version as text", Ask::act(own, "approve", json!({ "version": "1" })), 400),
        ("a negative version", Ask::act(own, "approve", json!({ "version": -1 })), 400),
        ("another field", Ask::act(own, "approve", json!({ "version": 1, "amount": "1" })), 400),
        ("no body", Ask { body: None, ..Ask::act(own, "approve", json!({})) }, 415),
        ("no reason", Ask::act(own, "reject", json!({ "version": 1 })), 400),
        ("a blank reason", Ask::act(own, "reject", json!({ "version": 1, "reason": "  " })), 400),
        ("a long reason", Ask::act(own, "reject", json!({ "version": 1, "reason": "x".repeat(501) })), 400),
        ("a reason of lines", Ask::act(own, "reject", json!({ "version": 1, "reason": "a\nb" })), 400),
        ("an old version", Ask::act(own, "approve", json!({ "version": 0 })), 409),
        ("an old version", Ask::act(own, "reject", json!({ "version": 7, "reason": "x" })), 409),
        ("no version to pay", Ask::act(own, "pay", json!({})), 400),
        ("a reason to pay", Ask::act(own, "pay", json!({ "version": 1, "reason": "x" })), 400),
        ("a status that is none", Ask { query: "status=gone", ..Ask::get("/finance/payouts") }, 400),
        ("too many", Ask { query: "limit=101", ..Ask::get("/finance/payouts") }, 400),
        ("a forged cursor", Ask { query: "cursor=x", ..Ask::get("/finance/acts") }, 400),
        ("a forged cursor of flags", Ask { query: "cursor=x", ..Ask::get("/finance/flags") }, 400),
        ("too many flags", Ask { query: "limit=1000000000", ..Ask::get("/finance/flags") }, 400),
        ("backwards", Ask { query: "from=2026-02-01&to=2026-01-01", ..Ask::get("/finance/acts") }, 400),
        ("an account that nobody knows", Ask { params: vec![("id", "nobody")], ..Ask::get("/finance/accounts/{id}") }, 404),
        ("an id that is none", Ask { params: vec![("id", "a b")], ..Ask::get("/finance/accounts/{id}") }, 404),
        ("payees that are none", Ask { query: "payees=1", ..Ask::get("/finance/payouts") }, 400),
        ("a payout that nobody knows", Ask::one("/finance/payouts/{id}", unknown), 404),
        ("a payout's id that is none", Ask::one("/finance/payouts/{id}", "pay_1"), 404),
        ("a range that is none", Ask { query: "from=2026", ..Ask::get("/finance/payouts.csv") }, 400),
        ("too long a range", Ask { query: "from=2020-01-01&to=2026-01-01", ..Ask::get("/finance/payouts.csv") }, 400),
        ("another door", Ask::get("/finance/everything"), 404),
    ];
    for (name, ask, expected) in cases {
        let (status, problem) = world.send("fin1", ask).await;
        assert_eq!(status, expected, "{name}: {problem}");
    }
    assert_eq!(world.store.payout(&payout.id).await.unwrap().unwrap(), payout, "none of them changed anything");
    assert!(world.trail().await.is_empty());
}

#[tokio::test]
async fn payouts_are_listed_by_status_and_paged() {
    let mut world = World::new();
    let mut ids = Vec::new();
    for number in 0..3 {
        world.now += chrono::Duration::minutes(1);
        ids.push(world.payout("alice", &format!("{}", 50 + number)).await.id.to_string());
    }
    let first = world.send("fin1", Ask { query: "status=requested&limit=2", ..Ask::get("/finance/payouts") }).await.1;
    let cursor = format!("status=requested&limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = world.send("fin1", Ask { query: &cursor, ..Ask::get("/finance/payouts") }).await.1;
    let of = |page: &serde_json::Value| {
        page["payouts"].as_array().unwrap().iter().map(|one| one["payout_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!([of(&first), of(&second)].concat(), ids.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(second["next_cursor"], serde_json::Value::Null);
    let foreign = cursor.replace("status=requested", "status=paid");
    assert_eq!(world.send("fin1", Ask { query: &foreign, ..Ask::get("/finance/payouts") }).await.0, 400, "a cursor of another status");
    let expected = json!({
        "payout_id": ids[2], "account_id": "alice", "status": "requested", "version": 1,
        "amount": "52.00", "referral": "52.00", "rental": "0.00", "currency": "USD", "rail": "paypal",
        "destination": "s…@example.com", "destination_changed_at": "2026-02-28T12:01:00.000Z",
        "requested_at": "2026-03-10T12:03:00.000Z", "approvals": [], "approvals_needed": 1,
    });
    assert_eq!(first["payouts"][0], expected);
}

#[tokio::test]
async fn the_open_quarantine_is_listed_with_the_beginning_of_its_bodies() {
    let world = World::new();
    let event = |source: &str, body: &[u8]| Quarantined::new(source, "no amount".into(), body.to_vec(), world.now);
    let (small, large) = (event("stripe", b"{\"id\":1}"), event("facts", &[b'x'; 5000]));
    for event in [&small, &large] {
        world.store.quarantine(event).await.unwrap();
    }
    let view = |event: &Quarantined, body: &str, cut: bool| {
        json!({ "id": event.id, "source": event.source, "reason": "no amount", "received_at": "2026-03-10T12:00:00.000Z", "replays": 0,
            "bytes": event.body.len(), "body": body, "encoding": "text", "cut": cut })
    };
    let mut views = [view(&small, "{\"id\":1}", false), view(&large, &"x".repeat(4096), true)];
    views.sort_by_key(|view| std::cmp::Reverse(view["id"].as_str().unwrap().to_owned()));
    assert_eq!(world.send("fin1", Ask::get("/finance/quarantine")).await, (200, json!({ "quarantine": views })));

    // What is replayed waits for nobody.
    let kept = world.store.kept(&small.id).await.unwrap().unwrap();
    let replayed = kept.after(Replay { by: id("fin1"), at: world.now, facts: 1 });
    world.store.backend().write(&[replayed.replace(&kept)]).await.unwrap();
    let left = world.send("fin1", Ask::get("/finance/quarantine")).await.1;
    assert_eq!(left["quarantine"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), [large.id]);
}

#[tokio::test]
async fn flags_are_listed_newest_first_each_with_a_sentence() {
    let world = World::new();
    for (minute, flags) in
        [(1, vec![Flag::OverRefunded]), (2, vec![Flag::BuyerContradicted, Flag::ForeignCurrency]), (3, vec![Flag::CaptureContradicted])]
    {
        let flagged = Flagged {
            purchase: format!("stripe:pi_{minute}").parse().unwrap(),
            flags: flags.into_iter().collect(),
            line: minute,
            at: world.now + chrono::Duration::minutes(i64::from(minute)),
            decided: None,
        };
        world.store.backend().write(&[flag::write(&flagged)]).await.unwrap();
    }
    let first = world.send("fin1", Ask { query: "limit=2", ..Ask::get("/finance/flags") }).await.1;
    let cursor = format!("limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = world.send("fin1", Ask { query: &cursor, ..Ask::get("/finance/flags") }).await.1;
    let of = |page: &serde_json::Value| page["flags"].as_array().unwrap().clone();
    let listed = [of(&first), of(&second)].concat();
    assert_eq!(
        listed.iter().map(|one| one["purchase"].as_str().unwrap()).collect::<Vec<_>>(),
        ["stripe:pi_3", "stripe:pi_2", "stripe:pi_1"]
    );
    assert_eq!(second["next_cursor"], serde_json::Value::Null);
    let expected = json!({
        "purchase": "stripe:pi_2", "line": 2, "at": "2026-03-10T12:02:00.000Z",
        "flags": [
            { "flag": "buyer_contradicted", "sentence": "Different buyers are named: the payment's own naming counts, and two equally sure ones credit nobody." },
            { "flag": "foreign_currency", "sentence": "It is not in the programme's currency: it earns nothing." },
        ],
    });
    assert_eq!(listed[1], expected);
}

#[tokio::test]
async fn acts_are_listed_newest_first_with_who_when_and_why() {
    let mut world = World::new();
    world.figures("alice", &[("R", "1")]).await;
    for (day, rate) in [(1, "0.04"), (2, "0.05"), (3, "0.06")] {
        world.now += chrono::Duration::minutes(1);
        let from = world.now + chrono::Duration::days(day);
        let body = json!({ "rate": rate, "from": from, "reason": "larger opportunities" });
        assert_eq!(world.send("fin1", Ask::rate("alice", body)).await.0, 200);
    }
    let first = world.send("fin2", Ask { query: "limit=2&from=2026-03-01", ..Ask::get("/finance/acts") }).await.1;
    let cursor = format!("limit=2&from=2026-03-01&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = world.send("fin2", Ask { query: &cursor, ..Ask::get("/finance/acts") }).await.1;
    let of = |page: &serde_json::Value| page["acts"].as_array().unwrap().clone();
    let acts = [of(&first), of(&second)].concat();
    assert_eq!(acts.iter().map(|act| act["details"]["rate"].as_str().unwrap()).collect::<Vec<_>>(), ["0.06", "0.05", "0.04"]);
    let expected = json!({
        "at": "2026-03-10T12:03:00.000Z", "by": "fin1", "act": "rate_set", "subject": "alice", "version": 3,
        "reason": "larger opportunities", "details": { "rate": "0.06", "from": "2026-03-13T12:03:00.000Z" },
    });
    assert_eq!(acts[0], expected);
    let elsewhere = Ask { query: "from=2026-02-01&to=2026-03-09", ..Ask::get("/finance/acts") };
    assert_eq!(world.send("fin2", elsewhere).await.1, json!({ "acts": [] }));
    assert!(world.store.account(&id("alice")).await.unwrap().is_some());
}
