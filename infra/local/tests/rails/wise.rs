//! Quotes, transfers and fundings as Wise does them.

use crate::bench::{Bench, DAY, HOUR, PROFILE, said, uuid};
use ledger::Rail;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const RAIL: Rail = Rail::Wise;

#[tokio::test]
async fn forty_equal_requests_at_once_make_one_transfer_and_no_money_moves() {
    let bench = Bench::start().await;
    let mut requests = Vec::new();
    for _ in 0..40 {
        requests.push(said(bench.wise_transfer(1, 40_000_000, 25).await));
    }
    let all = futures::future::join_all(requests).await;
    assert!(all.iter().all(|(status, body)| *status == StatusCode::OK && body["id"] == all[0].1["id"]));
    let made = bench.only(RAIL).await;
    assert_eq!((made.movements, made.state.as_str(), made.payout.as_deref()), (0, "incoming_payment_waiting", Some("pay_1")));
    // Another payee under the same id: what there is comes back, to be compared.
    let (_, other) = said(bench.wise_transfer(1, 41_000_000, 99).await).await;
    assert_eq!((&other["targetAccount"], &other["targetValue"]), (&json!(40_000_000), &json!(25)));
}

#[tokio::test]
async fn each_funding_takes_the_money_once_more() {
    let bench = Bench::start().await;
    let (_, transfer) = said(bench.wise_transfer(1, 40_000_000, 100).await).await;
    let done = json!({ "type": "BALANCE", "status": "COMPLETED", "errorCode": null });
    assert_eq!(said(bench.fund(&transfer["id"])).await, (StatusCode::OK, done.clone()));
    let books = bench.books(RAIL).await;
    assert_eq!((books.payments[0].movements, books.balances["USD"].to_string().as_str()), (1, "9999899.00"), "the amount and its fee");
    assert_eq!(said(bench.fund(&transfer["id"])).await.1, done);
    let books = bench.books(RAIL).await;
    assert_eq!((books.payments[0].movements, books.balances["USD"].to_string().as_str()), (2, "9999798.00"));
    let (_, fundings) = said(bench.wise(Method::GET, &format!("/v1/transfers/{}/payments", transfer["id"]))).await;
    assert_eq!(fundings.as_array().unwrap().len(), 2);
    let (_, balances) = said(bench.wise(Method::GET, &format!("/v4/profiles/{PROFILE}/balances?types=STANDARD"))).await;
    assert_eq!(balances[0]["amount"]["value"], json!(9_999_798));
}

#[tokio::test]
async fn a_refused_funding_is_a_200_and_may_be_tried_again() {
    let bench = Bench::start().await;
    let (_, transfer) = said(bench.wise_transfer(1, 40_000_000, 19_999_999).await).await;
    let (status, refused) = said(bench.fund(&transfer["id"])).await;
    assert_eq!(
        (status, &refused["status"], &refused["errorCode"]),
        (StatusCode::OK, &json!("REJECTED"), &json!("transfer.insufficient_funds"))
    );
    let now = bench.only(RAIL).await;
    assert_eq!((now.movements, now.state.as_str()), (0, "incoming_payment_waiting"));
    bench.pass(14 * DAY).await;
    let (_, canceled) = said(bench.wise(Method::GET, &format!("/v1/transfers/{}", transfer["id"]))).await;
    assert_eq!(canceled["status"], "cancelled");
    assert_eq!(said(bench.fund(&transfer["id"])).await.1["errorCode"], "transfer.cancelled");
}

#[tokio::test]
async fn a_transfer_can_be_canceled_until_its_money_is_converted() {
    let bench = Bench::start().await;
    let cancel = async |transfer: &Value| said(bench.wise(Method::PUT, &format!("/v1/transfers/{}/cancel", transfer["id"]))).await;
    let (_, unfunded) = said(bench.wise_transfer(1, 40_000_000, 10).await).await;
    assert_eq!(cancel(&unfunded).await.1["status"], "cancelled");
    let (_, funded) = said(bench.wise_transfer(2, 40_000_000, 10).await).await;
    said(bench.fund(&funded["id"])).await;
    assert_eq!(cancel(&funded).await.1["status"], "cancelled");
    let (_, late) = said(bench.wise_transfer(3, 40_000_000, 10).await).await;
    said(bench.fund(&late["id"])).await;
    bench.pass(Duration::from_secs(120)).await;
    let (status, refused) = cancel(&late).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::CONFLICT, &json!("transfer.cancellation.not.allowed")));
    let all: Vec<_> = bench.books(RAIL).await.payments.iter().map(|one| (one.state.as_str(), one.returned.to_string())).collect();
    let rows = [("cancelled", "0.00"), ("funds_refunded", "10.00"), ("funds_converted", "0.00")];
    assert_eq!(all, rows.map(|(state, returned)| (state, returned.to_owned())));
}

