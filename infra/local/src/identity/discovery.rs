//! What is read first: by verifiers and clients, where things are and the public keys; by people, who there is.

use super::{Issuer, client, page, reply};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use std::sync::Arc;

/// `GET /.well-known/openid-configuration` (OpenID Connect Discovery 1.0).
pub(super) async fn document(State(issuer): State<Arc<Issuer>>) -> Response {
    let url = issuer.url();
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "end_session_endpoint": format!("{url}/end_session"),
        "jwks_uri": format!("{url}/jwks"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": client::SCOPES,
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce",
            "email", "email_verified", "name", "groups"
        ],
        "authorization_response_iss_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false
    }))
    .into_response()
}

/// `GET /jwks`: the public keys (RFC 7517), newest first.
pub(super) async fn key_set(State(issuer): State<Arc<Issuer>>) -> Response {
    Json(issuer.jwks()).into_response()
}

/// `GET` of the issuer's URL itself: for people, not for programs.
pub(super) async fn home(State(issuer): State<Arc<Issuer>>) -> Response {
    reply::page(StatusCode::OK, &issuer.origin, page::home())
}
