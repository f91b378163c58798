//! What the front door refuses before any function sees it.

use super::reply;
use axum::{body::Body, response::Response};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::{StatusCode, request::Parts};

/// The largest body, in bytes.
const BODY_MAX: usize = 10 * 1024 * 1024;

/// A body beyond this is cut off without an answer; up to it, it is read to its end so that the client can hear the refusal.
const DRAIN_MAX: usize = 64 * 1024 * 1024;

/// The headers' names and values together, in bytes. API Gateway counts the request line in as well; here it has its own limit, so
/// that a function's answer to an overlong code can be seen.
const HEADERS_MAX: usize = 10_240;

/// The path and query together, in bytes.
const TARGET_MAX: usize = 64 * 1024;

/// Why a request is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The body or the event that it would become.
    TooLarge,
    /// The headers.
    HeadersTooLarge,
    /// The path and query.
    TargetTooLong,
    /// The body broke off, or was malformed.
    Broken,
}

impl Refusal {
    pub(super) fn into_reply(self) -> Response {
        let (status, message) = match self {
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::HeadersTooLarge => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large"),
            Self::TargetTooLong => (StatusCode::URI_TOO_LONG, "URI Too Long"),
            Self::Broken => (StatusCode::BAD_REQUEST, "Bad Request"),
        };
        reply::message(status, message)
    }
}

pub(super) fn check_head(parts: &Parts) -> Result<(), Refusal> {
    let headers: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let target = parts.uri.path_and_query().map_or(0, |t| t.as_str().len());
    if headers > HEADERS_MAX {
        Err(Refusal::HeadersTooLarge)
    } else if target > TARGET_MAX {
        Err(Refusal::TargetTooLong)
    } else {
        Ok(())
    }
}

pub(super) async fn read_body(body: Body) -> Result<Bytes, Refusal> {
    let mut stream = body.into_data_stream();
    let mut kept = BytesMut::new();
    let mut length = 0_usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Refusal::Broken)?;
        length = length.saturating_add(chunk.len());
        if length > DRAIN_MAX {
            break;
        }
        if length <= BODY_MAX {
            kept.extend_from_slice(&chunk);
        } else {
            kept = BytesMut::new();
        }
    }
    if length > BODY_MAX { Err(Refusal::TooLarge) } else { Ok(kept.freeze()) }
}
