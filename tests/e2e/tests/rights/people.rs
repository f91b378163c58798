//! The people of the story, at the front door.

use local::{
    signing::{self, Source, WebhookSecrets},
    stack::Stack,
};
use reqwest::{Client, Method, redirect::Policy};
use serde_json::{Value, json};
use std::time::Duration;

/// Generous: a debug build on a busy machine.
const LONG: Duration = Duration::from_secs(60);

pub(crate) struct People<'a> {
    pub(crate) stack: &'a Stack,
    stores: &'a Stack,
    http: Client,
}

impl<'a> People<'a> {
    pub(crate) fn new(stack: &'a Stack, stores: &'a Stack) -> Self {
        Self { stack, stores, http: Client::builder().no_proxy().redirect(Policy::none()).build().unwrap() }
    }

    /// Moves the stack's clock.
    pub(crate) async fn wait(&self, time: Duration) {
        self.stack.clock().advance(time).await.unwrap();
    }

    /// A time from now, as events say it.
    pub(crate) fn at(&self, after: Duration) -> String {
        let millis = self.stack.clock().now_ms() + i64::try_from(after.as_millis()).unwrap();
        chrono::DateTime::from_timestamp_millis(millis).unwrap().to_rfc3339()
    }

    /// Has every message handled. Where only delayed ones are left, the clock of the stores is moved, which the queues go by: not
    /// before, since a message in the hands of a function would be given to another.
    pub(crate) async fn settle(&self) {
        let end = tokio::time::Instant::now() + LONG;
        loop {
            let depths = self.stack.queues().depths().await.unwrap();
            let (ready, delayed) =
                depths.values().fold((0, 0), |(ready, delayed), depth| (ready + depth.visible + depth.in_flight, delayed + depth.delayed));
            match (ready, delayed) {
                (0, 0) => return,
                (0, _) => drop(self.stores.clock().advance(Duration::from_secs(1)).await.unwrap()),
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
            assert!(tokio::time::Instant::now() < end, "the queues run empty: {depths:?}");
        }
    }

    /// Puts a message among the dead letters of a queue, and has it handled.
    pub(crate) async fn bury(&self, queue: &str, message: &str) {
        let url = self.stack.queues().url(queue).unwrap();
        self.stack.queues().client().send_message().queue_url(url).message_body(message).send().await.unwrap();
        self.settle().await;
    }

    pub(crate) async fn call(&self, who: &str, method: Method, path: &str, header: (&str, &str), body: &Value) -> (u16, Value) {
        let token = self.stack.token_for(who).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.stack.url())).bearer_auth(token);
        if !header.0.is_empty() {
            request = request.header(header.0, header.1);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
    }

    pub(crate) async fn get(&self, who: &str, path: &str) -> Value {
        let (status, answer) = self.call(who, Method::GET, path, ("", ""), &Value::Null).await;
        assert_eq!(status, 200, "{who} asks for {path}: {answer}");
        answer
    }

    pub(crate) async fn send(&self, who: &str, method: Method, path: &str, body: Value) -> Value {
        self.send_with(who, method, path, ("", ""), body).await
    }

    pub(crate) async fn send_with(&self, who: &str, method: Method, path: &str, header: (&str, &str), body: Value) -> Value {
        let (status, answer) = self.call(who, method, path, header, &body).await;
        assert!((200..300).contains(&status), "{who} sends {path}: {status} {answer}");
        answer
    }

    /// A visit to a link, and the receipt that it leaves.
    pub(crate) async fn visit(&self, path: &str) -> String {
        let request = self.http.get(format!("{}{path}", self.stack.url())).header("user-agent", "Mozilla/5.0 Test");
        let answer = request.send().await.unwrap();
        let url = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        url.query_pairs().find(|(name, _)| name == "receipt").expect("a receipt").1.into_owned()
    }

    /// A payment that nobody here asked the rail for.
    pub(crate) async fn stray_payment(&self, rail: &str, payment: &Value) {
        let request = self.http.post(format!("{}/_local/rails/{rail}/payments", self.stack.url()));
        let answer = request.header("x-local-token", self.stack.run_token()).json(payment).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// An event of Wise's; what became of it.
    pub(crate) async fn wise(&self, kind: &str, transfer: u64) -> String {
        let resource = json!({ "id": transfer, "type": "transfer" });
        let data = json!({ "resource": resource, "current_state": "processing", "occurred_at": self.at(Duration::ZERO) });
        let body = serde_json::to_vec(&json!({ "event_type": kind, "data": data })).unwrap();
        let headers = signing::wise_headers(self.stack.secrets().wise_private_key(), &body).unwrap();
        let request = self.http.post(format!("{}/webhooks/wise", self.stack.url())).body(body);
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["status"].as_str().unwrap_or_else(|| panic!("{kind}: {answer}")).to_owned()
    }

    /// An event of the platform; what became of it.
    pub(crate) async fn tell(&self, kind: &str, data: Value) -> String {
        let now = self.stack.clock().now_ms() / 1000;
        let body = serde_json::to_vec(&json!({ "type": kind, "timestamp": self.at(Duration::ZERO), "data": data })).unwrap();
        let secrets = WebhookSecrets { stripe: "", platform: self.stack.secrets().platform() };
        let mut request = self.http.post(format!("{}/webhooks/platform", self.stack.url()));
        for (name, value) in signing::headers(Source::Platform, secrets, &body, now).unwrap() {
            request = request.header(name, value);
        }
        let answer: Value = request.body(body).send().await.unwrap().json().await.unwrap();
        answer["status"].as_str().unwrap_or_else(|| panic!("{kind}: {answer}")).to_owned()
    }

    /// A purchase, captured now.
    pub(crate) async fn buy(&self, account: &str, purchase: &str, amount: &str, currency: &str) {
        let data = json!({ "purchase_id": purchase, "account_id": account, "amount": amount, "currency": currency, "at": self.at(Duration::ZERO) });
        assert_eq!(self.tell("purchase.captured", data).await, "accepted");
    }
}
