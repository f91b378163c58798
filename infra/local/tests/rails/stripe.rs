//! Transfers and reversals as Stripe does them.

use crate::bench::{Bench, DAY, HOUR, said};
use ledger::Rail;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::time::Duration;

const RAIL: Rail = Rail::StripeConnect;

#[tokio::test]
async fn forty_equal_requests_at_once_make_one_transfer() {
    let bench = Bench::start().await;
    let all = futures::future::join_all((0..40).map(|_| said(bench.transfer("pay_1", "acct_1abc", "2250")))).await;
    let (_, first) = &all[0];
    assert!(all.iter().all(|(status, body)| *status == StatusCode::OK && body == first), "{all:?}");
    let made = bench.only(RAIL).await;
    assert_eq!((made.movements, made.payout.as_deref(), made.amount.to_string().as_str()), (1, Some("pay_1"), "22.50"));
    assert_eq!(first["id"], made.reference);
    let repeated = bench.transfer("pay_1", "acct_1abc", "2250").send().await.unwrap();
    assert_eq!(repeated.headers()["idempotent-replayed"], "true");
}

#[tokio::test]
async fn a_key_is_for_one_set_of_parameters_and_for_a_day() {
    let bench = Bench::start().await;
    said(bench.transfer("pay_1", "acct_1abc", "100")).await;
    let (status, body) = said(bench.transfer("pay_1", "acct_1abc", "101")).await;
    assert_eq!((status, &body["error"]["type"]), (StatusCode::BAD_REQUEST, &"idempotency_error".into()));
    bench.pass(DAY - HOUR).await;
    said(bench.transfer("pay_1", "acct_1abc", "100")).await;
    assert_eq!(bench.books(RAIL).await.payments.len(), 1);
    bench.pass(HOUR).await;
    said(bench.transfer("pay_1", "acct_1abc", "100")).await;
    assert_eq!(bench.books(RAIL).await.payments.len(), 2, "the key was forgotten: whoever repeats so late pays twice");
}

#[tokio::test]
async fn without_a_key_each_request_is_another() {
    let bench = Bench::start().await;
    let form = [("amount", "100"), ("currency", "usd"), ("destination", "acct_1abc")];
    for _ in 0..2 {
        said(bench.stripe_post("/v1/transfers", &form)).await;
    }
    assert_eq!(bench.books(RAIL).await.payments.len(), 2);
}

#[tokio::test]
async fn what_was_answered_is_kept_a_refusal_too_but_not_one_of_form() {
    let bench = Bench::start().await;
    let code = async |cents: &str, key: &str| said(bench.transfer(key, "acct_1abc", cents)).await.1["error"]["code"].clone();
    // More than there is at Stripe.
    assert_eq!(code("99999999999", "poor").await, "balance_insufficient");
    let wrong = [("amount", "x"), ("currency", "usd"), ("destination", "acct_1abc")];
    let wrong = said(bench.stripe_post("/v1/transfers", &wrong).header("idempotency-key", "typo")).await;
    assert_eq!(wrong.1["error"]["code"], "parameter_invalid_integer");
    assert_eq!(code("99999999999", "poor").await, "balance_insufficient");
    let (status, body) = said(bench.transfer("typo", "acct_1abc", "100")).await;
    assert_eq!((status, &body["object"]), (StatusCode::OK, &"transfer".into()));
}

#[tokio::test]
async fn requests_that_are_not_stripes_are_refused_in_its_own_words() {
    let bench = Bench::start().await;
    let good = [("amount", "100"), ("currency", "usd"), ("destination", "acct_1abc")];
    for (name, value, code) in [
        ("amount", "", "parameter_missing"),
        ("amount", "0", "parameter_invalid_integer"),
        ("amount", "-5", "parameter_invalid_integer"),
        ("amount", "1.5", "parameter_invalid_integer"),
        ("currency", "", "parameter_missing"),
        ("currency", "dollars", "parameter_invalid"),
        ("destination", "", "parameter_missing"),
        ("destination", "nobody", "resource_missing"),
        ("destiny", "acct_1abc", "parameter_unknown"),
    ] {
        let mut form: Vec<_> = good.into_iter().filter(|(known, _)| *known != name).collect();
        form.push((name, value));
        let (status, body) = said(bench.stripe_post("/v1/transfers", &form)).await;
        assert_eq!((status, &body["error"]["code"]), (StatusCode::BAD_REQUEST, &code.into()), "{name}={value}");
    }
    let json = bench.stripe(Method::POST, "/v1/transfers").json(&serde_json::json!({ "amount": 100 }));
    assert_eq!(said(json).await.0, StatusCode::BAD_REQUEST);
    let stranger = bench.http.get(format!("{}/stripe/v1/balance", bench.url)).bearer_auth("sk_test_another");
    assert_eq!(said(stranger).await.0, StatusCode::UNAUTHORIZED);
    let basic = bench.http.get(format!("{}/stripe/v1/balance", bench.url)).basic_auth(bench.secrets.stripe_api_key(), None::<&str>);
    assert_eq!(said(basic).await.1["available"][0]["amount"], 1_000_000_000);
    assert_eq!(said(bench.stripe(Method::GET, "/v1/transfers/tr_none")).await.1["error"]["code"], "resource_missing");
    assert_eq!(said(bench.stripe(Method::GET, "/v2/anything")).await.0, StatusCode::NOT_FOUND);
    assert!(bench.books(RAIL).await.payments.is_empty());
}