#[tokio::test]
async fn a_quote_lasts_half_an_hour_and_is_for_the_recipients_currency() {
    let bench = Bench::start().await;
    let asked = json!({ "sourceCurrency": "USD", "targetCurrency": "EUR", "targetAmount": 90 });
    let (_, quote) = bench.quote(asked).await;
    assert_eq!((&quote["rate"], &quote["paymentOptions"][0]["sourceAmount"]), (&json!(0.9), &json!(101)));
    let body =
        |quote: &Value, recipient: i64| json!({ "targetAccount": recipient, "quoteUuid": quote["id"], "customerTransactionId": uuid(1) });
    let create = async |body: Value| said(bench.wise(Method::POST, "/v1/transfers").json(&body)).await;
    let recipient = json!({ "accountHolderName": "Ann Smith", "currency": "USD", "type": "aba", "details": { "accountNumber": "1" } });
    let (_, recipient) = said(bench.wise(Method::POST, "/v1/accounts").json(&recipient)).await;
    let (status, refused) = create(body(&quote, recipient["id"].as_i64().unwrap())).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("recipient.currency")));
    bench.clock.advance(Duration::from_secs(1800)).await.unwrap();
    let (status, refused) = create(body(&quote, 40_000_000)).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("quote.invalid")));
    assert!(bench.books(RAIL).await.payments.is_empty());
}

#[tokio::test]
async fn lists_are_by_time_and_state_and_come_in_parts() {
    let bench = Bench::start().await;
    let start = bench.clock.now_ms();
    for number in 0..12 {
        let (_, transfer) = said(bench.wise_transfer(number, 40_000_000, 10).await).await;
        if number < 2 {
            said(bench.fund(&transfer["id"])).await;
        }
        bench.pass(HOUR).await;
    }
    let list = async |query: &str| said(bench.wise(Method::GET, &format!("/v1/transfers?profile={PROFILE}{query}"))).await;
    let numbers = |(_, list): &(StatusCode, Value)| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one["details"]["reference"].as_str().unwrap().to_owned()).collect()
    };
    let first = numbers(&list("").await);
    assert_eq!((first.len(), first[0].as_str()), (10, "pay_11"));
    assert_eq!(numbers(&list("&offset=10&limit=100").await), ["pay_1", "pay_0"]);
    assert_eq!(numbers(&list("&status=outgoing_payment_sent,bounced_back").await), ["pay_1", "pay_0"]);
    assert!(numbers(&list("&targetCurrency=EUR").await).is_empty());
    let stamp = |ms: i64| chrono::DateTime::from_timestamp_millis(ms).unwrap().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let some = format!("&createdDateStart={}&createdDateEnd={}", stamp(start + 3_600_000), stamp(start + 3 * 3_600_000 - 1));
    assert_eq!(numbers(&list(&some).await), ["pay_2", "pay_1"]);
    assert_eq!(list("&limit=x").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(list("&createdDateStart=yesterday").await.0, StatusCode::BAD_REQUEST);
    let other = said(bench.wise(Method::GET, "/v1/transfers?profile=1")).await;
    assert_eq!(other.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn requests_that_are_not_wises_are_refused_in_its_own_words() {
    let bench = Bench::start().await;
    let stranger = bench.http.get(format!("{}/wise/v1/transfers/1", bench.url)).bearer_auth("another");
    assert_eq!(said(stranger).await, (StatusCode::UNAUTHORIZED, json!({ "error": "invalid_token", "error_description": "Invalid token" })));
    let elsewhere = bench.wise(Method::POST, "/v3/profiles/1/quotes").json(&json!({ "sourceCurrency": "USD", "targetCurrency": "USD" }));
    assert_eq!(said(elsewhere).await.0, StatusCode::FORBIDDEN);
    let code = async |path: &str, body: Value| said(bench.wise(Method::POST, path).json(&body)).await.1["errors"][0]["code"].clone();
    let quote = bench.quote(json!({ "sourceCurrency": "USD", "targetCurrency": "USD", "targetAmount": 1 })).await.1;
    let good = json!({ "targetAccount": 1, "quoteUuid": quote["id"], "customerTransactionId": uuid(1) });
    for (field, value) in [("customerTransactionId", json!("pay_1")), ("quoteUuid", json!("1")), ("targetAccount", json!("x"))] {
        let mut body = good.clone();
        body[field] = value;
        assert_eq!(code("/v1/transfers", body).await, "NOT_VALID", "{field}");
    }
    let payments = format!("/v3/profiles/{PROFILE}/transfers/1/payments");
    assert_eq!(code(&payments, json!({ "type": "CARD" })).await, "NOT_VALID");
    assert_eq!(code(&payments, json!({ "type": "BALANCE" })).await, "transfer.not.found");
    for (field, value) in [("accountHolderName", "Ann"), ("currency", "dollars"), ("type", "")] {
        let mut body = json!({ "accountHolderName": "Ann Smith", "currency": "USD", "type": "aba" });
        body[field] = json!(value);
        assert_eq!(code("/v1/accounts", body).await, "NOT_VALID", "{field}");
    }
    assert_eq!(said(bench.wise(Method::GET, "/v1/accounts/0")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(said(bench.wise(Method::GET, "/v2/accounts/40000000")).await.1["currency"], "USD");
    assert_eq!(said(bench.wise(Method::GET, "/v9/none")).await.0, StatusCode::NOT_FOUND);
    assert!(bench.books(RAIL).await.payments.is_empty());
}
