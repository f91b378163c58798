use crate::support::{Ask, PAYPAL, WISE, World};
use chrono::Duration;
use edge::http::Method;
use serde_json::{Value as Json, json};

#[tokio::test]
async fn a_request_reserves_and_answers_the_same_again() {
    let world = World::with_alice("100").await;
    let first = world.send("alice", Ask::payout("k1", "50.00")).await;
    let (status, body) = &first;
    assert_eq!(*status, 201, "{body}");
    assert!(body["payout_id"].as_str().unwrap().starts_with("pay_"));
    let expected = json!({
        "payout_id": body["payout_id"], "status": "requested", "amount": "50.00", "currency": "USD", "rail": "paypal",
        "destination": "a…@example.com", "requested_at": "2026-03-10T12:00:00.000Z",
    });
    assert_eq!(*body, expected);
    assert_eq!(world.taken("alice").await, ("50.00".into(), "0.00".into()));
    assert_eq!(world.send("alice", Ask::payout("k1", "50")).await, first, "the same amount, written otherwise");
    let (status, body) = world.send("alice", Ask::payout("k1", "51")).await;
    assert_eq!((status, body["type"].as_str()), (409, Some("/problems/conflict")));
    assert_eq!(world.taken("alice").await.0, "50.00");
}

#[tokio::test]
async fn the_same_answer_still_when_the_payout_has_moved_on() {
    let world = World::with_alice("100").await;
    let first = world.send("alice", Ask::payout("k1", "75")).await;
    let payout = first.1["payout_id"].as_str().unwrap().to_owned();
    let params = [("id", payout.as_str())];
    let cancel = || Ask { method: Method::POST, params: &params, ..Ask::get("/payouts/{id}/cancel") };
    assert_eq!(world.send("alice", cancel()).await.0, 200);
    assert_eq!(world.send("alice", Ask::payout("k1", "75")).await, first);
}

#[tokio::test]
async fn rental_earnings_are_taken_last() {
    let world = World::with_alice("100").await;
    world.figures("alice", &[("R", "100"), ("E", "40")]).await;
    assert_eq!(world.send("alice", Ask::payout("k1", "115")).await.0, 201);
    assert_eq!(world.taken("alice").await, ("75.00".into(), "40.00".into()));
}

/// The bad requests of the door: what is sent, and what it gets.
#[tokio::test]
async fn each_bad_request_gets_its_answer() {
    let world = World::with_alice("100").await;
    let body = |amount: Json| Some(json!({ "amount": amount }));
    let long = "k".repeat(256);
    type Case<'a> = (&'a str, Option<&'a str>, Option<Json>, u16, Option<&'a str>);
    let cases: Vec<Case<'_>> = vec![
        ("no key", None, body(json!("50")), 400, None),
        ("an empty key", Some(""), body(json!("50")), 400, None),
        ("a blank in the key", Some("a b"), body(json!("50")), 400, None),
        ("a long key", Some(&long), body(json!("50")), 400, None),
        ("no body", Some("k"), None, 415, None),
        ("no amount", Some("k"), Some(json!({})), 400, None),
        ("zero", Some("k"), body(json!("0")), 400, None),
        ("zero with places", Some("k"), body(json!("0.00")), 400, None),
        ("negative", Some("k"), body(json!("-50")), 400, None),
        ("not a number", Some("k"), body(json!("NaN")), 400, None),
        ("infinite", Some("k"), body(json!("inf")), 400, None),
        ("an exponent", Some("k"), body(json!("5e1")), 400, None),
        ("a JSON number", Some("k"), body(json!(50)), 400, None),
        ("seven places", Some("k"), body(json!("50.0000001")), 400, None),
        ("beyond all amounts", Some("k"), body(json!("9".repeat(30))), 400, None),
        ("another field", Some("k"), Some(json!({ "amount": "50", "destination": "x" })), 400, None),
        ("three places", Some("k"), body(json!("50.001")), 422, Some("rail_precision")),
        ("below the minimum", Some("k"), body(json!("19.99")), 422, Some("payout_minimum")),
        ("above the maximum", Some("k"), body(json!("10000.01")), 422, Some("payout_maximum")),
        ("more than cashable", Some("k"), body(json!("75.01")), 422, Some("cashable")),
    ];
    for (name, key, body, expected, rule) in cases {
        let (status, problem) = world.send("alice", Ask { method: Method::POST, key, body, ..Ask::get("/payouts") }).await;
        assert_eq!((status, problem["rule"].as_str()), (expected, rule), "{name}: {problem}");
    }
    assert!(world.payout_lines().is_empty(), "none of them wrote a line");
    assert_eq!(world.taken("alice").await, ("0.00".into(), "0.00".into()));
}

