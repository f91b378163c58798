//! What the end-to-end tests share: a stack with the real binaries, and people who talk to it over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

use local::{
    binaries,
    signing::{self, Source, WebhookSecrets},
    stack::{Stack, StackOptions, TemplateSource},
};
use reqwest::{Client, Method, redirect::Policy};
use serde_json::{Value, json};
use std::{path::PathBuf, sync::OnceLock};

/// The functions' binaries, built once for all tests of a process.
pub fn functions_dir() -> PathBuf {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let names = local::template::function_names(TemplateSource::Project.text()).expect("the template reads");
        binaries::build(&names.iter().map(String::as_str).collect::<Vec<_>>()).expect("the functions build")
    })
    .clone()
}

/// Another DynamoDB to run against, where the environment names one.
#[expect(clippy::disallowed_methods, reason = "a test's own switch")]
pub fn foreign_dynamodb() -> Option<String> {
    std::env::var("E2E_DYNAMODB_ENDPOINT").ok()
}

/// A stack in memory; on the foreign DynamoDB where there is one, with tables of this process' own.
pub async fn stack(stage: &str) -> Stack {
    let options = StackOptions {
        dynamodb_endpoint: foreign_dynamodb(),
        stage: format!("{stage}-{}", std::process::id()),
        ..StackOptions::new(functions_dir())
    };
    Stack::start(options).await.expect("the stack starts")
}

/// Where and how to reach a stack: in this process or in another.
#[derive(Clone)]
pub struct World {
    pub url: String,
    stripe_secret: String,
    platform_secret: String,
    http: Client,
}

impl World {
    /// One at an address, with the secrets that its events are signed with.
    pub fn new(url: &str, stripe_secret: &str, platform_secret: &str) -> Self {
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
        Self { url: url.to_owned(), stripe_secret: stripe_secret.to_owned(), platform_secret: platform_secret.to_owned(), http }
    }

    pub fn of(stack: &Stack) -> Self {
        Self::new(stack.url(), stack.secrets().stripe(), stack.secrets().platform())
    }

    pub async fn call(&self, token: Option<&str>, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.expect("a body")).unwrap_or(Value::Null))
    }

    /// A call that is done once however often it comes under its key.
    pub async fn keyed(&self, token: &str, key: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(token).header("idempotency-key", key).json(body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }

    /// A visitor's receipt from a link.
    pub async fn click(&self, code: &str) -> String {
        let answer =
            self.http.get(format!("{}/r/{code}", self.url)).header("user-agent", "Mozilla/5.0 Test").send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 302);
        let location = answer.headers()["location"].to_str().expect("text").to_owned();
        let url = url::Url::parse(&location).expect("a URL");
        url.query_pairs().find(|(name, _)| name == "receipt").expect("a receipt").1.into_owned()
    }

    pub async fn sign_up(&self, token: &str, receipt: Option<&str>) -> Value {
        let body = receipt.map_or_else(|| json!({}), |receipt| json!({ "receipt": receipt }));
        let (status, answer) = self.call(Some(token), Method::POST, "/signups", Some(&body)).await;
        assert!(status == 201 || status == 200, "{status} {answer}");
        answer
    }

    /// Posts an event as Stripe does, signed at `at` (epoch seconds). None: no answer at all.
    pub async fn stripe(&self, event: &Value, at: i64) -> Option<u16> {
        self.event(Source::Stripe, event, at).await
    }

    /// The platform tells something at `at` (epoch seconds). None: no answer at all.
    pub async fn platform(&self, kind: &str, data: &Value, at: i64) -> Option<u16> {
        let time = chrono::DateTime::from_timestamp(at, 0).expect("a time").to_rfc3339();
        self.event(Source::Platform, &json!({ "type": kind, "timestamp": time, "data": data }), at).await
    }

    async fn event(&self, source: Source, event: &Value, at: i64) -> Option<u16> {
        let body = serde_json::to_vec(event).expect("JSON");
        let secrets = WebhookSecrets { stripe: &self.stripe_secret, platform: &self.platform_secret };
        let mut request = self.http.post(format!("{}/webhooks/{}", self.url, source.as_str()));
        for (name, value) in signing::headers(source, secrets, &body, at).expect("a signature") {
            request = request.header(name, value);
        }
        Some(request.body(body).send().await.ok()?.status().as_u16())
    }

    pub async fn earnings(&self, token: &str) -> Value {
        let (status, answer) = self.call(Some(token), Method::GET, "/earnings", None).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }
}

/// An event of Stripe's, as small as it can be.
pub fn event(kind: &str, id: &str, created: i64, object: Value) -> Value {
    json!({ "id": id, "object": "event", "created": created, "livemode": false, "type": kind, "data": { "object": object } })
}

/// A payment that succeeded, in cents.
pub fn captured(payment: &str, account: &str, cents: i64, at: i64) -> Value {
    let object = json!({ "id": payment, "object": "payment_intent", "status": "succeeded", "amount_received": cents, "currency": "usd", "created": at,
        "livemode": false, "metadata": { "account_id": account } });
    event("payment_intent.succeeded", &format!("evt_{payment}"), at, object)
}

/// Fails the test where an invariant does not hold.
pub async fn assert_audit(stack: &Stack) {
    assert!(stack.drain().await.expect("the queues answer"), "the queues run empty");
    let client = Client::builder().no_proxy().build().expect("a client");
    let answer =
        client.post(format!("{}/_local/audit", stack.url())).header("x-local-token", stack.run_token()).send().await.expect("an answer");
    let report: Value = answer.json().await.expect("a report");
    for (name, figure) in report["figures"].as_object().expect("figures") {
        assert_eq!(figure["violations"], 0, "{name}: {figure}");
    }
}
