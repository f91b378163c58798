//! `POST /token`: a code and the proof of who asked for it become tokens (RFC 6749, section 4.1.3).

use super::codes::Grant;
use super::error::IdentityError;
use super::params::Params;
use super::tokens::{self, IdClaims, LIFETIME_SECONDS, Occasion};
use super::{Issuer, client, pkce, reply};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use std::sync::Arc;

/// An error of the protocol, as the client reads it.
#[derive(Serialize)]
struct Refusal {
    error: &'static str,
    error_description: &'static str,
}

impl Refusal {
    fn request(error_description: &'static str) -> Self {
        Self { error: "invalid_request", error_description }
    }

    /// The code is not known, spent, expired, or another's: deliberately one sentence for all.
    fn grant() -> Self {
        Self { error: "invalid_grant", error_description: "The code is unknown, spent or expired, or it was made for something else." }
    }

    fn status(&self) -> StatusCode {
        if self.error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST }
    }
}

#[derive(Serialize)]
struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u32,
    scope: String,
    id_token: String,
}

/// The handler of `POST /token`.
pub(super) async fn exchange(State(issuer): State<Arc<Issuer>>, headers: HeaderMap, body: Bytes) -> Response {
    let redeemed = Params::from_form(&headers, &body).map_err(Refusal::request).and_then(|params| redeem(&issuer, &params));
    match redeemed.map(|grant| issue(&issuer, grant)) {
        Ok(Ok(tokens)) => reply::json(StatusCode::OK, &tokens),
        Ok(Err(error)) => reply::broken(&error),
        Err(refusal) => reply::json(refusal.status(), &refusal),
    }
}

/// Spends the code and checks that the caller is the one it was made for.
fn redeem(issuer: &Issuer, params: &Params) -> Result<Grant, Refusal> {
    match params.get("grant_type") {
        Some("authorization_code") => {}
        Some(_) => {
            return Err(Refusal { error: "unsupported_grant_type", error_description: "Only authorization_code is supported." });
        }
        None => return Err(Refusal::request("grant_type is missing.")),
    }
    if params.get("client_id") != Some(client::CLIENT_ID) {
        return Err(Refusal { error: "invalid_client", error_description: "No client has this client_id." });
    }
    let need = |name, missing| params.get(name).ok_or_else(|| Refusal::request(missing));
    let code = need("code", "code is missing.")?;
    let redirect_uri = need("redirect_uri", "redirect_uri is missing.")?;
    let verifier = need("code_verifier", "code_verifier is missing; PKCE is required.")?;
    // Spent before the rest is checked, so that there is one try only to guess a verifier.
    issuer
        .take_grant(code)
        .filter(|grant| grant.client_id == client::CLIENT_ID)
        .filter(|grant| grant.redirect_uri == redirect_uri)
        .filter(|grant| pkce::proves(verifier, &grant.challenge))
        .ok_or_else(Refusal::grant)
}

fn issue(issuer: &Issuer, grant: Grant) -> Result<Tokens, IdentityError> {
    let on = Occasion {
        issuer: issuer.url(),
        person: &grant.person,
        client_id: &grant.client_id,
        at_seconds: issuer.now_seconds(),
        lifetime_seconds: LIFETIME_SECONDS,
    };
    let signed_in_at_seconds = super::seconds(grant.made_at_ms);
    let id_claims = IdClaims::new(&on, signed_in_at_seconds, grant.nonce.as_deref());
    Ok(Tokens {
        access_token: issuer.access_token(&on, &grant.scope)?,
        token_type: "Bearer",
        expires_in: LIFETIME_SECONDS,
        id_token: issuer.sign(tokens::ID_TYPE, &id_claims)?,
        scope: grant.scope,
    })
}
