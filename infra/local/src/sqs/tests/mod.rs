//! The server on a clock that the test moves, through its own HTTP side.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dead_letters;
mod delivery;
mod protocol;
mod restart;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{SqsLocation, SqsServer};

const START_MS: i64 = 1_700_000_000_000;

struct Rig {
    server: Arc<SqsServer>,
    now_ms: Arc<AtomicI64>,
}

struct Answer {
    status: StatusCode,
    code: String,
    body: Value,
}

fn open(location: SqsLocation) -> Rig {
    let now_ms = Arc::new(AtomicI64::new(START_MS));
    let clock = Arc::clone(&now_ms);
    let server = SqsServer::open(location, Arc::new(move || clock.load(Ordering::SeqCst))).unwrap();
    Rig { server, now_ms }
}

fn memory() -> Rig {
    open(SqsLocation::Memory)
}

fn file(path: &Path) -> Rig {
    open(SqsLocation::File(path.to_owned()))
}

impl Rig {
    fn advance(&self, seconds: i64) {
        self.now_ms.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }

    async fn raw(&self, target: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post("/").header("x-amz-target", target).header("host", "127.0.0.1:9").body(body.into()).unwrap();
        let router = Arc::clone(&self.server).router();
        let response = router.oneshot(request).await.unwrap();
        let code = response.headers().get("x-amzn-query-error");
        let code = code.map_or(String::new(), |code| code.to_str().unwrap().to_owned());
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, code, body: serde_json::from_slice(&bytes).unwrap() }
    }

    async fn call(&self, operation: &str, body: Value) -> Answer {
        self.raw(&format!("AmazonSQS.{operation}"), body.to_string()).await
    }

    async fn ok(&self, operation: &str, body: Value) -> Value {
        let answer = self.call(operation, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{operation}: {}", answer.body);
        answer.body
    }

    async fn queue(&self, name: &str, attributes: Value) -> String {
        let body = json!({"QueueName": name, "Attributes": attributes});
        let reply = self.ok("CreateQueue", body).await;
        reply["QueueUrl"].as_str().unwrap().to_owned()
    }

    async fn send(&self, url: &str, body: &str) {
        self.ok("SendMessage", json!({"QueueUrl": url, "MessageBody": body})).await;
    }

    async fn receive(&self, url: &str) -> Vec<Value> {
        let body = json!({"QueueUrl": url, "MaxNumberOfMessages": 10,
            "MessageSystemAttributeNames": ["All"]});
        let reply = self.ok("ReceiveMessage", body).await;
        reply["Messages"].as_array().cloned().unwrap_or_default()
    }

    async fn depth(&self, queue: &str) -> (u64, u64, u64) {
        let depths = self.server.depths().await.unwrap();
        let depth = depths.into_iter().find(|depth| depth.queue == queue).unwrap();
        (depth.visible, depth.in_flight, depth.delayed)
    }
}

fn bodies(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["Body"].as_str().unwrap()).collect()
}

fn dead_letters(name: &str, count: u32) -> Value {
    let arn = format!("arn:aws:sqs:us-east-1:000000000000:{name}");
    let policy = json!({"deadLetterTargetArn": arn, "maxReceiveCount": count});
    json!({"RedrivePolicy": policy.to_string()})
}
