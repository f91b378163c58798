//! Accounts: signups, links and templates, clicks and how they are counted.

use super::{Repeated, Scenario};
use crate::{act::Act, effect::Snapshot, stage::Stage};
use reqwest::Method;
use serde_json::json;

pub(super) fn signup() -> Vec<Scenario> {
    let signup = |name, prepare| Scenario::new("signup", name, "POST /signups", prepare);
    vec![
        signup("a new account", |stage| Box::pin(async move { stage.signup("buyer", None) })),
        signup("by a link", |stage| {
            Box::pin(async move {
                let (code, _) = stage.sign_up("ref", None).await;
                let receipt = stage.receipt(&code).await;
                stage.signup("buyer", Some(&receipt))
            })
        }),
        signup("by a link, with a purchase waiting", |stage| Box::pin(waiting_signup(stage))),
        signup("by a link, into review", |stage| Box::pin(async move { stage.suspicious_signup().await })),
    ]
}

/// The buyer followed a link and bought before signing up.
pub(super) async fn waiting_signup(stage: Stage<'_>) -> Act {
    let (code, _) = stage.sign_up("ref", None).await;
    let receipt = stage.receipt(&code).await;
    stage.must(stage.purchase(10_000)).await;
    stage.settle().await;
    stage.signup("buyer", Some(&receipt))
}

fn template(stage: &Stage<'_>, method: Method, path: &str, name: &str) -> Act {
    let body = json!({ "name": name, "url": "https://localhost/rig", "public": true });
    Act::call(&stage.name("ref"), method, path, body)
}

pub(super) fn links() -> Vec<Scenario> {
    // A visitor whom an error met follows the link again, without a receipt: that is another visit. A template needs no key.
    let another = |function, name, door, prepare| Scenario { repeated: Repeated::Another, ..Scenario::new(function, name, door, prepare) };
    vec![
        another("click", "a link", "GET /r/{code}", |stage| {
            Box::pin(async move {
                let (code, _) = stage.sign_up("ref", None).await;
                Act::visit(&format!("/r/{code}"))
            })
        }),
        another("click", "a template's link", "GET /r/{code}/t/{template}", |stage| {
            Box::pin(async move {
                let (code, _) = stage.sign_up("ref", None).await;
                let made = stage.must(template(&stage, Method::POST, "/templates", "Rig")).await;
                Act::visit(&format!("/r/{code}/t/{}", made.text("template_id")))
            })
        }),
        another("earnings", "a new template", "POST /templates", |stage| {
            Box::pin(async move {
                stage.sign_up("ref", None).await;
                template(&stage, Method::POST, "/templates", "Rig")
            })
        }),
        Scenario::new("earnings", "a new template, with a key", "POST /templates", |stage| {
            Box::pin(async move {
                stage.sign_up("ref", None).await;
                template(&stage, Method::POST, "/templates", "Rig").with("idempotency-key", &stage.name("key"))
            })
        }),
        Scenario::new("earnings", "a changed template", "PUT /templates/{id}", |stage| {
            Box::pin(async move {
                stage.sign_up("ref", None).await;
                let made = stage.must(template(&stage, Method::POST, "/templates", "Rig")).await;
                template(&stage, Method::PUT, &format!("/templates/{}", made.text("template_id")), "Another rig")
            })
        }),
        Scenario::new("earnings", "an alias", "PUT /links/alias", |stage| {
            Box::pin(async move {
                stage.sign_up("ref", None).await;
                Act::call(&stage.name("ref"), Method::PUT, "/links/alias", json!({ "alias": format!("rig-{}", stage.tag) }))
            })
        }),
    ]
}

pub(super) fn rollup() -> Vec<Scenario> {
    vec![Scenario::new("rollup", "a minute with a click", "schedule rollup", |stage| Box::pin(closed_minute(stage)))]
}

/// Clicks that are made until one is kept.
const VISITS: u32 = 50;

/// A click in a minute that the next run counts, and no minute beside it. Each step begins at a second past the minute, so that
/// none begins by itself meanwhile.
async fn closed_minute(stage: Stage<'_>) -> Act {
    let (code, _) = stage.sign_up("ref", None).await;
    let set = async |minute: i64| stage.stack.clock().set(minute * 60_000 + 1000).await.expect("the clock moves");
    let mut minute = stage.now() / 60;
    let mut kept = false;
    // On a busy machine a click may not be kept: nobody is kept waiting for it.
    for _ in 0..VISITS {
        minute += 1;
        set(minute).await;
        stage.must(Act::visit(&format!("/r/{code}"))).await;
        let time = stage.time(0);
        kept = Snapshot::take(stage.stack).await.holds(&format!("clicks#{}#", &time[..7]), &time[8..16]);
        if kept {
            break;
        }
    }
    assert!(kept, "no click of {VISITS} is kept");
    set(minute + 2).await;
    stage.must(Act::Schedule("rollup")).await;
    set(minute + 3).await;
    Act::Schedule("rollup")
}
