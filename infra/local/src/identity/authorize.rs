//! `/authorize`: a client asks, a person chooses a name, a code goes back (RFC 6749, section 4.1.1,
//! with PKCE and the issuer's name in the answer as RFC 9207 has it).

use super::codes::Grant;
use super::page::{self, Html};
use super::params::Params;
use super::people::Person;
use super::{Issuer, client, pkce, reply};
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use std::sync::Arc;

/// A request that may be answered with a code.
struct Asked {
    redirect_uri: String,
    state: Option<String>,
    nonce: Option<String>,
    scope: String,
    challenge: String,
}

/// Why a request gets no code.
enum Refusal {
    /// Who asks, or where the answer would go, is not certain: said to the person, sent nowhere.
    Said(&'static str),
    /// Sent back to the client: where to, its state, the protocol's error and a sentence.
    Sent { redirect_uri: String, state: Option<String>, error: &'static str, why: &'static str },
}

/// `GET /authorize`: the page with the people.
pub(super) async fn show(State(issuer): State<Arc<Issuer>>, RawQuery(query): RawQuery) -> Response {
    let params = match Params::parse(query.unwrap_or_default().as_bytes()) {
        Ok(params) => params,
        Err(reason) => return answer(&issuer, Refusal::Said(reason)),
    };
    match read(&issuer, &params) {
        Ok(asked) => choose(&issuer, StatusCode::OK, &asked, None),
        Err(refusal) => answer(&issuer, refusal),
    }
}

/// `POST /authorize`: the page's form, which carries the request along, since nothing is kept
/// between the two; so all of it is checked again.
pub(super) async fn sign_in(State(issuer): State<Arc<Issuer>>, headers: HeaderMap, body: Bytes) -> Response {
    let params = match Params::from_form(&headers, &body) {
        Ok(params) => params,
        Err(reason) => return answer(&issuer, Refusal::Said(reason)),
    };
    let asked = match read(&issuer, &params) {
        Ok(asked) => asked,
        Err(refusal) => return answer(&issuer, refusal),
    };
    let Some(name) = params.get("name") else {
        return choose(&issuer, StatusCode::OK, &asked, None);
    };
    match Person::named(name.trim()) {
        Ok(person) if person.is_machine() => {
            let why = "platform is a machine; its token comes from the command line.";
            choose(&issuer, StatusCode::UNPROCESSABLE_ENTITY, &asked, Some(why))
        }
        Ok(person) => grant(&issuer, asked, person),
        Err(_) => choose(&issuer, StatusCode::UNPROCESSABLE_ENTITY, &asked, Some(page::NAME_RULE)),
    }
}

/// Checks a request. Client and address come first: before they are certain, nothing is sent anywhere.
fn read(issuer: &Issuer, params: &Params) -> Result<Asked, Refusal> {
    if params.get("client_id") != Some(client::CLIENT_ID) {
        return Err(Refusal::Said("No client has this client_id."));
    }
    let redirect_uri = params
        .owned("redirect_uri")
        .filter(|uri| client::is_redirect_uri(&issuer.origin, uri))
        .ok_or(Refusal::Said("The redirect_uri is not on the list of this client."))?;
    let state = params.owned("state");
    let (challenge, scope) =
        protocol(params).map_err(|(error, why)| Refusal::Sent { redirect_uri: redirect_uri.clone(), state: state.clone(), error, why })?;
    Ok(Asked { redirect_uri, state, nonce: params.owned("nonce"), scope, challenge })
}

/// The PKCE challenge and the granted scope, or the protocol's error with a sentence.
fn protocol(params: &Params) -> Result<(String, String), (&'static str, &'static str)> {
    if params.get("request").is_some() {
        return Err(("request_not_supported", "The parameter request is not supported."));
    }
    if params.get("request_uri").is_some() {
        return Err(("request_uri_not_supported", "The parameter request_uri is not supported."));
    }
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => return Err(("unsupported_response_type", "Only response_type=code is supported.")),
        None => return Err(("invalid_request", "response_type is missing.")),
    }
    if params.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(("invalid_request", "Only response_mode=query is supported."));
    }
    // Without a method the standard means `plain`, which proves nothing to who reads the address bar.
    if params.get("code_challenge_method") != Some("S256") {
        return Err(("invalid_request", "PKCE with code_challenge_method=S256 is required."));
    }
    let challenge = params
        .owned("code_challenge")
        .filter(|challenge| pkce::is_challenge(challenge))
        .ok_or(("invalid_request", "code_challenge must be the base64url SHA-256 of the verifier."))?;
    let scope = params.get("scope").and_then(client::granted_scope).ok_or(("invalid_scope", "The scope openid is required."))?;
    if params.get("prompt").is_some_and(|prompt| prompt.split(' ').any(|word| word == "none")) {
        return Err(("login_required", "This issuer keeps no session; somebody must choose a name."));
    }
    Ok((challenge, scope))
}

fn choose(issuer: &Issuer, status: StatusCode, asked: &Asked, problem: Option<&str>) -> Response {
    let carried = [
        ("client_id", Some(client::CLIENT_ID)),
        ("redirect_uri", Some(asked.redirect_uri.as_str())),
        ("response_type", Some("code")),
        ("scope", Some(asked.scope.as_str())),
        ("state", asked.state.as_deref()),
        ("nonce", asked.nonce.as_deref()),
        ("code_challenge", Some(asked.challenge.as_str())),
        ("code_challenge_method", Some("S256")),
    ];
    let html: Html = page::sign_in(&format!("{}/authorize", issuer.url()), &carried, problem);
    reply::page(status, &issuer.origin, html)
}

fn grant(issuer: &Issuer, asked: Asked, person: Person) -> Response {
    let kept = issuer.keep_grant(Grant {
        client_id: client::CLIENT_ID.to_owned(),
        redirect_uri: asked.redirect_uri.clone(),
        challenge: asked.challenge,
        nonce: asked.nonce,
        scope: asked.scope,
        person,
        made_at_ms: issuer.now_ms(),
    });
    match kept {
        Ok(Some(code)) => {
            reply::redirect(&asked.redirect_uri, &[("code", Some(&code)), ("state", asked.state.as_deref()), ("iss", Some(issuer.url()))])
        }
        Ok(None) => answer(
            issuer,
            Refusal::Sent {
                redirect_uri: asked.redirect_uri,
                state: asked.state,
                error: "temporarily_unavailable",
                why: "Too many sign-ins are under way.",
            },
        ),
        Err(error) => reply::broken(&error),
    }
}

fn answer(issuer: &Issuer, refusal: Refusal) -> Response {
    match refusal {
        Refusal::Said(reason) => reply::page(StatusCode::BAD_REQUEST, &issuer.origin, page::refused(reason)),
        Refusal::Sent { redirect_uri, state, error, why } => reply::redirect(
            &redirect_uri,
            &[("error", Some(error)), ("error_description", Some(why)), ("state", state.as_deref()), ("iss", Some(issuer.url()))],
        ),
    }
}
