//! Batches, items and the report as PayPal does them.

use crate::bench::{Bench, DAY, HOUR, said};
use chrono::{DateTime, SecondsFormat, TimeDelta};
use ledger::Rail;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const RAIL: Rail = Rail::Paypal;

/// The path of what an error's link leads to.
fn linked(body: &Value) -> String {
    let href = body["details"][0]["link"][0]["href"].as_str().unwrap();
    href.split_once("/paypal").unwrap().1.to_owned()
}

#[tokio::test]
async fn forty_equal_requests_at_once_make_one_batch_that_the_others_are_shown() {
    let bench = Bench::start().await;
    let mut requests = Vec::new();
    for _ in 0..40 {
        requests.push(said(bench.batch("pay_1", "ann@example.com", "22.50").await));
    }
    let all = futures::future::join_all(requests).await;
    let made: Vec<_> = all.iter().filter(|(status, _)| *status == StatusCode::CREATED).collect();
    assert_eq!(made.len(), 1);
    let batch = made[0].1["batch_header"]["payout_batch_id"].as_str().unwrap();
    for (_, body) in all.iter().filter(|(status, _)| *status == StatusCode::BAD_REQUEST) {
        assert_eq!((body["name"].as_str(), linked(body)), (Some("USER_BUSINESS_ERROR"), format!("/v1/payments/payouts/{batch}")));
    }
    assert_eq!(all.len(), 1 + all.iter().filter(|(status, _)| *status == StatusCode::BAD_REQUEST).count());
    bench.pass(Duration::from_secs(5)).await;
    let paid = bench.only(RAIL).await;
    assert_eq!((paid.movements, paid.state.as_str(), paid.batch.as_deref()), (1, "SUCCESS", Some(batch)));
}

#[tokio::test]
async fn an_id_is_refused_for_thirty_days_whatever_is_asked_for() {
    let bench = Bench::start().await;
    said(bench.batch("pay_1", "ann@example.com", "1.00").await).await;
    bench.pass(29 * DAY).await;
    let other = said(bench.batch("pay_1", "bob@example.com", "2.00").await.header("PayPal-Request-Id", "new")).await;
    assert_eq!(other.0, StatusCode::BAD_REQUEST);
    let (_, first) = said(bench.paypal(Method::GET, &linked(&other.1)).await).await;
    assert_eq!(first["items"][0]["payout_item"]["receiver"], "ann@example.com", "what there is must be compared");
    bench.pass(DAY).await;
    assert_eq!(said(bench.batch("pay_1", "ann@example.com", "1.00").await).await.0, StatusCode::CREATED);
    assert_eq!(bench.books(RAIL).await.payments.len(), 2, "whoever repeats so late pays twice");
}

#[tokio::test]
async fn a_batch_is_pending_then_worked_on_then_done() {
    let bench = Bench::start().await;
    let (_, made) = said(bench.batch("pay_1", "ann@example.com", "10.00").await).await;
    assert_eq!(made["batch_header"]["batch_status"], "PENDING");
    let path = format!("/v1/payments/payouts/{}", made["batch_header"]["payout_batch_id"].as_str().unwrap());
    for (seconds, batch, item) in [(0, "PENDING", "PENDING"), (2, "PROCESSING", "PENDING"), (3, "SUCCESS", "SUCCESS")] {
        bench.clock.advance(Duration::from_secs(seconds)).await.unwrap();
        let (_, now) = said(bench.paypal(Method::GET, &path).await).await;
        let told = [&now["batch_header"]["batch_status"], &now["items"][0]["transaction_status"]];
        assert_eq!(told, [batch, item]);
        assert_eq!(now["items"][0]["transaction_id"].is_string(), item == "SUCCESS", "a transaction once money has moved");
        let one = format!("/v1/payments/payouts-item/{}", now["items"][0]["payout_item_id"].as_str().unwrap());
        let (_, alone) = said(bench.paypal(Method::GET, &one).await).await;
        assert_eq!((&alone, &alone["sender_batch_id"]), (&now["items"][0], &json!("pay_1")));
    }
}