#[tokio::test]
async fn lists_are_paged_newest_first_by_group_and_time() {
    let bench = Bench::start().await;
    for number in 0..5 {
        said(bench.transfer(&format!("pay_{number}"), "acct_1abc", "100")).await;
        bench.pass(Duration::from_secs(60)).await;
    }
    let list = async |query: &str| said(bench.stripe(Method::GET, &format!("/v1/transfers{query}"))).await.1;
    let groups = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|transfer| transfer["transfer_group"].as_str().unwrap().to_owned()).collect()
    };
    let first = list("?limit=2").await;
    assert_eq!((groups(&first), &first["has_more"]), (vec!["pay_4".into(), "pay_3".into()], &true.into()));
    let second = list(&format!("?limit=3&starting_after={}", first["data"][1]["id"].as_str().unwrap())).await;
    assert_eq!((groups(&second), &second["has_more"]), (vec!["pay_2".into(), "pay_1".into(), "pay_0".into()], &false.into()));
    let back = list(&format!("?limit=1&ending_before={}", second["data"][0]["id"].as_str().unwrap())).await;
    assert_eq!((groups(&back), &back["has_more"]), (vec!["pay_3".to_owned()], &true.into()));
    assert_eq!(groups(&list("?transfer_group=pay_2").await), ["pay_2"]);
    assert!(groups(&list("?transfer_group=pay_9").await).is_empty());
    assert!(groups(&list("?destination=acct_other").await).is_empty());
    let at = |place: usize| second["data"][place]["created"].as_i64().unwrap();
    assert_eq!(groups(&list(&format!("?created[gte]={}&created[lt]={}", at(2), at(0))).await), ["pay_1", "pay_0"]);
    assert_eq!(groups(&list(&format!("?created[gt]={}&created[lte]={}", at(2), at(0))).await), ["pay_2", "pay_1"]);
    assert_eq!(list("?limit=101").await["error"]["code"], "parameter_invalid_integer");
    assert_eq!(list("?starting_after=tr_none").await["error"]["code"], "resource_missing");
}

#[tokio::test]
async fn a_reversal_takes_back_a_part_and_never_more_than_is_left() {
    let bench = Bench::start().await;
    let (_, transfer) = said(bench.transfer("pay_1", "acct_1abc", "1000")).await;
    let path = format!("/v1/transfers/{}/reversals", transfer["id"].as_str().unwrap());
    let reverse = async |cents: &str, key: &str| said(bench.stripe_post(&path, &[("amount", cents)]).header("idempotency-key", key)).await;
    for _ in 0..2 {
        assert_eq!(reverse("400", "a").await.1["amount"], 400, "the second is the first");
    }
    assert_eq!(reverse("601", "b").await.1["error"]["code"], "amount_too_large");
    let now = said(bench.stripe(Method::GET, &format!("/v1/transfers/{}", transfer["id"].as_str().unwrap()))).await.1;
    assert_eq!(
        (&now["amount_reversed"], &now["reversed"], &now["reversals"]["data"][0]["amount"]),
        (&400.into(), &false.into(), &400.into())
    );
    let (_, rest) = said(bench.stripe_post(&path, &[])).await;
    assert_eq!(rest["amount"], 600);
    let now = bench.only(RAIL).await;
    assert_eq!((now.state.as_str(), now.returned.to_string().as_str()), ("reversed", "10.00"));
    assert_eq!(bench.books(RAIL).await.balances["USD"].to_string(), "10000000.00");
    bench.rails.advance().await.unwrap();
    assert_eq!(bench.front.kinds(), ["transfer.created", "transfer.reversed", "transfer.reversed"]);
}
