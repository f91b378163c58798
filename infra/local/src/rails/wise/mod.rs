//! Wise: quotes, recipients, transfers, and their funding from the platform's balance.

mod events;
mod funding;
mod quotes;
mod recipients;
mod state;
mod transfers;

pub(super) use events::events;
pub(super) use state::Details;
pub use state::State;
#[cfg(test)]
pub(super) use state::{funded_plan, unfunded_plan};
pub(super) use transfers::{invented, next_reference};

use super::{
    answer::{self, Answer, Refused, wise_error},
    call::Call,
    operation::Operation,
    server::{Rails, WISE_PROFILE},
};
use axum::{
    Router,
    extract::{Request, State as Shared},
    middleware::{self, Next},
    response::Response,
    routing::{get, post, put},
};
use chrono::{DateTime, SecondsFormat};
use http::{StatusCode, header};
use ledger::Rail;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

const RAIL: Rail = Rail::Wise;

/// Everything below `/wise`.
pub(super) fn router(rails: &Arc<Rails>) -> Router {
    Router::new()
        .route("/v3/profiles/{profile}/quotes", post(quotes::create))
        .route("/v1/accounts", post(recipients::create))
        .route("/v1/accounts/{account}", get(recipients::read))
        .route("/v2/accounts/{account}", get(recipients::read))
        .route("/v1/transfers", get(transfers::list).post(transfers::create))
        .route("/v1/transfers/{transfer}", get(transfers::read))
        .route("/v1/transfers/{transfer}/payments", get(funding::list))
        .route("/v1/transfers/{transfer}/cancel", put(transfers::cancel))
        .route("/v3/profiles/{profile}/transfers/{transfer}/payments", post(funding::fund))
        .route("/v4/profiles/{profile}/balances", get(funding::balances))
        .fallback(unknown)
        .layer(middleware::from_fn_with_state(Arc::clone(rails), check))
        .with_state(Arc::clone(rails))
}

async fn check(Shared(rails): Shared<Arc<Rails>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let fits = given == Some(rails.setting.secrets.wise_api_token());
    if fits { next.run(request).await } else { answer::unauthorized(RAIL).into_response() }
}

async fn unknown() -> Response {
    wise_error(StatusCode::NOT_FOUND, "not.found", "There is no such resource", "").into_response()
}

fn missing(id: &str) -> Answer {
    wise_error(StatusCode::NOT_FOUND, "transfer.not.found", &format!("Transfer {id} not found"), "transferId")
}

/// The request is understood and can't be done.
fn refused(code: &str, message: &str, path: &str) -> Answer {
    wise_error(StatusCode::UNPROCESSABLE_ENTITY, code, message, path)
}

/// How the platform names a payout of its own at Wise, which takes no other id of a transfer than a UUID: with it a test can ask for
/// a transfer, or for a fault of it, by the payout's id.
pub(super) fn mark(payout: &str) -> String {
    let mut id = hex::encode(Sha256::digest(format!("wise:{payout}")));
    id.truncate(32);
    // The version and the variant of a UUID that is made from a name.
    id.replace_range(12..13, "5");
    let digit = id.get(16..17).and_then(|digit| usize::from_str_radix(digit, 16).ok()).unwrap_or(0);
    id.replace_range(16..17, ["8", "9", "a", "b"][digit % 4]);
    for at in [20, 16, 12, 8] {
        id.insert(at, '-');
    }
    id
}

/// The platform's own profile is the only one that its token opens.
fn profile(text: &str) -> Result<i64, Refused> {
    let forbidden = || Refused::from(wise_error(StatusCode::FORBIDDEN, "forbidden", "The profile is not accessible", "profile"));
    text.parse().ok().filter(|id| *id == WISE_PROFILE).ok_or_else(forbidden)
}

fn json_body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    let malformed = |error: serde_json::Error| Refused::from(wise_error(StatusCode::BAD_REQUEST, "NOT_VALID", &error.to_string(), ""));
    serde_json::from_slice(bytes).map_err(malformed)
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A time as most of Wise writes it.
fn time(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A time as a transfer has it: in UTC, and without saying so.
fn plain_time(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).unwrap_or_default().format("%Y-%m-%d %H:%M:%S").to_string()
}

fn call<const N: usize>(operation: Operation, names: [Option<&str>; N]) -> Call {
    Call::new(RAIL, operation, names)
}

#[cfg(test)]
mod tests {
    /// Made with another program.
    #[test]
    fn a_payout_has_its_mark() {
        assert_eq!(super::mark("pay_4YGQGXK5VRGSQN7XQD252HFMW1"), "45342edc-a29b-54f1-8c73-a4b905619421");
    }
}
