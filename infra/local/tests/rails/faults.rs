//! Every fault that can be asked for, at every rail that has it: what the caller sees, and what the books say.

use crate::bench::{Bench, said};
use ledger::{Money, Rail};
use local::rails::{Fault, FaultKind, Operation};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// The call that makes payment `number`.
async fn create(bench: &Bench, rail: Rail, number: u32) -> RequestBuilder {
    match rail {
        Rail::StripeConnect => bench.transfer(&format!("pay_{number}"), "acct_1abc", "1000"),
        Rail::Paypal => bench.batch(&format!("pay_{number}"), "ann@example.com", "10.00").await,
        Rail::Wise => bench.wise_transfer(number, 40_000_000, 10).await,
    }
}

fn fault(bench: &Bench, rail: Rail, kind: FaultKind) {
    bench.rails.arm(rail, Fault::new(kind)).unwrap();
}

async fn count(bench: &Bench, rail: Rail) -> usize {
    bench.books(rail).await.payments.len()
}

#[tokio::test]
async fn what_is_not_done_leaves_nothing() {
    for rail in Rail::ALL {
        let bench = Bench::start().await;
        for (kind, status) in
            [(FaultKind::FailBefore, 500), (FaultKind::Busy429, 429), (FaultKind::KeyInUse, 409), (FaultKind::Unauthorized, 401)]
        {
            fault(&bench, rail, kind);
            let request = create(&bench, rail, 1).await;
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), status, "{rail} {kind:?}");
            assert_eq!(response.headers().contains_key("retry-after"), status == 429, "{rail}");
            assert_eq!(count(&bench, rail).await, 0, "{rail} {kind:?}");
        }
        assert!(said(create(&bench, rail, 1).await).await.0.is_success(), "{rail}: nothing of it was kept");
        assert_eq!(count(&bench, rail).await, 1);
    }
}

#[tokio::test]
async fn what_is_done_is_there_though_nobody_heard() {
    for rail in Rail::ALL {
        let bench = Bench::start().await;
        fault(&bench, rail, FaultKind::TimeoutAfterCommit);
        let sent = create(&bench, rail, 1).await.send().await;
        let heard = match sent {
            Ok(response) => response.text().await.is_ok(),
            Err(_) => false,
        };
        assert!(!heard, "{rail}: the connection breaks");
        assert_eq!(count(&bench, rail).await, 1, "{rail}");

        fault(&bench, rail, FaultKind::GarbageAnswer);
        let garbage = create(&bench, rail, 2).await.send().await.unwrap();
        assert_eq!(garbage.status(), StatusCode::OK);
        assert!(serde_json::from_str::<Value>(&garbage.text().await.unwrap()).is_err());
        assert_eq!(count(&bench, rail).await, 2, "{rail}");

        // Sent again, each finds what there is.
        for number in 1..=2 {
            said(create(&bench, rail, number).await).await;
        }
        assert_eq!(count(&bench, rail).await, 2, "{rail}");
    }
}

#[tokio::test]
async fn a_500_was_done_all_the_same_and_stripe_repeats_it() {
    for rail in Rail::ALL {
        let bench = Bench::start().await;
        fault(&bench, rail, FaultKind::Error500Replayed);
        assert_eq!(said(create(&bench, rail, 1).await).await.0, StatusCode::INTERNAL_SERVER_ERROR, "{rail}");
        let again = said(create(&bench, rail, 1).await).await.0;
        let expected = match rail {
            Rail::StripeConnect => StatusCode::INTERNAL_SERVER_ERROR,
            Rail::Paypal => StatusCode::BAD_REQUEST,
            Rail::Wise => StatusCode::OK,
        };
        assert_eq!(again, expected, "{rail}");
        assert_eq!(count(&bench, rail).await, 1, "{rail}");
    }
    let bench = Bench::start().await;
    fault(&bench, Rail::StripeConnect, FaultKind::Error500Replayed);
    said(create(&bench, Rail::StripeConnect, 1).await).await;
    let (_, found) = said(bench.stripe(Method::GET, "/v1/transfers?transfer_group=pay_1")).await;
    assert_eq!(found["data"].as_array().unwrap().len(), 1, "the look-up tells");
}

#[tokio::test]
async fn a_funding_whose_answer_is_lost_was_taken() {
    let bench = Bench::start().await;
    let (_, transfer) = said(create(&bench, Rail::Wise, 1).await).await;
    bench.rails.arm(Rail::Wise, Fault::new(FaultKind::TimeoutAfterCommit).at(Operation::Fund).of("pay_1")).unwrap();
    let lost = bench.fund(&transfer["id"]).send().await;
    assert!(match lost {
        Ok(response) => response.text().await.is_err(),
        Err(_) => true,
    });
    let now = bench.only(Rail::Wise).await;
    assert_eq!((now.movements, now.state.as_str()), (1, "processing"));
}

