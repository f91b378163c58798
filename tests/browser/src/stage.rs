//! A local stack with people, and what their tests do to it behind the pages.

use e2e::World;
use local::{
    seed,
    stack::{Data, Stack, StackOptions},
};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::{future::Future, time::Duration};
use tokio::time::Instant;

/// How long anything may take that takes a moment.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);
/// How often it is asked for.
pub(crate) const POLL: Duration = Duration::from_millis(50);

/// Asks until there is an answer.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < DEADLINE, "{what}: not within {DEADLINE:?}");
        tokio::time::sleep(POLL).await;
    }
}

/// A stack in memory, its doors, and a client of no browser's.
pub struct Stage {
    pub stack: Stack,
    pub world: World,
    http: Client,
}

impl Stage {
    /// A stack with a few people and a little history.
    pub async fn small() -> Self {
        let stage = Self::start(Duration::ZERO).await;
        // The very first roll-up looks back a few minutes only: without this, the clicks before a jump of the clock would not count.
        stage.stack.run_schedule("rollup").await.expect("the roll-up");
        seed::briefly(&stage.stack).await.expect("the sample people");
        stage
    }

    /// A stack with all the sample people and their two years.
    pub async fn rich() -> Self {
        let stage = Self::start(seed::BEGINS_AGO).await;
        seed::seed(&stage.stack, &Data::Memory).await.expect("the sample people");
        stage
    }

    async fn start(begins_ago: Duration) -> Self {
        let options = StackOptions { clock_begins_ago: begins_ago, ..StackOptions::new(e2e::functions_dir()) };
        let stack = Stack::start(options).await.expect("the stack starts");
        let http = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { world: World::of(&stack), stack, http }
    }

    /// The address of the site, without a slash at the end.
    pub fn site(&self) -> &str {
        self.stack.url()
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.site())
    }

    /// The stack's time in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.stack.clock().now_ms() / 1000
    }

    pub async fn advance(&self, by: Duration) {
        self.stack.clock().advance(by).await.expect("time goes on");
    }

    pub async fn drain(&self) {
        let empty = self.stack.drain().await.expect("the queues answer");
        assert!(empty, "the queues do not run empty: {:?}", self.stack.queues().depths().await);
    }

    /// `name` asks the API for something.
    pub async fn get(&self, name: &str, path: &str) -> Value {
        self.send(name, Method::GET, path, &Value::Null, 200).await
    }

    /// `name` sends JSON to the API, and is answered so.
    pub async fn send(&self, name: &str, method: Method, path: &str, body: &Value, expected: u16) -> Value {
        let token = self.stack.token_for(name).expect("a token");
        let body = Some(body).filter(|body| !body.is_null());
        let (status, answer) = self.world.call(Some(&token), method.clone(), path, body).await;
        assert_eq!(status, expected, "{name}: {method} {path}: {answer}");
        answer
    }

    /// As [`Stage::send`], for what is done once however often it is sent.
    pub async fn post_once(&self, name: &str, path: &str, key: &str, body: &Value, expected: u16) -> Value {
        let token = self.stack.token_for(name).expect("a token");
        let (status, answer) = self.world.keyed(&token, key, path, body).await;
        assert_eq!(status, expected, "{name}: POST {path}: {answer}");
        answer
    }

    /// Signs somebody up, with the receipt of a click and a browser's cookie where there are any: the link's code, and the browser's cookie.
    pub async fn sign_up_by(&self, name: &str, receipt: &str, device: &str) -> (String, String) {
        let token = self.stack.token_for(name).expect("a token");
        let body = if receipt.is_empty() { json!({}) } else { json!({ "receipt": receipt }) };
        let request = self.http.post(self.at("/signups")).bearer_auth(token).header("cookie", device).json(&body);
        let answer = request.send().await.expect("an answer");
        let given = answer.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        let device = given.map(str::to_owned).find(|pair| pair.starts_with("__Host-device=")).unwrap_or_else(|| device.to_owned());
        assert_eq!(answer.status().as_u16(), 201, "{name} signs up");
        let answer: Value = answer.json().await.expect("JSON");
        (answer["code"].as_str().expect("a code").to_owned(), device)
    }

    /// The platform tells something, signed at the stack's time.
    pub async fn platform(&self, kind: &str, data: &Value) {
        assert_eq!(self.world.platform(kind, data, self.now()).await, Some(200), "{kind}");
    }

    /// Tells the stack itself something, by its own door.
    pub async fn local(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(self.at(&format!("/_local{path}"))).header("x-local-token", self.stack.run_token()).json(body);
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        assert!(status.is_success(), "{path}: {status} {}", answer.text().await.unwrap_or_default());
        answer.json().await.unwrap_or(Value::Null)
    }

    /// Sends a form as a browser would that has this session's cookie: the answer's status, and its page.
    pub async fn send_form(&self, session: &str, origin: Option<&str>, path: &str, fields: &[(String, String)]) -> (u16, String) {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self.http.post(self.at(path)).header("content-type", "application/x-www-form-urlencoded").body(body);
        request = request.header("cookie", format!("__Host-session={session}"));
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.unwrap_or_default())
    }
}
