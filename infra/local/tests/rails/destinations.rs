//! What each destination that behaves makes of a payment, as the providers' APIs tell it.

use crate::bench::{Bench, DAY, HOUR, said};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const YEAR: Duration = Duration::from_secs(366 * 86_400);

#[tokio::test]
async fn stripe() {
    let bench = Bench::start().await;
    for (word, status, code, reversed) in [
        ("plain", 200, None, 0),
        ("instant", 200, None, 0),
        ("payoutFails", 200, None, 0),
        ("partly", 200, None, 400),
        ("bounced", 200, None, 1000),
        ("reversed", 200, None, 1000),
        ("closed", 400, Some("account_closed"), 0),
        ("restricted", 400, Some("insufficient_capabilities_for_transfer"), 0),
        ("insufficient", 400, Some("balance_insufficient"), 0),
    ] {
        let (answered, body) = said(bench.transfer(word, &format!("acct_1{word}"), "1000")).await;
        assert_eq!((answered.as_u16(), body["error"]["code"].as_str()), (status, code), "{word}");
        if status == 200 {
            assert_eq!(body["amount_reversed"], 0, "{word}");
            bench.pass(YEAR).await;
            let (_, now) = said(bench.stripe(Method::GET, &format!("/v1/transfers/{}", body["id"].as_str().unwrap()))).await;
            assert_eq!(now["amount_reversed"], reversed, "{word}");
        }
    }
}

#[tokio::test]
async fn paypal() {
    let bench = Bench::start().await;
    for (word, soon, late, problem) in [
        ("plain", "SUCCESS", "SUCCESS", None),
        ("instant", "SUCCESS", "SUCCESS", None),
        ("closed", "FAILED", "FAILED", Some("RECEIVER_ACCOUNT_INVALID")),
        ("restricted", "BLOCKED", "BLOCKED", Some("RISK_DECLINE")),
        ("denied", "FAILED", "FAILED", Some("INSUFFICIENT_FUNDS")),
        ("unclaimed", "UNCLAIMED", "RETURNED", Some("RECEIVER_UNREGISTERED")),
        ("claimed", "UNCLAIMED", "SUCCESS", None),
        ("onhold", "ONHOLD", "SUCCESS", None),
        ("bounced", "SUCCESS", "REFUNDED", None),
        ("reversed", "SUCCESS", "REVERSED", None),
    ] {
        let (_, made) = said(bench.batch(word, &format!("ann.{word}@example.com"), "10.00").await).await;
        let path = format!("/v1/payments/payouts/{}", made["batch_header"]["payout_batch_id"].as_str().unwrap());
        bench.pass(Duration::from_secs(5)).await;
        let (_, now) = said(bench.paypal(Method::GET, &path).await).await;
        assert_eq!(now["items"][0]["transaction_status"], soon, "{word}");
        assert_eq!(now["batch_header"]["batch_status"], if word == "denied" { "DENIED" } else { "SUCCESS" }, "{word}");
        bench.pass(YEAR).await;
        let (_, now) = said(bench.paypal(Method::GET, &path).await).await;
        let told = (now["items"][0]["transaction_status"].as_str().unwrap(), now["items"][0]["errors"]["name"].as_str());
        assert_eq!(told, (late, problem), "{word}");
    }
    let (status, body) = said(bench.batch("x", "insufficient@example.com", "10.00").await).await;
    assert_eq!((status, &body["name"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("INSUFFICIENT_FUNDS")));
    let (_, instant) = said(bench.batch("payer", "INSTANT123456", "10.00").await).await;
    let path = format!("/v1/payments/payouts/{}", instant["batch_header"]["payout_batch_id"].as_str().unwrap());
    assert_eq!(said(bench.paypal(Method::GET, &path).await).await.1["items"][0]["transaction_status"], "SUCCESS", "in the same moment");
}

async fn state(bench: &Bench, transfer: &Value) -> Value {
    said(bench.wise(Method::GET, &format!("/v1/transfers/{}", transfer["id"]))).await.1["status"].clone()
}

#[tokio::test]
async fn wise() {
    let bench = Bench::start().await;
    for (number, digits, once, hour, end) in [
        (1, 0, "processing", "outgoing_payment_sent", "outgoing_payment_sent"),
        (2, 903, "processing", "outgoing_payment_sent", "funds_refunded"),
        (3, 904, "processing", "outgoing_payment_sent", "outgoing_payment_sent"),
        (4, 905, "processing", "processing", "outgoing_payment_sent"),
        (5, 906, "outgoing_payment_sent", "outgoing_payment_sent", "outgoing_payment_sent"),
        (6, 907, "processing", "outgoing_payment_sent", "charged_back"),
        (7, 908, "processing", "funds_refunded", "funds_refunded"),
    ] {
        let (_, transfer) = said(bench.wise_transfer(number, 40_000_000 + digits, 10).await).await;
        said(bench.fund(&transfer["id"])).await;
        assert_eq!(state(&bench, &transfer).await, once, "{digits}");
        bench.pass(HOUR).await;
        assert_eq!(state(&bench, &transfer).await, hour, "{digits}");
        if digits == 904 {
            bench.pass(HOUR).await;
            assert_eq!(state(&bench, &transfer).await, "processing", "rolled back");
        }
        bench.pass(YEAR).await;
        assert_eq!(state(&bench, &transfer).await, end, "{digits}");
    }
    let (status, refused) = said(bench.wise_transfer(8, 40_000_901, 10).await).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("recipient.inactive")));
    let (_, transfer) = said(bench.wise_transfer(9, 40_000_902, 10).await).await;
    assert_eq!(said(bench.fund(&transfer["id"])).await.1["status"], "REJECTED");
}

#[tokio::test]
async fn a_recipient_that_was_made_here_behaves_by_its_words() {
    let bench = Bench::start().await;
    let recipient = async |name: &str, email: &str| {
        let body =
            json!({ "accountHolderName": name, "currency": "USD", "type": "email", "profile": 30_000_000, "details": { "email": email } });
        said(bench.wise(Method::POST, "/v1/accounts").json(&body)).await.1["id"].as_i64().unwrap()
    };
    let by_name = recipient("Ann Bounced", "ann@example.com").await;
    let by_detail = recipient("Ann Smith", "instant@example.com").await;
    let (_, read) = said(bench.wise(Method::GET, &format!("/v1/accounts/{by_name}"))).await;
    assert_eq!(read["name"]["fullName"], "Ann Bounced");
    let (_, bounced) = said(bench.wise_transfer(1, by_name, 10).await).await;
    said(bench.fund(&bounced["id"])).await;
    bench.pass(14 * DAY).await;
    assert_eq!(state(&bench, &bounced).await, "bounced_back");
    let (_, instant) = said(bench.wise_transfer(2, by_detail, 10).await).await;
    said(bench.fund(&instant["id"])).await;
    assert_eq!(state(&bench, &instant).await, "outgoing_payment_sent");
}
