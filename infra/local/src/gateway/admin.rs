//! The stack's own door under `/_local`, for whoever holds the token of this run: the command line, and tests.

use crate::{
    audit::Around,
    clock::{Clock, ClockError},
    faults::{Faults, Plan},
    identity::Issuer,
    paypal::{self, PayPal},
    rails::{self, Rails},
    runtime::{Functions, InvokeError},
    secrets::Secrets,
    sources::Schedules,
    stack::{Queues, QueuesError, settle},
};
use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// The header that carries the token of the run.
const TOKEN_HEADER: &str = "x-local-token";

/// The longest that a drain waits.
const DRAIN_MAX: Duration = Duration::from_secs(60);

/// How often a drain looks.
const DRAIN_POLL: Duration = Duration::from_millis(50);

/// Where a referral link lands on this machine.
const LANDING: &str = include_str!("landing.html");

/// What the door reaches.
pub(crate) struct Admin {
    pub(crate) url: String,
    pub(crate) data: Option<String>,
    pub(crate) run_token: String,
    pub(crate) clock: Arc<Clock>,
    pub(crate) functions: Arc<Functions>,
    pub(crate) queues: Arc<Queues>,
    pub(crate) schedules: Arc<Schedules>,
    pub(crate) secrets: Secrets,
    pub(crate) paypal: PayPal,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) faults: Option<Arc<Faults>>,
    pub(crate) rails: Arc<Rails>,
    /// The tables, without faults, for the audit.
    pub(crate) dynamodb_url: String,
    pub(crate) tables: Vec<String>,
    /// Ends a drain that outlives the stack.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// The routes of the door: all of them ask for the token, but the landing page and what PayPal publishes.
pub(crate) fn router(admin: Arc<Admin>) -> Router {
    let issuer = Arc::clone(&admin.issuer).admin_router();
    let certificate = admin.paypal.certificate().to_owned();
    Router::new()
        .route("/clock", get(show_clock).post(move_clock))
        .route("/status", get(status))
        .route("/drain", post(drain))
        .route("/audit", post(audit))
        .route("/run/{schedule}", post(run))
        .route("/secrets", get(secrets))
        .route("/faults", get(show_faults).post(set_faults))
        .with_state(Arc::clone(&admin))
        .merge(issuer)
        .merge(rails::admin_router(&admin.rails))
        .fallback(|| async { refuse(StatusCode::NOT_FOUND, "no such door") })
        .layer(middleware::from_fn_with_state(admin, check))
        .route("/landing", get(|| async { Html(LANDING) }))
        .route(paypal::CERTIFICATE_PATH, get(|| async { certificate }))
}

fn refuse(status: StatusCode, problem: &str) -> Response {
    (status, Json(json!({ "error": problem }))).into_response()
}

async fn check(State(admin): State<Arc<Admin>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(TOKEN_HEADER).map(|value| value.as_bytes());
    if given == Some(admin.run_token.as_bytes()) {
        next.run(request).await
    } else {
        refuse(StatusCode::FORBIDDEN, "the header x-local-token must hold the token of this run")
    }
}

async fn show_clock(State(admin): State<Arc<Admin>>) -> Json<Value> {
    Json(json!({ "now_ms": admin.clock.now_ms() }))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    advance_seconds: Option<u64>,
    set_ms: Option<i64>,
}