#[tokio::test]
async fn refusals_say_what_would_do() {
    let world = World::with_alice("100").await;
    let member = async |ask: Ask<'_>, name: &str| world.send("alice", ask).await.1[name].clone();
    assert_eq!(member(Ask::payout("k", "80"), "cashable").await, json!("75.00"));
    assert_eq!(member(Ask::payout("k", "1"), "minimum").await, json!("20.00"));
    assert_eq!(member(Ask::payout("k", "20000"), "maximum").await, json!("10000.00"));
    world.figures("alice", &[("R", "18"), ("C", "22.5")]).await;
    let (status, problem) = world.send("alice", Ask::payout("k", "20")).await;
    assert_eq!((status, problem["rule"].clone(), problem["debt"].clone()), (422, json!("debt"), json!("9.00")));
}

#[tokio::test]
async fn without_a_payout_account_and_with_a_fresh_one() {
    let mut world = World::new();
    world.figures("alice", &[("R", "100")]).await;
    assert_eq!(world.send("alice", Ask::payout("k", "50")).await.1["rule"], "no_payout_account");
    assert_eq!(world.send("alice", Ask::account(PAYPAL, json!({ "email": "alice@example.com" }))).await.0, 200);
    let (status, problem) = world.send("alice", Ask::payout("k", "50")).await;
    assert_eq!(
        (status, problem["rule"].clone(), problem["opens_at"].clone()),
        (422, json!("destination_cooldown"), json!("2026-03-13T12:00:00.000Z"))
    );
    world.now += Duration::hours(72);
    assert_eq!(world.send("alice", Ask::payout("k", "50")).await.0, 201, "a refused key can be used again");
}

#[tokio::test]
async fn the_daily_limit_counts_what_was_not_released_on_the_same_day() {
    let mut world = World::with_alice("100000").await;
    assert_eq!(world.send("alice", Ask::payout("k1", "9000")).await.0, 201);
    let (status, problem) = world.send("alice", Ask::payout("k2", "1000.01")).await;
    assert_eq!((status, problem["rule"].clone(), problem["left"].clone()), (422, json!("account_daily_limit"), json!("1000.00")));
    let (status, second) = world.send("alice", Ask::payout("k2", "1000")).await;
    assert_eq!(status, 201);
    let params = [("id", second["payout_id"].as_str().unwrap())];
    assert_eq!(world.send("alice", Ask { method: Method::POST, params: &params, ..Ask::get("/payouts/{id}/cancel") }).await.0, 200);
    assert_eq!(world.send("alice", Ask::payout("k3", "1000")).await.0, 201, "what was released counts no more");
    assert_eq!(world.send("alice", Ask::payout("k4", "20")).await.1["rule"], "account_daily_limit");
    world.now += Duration::hours(12);
    assert_eq!(world.send("alice", Ask::payout("k4", "20")).await.0, 201, "the next UTC day");
}

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let world = World::with_alice("100").await;
    for ask in
        [Ask::get("/payouts"), Ask::payout("k", "50"), Ask::get("/payout-accounts"), Ask::account(WISE, json!({ "recipient_id": "7" }))]
    {
        let (status, _) = world.send_call(world.call(None, &ask)).await;
        assert_eq!(status, 401, "{}", ask.route);
    }
    assert_eq!(world.send("alice", Ask::get("/payouts/all")).await.0, 404);
    assert_eq!(world.send("alice", Ask { method: Method::DELETE, ..Ask::get("/payouts") }).await.0, 404);
}
