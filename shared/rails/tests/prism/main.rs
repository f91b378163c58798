//! The form of every request that the rails make, checked against the providers' own OpenAPI files by a mock server
//! (Prism), which names what is wrong in the header `sl-violations`. The mock keeps no state: it proves form, and
//! nothing of idempotency. PayPal's transaction search is in none of the files, and so it is not proved here.
//!
//! `.ci/rails-contract` starts the mocks and names them in `RAILS_PRISM_STRIPE`, `RAILS_PRISM_PAYPAL` and
//! `RAILS_PRISM_WISE`. Where one is missing, its test says that it is skipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod recorder;

use chrono::{DateTime, TimeDelta, Utc};
use edge::{config::Env, ids::SequenceIds};
use ledger::{AccountId, Currency, Rail as Kind};
use programme::payout::{Destination, PayoutId};
use rails::{NewAccount, Order, Rails, testing::Always};
use recorder::{Recorder, Script, violations};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

const PAYOUT: &str = "pay_4YGQGXK5VRGSQN7XQD252HFMW1";
const ACCOUNT: &str = "acct_1032D82eZvKYlo2C";

/// The mock of a rail, if there is one.
fn mock(variable: &str) -> Option<String> {
    let url = Env::process().optional(variable);
    if url.is_none() {
        eprintln!("skipped: {variable} names no mock server (see .ci/rails-contract)");
    }
    url
}

