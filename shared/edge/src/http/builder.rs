//! Calls made by hand: for tests, and for histories that are generated.

use super::{call::Call, event::decode_query};
use ::http::{HeaderMap, HeaderName, HeaderValue, Method};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::{collections::BTreeMap, net::IpAddr};

/// Builds a [`Call`]. What is not said is empty.
#[derive(Debug)]
#[must_use]
pub struct CallBuilder(Call);

impl CallBuilder {
    pub(super) fn new(method: Method, route: &str, now: DateTime<Utc>) -> Self {
        Self(Call {
            now,
            request_id: "request".to_owned(),
            method,
            route: route.to_owned(),
            path: route.to_owned(),
            params: BTreeMap::new(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            body: Vec::new(),
            source_ip: None,
            user_agent: None,
        })
    }

    /// The path that was asked for; else it is the route itself.
    pub fn path(mut self, path: &str) -> Self {
        self.0.path = path.to_owned();
        self
    }

    /// A value in the route's braces.
    pub fn param(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.params.insert(name.to_owned(), value.into());
        self
    }

    /// One more pair of the query, decoded.
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.query.push((name.to_owned(), value.into()));
        self
    }

    /// The whole query as it stands in a URL.
    pub fn raw_query(mut self, query: &str) -> Self {
        self.0.query = decode_query(query);
        self
    }

    /// One more header. One that no HTTP message can carry is left out.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.0.headers.append(name, value);
        }
        self
    }

    /// One more cookie.
    pub fn cookie(mut self, name: &str, value: &str) -> Self {
        self.0.cookies.push(format!("{name}={value}"));
        self
    }

    /// The bearer token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// A JSON body with its type. A value without a JSON form gives an empty body.
    pub fn json(self, value: &impl Serialize) -> Self {
        self.header("content-type", "application/json").body(serde_json::to_vec(value).unwrap_or_default())
    }

    /// The body's bytes.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.0.body = body.into();
        self
    }

    /// The caller's address.
    pub fn source_ip(mut self, address: IpAddr) -> Self {
        self.0.source_ip = Some(address);
        self
    }

    /// The caller's user agent.
    pub fn user_agent(mut self, text: &str) -> Self {
        self.0.user_agent = Some(text.to_owned());
        self
    }

    /// The request's id; else it is `request`.
    pub fn request_id(mut self, id: &str) -> Self {
        self.0.request_id = id.to_owned();
        self
    }

    /// The call.
    #[must_use]
    pub fn build(self) -> Call {
        self.0
    }
}
