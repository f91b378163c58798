//! `/end_session` (OpenID Connect RP-Initiated Logout 1.0). The issuer keeps no session of its
//! own, so all there is to do is to send the browser back, and only to an address on the list.

use super::page::{self, Html};
use super::params::Params;
use super::{Issuer, client, reply};
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use std::sync::Arc;

/// `GET /end_session`.
pub(super) async fn by_query(State(issuer): State<Arc<Issuer>>, RawQuery(query): RawQuery) -> Response {
    leave(&issuer, Params::parse(query.unwrap_or_default().as_bytes()))
}

/// `POST /end_session`.
pub(super) async fn by_form(State(issuer): State<Arc<Issuer>>, headers: HeaderMap, body: Bytes) -> Response {
    leave(&issuer, Params::from_form(&headers, &body))
}

fn leave(issuer: &Issuer, params: Result<Params, &'static str>) -> Response {
    let page = |status, html: Html| reply::page(status, &issuer.origin, html);
    let params = match params {
        Ok(params) => params,
        Err(reason) => return page(StatusCode::BAD_REQUEST, page::refused(reason)),
    };
    match params.get("post_logout_redirect_uri") {
        None => page(StatusCode::OK, page::signed_out()),
        Some(uri) if client::is_logout_uri(&issuer.origin, uri) => reply::redirect(uri, &[("state", params.get("state"))]),
        Some(_) => page(StatusCode::BAD_REQUEST, page::refused("The address to return to is not on the list of this client.")),
    }
}
