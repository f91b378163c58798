//! The gateway's events (API Gateway, payload 2.0): the fields that are used and no others, so that a field which
//! changes its shape elsewhere in them loses no request.

use super::{call::Call, reply::Reply};
use crate::{clock, problem::Problem};
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use base64::{Engine, prelude::BASE64_STANDARD};
use lambda_http::{Body, aws_lambda_events::apigw::ApiGatewayV2httpResponse};
use serde::Deserialize;
use std::{collections::BTreeMap, str::FromStr};

/// An HTTP request as the gateway wraps it. Without a request context it is some other event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GatewayEvent {
    pub(crate) request_context: Option<RequestContext>,
    #[serde(default)]
    route_key: Option<String>,
    #[serde(default)]
    raw_path: Option<String>,
    #[serde(default)]
    raw_query_string: Option<String>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    path_parameters: Option<BTreeMap<String, String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
    /// A schedule's event has a time in place of all the above.
    #[serde(default)]
    pub(crate) time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestContext {
    #[serde(default)]
    pub(crate) request_id: Option<String>,
    #[serde(default)]
    time_epoch: i64,
    http: HttpContext,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpContext {
    method: String,
    #[serde(default)]
    source_ip: Option<String>,
    #[serde(default)]
    user_agent: Option<String>,
}

impl GatewayEvent {
    /// The id that the caller is told, where there is one.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.request_context.as_ref().and_then(|context| context.request_id.as_deref())
    }

    /// Decodes the request.
    ///
    /// # Errors
    /// 400 where the caller's part can't be read, 500 where the gateway's own is missing.
    pub(crate) fn into_call(self, fallback_id: &str) -> Result<Call, Problem> {
        let context = self.request_context.ok_or_else(|| Problem::internal("the event has no request context"))?;
        let now = clock::from_epoch_millis(context.time_epoch).ok_or_else(|| Problem::internal("the request context has no time"))?;
        let headers = read_headers(self.headers.unwrap_or_default());
        let cookies = self.cookies.unwrap_or_else(|| cookies_of(&headers));
        let route_key = self.route_key.unwrap_or_default();
        let body = self.body.unwrap_or_default();
        let body = if self.is_base64_encoded == Some(true) {
            BASE64_STANDARD.decode(body).map_err(|error| Problem::malformed("The body can't be decoded.").caused_by(error))?
        } else {
            body.into_bytes()
        };
        Ok(Call {
            now,
            request_id: context.request_id.unwrap_or_else(|| fallback_id.to_owned()),
            method: Method::from_str(&context.http.method).map_err(|_| Problem::malformed("The method is none of HTTP."))?,
            // `GET /r/{code}`, or `$default`.
            route: route_key.split_once(' ').map_or(route_key.as_str(), |(_, path)| path).to_owned(),
            path: self.raw_path.unwrap_or_default(),
            params: self.path_parameters.unwrap_or_default(),
            query: decode_query(&self.raw_query_string.unwrap_or_default()),
            headers,
            cookies,
            body,
            source_ip: context.http.source_ip.and_then(|text| text.parse().ok()),
            user_agent: context.http.user_agent.filter(|text| !text.is_empty()),
        })
    }
}

/// A header that HTTP does not know is left out: it is nothing that a function could have asked for.
fn read_headers(pairs: BTreeMap<String, String>) -> HeaderMap {
    let read = |(name, value): (String, String)| Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?));
    pairs.into_iter().filter_map(read).collect()
}

fn cookies_of(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).map(|cookie| cookie.trim().to_owned()).filter(|cookie| !cookie.is_empty()).collect()
}

/// Decodes a query as forms are written. Bytes that are not UTF-8 become the replacement character, which
/// [`Call::query`] refuses where the value is used.
pub(super) fn decode_query(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(name, value)| (decode(name), decode(value))).collect()
}

/// The reply as the gateway wants it; to a HEAD request without its body. Text travels as it is, anything else in base64.
pub(crate) fn gateway_reply(reply: Reply, head: bool) -> ApiGatewayV2httpResponse {
    let mut headers = HeaderMap::new();
    for name in reply.headers.keys() {
        // The gateway has one text a name; HTTP lets several values share it, comma by comma.
        let values: Vec<_> = reply.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        headers.extend(HeaderValue::try_from(values.join(", ")).ok().map(|value| (name.clone(), value)));
    }
    let sent = if head { Vec::new() } else { reply.body };
    let body = String::from_utf8(sent).map_or_else(|error| Body::Binary(error.into_bytes()), Body::Text);
    let mut wrapped = ApiGatewayV2httpResponse::default();
    wrapped.status_code = i64::from(reply.status.as_u16());
    wrapped.headers = headers;
    wrapped.is_base64_encoded = matches!(body, Body::Binary(_));
    wrapped.body = Some(body);
    wrapped.cookies = reply.cookies;
    wrapped
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