#[tokio::test]
async fn only_what_nobody_has_claimed_can_be_canceled() {
    let bench = Bench::start().await;
    for (number, receiver, status) in [(1, "unclaimed@example.com", 200), (2, "ann@example.com", 400)] {
        said(bench.batch(&format!("pay_{number}"), receiver, "10.00").await).await;
        bench.pass(Duration::from_secs(5)).await;
        let item = bench.books(RAIL).await.payments.pop().unwrap().reference;
        let path = format!("/v1/payments/payouts-item/{item}/cancel");
        assert_eq!(said(bench.paypal(Method::POST, &path).await).await.0, status);
    }
    let states: Vec<_> = bench.books(RAIL).await.payments.iter().map(|item| item.state.as_str()).collect();
    assert_eq!(states, ["RETURNED", "SUCCESS"]);
    assert_eq!(said(bench.paypal(Method::POST, "/v1/payments/payouts-item/none/cancel").await).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_token_opens_for_nine_hours_by_the_stacks_clock() {
    let bench = Bench::start().await;
    let token = bench.token().await;
    let read = async |token: &str| said(bench.http.get(format!("{}/paypal/v1/payments/payouts/x", bench.url)).bearer_auth(token)).await.0;
    assert_eq!(read(&token).await, StatusCode::NOT_FOUND);
    bench.clock.advance(9 * HOUR).await.unwrap();
    assert_eq!(read(&token).await, StatusCode::UNAUTHORIZED);
    assert_eq!(read(&bench.token().await).await, StatusCode::NOT_FOUND);
    let later = token.replacen("A21AA-", "A21AA-9", 1);
    assert_eq!(read(&later).await, StatusCode::UNAUTHORIZED, "its time is signed");
    let ask = |id: &str, secret: &str, grant: &'static str| {
        let asked = bench.http.post(format!("{}/paypal/v1/oauth2/token", bench.url)).basic_auth(id, Some(secret));
        said(asked.header("content-type", "application/x-www-form-urlencoded").body(grant))
    };
    let (id, secret) = bench.secrets.paypal_client();
    assert_eq!(ask(id, "wrong", "grant_type=client_credentials").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(id, secret, "grant_type=password").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn requests_that_are_not_paypals_are_refused_in_its_own_words() {
    let bench = Bench::start().await;
    let good = json!({
        "sender_batch_header": { "sender_batch_id": "b" },
        "items": [{ "receiver": "ann@example.com", "amount": { "value": "1.00", "currency": "USD" } }],
    });
    for (pointer, value) in [
        ("/items", json!([])),
        ("/items/0/amount/value", json!("0.00")),
        ("/items/0/amount/value", json!("1.005")),
        ("/items/0/amount/value", json!("20000.01")),
        ("/items/0/amount/value", json!(1)),
        ("/items/0/amount/value", json!("1e3")),
        ("/items/0/receiver", json!("")),
        ("/items/0/receiver", Value::Null),
        ("/sender_batch_header/sender_batch_id", json!("x".repeat(257))),
    ] {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        let (status, answer) = said(bench.paypal(Method::POST, "/v1/payments/payouts").await.json(&body)).await;
        assert_eq!((status, &answer["name"]), (StatusCode::BAD_REQUEST, &json!("VALIDATION_ERROR")), "{body}");
    }
    let mut mixed = good.clone();
    mixed["items"] = json!([good["items"][0], { "receiver": "bob@example.com", "amount": { "value": "1.00", "currency": "EUR" } }]);
    let (_, answer) = said(bench.paypal(Method::POST, "/v1/payments/payouts").await.json(&mixed)).await;
    assert_eq!(answer["details"][0]["issue"], "Multiple currencies within a batch is not allowed");
    assert_eq!(said(bench.http.post(format!("{}/paypal/v1/payments/payouts", bench.url)).json(&good)).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(said(bench.paypal(Method::GET, "/v1/payments/payouts").await).await.0, StatusCode::NOT_FOUND, "there is no such list");
    for (note, status) in [("ERRPYO005", 422), ("ERRPYO036", 504)] {
        let mut body = good.clone();
        body["items"][0]["note"] = json!(note);
        assert_eq!(said(bench.paypal(Method::POST, "/v1/payments/payouts").await.json(&body)).await.0, status, "{note}");
    }
    assert!(bench.books(RAIL).await.payments.is_empty());
}

#[tokio::test]
async fn a_batch_may_have_several_items_of_one_currency() {
    let bench = Bench::start().await;
    let item =
        |id: &str, receiver: &str| json!({ "sender_item_id": id, "receiver": receiver, "amount": { "value": "1.00", "currency": "USD" } });
    let body = json!({
        "sender_batch_header": { "sender_batch_id": "b" },
        "items": [item("i1", "ann@example.com"), item("i2", "unclaimed@example.com")],
    });
    let (_, made) = said(bench.paypal(Method::POST, "/v1/payments/payouts").await.json(&body)).await;
    bench.pass(Duration::from_secs(5)).await;
    let path = format!("/v1/payments/payouts/{}", made["batch_header"]["payout_batch_id"].as_str().unwrap());
    let (_, now) = said(bench.paypal(Method::GET, &path).await).await;
    let states: Vec<_> = now["items"].as_array().unwrap().iter().map(|item| item["transaction_status"].as_str().unwrap()).collect();
    assert_eq!((states, &now["batch_header"]["amount"]["value"]), (vec!["SUCCESS", "UNCLAIMED"], &json!("2.00")));
}

async fn report(bench: &Bench, from: TimeDelta, more: &str) -> Value {
    let now = DateTime::from_timestamp_millis(bench.clock.now_ms()).unwrap();
    let stamp = |at: DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let query = format!("start_date={}&end_date={}{more}", stamp(now - from), stamp(now));
    said(bench.paypal(Method::GET, &format!("/v1/reporting/transactions?{query}")).await).await.1
}

#[tokio::test]
async fn the_report_runs_three_hours_behind_and_shows_what_came_back_on_its_own() {
    let bench = Bench::start().await;
    said(bench.batch("pay_1", "ann@example.com", "10.00").await).await;
    said(bench.batch("pay_2", "unclaimed@example.com", "20.00").await).await;
    said(bench.batch("pay_3", "closed@example.com", "30.00").await).await;
    bench.pass(2 * HOUR).await;
    assert_eq!(report(&bench, TimeDelta::days(1), "").await["total_items"], 0, "not yet");
    bench.pass(2 * HOUR).await;
    let shown = report(&bench, TimeDelta::days(1), "").await;
    let lines = |shown: &Value| -> Vec<[String; 4]> {
        let field = |line: &Value, name: &str| line["transaction_info"][name].as_str().unwrap().to_owned();
        let of = |line: &Value| {
            let value = line["transaction_info"]["transaction_amount"]["value"].as_str().unwrap().to_owned();
            [field(line, "transaction_event_code"), field(line, "custom_field"), field(line, "transaction_status"), value]
        };
        shown["transaction_details"].as_array().unwrap().iter().map(of).collect()
    };
    let paid = ["T0001", "pay_1", "S", "-10.00"].map(str::to_owned);
    assert_eq!(lines(&shown), [paid, ["T0001", "pay_2", "P", "-20.00"].map(str::to_owned)]);
    bench.pass(31 * DAY).await;
    let shown = report(&bench, TimeDelta::days(31), "").await;
    assert_eq!(
        lines(&shown),
        [["T1100", "pay_2", "S", "20.00"].map(str::to_owned)],
        "the first payment is out of the time that was asked for"
    );
    assert_eq!(lines(&report(&bench, TimeDelta::days(31), "&transaction_type=T0001").await), [[""; 4]; 0]);
}

#[tokio::test]
async fn the_report_is_paged_and_asked_for_by_the_month() {
    let bench = Bench::start().await;
    for number in 0..5 {
        said(bench.batch(&format!("pay_{number}"), "ann@example.com", "10.00").await).await;
    }
    bench.pass(4 * HOUR).await;
    let mut seen = Vec::new();
    for page in 1..=3 {
        let shown = report(&bench, TimeDelta::days(1), &format!("&page_size=2&page={page}")).await;
        assert_eq!((&shown["total_items"], &shown["total_pages"]), (&json!(5), &json!(3)));
        let lines = shown["transaction_details"].as_array().unwrap().clone();
        seen.extend(lines.into_iter().map(|line| line["transaction_info"]["custom_field"].clone()));
    }
    assert_eq!(seen, (0..5).map(|number| json!(format!("pay_{number}"))).collect::<Vec<_>>());
    assert_eq!(report(&bench, TimeDelta::days(32), "").await["name"], "INVALID_REQUEST");
    assert_eq!(report(&bench, TimeDelta::days(1), "&page_size=501").await["name"], "INVALID_REQUEST");
    let offsets = "start_date=2026-11-01T00:00:00-0700&end_date=2026-11-02T00:00:00%2B00:00";
    let (status, _) = said(bench.paypal(Method::GET, &format!("/v1/reporting/transactions?{offsets}")).await).await;
    assert_eq!(status, StatusCode::OK);
}