fn rails(pairs: &[(&str, &str)]) -> Rails {
    Rails::from_env(&Env::from_pairs(pairs.iter().copied()), Arc::new(SequenceIds::new(1))).unwrap()
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

fn order(destination: Destination) -> Order {
    Order {
        payout: PayoutId::try_new(PAYOUT).unwrap(),
        account: AccountId::try_new("ann").unwrap(),
        amount: "22.50".parse().unwrap(),
        currency: Currency::try_new("USD").unwrap(),
        destination,
        key: PAYOUT.to_owned(),
        intended_at: now(),
        now: now(),
        reference: None,
        attempted: false,
    }
}

/// That the mock was asked exactly these calls, and has nothing to say against any of them.
fn proved(recorder: &Recorder, calls: &[&str]) {
    let seen = recorder.seen();
    for exchange in &seen {
        assert!(exchange.violations.is_empty(), "{}: {:?}", exchange.call, exchange.violations);
        assert!((200..300).contains(&exchange.status), "{}: the mock answers {}", exchange.call, exchange.status);
    }
    let made: BTreeSet<_> = seen.iter().map(|exchange| exchange.call.as_str()).collect();
    assert_eq!(made, calls.iter().copied().collect());
    eprintln!("{} requests of {} kinds, without a violation", seen.len(), made.len());
}

/// That the mock catches each of these, so that its silence means something.
async fn caught(wrong: Vec<(&'static str, reqwest::RequestBuilder)>) {
    let count = wrong.len();
    for (what, request) in wrong {
        let answer = request.bearer_auth("key").send().await.unwrap();
        let (status, header) = (answer.status(), answer.headers().get("sl-violations").cloned());
        assert!(!violations(header.as_ref(), &answer.bytes().await.unwrap()).is_empty(), "not caught: {what} ({status})");
    }
    eprintln!("{count} deliberately wrong requests, all caught");
}

#[tokio::test]
async fn stripe() {
    let Some(mock) = mock("RAILS_PRISM_STRIPE") else { return };
    // The mock's own answers are of Stripe's form, and nothing here depends on what they say.
    let recorder = Recorder::start(&mock, Script::new(|_| None)).await;
    let rails = rails(&[("STRIPE_API_URL", &recorder.url), ("STRIPE_API_KEY", "sk_test_key")]);
    let (rail, order) = (rails.get(Kind::StripeConnect).unwrap(), order(Destination::stripe(ACCOUNT).unwrap()));
    drop(rail.submit(&order, &Always).await);
    drop(rail.look_up(&order).await);
    let listed = rail.list(now(), now() + TimeDelta::days(1), None).await.unwrap();
    assert_eq!(listed.payments.len(), 1, "the mock's example is read");
    rail.list(now(), now() + TimeDelta::days(1), Some("tr_1")).await.unwrap();
    let onboarding = rails.onboarding().unwrap();
    for (email, country) in [(None, None), (Some("ann@example.com"), Some("DE"))] {
        onboarding.onboard(NewAccount { account: &order.account, email, country }).await.unwrap();
    }
    onboarding.account_link(ACCOUNT, "https://a.example/again", "https://a.example/done").await.unwrap();
    onboarding.capabilities(ACCOUNT).await.unwrap();
    proved(
        &recorder,
        &[
            "POST /v1/transfers",
            "GET /v1/transfers",
            "POST /v1/accounts",
            "POST /v1/account_links",
            "GET /v1/accounts/acct_1032D82eZvKYlo2C",
        ],
    );
    let client = reqwest::Client::new();
    let form = |path: &str, body: &'static str| {
        client.post(format!("{}{path}", recorder.url)).header("content-type", "application/x-www-form-urlencoded").body(body)
    };
    let wrong = vec![
        ("no destination", form("/v1/transfers", "amount=2250&currency=usd")),
        ("no currency", form("/v1/transfers", "amount=2250&destination=acct_1")),
        ("an amount that is no number", form("/v1/transfers", "amount=22.5usd&currency=usd&destination=acct_1")),
        ("no amount and no text", form("/v1/transfers", "")),
        ("a link of no type", form("/v1/account_links", "account=acct_1")),
        ("a link of another type", form("/v1/account_links", "account=acct_1&type=login")),
        ("an account of another type", form("/v1/accounts", "type=fast")),
        ("a limit that is no number", client.get(format!("{}/v1/transfers?limit=all", recorder.url))),
    ];
    caught(wrong).await;
}

#[tokio::test]
async fn paypal() {
    let Some(mock) = mock("RAILS_PRISM_PAYPAL") else { return };
    let recorder = Recorder::start(&mock, Script::new(|_| None)).await;
    let rails = rails(&[("PAYPAL_API_URL", &recorder.url), ("PAYPAL_CLIENT_ID", "client"), ("PAYPAL_CLIENT_SECRET", "secret")]);
    let rail = rails.get(Kind::Paypal).unwrap();
    for destination in [Destination::paypal_email("ann@example.com"), Destination::paypal_payer("ABCDEFGHJ1234")] {
        drop(rail.submit(&order(destination.unwrap()), &Always).await);
    }
    let known = Order { reference: Some("P7MFYN6YSUE5W".to_owned()), ..order(Destination::paypal_email("ann@example.com").unwrap()) };
    drop(rail.look_up(&known).await);
    proved(&recorder, &["POST /v1/oauth2/token", "POST /v1/payments/payouts", "GET /v1/payments/payouts/P7MFYN6YSUE5W"]);
    let client = reqwest::Client::new();
    let payout = |change: fn(&mut Value)| {
        let item = json!({"recipient_type": "EMAIL", "receiver": "ann@example.com", "amount": {"value": "22.50", "currency": "USD"}, "sender_item_id": PAYOUT});
        let mut body = json!({"sender_batch_header": {"sender_batch_id": PAYOUT}, "items": [item]});
        change(&mut body);
        client.post(format!("{}/v1/payments/payouts", recorder.url)).header("content-type", "application/json").body(body.to_string())
    };
    let wrong = vec![
        ("no items", payout(|body| body["items"] = json!([]))),
        ("no header", payout(|body| drop(body.as_object_mut().unwrap().remove("sender_batch_header")))),
        ("no receiver", payout(|body| drop(body["items"][0].as_object_mut().unwrap().remove("receiver")))),
        ("an amount that is a number", payout(|body| body["items"][0]["amount"]["value"] = json!(22.5))),
        ("an item's id that is too long", payout(|body| body["items"][0]["sender_item_id"] = json!("x".repeat(64)))),
        ("a batch's id that is too long", payout(|body| body["sender_batch_header"]["sender_batch_id"] = json!("x".repeat(257)))),
        ("a receiver that is too long", payout(|body| body["items"][0]["receiver"] = json!("x".repeat(128)))),
    ];
    caught(wrong).await;
}

/// What lets the client go on: the mock's own examples belong to no one payout.
fn wise_script(rejects: bool) -> Script {
    Script::new(move |asked| {
        let transfer = |status: &str| {
            json!({
                "id": 50_000_001, "status": status, "targetAccount": 40_000_001, "sourceCurrency": "USD", "targetCurrency": "EUR",
                "targetValue": 20.14, "rate": 0.8953211, "customerTransactionId": "45342edc-a29b-54f1-8c73-a4b905619421", "created": "2026-11-18 11:07:00",
            })
        };
        match asked.call.as_str() {
            "POST /v3/profiles/101/quotes" => {
                let body: Value = serde_json::from_str(&asked.body).unwrap();
                Some(json!({
                    "id": "11144c35-9fe8-4c32-b7fd-d05c2a7734bf", "sourceCurrency": "USD", "targetCurrency": "EUR",
                    "targetAmount": body.get("targetAmount"), "rate": 0.8953211,
                }))
            }
            "POST /v1/transfers" | "GET /v1/transfers/50000001" => Some(transfer("incoming_payment_waiting")),
            "PUT /v1/transfers/50000001/cancel" => Some(transfer("cancelled")),
            "GET /v1/transfers/50000001/payments" => Some(json!([])),
            "GET /v1/transfers" => Some(json!([])),
            call if call.ends_with("/payments") && rejects => {
                Some(json!({"type": "BALANCE", "status": "REJECTED", "errorCode": "transfer.insufficient_funds"}))
            }
            _ => None,
        }
    })
}

#[tokio::test]
async fn wise() {
    let Some(mock) = mock("RAILS_PRISM_WISE") else { return };
    let euro = Destination::wise("40000001", Currency::try_new("EUR").unwrap()).unwrap();
    for rejects in [false, true] {
        let recorder = Recorder::start(&mock, wise_script(rejects)).await;
        let rails = rails(&[("WISE_API_URL", &recorder.url), ("WISE_API_TOKEN", "token"), ("WISE_PROFILE_ID", "101")]);
        let (rail, order) = (rails.get(Kind::Wise).unwrap(), order(euro.clone()));
        let paid = rail.submit(&order, &Always).await.unwrap();
        assert_eq!(paid.reference(), Some("50000001"), "it went all the way");
        rail.look_up(&Order { attempted: true, ..order.clone() }).await.unwrap();
        rail.list(now(), now() + TimeDelta::days(1), Some("0")).await.unwrap();
        let mut calls = vec![
            "POST /v3/profiles/101/quotes",
            "POST /v1/transfers",
            "GET /v1/transfers/50000001",
            "GET /v1/transfers/50000001/payments",
            "POST /v3/profiles/101/transfers/50000001/payments",
            "GET /v1/transfers",
        ];
        calls.extend(rejects.then_some("PUT /v1/transfers/50000001/cancel"));
        proved(&recorder, &calls);
    }
    let recorder = Recorder::start(&mock, Script::new(|_| None)).await;
    let client = reqwest::Client::new();
    let post = |path: &str, body: Value| {
        client.post(format!("{}{path}", recorder.url)).header("content-type", "application/json").body(body.to_string())
    };
    let uuid = "45342edc-a29b-54f1-8c73-a4b905619421";
    let wrong = vec![
        ("no id of our own", post("/v1/transfers", json!({"targetAccount": 1, "quoteUuid": uuid}))),
        ("an id that is no UUID", post("/v1/transfers", json!({"targetAccount": 1, "quoteUuid": uuid, "customerTransactionId": PAYOUT}))),
        ("a recipient in quotes", post("/v1/transfers", json!({"targetAccount": "1", "quoteUuid": uuid, "customerTransactionId": uuid}))),
        ("a quote without a currency", post("/v3/profiles/101/quotes", json!({"sourceCurrency": "USD", "targetAmount": 1}))),
        (
            "a quote of an amount in quotes",
            post("/v3/profiles/101/quotes", json!({"sourceCurrency": "USD", "targetCurrency": "USD", "targetAmount": "1"})),
        ),
        ("a payment of no type", post("/v3/profiles/101/transfers/1/payments", json!({}))),
        ("a transfer that is no number", client.get(format!("{}/v1/transfers/abc", recorder.url))),
    ];
    caught(wrong).await;
}
