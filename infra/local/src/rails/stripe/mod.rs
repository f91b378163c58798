//! Stripe Connect: connected accounts, transfers to them, reversals.

mod accounts;
mod events;
mod form;
mod idempotency;
mod listing;
mod setup;
mod state;
mod transfers;

pub(super) use accounts::{changed as account_changed, find as find_account};
pub(super) use events::events;
pub(super) use state::Details;
pub use state::State;
#[cfg(test)]
pub(super) use state::plan;
pub(super) use transfers::{invented, take_back};

use super::{
    answer::{self, Answer, Refused},
    error::RailsError,
    server::Rails,
};
use axum::{
    Router,
    extract::{Request, State as Shared},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::Engine as _;
use http::{HeaderMap, StatusCode, header};
use ledger::Rail;
use serde_json::json;
use std::sync::Arc;

const RAIL: Rail = Rail::StripeConnect;

/// The version that answers and events are written in.
const API_VERSION: &str = "2023-08-16";

/// Everything below `/stripe`.
pub(super) fn router(rails: &Arc<Rails>) -> Router {
    let api = Router::new()
        .route("/v1/accounts", post(accounts::create))
        .route("/v1/accounts/{account}", get(accounts::read))
        .route("/v1/account_links", post(accounts::link))
        .route("/v1/balance", get(accounts::balance))
        .route("/v1/transfers", get(listing::list).post(transfers::create))
        .route("/v1/transfers/{transfer}", get(transfers::read))
        .route("/v1/transfers/{transfer}/reversals", post(transfers::reverse))
        .fallback(unknown)
        .layer(middleware::from_fn_with_state(Arc::clone(rails), check))
        .with_state(Arc::clone(rails));
    // What its owner opens in a browser has a link, and no key.
    Router::new().route("/setup/{link}", get(setup::show).post(setup::fill_in)).with_state(Arc::clone(rails)).merge(api)
}

/// Stripe's form of an error.
pub(super) fn error(status: StatusCode, kind: &str, code: Option<&str>, message: &str, param: Option<&str>) -> Answer {
    let mut body = json!({ "error": { "type": kind, "message": message } });
    for (name, value) in [("code", code), ("param", param)] {
        if let (Some(value), Some(error)) = (value, body.get_mut("error").and_then(|error| error.as_object_mut())) {
            error.insert(name.to_owned(), value.into());
        }
    }
    Answer::new(status, &body)
}

/// A refusal of the request's form: nothing was begun, and nothing is kept for its key.
fn invalid(code: &str, message: &str, param: &str) -> Answer {
    error(StatusCode::BAD_REQUEST, "invalid_request_error", Some(code), message, Some(param)).unkept()
}

fn missing(kind: &str, id: &str) -> Answer {
    let message = format!("No such {kind}: '{id}'");
    error(StatusCode::NOT_FOUND, "invalid_request_error", Some("resource_missing"), &message, Some("id")).unkept()
}

async fn unknown(request: Request) -> Response {
    let message = format!("Unrecognized request URL ({}: {}).", request.method(), request.uri().path());
    error(StatusCode::NOT_FOUND, "invalid_request_error", None, &message, None).into_response()
}

/// A key as a bearer token, or as the name of Basic authentication.
async fn check(Shared(rails): Shared<Arc<Rails>>, request: Request, next: Next) -> Response {
    let key = rails.setting.secrets.stripe_api_key();
    let fits = key_of(request.headers()).is_some_and(|given| given == key);
    if fits { next.run(request).await } else { answer::unauthorized(RAIL).into_response() }
}

fn key_of(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    if let Some(token) = value.strip_prefix("Bearer ") {
        return Some(token.to_owned());
    }
    let encoded = value.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(base64::engine::general_purpose::STANDARD.decode(encoded).ok()?).ok()?;
    decoded.split_once(':').map(|(name, _)| name.to_owned())
}

/// The seconds of a time in milliseconds, as Stripe writes times.
const fn seconds(ms: i64) -> i64 {
    ms.div_euclid(1000)
}

fn refused_html(error: &RailsError) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response()
}
