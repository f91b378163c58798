//! Stands between a client and a mock server: passes each request on, remembers what the mock says of it, and answers
//! what a script says, or else what the mock answered.

use axum::{Router, body::Body, extract::Request, http::HeaderValue, response::Response};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// A request as it came.
pub(crate) struct Asked {
    /// `POST /v1/transfers`, without the query.
    pub(crate) call: String,
    pub(crate) body: String,
}

/// What the mock said of a request.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) call: String,
    pub(crate) status: u16,
    pub(crate) violations: Vec<Value>,
}

/// What the mock has against a request: in a header, or in the answer where the file has none for a wrong request. It
/// checks the examples that it answers with, too, and not all of those fit their own description: that says nothing
/// of us.
pub(crate) fn violations(header: Option<&HeaderValue>, body: &[u8]) -> Vec<Value> {
    let told: Vec<Value> = header.map_or_else(Vec::new, |text| serde_json::from_slice(text.as_bytes()).expect("a list of violations"));
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let refused = body["type"].as_str().is_some_and(|kind| kind.contains("stoplight.io/prism/errors"));
    let more = if refused { body["validation"].as_array().cloned().unwrap_or_default() } else { Vec::new() };
    told.into_iter().chain(more).filter(|violation| violation["location"][0] != "response").collect()
}

type Scripted = dyn Fn(&Asked) -> Option<Value> + Send + Sync;

/// What is answered instead of the mock's own answer.
#[derive(Clone)]
pub(crate) struct Script(Arc<Scripted>);

impl Script {
    pub(crate) fn new(answer: impl Fn(&Asked) -> Option<Value> + Send + Sync + 'static) -> Self {
        Self(Arc::new(answer))
    }
}

#[derive(Clone)]
pub(crate) struct Recorder {
    pub(crate) url: String,
    mock: String,
    client: reqwest::Client,
    script: Script,
    seen: Arc<Mutex<Vec<Exchange>>>,
}

impl Recorder {
    pub(crate) async fn start(mock: &str, script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let recorder = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            mock: mock.trim_end_matches('/').to_owned(),
            client: reqwest::Client::new(),
            script,
            seen: Arc::default(),
        };
        let passing = recorder.clone();
        let app = Router::new().fallback(move |request: Request| {
            let passing = passing.clone();
            async move { passing.pass(request).await }
        });
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        recorder
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Exchange> {
        self.seen.lock().unwrap().clone()
    }

    async fn pass(&self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let call = format!("{} {}", head.method, head.uri.path());
        let target = format!("{}{}", self.mock, head.uri.path_and_query().unwrap());
        let mut headers = head.headers;
        for own in ["host", "content-length", "connection"] {
            headers.remove(own);
        }
        let answer = self.client.request(head.method, target).headers(headers).body(body.clone()).send().await.unwrap();
        let (status, header) = (answer.status().as_u16(), answer.headers().get("sl-violations").cloned());
        let told = answer.bytes().await.unwrap();
        let violations = violations(header.as_ref(), &told);
        self.seen.lock().unwrap().push(Exchange { call: call.clone(), status, violations });
        let asked = Asked { call, body: String::from_utf8(body.to_vec()).unwrap() };
        let mut response = Response::builder().status(status);
        if let Some(header) = header {
            response = response.header("sl-violations", header);
        }
        let scripted = (self.script.0)(&asked).map(|value| Body::from(value.to_string()));
        response.body(scripted.unwrap_or_else(|| Body::from(told))).unwrap()
    }
}