#[tokio::test]
async fn too_little_money_is_said_in_each_providers_way_and_none_moves() {
    let bench = Bench::start().await;
    for rail in Rail::ALL {
        fault(&bench, rail, FaultKind::InsufficientFunds);
    }
    let (status, body) = said(create(&bench, Rail::StripeConnect, 1).await).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (400, &json!("balance_insufficient")));
    let (status, body) = said(create(&bench, Rail::Paypal, 1).await).await;
    assert_eq!((status.as_u16(), &body["name"]), (422, &json!("INSUFFICIENT_FUNDS")));
    let (status, transfer) = said(create(&bench, Rail::Wise, 1).await).await;
    assert_eq!(status, StatusCode::OK, "a transfer costs nothing");
    assert_eq!(said(bench.fund(&transfer["id"])).await.1["status"], "REJECTED");
    for rail in Rail::ALL {
        assert!(bench.books(rail).await.payments.iter().all(|payment| payment.movements == 0), "{rail}");
    }
}

#[tokio::test]
async fn a_batch_that_is_answered_as_a_duplicate_is_there_perhaps_with_another_amount() {
    let bench = Bench::start().await;
    for (number, amount, stands) in [(1, None, "10.00"), (2, Some("7.77"), "7.77")] {
        let amount: Option<Money> = amount.map(|amount| amount.parse().unwrap());
        bench.rails.arm(Rail::Paypal, Fault { amount, ..Fault::new(FaultKind::DuplicateBatch) }).unwrap();
        let (status, body) = said(create(&bench, Rail::Paypal, number).await).await;
        assert_eq!((status, &body["name"]), (StatusCode::BAD_REQUEST, &json!("USER_BUSINESS_ERROR")));
        let href = body["details"][0]["link"][0]["href"].as_str().unwrap();
        let (_, first) = said(bench.http.get(href).bearer_auth(bench.token().await)).await;
        assert_eq!(first["items"][0]["payout_item"]["amount"]["value"], stands);
    }
    assert!(bench.rails.arm(Rail::Wise, Fault::new(FaultKind::DuplicateBatch)).is_err());
}

#[tokio::test]
async fn a_slow_answer_is_the_right_one() {
    let bench = Bench::start().await;
    bench.rails.arm(Rail::StripeConnect, Fault { wait_ms: Some(50), ..Fault::new(FaultKind::SlowAnswer) }).unwrap();
    let hasty = create(&bench, Rail::StripeConnect, 1).await.timeout(Duration::from_millis(1)).send().await;
    assert!(hasty.is_err(), "who does not wait hears nothing");
    bench.rails.disarm(Rail::StripeConnect);
    bench.rails.arm(Rail::StripeConnect, Fault { wait_ms: Some(50), ..Fault::new(FaultKind::SlowAnswer) }).unwrap();
    assert_eq!(said(create(&bench, Rail::StripeConnect, 2).await).await.1["object"], "transfer");
}

#[tokio::test]
async fn a_fault_strikes_its_own_payout_its_own_call_and_as_often_as_it_says() {
    let bench = Bench::start().await;
    let rail = Rail::StripeConnect;
    bench.rails.arm(rail, Fault::new(FaultKind::FailBefore).of("pay_2").times(2)).unwrap();
    let mut seen = Vec::new();
    for number in [1, 2, 2, 2] {
        seen.push(said(create(&bench, rail, number).await).await.0.as_u16());
    }
    assert_eq!(seen, [200, 500, 500, 200]);
    bench.rails.arm(rail, Fault::new(FaultKind::Busy429).at(Operation::List)).unwrap();
    assert_eq!(said(create(&bench, rail, 3).await).await.0, StatusCode::OK);
    assert_eq!(said(bench.stripe(Method::GET, "/v1/transfers")).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert!(bench.rails.armed(rail).is_empty());
    // At Wise a payout is known by what is made of its id, where nobody tells the id itself.
    let payout = "pay_4YGQGXK5VRGSQN7XQD252HFMW1";
    let quote = bench.quote(json!({ "sourceCurrency": "USD", "targetCurrency": "USD", "targetAmount": 1 })).await.1;
    let body = json!({ "targetAccount": 1, "quoteUuid": quote["id"], "customerTransactionId": "45342edc-a29b-54f1-8c73-a4b905619421" });
    bench.rails.arm(Rail::Wise, Fault::new(FaultKind::FailBefore).of(payout)).unwrap();
    assert_eq!(said(bench.wise(Method::POST, "/v1/transfers").json(&body)).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    said(bench.wise(Method::POST, "/v1/transfers").json(&body)).await;
    let named = bench.rails.books(Rail::Wise, Some(payout)).await.unwrap().payments;
    assert_eq!(named.iter().map(|one| one.payout.as_deref()).collect::<Vec<_>>(), [Some(payout)]);
}
