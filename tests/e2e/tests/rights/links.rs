//! Links, visits and signups.

use crate::people::People;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

/// A browser of one's own.
const DEVICE: (&str, &str) = ("cookie", "__Host-device=AAAAAAAAAAAAAAAAAAAAAA");

pub(crate) async fn tell(people: &People<'_>) {
    let code = people.send_with("gina", Method::POST, "/signups", DEVICE, json!({})).await["code"].as_str().unwrap().to_owned();
    let page = json!({ "name": "Flux", "url": "https://localhost/flux", "public": true });
    let template = people.send("gina", Method::POST, "/templates", page.clone()).await["template_id"].as_str().unwrap().to_owned();
    people.send("gina", Method::PUT, &format!("/templates/{template}"), page).await;
    people.get("gina", "/templates").await;
    // The first alias is chosen again: it is hers already.
    for alias in ["gina-one", "gina-two", "gina-one"] {
        people.send("gina", Method::PUT, "/links/alias", json!({ "alias": alias })).await;
    }
    people.get("gina", "/links").await;

    let receipt = people.visit(&format!("/r/{code}/t/{template}")).await;
    let dave = people.send("dave", Method::POST, "/signups", json!({ "receipt": receipt })).await;
    assert_eq!(dave["referral"]["status"], "attributed", "{dave}");
    let erin = people.send_with("erin", Method::POST, "/signups", DEVICE, json!({ "receipt": receipt })).await;
    assert_eq!(erin["referral"]["status"], "in_review", "{erin}");
    // Frank buys before he signs up.
    people.buy("acct_frank", "early", "10.00", "USD").await;
    people.settle().await;
    people.send("frank", Method::POST, "/signups", json!({ "receipt": receipt })).await;
    people.settle().await;

    people.wait(Duration::from_secs(300)).await;
    people.stack.run_schedule("rollup").await.unwrap();
    let earnings = people.get("gina", "/earnings").await;
    let flux = earnings["templates"].as_array().unwrap().iter().find(|template| template["name"] == "Flux").unwrap();
    assert_eq!(flux["clicks"], 1, "{flux}");
    people.get("gina", "/earnings/lines").await;
    people.get("frank", "/me").await;
    people.get("platform", "/platform/accounts/acct_dave/credits").await;
}
