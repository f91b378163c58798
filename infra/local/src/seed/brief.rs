//! A handful of people with a little history at the present time: for tests that need somebody to ask about.

use crate::{
    demo::{FrontDoor, Wrong, captured, refunded},
    signing::Source,
    stack::Stack,
};
use reqwest::Method;
use serde_json::{Value, json};

/// Alice shares her link and a template; Bob and Hana come by them, buy, get something back; Hana rents a machine out.
///
/// # Errors
/// What a door answered instead of what it should.
pub async fn briefly(stack: &Stack) -> Result<(), Wrong> {
    let door = FrontDoor::new(stack);
    let alice = sign_up(&door, "alice", None).await?;
    let code = alice["code"].as_str().unwrap_or_default().to_owned();
    let template = template(&door, stack.url()).await?;
    sign_up(&door, "bob", Some(&format!("/r/{code}"))).await?;
    sign_up(&door, "hana", Some(&format!("/r/{code}/t/{template}"))).await?;
    let now = stack.clock().now_ms() / 1000;
    for event in [
        captured("pi_sample_1", "acct_bob", 5_000, now),
        captured("pi_sample_2", "acct_bob", 12_000, now),
        refunded("pi_sample_2", "re_sample_2", 2_000, now),
        captured("pi_sample_3", "acct_hana", 3_000, now),
    ] {
        door.post_event(Source::Stripe, &event).await?.expect(200, "a purchase")?;
    }
    let at = chrono::DateTime::from_timestamp(now, 0).unwrap_or_default().to_rfc3339();
    let platform = |kind: &str, data: Value| json!({ "type": kind, "timestamp": at, "data": data });
    for event in [
        platform(
            "credits.spent",
            json!({ "usage_id": "use_sample_1", "account_id": "acct_bob", "amount": "12.50", "currency": "USD", "at": at }),
        ),
        platform(
            "rental.earned",
            json!({ "earning_id": "rent_sample_1", "account_id": "acct_hana", "machine_id": "m-1", "amount": "85.40", "currency": "USD", "at": at }),
        ),
    ] {
        door.post_event(Source::Platform, &event).await?.expect(200, "a platform event")?;
    }
    door.drain().await
}

/// Signs a person up, by a link where one is given. Answered 200 where it was done before.
async fn sign_up(door: &FrontDoor<'_>, name: &str, link: Option<&str>) -> Result<Value, Wrong> {
    let receipt = match link {
        None => None,
        Some(link) => {
            let location = door.visit(link).await?.expect(302, "the link")?.location.unwrap_or_default();
            url::Url::parse(&location)?.query_pairs().find(|(name, _)| name == "receipt").map(|(_, receipt)| receipt.into_owned())
        }
    };
    let body = receipt.map_or_else(|| json!({}), |receipt| json!({ "receipt": receipt }));
    let answer = door.send(name, Method::POST, "/signups", &[], &body).await?;
    if answer.status.is_success() { Ok(answer.body) } else { Err(format!("{name} does not sign up: {}", answer.body).into()) }
}

/// Alice's public template, made once.
async fn template(door: &FrontDoor<'_>, url: &str) -> Result<String, Wrong> {
    let known = door.get("alice", "/templates").await?.expect(200, "the templates")?.text("/templates/0/template_id");
    if !known.is_empty() {
        return Ok(known);
    }
    let body = json!({ "name": "Stable Diffusion", "url": format!("{url}/_local/landing"), "public": true });
    let made = door.send("alice", Method::POST, "/templates", &[], &body).await?.expect(201, "the template")?;
    Ok(made.text("/template_id"))
}
