//! `/v1/oauth2/token`: a token says until when it opens, and proves it with the client's secret.

use super::RAIL;
use crate::{
    rails::{answer::Answer, operation::Operation, server::Rails},
    signing::hmac_sha256,
};
use axum::{extract::State as Shared, response::Response};
use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::json;
use std::sync::Arc;

/// How long a token opens, in seconds.
const LIFETIME_SECONDS: i64 = 32_400;

pub(super) async fn give(Shared(rails): Shared<Arc<Rails>>, headers: HeaderMap, body: Bytes) -> Response {
    let granted = url::form_urlencoded::parse(&body).any(|(name, value)| name == "grant_type" && value == "client_credentials");
    let (id, secret) = rails.setting.secrets.paypal_client();
    let known = basic(&headers).is_some_and(|(given, proof)| given == id && proof == secret);
    let secret = secret.to_owned();
    rails
        .answer(super::call(Operation::Token, []), move |desk, _| {
            let refused = |status, error: &str, why: &str| Ok(Answer::new(status, &json!({ "error": error, "error_description": why })));
            if !known {
                return refused(StatusCode::UNAUTHORIZED, "invalid_client", "Client Authentication failed");
            }
            if !granted {
                return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Grant Type is NULL");
            }
            let until = desk.now_ms.div_euclid(1000).saturating_add(LIFETIME_SECONDS);
            Ok(Answer::ok(&json!({
                "scope": "https://uri.paypal.com/payments/payouts https://uri.paypal.com/services/reporting/search/read",
                "access_token": token(&secret, until),
                "token_type": "Bearer",
                "app_id": "APP-LOCAL",
                "expires_in": LIFETIME_SECONDS,
                "nonce": format!("{}{RAIL}", super::time(desk.now_ms)),
            })))
        })
        .await
}

/// Whether a request's token opens at the stack's time.
pub(super) fn opens(rails: &Rails, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let until = given.and_then(|given| given.strip_prefix("A21AA-")?.split_once('-')?.0.parse::<i64>().ok());
    let now = rails.setting.clock.now_ms().div_euclid(1000);
    let secret = rails.setting.secrets.paypal_client().1;
    until.is_some_and(|until| now < until && given == Some(token(secret, until).as_str()))
}

fn token(secret: &str, until: i64) -> String {
    let mac = hmac_sha256(secret.as_bytes(), &[until.to_string().as_bytes()]);
    format!("A21AA-{until}-{}", hex::encode(mac))
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(base64::engine::general_purpose::STANDARD.decode(encoded).ok()?).ok()?;
    decoded.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}
