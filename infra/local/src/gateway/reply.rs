//! A function's answer as an HTTP reply.

use axum::{body::Body, response::Response};
use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Why an answer is no reply.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum ReplyError {
    #[error("it is not JSON")]
    NotJson,
    #[error("its fields have other types: {0}")]
    Fields(String),
    #[error("its status is {0}")]
    Status(u16),
    #[error("the header `{0}` has characters that a header cannot have")]
    Header(String),
    #[error("its body is not base64")]
    Base64,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    multi_value_headers: Option<BTreeMap<String, Vec<Value>>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// One of API Gateway's own replies.
pub(super) fn message(status: StatusCode, message: &str) -> Response {
    let mut reply = Response::new(Body::from(json!({ "message": message }).to_string()));
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

/// The reply that an answer describes. One without a status is a body of JSON.
pub(super) fn read(payload: &Bytes) -> Result<Response, ReplyError> {
    let value: Value = serde_json::from_slice(payload).map_err(|_| ReplyError::NotJson)?;
    if value.get("statusCode").is_none() {
        let mut reply = message(StatusCode::OK, "");
        *reply.body_mut() = Body::from(payload.clone());
        return Ok(reply);
    }
    let answer: Answer = serde_json::from_value(value).map_err(|error| ReplyError::Fields(error.to_string()))?;
    let status = StatusCode::from_u16(answer.status_code)
        .ok()
        .filter(|status| status.as_u16() >= 200)
        .ok_or(ReplyError::Status(answer.status_code))?;
    let mut reply = Response::new(body(&answer)?);
    *reply.status_mut() = status;
    for (name, value) in headers(&answer)? {
        reply.headers_mut().append(name, value);
    }
    if !reply.headers().contains_key(header::CONTENT_TYPE) {
        let kind = HeaderValue::from_static("text/plain;charset=utf-8");
        reply.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    Ok(reply)
}

fn body(answer: &Answer) -> Result<Body, ReplyError> {
    let text = answer.body.clone().unwrap_or_default();
    if !answer.is_base64_encoded {
        return Ok(Body::from(text));
    }
    base64::engine::general_purpose::STANDARD.decode(text).map(Body::from).map_err(|_| ReplyError::Base64)
}

fn headers(answer: &Answer) -> Result<Vec<(HeaderName, HeaderValue)>, ReplyError> {
    let multi = answer.multi_value_headers.clone().unwrap_or_default();
    let single = answer.headers.clone().unwrap_or_default();
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in single {
        let listed = multi.keys().any(|other| other.eq_ignore_ascii_case(&name));
        if !listed {
            pairs.push((name, plain(&value)));
        }
    }
    for (name, values) in &multi {
        pairs.extend(values.iter().map(|value| (name.clone(), plain(value))));
    }
    let cookies = answer.cookies.iter().flatten();
    pairs.extend(cookies.map(|cookie| (header::SET_COOKIE.to_string(), cookie.clone())));
    pairs
        .into_iter()
        .filter(|(name, _)| !is_of_the_connection(name))
        .map(|(name, value)| {
            let header = HeaderName::try_from(&name);
            // A line break in a value is an error here, and so no header can be split.
            match (header, HeaderValue::try_from(value)) {
                (Ok(header), Ok(value)) => Ok((header, value)),
                (Ok(_) | Err(_), Ok(_) | Err(_)) => Err(ReplyError::Header(name)),
            }
        })
        .collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The front door writes these itself.
fn is_of_the_connection(name: &str) -> bool {
    ["connection", "content-length", "keep-alive", "transfer-encoding", "upgrade", "date"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}
