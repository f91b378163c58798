#![allow(clippy::unwrap_used)]
use super::*;
use crate::{
    Capabilities, Held, NewAccount, OnboardError, Onboarding,
    testing::{Always, Never},
    testserver::{Answer, Asked, PAYOUT, Server, hasty, http, ok, order},
};
use chrono::TimeDelta;
use ledger::Money;
use programme::payout::RailDoubt;
use serde_json::{Value, json};

const ACCOUNT: &str = "acct_1032D82eZvKYlo2C";

fn transfer(change: Value) -> Value {
    let mut transfer = json!({
        "id": "tr_1NnmXDGPxmnHQRkJjKI88WI7", "object": "transfer", "amount": 2250, "amount_reversed": 0,
        "balance_transaction": "txn_1", "created": 1_795_000_001, "currency": "usd", "description": null,
        "destination": ACCOUNT, "destination_payment": "py_1", "livemode": false,
        "metadata": {"payout_id": PAYOUT}, "reversed": false, "source_type": "card", "transfer_group": PAYOUT,
        "reversals": {"data": [], "has_more": false, "object": "list", "url": "/v1/transfers/tr_1/reversals"},
    });
    if let (Some(transfer), Value::Object(change)) = (transfer.as_object_mut(), change) {
        transfer.extend(change);
    }
    transfer
}

fn page(transfers: &[Value], has_more: bool) -> Value {
    json!({"object": "list", "url": "/v1/transfers", "data": transfers, "has_more": has_more})
}

fn failure(kind: &str, code: Option<&str>) -> Value {
    json!({"error": {"type": kind, "code": code, "message": "Ann Smith can't be paid", "param": "destination"}})
}

fn paid(returned: &str) -> Sighting {
    Sighting::Paid { reference: "tr_1NnmXDGPxmnHQRkJjKI88WI7".to_owned(), returned: returned.parse().unwrap() }
}

fn ours() -> Order {
    order(RAIL)
}

async fn stripe(answer: impl Fn(&Asked) -> Answer + Clone + Send + Sync + 'static) -> (StripeConnect, Server) {
    let server = Server::start(answer).await;
    (StripeConnect::new(http(), server.base(), Secret::new("sk_test_hidden")), server)
}

