//! API Gateway on one machine: HTTP in, events of payload format 2.0 to the functions, their answers out.

mod admin;
mod event;
mod limits;
mod reply;
mod routes;
#[cfg(test)]
mod tests;

pub(crate) use admin::{Admin, router as admin_router};
pub(crate) use routes::Routes;

use crate::{
    clock::Clock,
    runtime::{Functions, InvokeError, PAYLOAD_BYTES_MAX},
};
use axum::{
    extract::{ConnectInfo, Request, State},
    response::Response,
};
use bytes::Bytes;
use event::Incoming;
use http::StatusCode;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// The longest that API Gateway waits for a function.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// The front door.
pub(crate) struct Gateway {
    pub(crate) routes: Routes,
    pub(crate) functions: Arc<Functions>,
    pub(crate) clock: Arc<Clock>,
    /// Tells the requests of this run from those of others.
    pub(crate) run_token: String,
    pub(crate) requests: AtomicU64,
}

/// Answers one request, whatever it is.
pub(crate) async fn serve(State(gateway): State<Arc<Gateway>>, ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(refusal) = limits::check_head(&parts) {
        return refusal.into_reply();
    }
    let body = match limits::read_body(body).await {
        Ok(body) => body,
        Err(refusal) => return refusal.into_reply(),
    };
    let Some(found) = gateway.routes.find(&parts.method, parts.uri.path()) else {
        return reply::message(StatusCode::NOT_FOUND, "Not Found");
    };
    let number = gateway.requests.fetch_add(1, Ordering::Relaxed);
    let run = gateway.run_token.get(..8).unwrap_or_default();
    let incoming = Incoming {
        parts: &parts,
        body: &body,
        route_key: found.key,
        path_parameters: found.parameters,
        peer,
        request_id: format!("{run}-{number:08x}"),
        at_ms: gateway.clock.now_ms(),
    };
    let Some(event) = incoming.event() else {
        return reply::message(StatusCode::BAD_REQUEST, "Bad Request");
    };
    if event.len() > PAYLOAD_BYTES_MAX {
        return limits::Refusal::TooLarge.into_reply();
    }
    answer(&gateway, found.function, event).await
}

async fn answer(gateway: &Gateway, function: &str, event: Bytes) -> Response {
    // A task of its own: like in the cloud, a caller that goes away, or waits no longer, takes nothing back.
    let invocation = tokio::spawn({
        let (functions, function) = (Arc::clone(&gateway.functions), function.to_owned());
        async move { functions.invoke(&function, event).await }
    });
    match tokio::time::timeout(WAIT_MAX, invocation).await {
        Ok(Ok(Ok(payload))) => reply::read(&payload).unwrap_or_else(|problem| {
            tracing::warn!(function, %problem, "the function's answer is no HTTP reply");
            reply::message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }),
        Ok(Ok(Err(error))) => failed(function, &error),
        Ok(Err(error)) => {
            tracing::error!(function, %error, "the invocation broke");
            reply::message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
        // An HTTP API says 503 here, a REST API 504.
        Err(_) => reply::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    }
}

fn failed(function: &str, error: &InvokeError) -> Response {
    tracing::warn!(function, %error, "the function failed");
    match error {
        InvokeError::Stopped => reply::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        InvokeError::EventTooLarge => limits::Refusal::TooLarge.into_reply(),
        InvokeError::Unknown(_)
        | InvokeError::AnswerTooLarge
        | InvokeError::Failed { .. }
        | InvokeError::TimedOut { .. }
        | InvokeError::Exited(_)
        | InvokeError::Init(_) => reply::message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
    }
}
