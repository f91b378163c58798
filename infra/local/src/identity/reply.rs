//! The three forms of an answer: JSON, a page, a redirect. None of them may be cached.

use super::error::IdentityError;
use super::page::{self, Html};
use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

/// JSON that holds, or refuses, a token.
pub(super) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// A page. Its policy lets in nothing but its own style, and its form may lead only to `origin`
/// (a browser applies that to the redirect after the form, too).
pub(super) fn page(status: StatusCode, origin: &str, html: Html) -> Response {
    let policy = format!(
        "default-src 'none'; style-src '{}'; form-action 'self' {origin}; base-uri 'none'; frame-ancestors 'none'",
        page::style_hash()
    );
    let headers: [(HeaderName, &str); 4] = [
        (CONTENT_SECURITY_POLICY, &policy),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, axum::response::Html(html.into_text())).into_response()
}

/// Sends the browser to `uri` with these parameters added, those without a value left out.
/// The browser arrives with GET, whatever it came with.
pub(super) fn redirect(uri: &str, parameters: &[(&str, Option<&str>)]) -> Response {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    let location = if query.is_empty() { uri.to_owned() } else { format!("{uri}?{query}") };
    match HeaderValue::try_from(location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location), (CACHE_CONTROL, NO_STORE)]).into_response(),
        // Only listed addresses come here, and a query is encoded: this can't be met from outside.
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The issuer itself failed: said in the log, not to the caller.
pub(super) fn broken(error: &IdentityError) -> Response {
    tracing::error!(%error, "the local issuer failed");
    json(StatusCode::INTERNAL_SERVER_ERROR, &serde_json::json!({ "error": "server_error" }))
}