#[tokio::test]
async fn what_is_held_back_is_not_sent() {
    let (stripe, server) = stripe(|_| ok(transfer(json!({})))).await;
    assert_eq!(stripe.submit(&ours(), &Never(Held::Outage)).await, Err(RailError::Held(Held::Outage)));
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_transfer_is_sent_as_frozen_and_the_same_each_time() {
    let (stripe, server) = stripe(|_| ok(transfer(json!({})))).await;
    let first = ours();
    let again = Order { attempted: true, now: first.now + TimeDelta::hours(19), reference: Some("tr_1".to_owned()), ..first.clone() };
    for order in [&first, &again] {
        assert_eq!(stripe.submit(order, &Always).await, Ok(paid("0")));
    }
    let asked = server.asked();
    assert_eq!(asked[0].call, "POST /v1/transfers");
    assert_eq!((&asked[0].body, &asked[0].headers["idempotency-key"]), (&asked[1].body, &asked[1].headers["idempotency-key"]));
    assert_eq!(asked[0].headers["idempotency-key"], PAYOUT);
    assert_eq!(asked[0].headers["stripe-version"], VERSION);
    let expected = [
        ("amount", "2250"),
        ("currency", "usd"),
        ("destination", ACCOUNT),
        ("metadata[account_id]", "ann"),
        ("metadata[payout_id]", PAYOUT),
        ("transfer_group", PAYOUT),
    ];
    assert_eq!(asked[0].form(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn what_an_answer_to_a_transfer_proves() {
    let failed = |reason: &str| Ok(Sighting::Failed { reference: None, reason: reason.to_owned() });
    let unknown = |doubt| Err(RailError::Unknown(doubt));
    for (answer, expected) in [
        (Answer::Json(400, failure("invalid_request_error", Some("balance_insufficient"))), failed("balance_insufficient")),
        (Answer::Json(404, failure("invalid_request_error", Some("resource_missing"))), failed("resource_missing")),
        (Answer::Json(400, failure("invalid_request_error", None)), failed("invalid_request_error")),
        (Answer::Json(400, failure("Ann Smith's account", None)), failed("unnamed")),
        (Answer::Json(400, failure("idempotency_error", None)), Err(RailError::Conflict)),
        (Answer::Json(409, failure("idempotency_error", None)), Err(RailError::Conflict)),
        (Answer::Json(409, failure("idempotency_error", Some("idempotency_key_in_use"))), Err(RailError::Busy)),
        (Answer::Json(409, failure("invalid_request_error", None)), Err(RailError::Busy)),
        (Answer::Json(400, failure("invalid_request_error", Some("lock_timeout"))), Err(RailError::Busy)),
        (Answer::Json(429, failure("invalid_request_error", Some("rate_limit"))), Err(RailError::Busy)),
        (Answer::Json(500, failure("api_error", None)), unknown(RailDoubt::ServerError)),
        (Answer::Json(424, failure("api_error", None)), unknown(RailDoubt::Unreadable)),
        (Answer::Text(200, "<html>"), unknown(RailDoubt::Unreadable)),
        (Answer::Text(400, "<html>"), unknown(RailDoubt::Unreadable)),
        (Answer::Break, unknown(RailDoubt::NoAnswer)),
        (ok(json!({"id": "tr_1"})), unknown(RailDoubt::Unreadable)),
        (ok(transfer(json!({"amount_reversed": 2251}))), unknown(RailDoubt::Unreadable)),
    ] {
        let told = answer.clone();
        let (stripe, _) = stripe(move |_| told.clone()).await;
        assert_eq!(stripe.submit(&ours(), &Always).await, expected, "{answer:?}");
    }
    let server = Server::start(|_| Answer::Hang).await;
    let stripe = StripeConnect::new(hasty(), server.base(), Secret::new("sk_test_hidden"));
    assert_eq!(stripe.submit(&ours(), &Always).await, unknown(RailDoubt::NoAnswer));
}

#[tokio::test]
async fn access_that_is_refused_names_no_secret() {
    let (stripe, _) = stripe(|_| Answer::Json(401, failure("invalid_request_error", None))).await;
    let error = stripe.submit(&ours(), &Always).await.unwrap_err();
    assert_eq!(error.private_half(), Some("stripe_connect: status 401"));
    assert!(!format!("{error} {error:?}").contains("hidden"));
}

#[tokio::test]
async fn another_payment_is_never_adopted() {
    for change in [
        json!({"amount": 2251}),
        json!({"currency": "eur"}),
        json!({"destination": "acct_other"}),
        json!({"destination": null}),
        json!({"transfer_group": null}),
        json!({"transfer_group": "pay_4YGQGXK5VRGSQN7XQD252HFMW2"}),
    ] {
        let told = change.clone();
        let (stripe, _) = stripe(move |asked| {
            let other = transfer(told.clone());
            ok(if asked.call.starts_with("GET") { page(&[other], false) } else { other })
        })
        .await;
        assert_eq!(stripe.submit(&ours(), &Always).await, Err(RailError::Conflict), "{change}");
        assert_eq!(stripe.look_up(&ours()).await, Err(RailError::Conflict), "{change}");
    }
}

#[tokio::test]
async fn after_the_window_nothing_is_sent() {
    let (stripe, server) = stripe(|_| ok(page(&[], false))).await;
    let late = Order { now: ours().now + TimeDelta::hours(20), ..ours() };
    assert_eq!(stripe.submit(&late, &Always).await, Err(RailError::Closed));
    assert!(server.asked().is_empty());
    assert_eq!(stripe.look_up(&late).await, Ok(Sighting::Absent));
}

#[tokio::test]
async fn a_repeated_500_is_decided_by_the_look_up() {
    let (stripe, server) =
        stripe(|asked| if asked.call.starts_with("POST") { Answer::Json(500, json!({})) } else { ok(page(&[transfer(json!({}))], false)) })
            .await;
    for _ in 0..2 {
        assert_eq!(stripe.submit(&ours(), &Always).await, Err(RailError::Unknown(RailDoubt::ServerError)));
    }
    assert_eq!(stripe.look_up(&ours()).await, Ok(paid("0")));
    assert_eq!(server.asked()[2].query["transfer_group"], PAYOUT);
}

#[tokio::test]
async fn a_look_up_says_what_there_is() {
    let returned =
        Sighting::Returned { reference: "tr_1NnmXDGPxmnHQRkJjKI88WI7".to_owned(), returned: "22.50".parse().unwrap(), note: None };
    let one = || transfer(json!({}));
    for (answer, expected) in [
        (ok(page(&[], false)), Ok(Sighting::Absent)),
        (ok(page(&[one()], false)), Ok(paid("0"))),
        (ok(page(&[transfer(json!({"amount_reversed": 1_000}))], false)), Ok(paid("10"))),
        (ok(page(&[transfer(json!({"amount_reversed": 2_250, "reversed": true}))], false)), Ok(returned)),
        (ok(page(&[one(), one()], false)), Err(RailError::Conflict)),
        (ok(page(&[one()], true)), Err(RailError::Conflict)),
        (
            Answer::Json(400, failure("invalid_request_error", Some("parameter_unknown"))),
            Err(RailError::Misconfigured("stripe_connect: parameter_unknown".to_owned())),
        ),
        (Answer::Json(500, json!({})), Err(RailError::Unknown(RailDoubt::ServerError))),
        (Answer::Text(200, ""), Err(UNREADABLE)),
    ] {
        let told = answer.clone();
        let (stripe, server) = stripe(move |_| told.clone()).await;
        assert!(stripe.can_look_up(&ours()));
        assert_eq!(stripe.look_up(&ours()).await, expected, "{answer:?}");
        assert!(server.calls().iter().all(|call| call == "GET /v1/transfers"), "a look-up creates nothing");
    }
}

#[tokio::test]
async fn an_order_that_is_not_stripes_is_not_sent() {
    let (stripe, server) = stripe(|_| Answer::Hang).await;
    let elsewhere = Order { destination: order(ledger::Rail::Paypal).destination, ..ours() };
    let fine = Order { amount: "22.505".parse().unwrap(), ..ours() };
    let nothing = Order { amount: Money::ZERO, ..ours() };
    for order in [elsewhere, fine, nothing] {
        assert!(matches!(stripe.submit(&order, &Always).await, Err(RailError::Misconfigured(_))));
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_period_is_listed_page_by_page() {
    let (stripe, server) = stripe(|asked| {
        let last = asked.query.contains_key("starting_after");
        let id = if last { "tr_b" } else { "tr_a" };
        ok(page(&[transfer(json!({"id": id, "transfer_group": if last { Value::Null } else { json!(PAYOUT) }}))], !last))
    })
    .await;
    let (from, to) = (ours().now, ours().now + TimeDelta::days(1));
    let first = stripe.list(from, to, None).await.unwrap();
    assert_eq!(first.next.as_deref(), Some("tr_a"));
    let payment = &first.payments[0];
    assert_eq!((payment.reference.as_str(), payment.payout.as_deref()), ("tr_a", Some(PAYOUT)));
    assert_eq!((payment.amount, payment.currency.as_str()), ("22.50".parse().unwrap(), "USD"));
    assert_eq!(payment.at, from + TimeDelta::seconds(1));
    assert_eq!(payment.destination, Some(ours().destination.identity()));
    assert_eq!(payment.payout, Some(stripe.mark(&ours().payout)));
    let second = stripe.list(from, to, first.next.as_deref()).await.unwrap();
    assert_eq!((second.next, &second.payments[0].payout), (None, &None));
    let query = &server.asked()[1].query;
    assert_eq!((&*query["created[gte]"], &*query["created[lt]"], &*query["starting_after"]), ("1795000000", "1795086400", "tr_a"));
}

#[tokio::test]
async fn a_listing_that_can_not_go_on_is_unreadable() {
    for data in [vec![], vec![transfer(json!({"currency": "dollars"}))]] {
        let (stripe, _) = stripe(move |_| ok(page(&data, true))).await;
        assert_eq!(stripe.list(ours().now, ours().now, None).await, Err(UNREADABLE));
    }
}

#[tokio::test]
async fn a_payee_is_onboarded_once() {
    let (stripe, server) =
        stripe(|_| ok(json!({"id": ACCOUNT, "payouts_enabled": false, "details_submitted": false, "capabilities": {}}))).await;
    let account = ours().account;
    let new = NewAccount { account: &account, email: Some("ann@example.com"), country: None };
    for new in [new, new, NewAccount { country: Some("DE"), ..new }] {
        assert_eq!(stripe.onboard(new).await, Ok(ACCOUNT.to_owned()));
    }
    let asked = server.asked();
    let key = |index: usize| &asked[index].headers["idempotency-key"];
    assert_eq!(key(0), key(1));
    assert_ne!(key(0), key(2));
    assert!(key(0).starts_with("onboard-") && key(0).len() <= 255 && !key(0).contains("ann@"));
    let home = asked[0].form();
    assert_eq!((&*home["type"], &*home["capabilities[transfers][requested]"], &*home["email"]), ("express", "true", "ann@example.com"));
    assert!(!home.contains_key("country"));
    let abroad = asked[2].form();
    assert_eq!((&*abroad["country"], &*abroad["tos_acceptance[service_agreement]"]), ("DE", "recipient"));
    assert!(!format!("{new:?}").contains("ann@example.com"));
}

#[tokio::test]
async fn a_link_is_for_its_holder_alone() {
    let (stripe, server) = stripe(|_| {
        ok(json!({"object": "account_link", "created": 1, "expires_at": 1_795_000_300, "url": "https://connect.stripe.com/setup/s/x"}))
    })
    .await;
    let link = stripe.account_link(ACCOUNT, "https://a.example/again", "https://a.example/done").await.unwrap();
    assert_eq!((&*link.url, link.expires_at.timestamp()), ("https://connect.stripe.com/setup/s/x", 1_795_000_300));
    assert!(!format!("{link:?}").contains("setup"));
    let form = server.asked()[0].form();
    assert_eq!((&*form["type"], &*form["account"], &*form["refresh_url"]), ("account_onboarding", ACCOUNT, "https://a.example/again"));
}

#[tokio::test]
async fn an_account_is_usable_when_it_can_be_paid_and_pays_out() {
    for (payouts, transfers, usable) in
        [(true, json!("active"), true), (false, json!("active"), false), (true, json!("pending"), false), (true, Value::Null, false)]
    {
        let body = json!({"id": ACCOUNT, "payouts_enabled": payouts, "details_submitted": true, "capabilities": {"transfers": transfers}});
        let (stripe, server) = stripe(move |_| ok(body.clone())).await;
        let able = stripe.capabilities(ACCOUNT).await.unwrap();
        assert_eq!((able.usable(), able.payouts_enabled), (usable, payouts));
        assert_eq!(server.calls(), [format!("GET /v1/accounts/{ACCOUNT}")]);
    }
    let (stripe, _) = stripe(|_| ok(json!({"id": ACCOUNT, "payouts_enabled": false, "details_submitted": false}))).await;
    assert_eq!(
        stripe.capabilities(ACCOUNT).await,
        Ok(Capabilities { details_submitted: false, payouts_enabled: false, transfers_active: false })
    );
}

#[tokio::test]
async fn onboarding_that_fails_says_why() {
    for (answer, expected) in [
        (Answer::Json(400, failure("invalid_request_error", Some("email_invalid"))), OnboardError::Refused("email_invalid".to_owned())),
        (Answer::Json(409, json!({})), OnboardError::Rail(RailError::Busy)),
        (
            Answer::Json(400, failure("idempotency_error", None)),
            OnboardError::Rail(RailError::Misconfigured("stripe_connect: idempotency_error".to_owned())),
        ),
        (Answer::Json(500, json!({})), OnboardError::Rail(RailError::Unknown(RailDoubt::ServerError))),
        (Answer::Text(200, "{}"), OnboardError::Rail(UNREADABLE)),
    ] {
        let told = answer.clone();
        let (stripe, _) = stripe(move |_| told.clone()).await;
        let account = ours().account;
        let new = NewAccount { account: &account, email: None, country: None };
        assert_eq!(stripe.onboard(new).await, Err(expected), "{answer:?}");
    }
}
