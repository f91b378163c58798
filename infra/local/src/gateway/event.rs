//! A request as an event: HTTP API, payload format 2.0.

use crate::template::ACCOUNT;
use base64::Engine as _;
use bytes::Bytes;
use chrono::DateTime;
use http::{HeaderMap, HeaderValue, header, request::Parts};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

/// What an event is made from.
pub(super) struct Incoming<'r> {
    pub(super) parts: &'r Parts,
    pub(super) body: &'r Bytes,
    pub(super) route_key: String,
    pub(super) path_parameters: Option<BTreeMap<String, String>>,
    pub(super) peer: SocketAddr,
    pub(super) request_id: String,
    pub(super) at_ms: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'r> {
    version: &'static str,
    route_key: &'r str,
    raw_path: &'r str,
    raw_query_string: &'r str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<&'r str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: &'r BTreeMap<String, String>,
    request_context: Context<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'r> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'r str,
    domain_prefix: &'r str,
    http: Http<'r>,
    request_id: &'r str,
    route_key: &'r str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'r> {
    method: &'r str,
    path: &'r str,
    protocol: &'static str,
    source_ip: IpAddr,
    user_agent: String,
}

impl Incoming<'_> {
    /// The event, or `None` where the request cannot be one: its path is not UTF-8.
    pub(super) fn event(&self) -> Option<Bytes> {
        let headers = &self.parts.headers;
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("localhost");
        let domain_name = host.split(':').next().unwrap_or(host);
        let path = self.parts.uri.path();
        let (body, is_base64_encoded) = encode_body(headers, self.body);
        let event = Event {
            version: "2.0",
            route_key: &self.route_key,
            raw_path: path,
            raw_query_string: self.parts.uri.query().unwrap_or_default(),
            cookies: cookies(headers),
            headers: self.headers(),
            query_string_parameters: query(self.parts.uri.query().unwrap_or_default()),
            path_parameters: self.path_parameters.as_ref()?,
            request_context: Context {
                account_id: ACCOUNT,
                api_id: "local",
                domain_name,
                domain_prefix: domain_name.split('.').next().unwrap_or(domain_name),
                http: Http {
                    method: self.parts.method.as_str(),
                    path,
                    protocol: "HTTP/1.1",
                    // The connection's, never a header's: anyone can write one.
                    source_ip: self.peer.ip(),
                    user_agent: joined(headers, &header::USER_AGENT),
                },
                request_id: &self.request_id,
                route_key: &self.route_key,
                stage: "$default",
                time: DateTime::from_timestamp_millis(self.at_ms)?.format("%d/%b/%Y:%H:%M:%S +0000").to_string(),
                time_epoch: self.at_ms,
            },
            body,
            is_base64_encoded,
        };
        serde_json::to_vec(&event).ok().map(Bytes::from)
    }

    /// Lower-case names, several values joined by a comma, and the headers that API Gateway adds.
    fn headers(&self) -> BTreeMap<&str, String> {
        let given = &self.parts.headers;
        let mut headers: BTreeMap<&str, String> = given
            .keys()
            .filter(|name| **name != header::COOKIE && **name != header::CONNECTION)
            .map(|name| (name.as_str(), joined(given, name)))
            .collect();
        let peer = self.peer.ip().to_string();
        let forwarded = headers.entry("x-forwarded-for").or_default();
        if !forwarded.is_empty() {
            forwarded.push_str(", ");
        }
        forwarded.push_str(&peer);
        headers.insert("x-forwarded-proto", "http".into());
        headers
    }
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

fn joined(headers: &HeaderMap, name: &header::HeaderName) -> String {
    let values: Vec<String> = headers.get_all(name).iter().map(text).collect();
    values.join(",")
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .map(text)
        .flat_map(|line| line.split(';').map(|cookie| cookie.trim().to_owned()).filter(|cookie| !cookie.is_empty()).collect::<Vec<_>>())
        .collect()
}

/// Decoded; several values of one name are joined by a comma.
fn query(raw: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(raw.as_bytes()) {
        parameters
            .entry(name.into_owned())
            .and_modify(|known| {
                known.push(',');
                known.push_str(&value);
            })
            .or_insert_with(|| value.clone().into_owned());
    }
    parameters
}

/// Text stays text; everything else, and text that is none, is base64.
fn encode_body(headers: &HeaderMap, body: &Bytes) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match std::str::from_utf8(body) {
        Ok(text) if is_textual(headers) => (Some(text.to_owned()), false),
        Ok(_) | Err(_) => (Some(base64::engine::general_purpose::STANDARD.encode(body)), true),
    }
}

fn is_textual(headers: &HeaderMap) -> bool {
    let kind = joined(headers, &header::CONTENT_TYPE).to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let encoded = headers.contains_key(header::CONTENT_ENCODING);
    !encoded
        && (kind.starts_with("text/")
            || kind.ends_with("+json")
            || kind.ends_with("+xml")
            || matches!(kind, "application/json" | "application/javascript" | "application/xml" | "application/x-www-form-urlencoded"))
}
