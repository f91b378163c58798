//! Tokens for the command line, without a sign-in.

use super::error::IdentityError;
use super::{Issuer, reply};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Body of `POST /_local/token`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// A sample person, `platform`, or any new name.
    pub name: String,
    /// Lifetime in seconds; an hour where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u32>,
}

/// What `POST /_local/token` answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct TokenAnswer {
    /// The access token, for `Authorization: Bearer`.
    pub token: String,
    /// Its lifetime, in seconds.
    pub expires_in: u32,
}

/// `POST /token` of the admin door.
pub(super) async fn token(State(issuer): State<Arc<Issuer>>, body: Bytes) -> Response {
    let request: TokenRequest = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let expires_in = request.ttl_seconds.unwrap_or(super::tokens::LIFETIME_SECONDS);
    match issuer.token_for(&request.name, expires_in) {
        Ok(token) => reply::json(StatusCode::OK, &TokenAnswer { token, expires_in }),
        Err(error @ (IdentityError::Name | IdentityError::Lifetime { .. })) => {
            refused(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string())
        }
        Err(
            error @ (IdentityError::IssuerUrl(_) | IdentityError::File { .. } | IdentityError::Damaged { .. } | IdentityError::Crypto(_)),
        ) => reply::broken(&error),
    }
}

fn refused(status: StatusCode, problem: &str) -> Response {
    reply::json(status, &serde_json::json!({ "error": problem }))
}
