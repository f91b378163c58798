//! Stands before the stores as AWS's own access control does, and remembers what was asked.

use crate::{
    asked::asked,
    policy::{Right, Rights},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

#[derive(Default)]
struct Seen {
    used: BTreeSet<Right>,
    denied: BTreeSet<String>,
}

/// The guard of both stores.
pub(crate) struct Guard {
    pub(crate) dynamodb: String,
    pub(crate) sqs: String,
    seen: Arc<Mutex<Seen>>,
}

struct Door {
    rights: Arc<Rights>,
    seen: Arc<Mutex<Seen>>,
    target: String,
    client: reqwest::Client,
}

impl Guard {
    pub(crate) async fn start(rights: Arc<Rights>, dynamodb: &str, sqs: &str) -> Self {
        let seen = Arc::<Mutex<Seen>>::default();
        let mut urls = Vec::new();
        for target in [dynamodb, sqs] {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let door = Door { rights: Arc::clone(&rights), seen: Arc::clone(&seen), target: target.to_owned(), client };
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            // The stack puts the caller's name in; it stands here for the stack's own calls, which are nobody's.
            urls.push(format!("http://{}/{{function}}", listener.local_addr().unwrap()));
            let router = Router::new().fallback(handle).with_state(Arc::new(door));
            tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        }
        let [dynamodb, sqs] = <[String; 2]>::try_from(urls).unwrap();
        Self { dynamodb, sqs, seen }
    }

    /// The rights that calls came by.
    pub(crate) fn used(&self) -> BTreeSet<Right> {
        self.seen.lock().unwrap().used.clone()
    }

    /// The calls that no statement allows.
    pub(crate) fn denied(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap().denied.clone()
    }
}

impl Door {
    /// Whether the template gives the function every right that the call needs.
    fn admits(&self, function: &str, operation: &str, request: &Value) -> bool {
        let mut seen = self.seen.lock().unwrap();
        let mut admitted = true;
        for asked in asked(operation, request) {
            let resource = format!("{}{}", self.rights.id(&asked.resource), asked.part);
            match self.rights.allow(function, &asked.action, &resource, &asked.keys) {
                Some(rights) => seen.used.extend(rights),
                None => {
                    let kinds: BTreeSet<&str> = asked.keys.iter().map(|key| key.split('#').next().unwrap_or_default()).collect();
                    seen.denied.insert(format!("{function}: {} on {resource} of {kinds:?}", asked.action));
                    admitted = false;
                }
            }
        }
        admitted
    }
}

async fn handle(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let function = parts.uri.path().trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
    let operation = operation(&parts.headers);
    let known = door.rights.is_about(&function);
    if known && !door.admits(&function, &operation, &serde_json::from_slice(&body).unwrap()) {
        let denial =
            json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "Message": format!("{function} may not {operation}") });
        return Response::builder().status(StatusCode::BAD_REQUEST).body(Body::from(denial.to_string())).unwrap();
    }
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    headers.remove(header::CONTENT_LENGTH);
    let answer = door.client.post(&door.target).headers(headers).body(body).send().await.unwrap();
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    let mut response = Response::new(Body::from(answer.bytes().await.unwrap()));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// `X-Amz-Target: DynamoDB_20120810.PutItem`
fn operation(headers: &HeaderMap) -> String {
    headers["x-amz-target"].to_str().unwrap().rsplit('.').next().unwrap_or_default().to_owned()
}
