//! What somebody does, as data: done again after a kill, it is the very same.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use local::{signing::Source, stack::Stack};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A call over HTTP, with a token of that name.
    Call { who: Option<String>, method: Method, path: String, headers: Vec<(&'static str, String)>, body: Option<Value> },
    /// A signed event.
    Event { source: Source, event: Value },
    /// Messages straight into a queue, in one send: one batch for who consumes it.
    Messages { queue: &'static str, bodies: Vec<Value> },
    /// A schedule fires.
    Schedule(&'static str),
}

impl Act {
    pub(crate) fn call(who: &str, method: Method, path: &str, body: Value) -> Self {
        Self::Call { who: Some(who.to_owned()), method, path: path.to_owned(), headers: Vec::new(), body: Some(body) }
    }

    pub(crate) fn get(who: &str, path: &str) -> Self {
        Self::Call { who: Some(who.to_owned()), method: Method::GET, path: path.to_owned(), headers: Vec::new(), body: None }
    }

    /// A visitor follows a link.
    pub(crate) fn visit(path: &str) -> Self {
        Self::Call { who: None, method: Method::GET, path: path.to_owned(), headers: Vec::new(), body: None }
    }

    /// The same call with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Call { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) cookies: Vec<String>,
    pub(crate) body: Value,
}

impl Answer {
    /// One of which only the status is known.
    pub(crate) const fn of(status: u16) -> Self {
        Self { status, location: String::new(), cookies: Vec::new(), body: Value::Null }
    }

    pub(crate) async fn read(request: RequestBuilder) -> Self {
        let answer = request.send().await.expect("the stack answers");
        let header = |name| answer.headers().get_all(name).iter().filter_map(|value| value.to_str().ok().map(str::to_owned)).collect();
        let (status, mut location, cookies): (_, Vec<String>, _) = (answer.status().as_u16(), header("location"), header("set-cookie"));
        let bytes = answer.bytes().await.expect("a body");
        Self { status, location: location.pop().unwrap_or_default(), cookies, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.body[name].as_str().unwrap_or_else(|| panic!("{name} in {}", self.body)).to_owned()
    }
}

pub(crate) async fn send_messages(stack: &Stack, queue: &str, bodies: &[Value]) {
    let entries = bodies.iter().enumerate().map(|(place, body)| {
        SendMessageBatchRequestEntry::builder().id(place.to_string()).message_body(body.to_string()).build().expect("an entry")
    });
    let url = stack.queues().url(queue).expect("the queue");
    let sent = stack.queues().client().send_message_batch().queue_url(url).set_entries(Some(entries.collect())).send().await;
    assert!(sent.expect("the queue takes them").failed().is_empty());
}
