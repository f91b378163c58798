//! Connected accounts: made, filled in by their owner in a browser, and only then able to receive.

use crate::bench::{Bench, said};
use ledger::Rail;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

async fn account(bench: &Bench, email: &str) -> String {
    let form = [("type", "express"), ("email", email), ("capabilities[transfers][requested]", "true"), ("metadata[account_id]", "alice")];
    let (_, made) = said(bench.stripe_post("/v1/accounts", &form).header("idempotency-key", email)).await;
    assert_eq!((&made["metadata"]["account_id"], &made["payouts_enabled"]), (&json!("alice"), &json!(false)));
    made["id"].as_str().unwrap().to_owned()
}

async fn link(bench: &Bench, account: &str) -> String {
    let urls = [("refresh_url", "https://example.com/again"), ("return_url", "https://example.com/back")];
    let form = [&[("account", account), ("type", "account_onboarding")][..], &urls].concat();
    let (_, made) = said(bench.stripe_post("/v1/account_links", &form)).await;
    made["url"].as_str().unwrap().to_owned()
}

/// Where the owner is led to after pressing a button.
async fn press(bench: &Bench, link: &str, form: &'static str) -> String {
    let pressed = bench.http.post(link).header("content-type", "application/x-www-form-urlencoded").body(form).send().await.unwrap();
    assert_eq!(pressed.status(), StatusCode::SEE_OTHER);
    pressed.headers()["location"].to_str().unwrap().to_owned()
}

async fn transfers(bench: &Bench, account: &str) -> Value {
    said(bench.stripe(Method::GET, &format!("/v1/accounts/{account}"))).await.1["capabilities"]["transfers"].clone()
}

#[tokio::test]
async fn an_account_receives_once_its_owner_has_filled_it_in() {
    let bench = Bench::start().await;
    let id = account(&bench, "ann@example.com").await;
    assert_eq!(id, account(&bench, "ann@example.com").await, "the same key is the same account");
    let refused = said(bench.transfer("pay_1", &id, "100")).await.1;
    assert_eq!(refused["error"]["code"], "insufficient_capabilities_for_transfer");

    let link = link(&bench, &id).await;
    let page = bench.http.get(&link).send().await.unwrap().text().await.unwrap();
    assert!(page.contains(&id) && page.contains("Finish"), "{page}");
    assert_eq!(press(&bench, &link, "step=later").await, "https://example.com/back");
    assert_eq!(transfers(&bench, &id).await, "inactive");
    assert_eq!(press(&bench, &link, "step=finish&iban=DE89370400440532013000").await, "https://example.com/back");
    assert_eq!(transfers(&bench, &id).await, "active");
    assert_eq!(press(&bench, &link, "step=finish").await, "https://example.com/again", "it opens once");

    bench.rails.advance().await.unwrap();
    let told = bench.front.came().pop().unwrap().json();
    assert_eq!(
        (&told["type"], &told["account"], &told["data"]["object"]["payouts_enabled"]),
        (&json!("account.updated"), &json!(id), &json!(true))
    );
    let (status, _) = said(bench.transfer("pay_2", &id, "100")).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_link_opens_for_five_minutes() {
    let bench = Bench::start().await;
    let link = link(&bench, &account(&bench, "ann@example.com").await).await;
    bench.pass(Duration::from_secs(300)).await;
    let late = bench.http.get(&link).send().await.unwrap();
    assert_eq!((late.status(), &late.headers()["location"]), (StatusCode::SEE_OTHER, &"https://example.com/again".parse().unwrap()));
    let none = bench.http.get(format!("{link}x")).send().await.unwrap();
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_account_behaves_by_its_e_mail_and_its_bank_account() {
    let bench = Bench::start().await;
    let restricted = account(&bench, "restricted@example.com").await;
    press(&bench, &link(&bench, &restricted).await, "step=finish").await;
    assert_eq!(transfers(&bench, &restricted).await, "inactive");

    let failing = account(&bench, "ann@example.com").await;
    press(&bench, &link(&bench, &failing).await, "step=finish&iban=DE62370400440532013001").await;
    said(bench.transfer("pay_1", &failing, "100")).await;
    bench.pass(Duration::from_secs(3 * 86_400)).await;
    let told = bench.front.came().pop().unwrap().json();
    assert_eq!((&told["type"], &told["account"]), (&json!("payout.failed"), &json!(failing)));
    assert_eq!(bench.only(Rail::StripeConnect).await.returned.to_string(), "0.00", "it only informs");
}

#[tokio::test]
async fn what_is_no_account_and_no_link_is_refused() {
    let bench = Bench::start().await;
    let refused = async |path: &str, form: &[(&str, &str)]| said(bench.stripe_post(path, form)).await.1["error"]["code"].clone();
    assert_eq!(refused("/v1/accounts", &[("type", "strange")]).await, "parameter_invalid");
    let urls = [("refresh_url", "https://example.com"), ("return_url", "https://example.com")];
    for (form, code) in [
        ([("account", "nobody"), ("type", "account_onboarding")], "resource_missing"),
        ([("account", "acct_1"), ("type", "strange")], "parameter_invalid"),
    ] {
        assert_eq!(refused("/v1/account_links", &[&form[..], &urls].concat()).await, code);
    }
    let form = [("account", "acct_1"), ("type", "account_onboarding"), ("refresh_url", "javascript:1"), ("return_url", "https://e.com")];
    assert_eq!(refused("/v1/account_links", &form).await, "url_invalid");
    assert_eq!(said(bench.stripe(Method::GET, "/v1/accounts/nobody")).await.0, StatusCode::FORBIDDEN);
}