async fn move_clock(State(admin): State<Arc<Admin>>, Json(asked): Json<Move>) -> Response {
    let moved = match asked {
        Move { advance_seconds: Some(seconds), set_ms: None } => admin.clock.advance(Duration::from_secs(seconds)).await,
        Move { advance_seconds: None, set_ms: Some(at_ms) } => admin.clock.set(at_ms).await,
        Move { advance_seconds: Some(_), set_ms: Some(_) } | Move { advance_seconds: None, set_ms: None } => {
            return refuse(StatusCode::BAD_REQUEST, "give advance_seconds or set_ms");
        }
    };
    match moved {
        Ok(now_ms) => Json(json!({ "now_ms": now_ms })).into_response(),
        Err(error @ (ClockError::Backward { .. } | ClockError::TooFar)) => refuse(StatusCode::CONFLICT, &error.to_string()),
        Err(error @ ClockError::File { .. }) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn status(State(admin): State<Arc<Admin>>) -> Result<Json<Value>, QueuesError> {
    let schedules: Vec<&str> = admin.schedules.jobs().iter().map(|job| job.name.as_str()).collect();
    Ok(Json(json!({
        "url": admin.url,
        "data": admin.data,
        "pid": std::process::id(),
        "clock": { "now_ms": admin.clock.now_ms() },
        "queues": admin.queues.depths().await?,
        "functions": admin.functions.status(),
        "schedules": schedules,
        "issuer": admin.issuer.url(),
    })))
}

async fn drain(State(admin): State<Arc<Admin>>) -> Response {
    let drained = tokio::select! {
        drained = settle(&admin.queues, &admin.rails, DRAIN_MAX, DRAIN_POLL) => drained,
        () = crate::stopped(admin.stopping.clone()) => return refuse(StatusCode::SERVICE_UNAVAILABLE, "the stack is stopping"),
    };
    match drained {
        Ok(true) => Json(json!({ "drained": true })).into_response(),
        Ok(false) => refuse(StatusCode::GATEWAY_TIMEOUT, "the queues are not empty after 60 seconds"),
        Err(error) => error.into_response(),
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditAsked {
    /// Whether the queues are to run empty first; else others may go on writing.
    #[serde(default = "yes")]
    drain: bool,
}

const fn yes() -> bool {
    true
}

/// Checks every invariant: after draining, or while others write.
async fn audit(State(admin): State<Arc<Admin>>, Query(asked): Query<AuditAsked>) -> Response {
    let drained = tokio::select! {
        drained = async { if asked.drain { settle(&admin.queues, &admin.rails, DRAIN_MAX, DRAIN_POLL).await } else { Ok(false) } } => drained,
        () = crate::stopped(admin.stopping.clone()) => return refuse(StatusCode::SERVICE_UNAVAILABLE, "the stack is stopping"),
    };
    let drained = match drained {
        Ok(drained) => drained,
        Err(error) => return error.into_response(),
    };
    let now = chrono::DateTime::from_timestamp_millis(admin.clock.now_ms()).unwrap_or_default();
    let checked = async {
        let store = crate::audit::store(&admin.dynamodb_url, &admin.tables, &admin.secrets)?;
        let depths = admin.queues.depths().await?;
        let around = if asked.drain { Around::Drained(drained, &depths) } else { Around::Busy };
        crate::audit::check(&store, around, now).await
    };
    match checked.await {
        Ok(report) => Json(report).into_response(),
        Err(error) => refuse(StatusCode::BAD_GATEWAY, &error.to_string()),
    }
}

async fn run(State(admin): State<Arc<Admin>>, Path(schedule): Path<String>) -> Response {
    match admin.schedules.fire(&schedule).await {
        Ok(answer) => {
            let answer: Value = serde_json::from_slice(&answer).unwrap_or(Value::Null);
            Json(json!({ "answer": answer })).into_response()
        }
        Err(error @ InvokeError::Unknown(_)) => refuse(StatusCode::NOT_FOUND, &error.to_string()),
        Err(error) => refuse(StatusCode::BAD_GATEWAY, &error.to_string()),
    }
}

async fn secrets(State(admin): State<Arc<Admin>>) -> Json<Value> {
    Json(json!({
        "stripe": admin.secrets.stripe(),
        "platform": admin.secrets.platform(),
        "paypal": admin.paypal.key(),
        "wise": admin.secrets.wise_private_key(),
        "accounts": admin.issuer.people(),
    }))
}

const NO_FAULTS: &str = "the stack was started without faults";

async fn show_faults(State(admin): State<Arc<Admin>>) -> Response {
    match &admin.faults {
        Some(faults) => Json(faults.counts()).into_response(),
        None => refuse(StatusCode::CONFLICT, NO_FAULTS),
    }
}

async fn set_faults(State(admin): State<Arc<Admin>>, Json(plan): Json<Plan>) -> Response {
    match &admin.faults {
        Some(faults) => {
            faults.set(plan);
            StatusCode::NO_CONTENT.into_response()
        }
        None => refuse(StatusCode::CONFLICT, NO_FAULTS),
    }
}

impl IntoResponse for QueuesError {
    fn into_response(self) -> Response {
        refuse(StatusCode::BAD_GATEWAY, &self.to_string())
    }
}
