//! PayPal Payouts: tokens, batches, their items, and the report of transactions.

mod events;
mod items;
mod payouts;
mod reporting;
mod request;
mod state;
mod token;

pub(super) use events::events;
pub(super) use payouts::invented;
pub(super) use state::Details;
pub use state::State;
#[cfg(test)]
pub(super) use state::plan;

use super::{
    answer::{self, Answer, Refused, paypal_error},
    operation::Operation,
    server::Rails,
};
use axum::{
    Router,
    extract::{Request, State as Shared},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use chrono::{DateTime, SecondsFormat};
use http::StatusCode;
use ledger::{Money, Rail};
use serde_json::{Value, json};
use std::sync::Arc;

const RAIL: Rail = Rail::Paypal;

/// Everything below `/paypal`.
pub(super) fn router(rails: &Arc<Rails>) -> Router {
    let api = Router::new()
        .route("/v1/payments/payouts", post(payouts::create).get(unknown))
        .route("/v1/payments/payouts/{batch}", get(payouts::read))
        .route("/v1/payments/payouts-item/{item}", get(items::read))
        .route("/v1/payments/payouts-item/{item}/cancel", post(items::cancel))
        .route("/v1/reporting/transactions", get(reporting::list))
        .fallback(unknown)
        .layer(middleware::from_fn_with_state(Arc::clone(rails), check))
        .with_state(Arc::clone(rails));
    Router::new().route("/v1/oauth2/token", post(token::give)).with_state(Arc::clone(rails)).merge(api)
}

async fn check(Shared(rails): Shared<Arc<Rails>>, request: Request, next: Next) -> Response {
    if token::opens(&rails, request.headers()) { next.run(request).await } else { answer::unauthorized(RAIL).into_response() }
}

async fn unknown() -> Response {
    missing().into_response()
}

fn missing() -> Answer {
    paypal_error(StatusCode::NOT_FOUND, "INVALID_RESOURCE_ID", "The requested resource was not found", &json!([]))
}

/// A refusal of the request's form.
fn invalid(field: &str, issue: &str) -> Answer {
    let details = json!([{ "field": field, "location": "body", "issue": issue }]);
    paypal_error(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", "Invalid request - see details", &details)
}

fn no_money() -> Answer {
    let message = "Sender does not have sufficient funds. Please add funds and retry.";
    paypal_error(StatusCode::UNPROCESSABLE_ENTITY, "INSUFFICIENT_FUNDS", message, &json!([]))
}

/// An amount as PayPal writes it.
fn amount(value: Money, currency: &str) -> Value {
    json!({ "currency": currency, "value": super::money::text(value, currency) })
}

/// A time as PayPal writes it.
fn time(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What PayPal takes for an item.
fn fee() -> Money {
    Money::from_minor(25, 2).unwrap_or_default()
}

fn call<const N: usize>(operation: Operation, names: [Option<&str>; N]) -> super::call::Call {
    super::call::Call::new(RAIL, operation, names)
}
