//! The Lambda Runtime API, 2018-06-01, as far as `lambda_runtime` uses it.

use super::{
    Functions, InvokeError, PAYLOAD_BYTES_MAX,
    function::{Function, Handout, Work},
};
use crate::template::{ACCOUNT, REGION};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use std::sync::Arc;
use tokio::{net::TcpListener, sync::watch};

const RUNTIME: &str = "/{run}/{function}/{copy}/2018-06-01/runtime";

/// A failure report: what the function says went wrong.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(default)]
    error_type: String,
    #[serde(default)]
    error_message: String,
}

impl Report {
    fn read(body: &Bytes) -> Self {
        serde_json::from_slice(body)
            .unwrap_or_else(|_| Self { error_type: "Unreadable".into(), error_message: String::from_utf8_lossy(body).into_owned() })
    }
}

pub(super) async fn serve(listener: TcpListener, functions: Arc<Functions>, stopping: watch::Receiver<bool>) {
    let router = Router::new()
        .route(&format!("{RUNTIME}/invocation/next"), get(next))
        .route(&format!("{RUNTIME}/invocation/{{id}}/response"), post(response))
        .route(&format!("{RUNTIME}/invocation/{{id}}/error"), post(error))
        .route(&format!("{RUNTIME}/init/error"), post(init_error))
        .with_state(functions);
    let server = axum::serve(listener, router).with_graceful_shutdown(crate::stopped(stopping));
    if let Err(error) = server.await {
        tracing::error!(%error, "the Runtime API ended");
    }
}

/// Who speaks, by the path that only this run's processes know.
#[derive(serde::Deserialize)]
struct Caller {
    run: String,
    function: String,
    copy: u64,
}

/// Who speaks of which invocation.
#[derive(serde::Deserialize)]
struct Invocation {
    run: String,
    function: String,
    copy: u64,
    id: String,
}

impl Invocation {
    fn split(self) -> (Caller, String) {
        let Self { run, function, copy, id } = self;
        (Caller { run, function, copy }, id)
    }
}

/// Without the headers of an invocation, `lambda_runtime` ends its process: right for an orphan.
const ORPHAN: StatusCode = StatusCode::FORBIDDEN;

impl Functions {
    fn caller(&self, caller: &Caller) -> Option<&Arc<Function>> {
        (caller.run == self.run_token).then(|| self.functions.get(&caller.function)).flatten()
    }
}

async fn next(State(all): State<Arc<Functions>>, Path(caller): Path<Caller>) -> Response {
    let Some(function) = all.caller(&caller) else {
        return ORPHAN.into_response();
    };
    loop {
        let changed = function.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        match function.hand_out(caller.copy) {
            Handout::Work(work) => return hand_over(&all, function, caller.copy, work),
            Handout::Gone => return ORPHAN.into_response(),
            Handout::Nothing => changed.await,
        }
    }
}

fn hand_over(all: &Functions, function: &Arc<Function>, copy: u64, work: Work) -> Response {
    start_timer(all, function, copy, &work.id);
    let timeout_ms = i64::try_from(function.launch.spec.timeout.as_millis()).unwrap_or(i64::MAX);
    let now_ms = all.clock.now_ms();
    let name = &function.launch.spec.cloud_name;
    let headers = [
        ("lambda-runtime-aws-request-id", work.id.clone()),
        ("lambda-runtime-deadline-ms", now_ms.saturating_add(timeout_ms).to_string()),
        ("lambda-runtime-invoked-function-arn", format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")),
        ("lambda-runtime-trace-id", trace_id(now_ms, &work.id)),
    ];
    let mut response = Response::new(Body::from(work.event));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// X-Ray's form: the second, then 24 hexadecimal digits.
fn trace_id(now_ms: i64, id: &str) -> String {
    let digits: String = id.chars().filter(char::is_ascii_hexdigit).collect();
    let seconds = now_ms / 1000;
    format!(
        "Root=1-{seconds:08x}-{:0>24};Parent={:0>16};Sampled=0",
        digits.get(8..32).unwrap_or_default(),
        digits.get(16..32).unwrap_or_default()
    )
}

fn start_timer(all: &Functions, function: &Arc<Function>, copy: u64, id: &str) {
    let timer = tokio::spawn({
        let (function, logs, id) = (Arc::clone(function), Arc::clone(&all.logs), id.to_owned());
        async move {
            tokio::time::sleep(function.launch.spec.timeout).await;
            if function.time_out(copy, &id) {
                let seconds = function.launch.spec.timeout.as_secs();
                let error = InvokeError::TimedOut { seconds };
                logs.write(&function.launch.spec.name, &format!("{id} {error}"));
            }
        }
    });
    function.set_timer(copy, id, timer.abort_handle());
}

async fn response(State(all): State<Arc<Functions>>, Path(invocation): Path<Invocation>, body: Body) -> StatusCode {
    let (caller, id) = invocation.split();
    let Some(function) = all.caller(&caller) else {
        return ORPHAN;
    };
    let (answer, status) = match to_bytes(body, PAYLOAD_BYTES_MAX).await {
        Ok(bytes) => (Ok(bytes), StatusCode::ACCEPTED),
        Err(_) => (Err(InvokeError::AnswerTooLarge), StatusCode::PAYLOAD_TOO_LARGE),
    };
    settle(function, &caller, &id, answer, status)
}

async fn error(State(all): State<Arc<Functions>>, Path(invocation): Path<Invocation>, body: Bytes) -> StatusCode {
    let (caller, id) = invocation.split();
    let Some(function) = all.caller(&caller) else {
        return ORPHAN;
    };
    let report = Report::read(&body);
    let answer = Err(InvokeError::Failed { kind: report.error_type, message: report.error_message });
    settle(function, &caller, &id, answer, StatusCode::ACCEPTED)
}

fn settle(function: &Function, caller: &Caller, id: &str, answer: super::function::Answer, status: StatusCode) -> StatusCode {
    if function.answer(caller.copy, id, answer) {
        status
    } else {
        // It was timed out in the meantime: Lambda knows the id no more.
        StatusCode::BAD_REQUEST
    }
}

async fn init_error(State(all): State<Arc<Functions>>, Path(caller): Path<Caller>, body: Bytes) -> StatusCode {
    let Some(function) = all.caller(&caller) else {
        return ORPHAN;
    };
    let report = Report::read(&body);
    let problem = format!("{}: {}", report.error_type, report.error_message);
    all.logs.write(&caller.function, &format!("does not start: {problem}"));
    function.init_failed(caller.copy, problem);
    StatusCode::ACCEPTED
}
