//! The sample people of a first start: every state that the pages can show is there, and the books agree with it.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use local::{
    binaries, seed,
    stack::{Data, Stack, StackOptions, TemplateSource},
};
use reqwest::{Client, Method};
use serde_json::Value;
use std::collections::BTreeSet;

const STATES: [&str; 8] = ["requested", "approved", "submitted", "paid", "failed", "returned", "rejected", "canceled"];

struct Door {
    stack: Stack,
    http: Client,
}

impl Door {
    async fn get(&self, name: &str, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.stack.url())).bearer_auth(self.stack.token_for(name).unwrap());
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn local(&self, path: &str) -> (u16, Value) {
        let request = self.http.request(Method::POST, format!("{}/_local{path}", self.stack.url()));
        let answer = request.header("x-local-token", self.stack.run_token()).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

fn list(body: &Value, member: &str) -> Vec<Value> {
    body[member].as_array().expect(member).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_years_show_every_state_and_the_books_agree() {
    let names = local::template::function_names(TemplateSource::Project.text()).unwrap();
    let functions = binaries::build(&names.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    let options = StackOptions { clock_begins_ago: seed::BEGINS_AGO, ..StackOptions::new(functions) };
    let stack = Stack::start(options).await.unwrap();
    seed::seed(&stack, &Data::Memory).await.unwrap();
    let door = Door { stack, http: Client::builder().no_proxy().build().unwrap() };
    payouts(&door).await;
    people(&door).await;
    for (path, member) in [("/finance/reviews", "reviews"), ("/finance/flags", "flags"), ("/finance/quarantine", "quarantine")] {
        assert!(!list(&door.get("fin1", path).await, member).is_empty(), "{path}");
    }
    books(&door).await;
    door.stack.stop().await;
}

async fn payouts(door: &Door) {
    let mut paid_by = BTreeSet::new();
    for state in STATES {
        let found = list(&door.get("fin1", &format!("/finance/payouts?status={state}")).await, "payouts");
        assert!(!found.is_empty(), "no payout is {state}");
        if state == "paid" {
            paid_by.extend(found.iter().filter_map(|payout| payout["rail"].as_str().map(str::to_owned)));
        }
    }
    assert_eq!(paid_by, ["paypal", "stripe_connect", "wise"].map(str::to_owned).into());
}

async fn people(door: &Door) {
    let today = chrono::DateTime::from_timestamp_millis(door.stack.clock().now_ms()).unwrap().date_naive();
    let year = async |name: &str, back: u64| {
        let to = today - chrono::Days::new(back * 365);
        door.get(name, &format!("/earnings?from={}&to={to}&group=month", to - chrono::Days::new(364))).await
    };
    let figure = |template: &Value, member: &str| template[member].as_u64().unwrap();
    for (name, made) in [("alice", 4), ("bob", 1), ("hana", 2)] {
        // The plain link is one of them.
        let templates = list(&year(name, 0).await, "templates");
        assert_eq!(templates.len(), made + 1, "{name}: {templates:?}");
        assert!(templates.iter().all(|template| figure(template, "clicks") > 0), "{name}: {templates:?}");
        assert!(templates.iter().any(|template| figure(template, "signups") > 0), "{name}: {templates:?}");
    }
    // What is long ago was counted before it expired.
    let clicks: u64 = list(&year("alice", 1).await, "templates").iter().map(|template| figure(template, "clicks")).sum();
    assert!(clicks > 100, "{clicks}");
    let rented = door.get("hana", "/earnings").await["total_rental_earnings"].as_str().unwrap().to_owned();
    assert_ne!(rented, "0.00");
}

async fn books(door: &Door) {
    let (status, report) = door.local("/audit").await;
    assert_eq!(status, 200, "{report}");
    let figures = report["figures"].as_object().unwrap();
    assert!(!figures.is_empty() && figures.values().all(|figure| figure["violations"] == 0), "{report}");
    let (status, answer) = door.local("/run/reconcile").await;
    assert_eq!(status, 200, "{answer}");
}
