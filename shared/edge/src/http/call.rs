//! What a caller sent, decoded once.

use super::builder::CallBuilder;
use crate::problem::Problem;
use ::http::{HeaderMap, Method, header};
use chrono::{DateTime, Utc};
use std::{collections::BTreeMap, fmt, net::IpAddr};

/// A longer value in a path is no code or id of anybody's.
const PARAM_LIMIT_BYTES: usize = 512;

/// One HTTP request.
#[derive(Clone)]
pub struct Call {
    /// When the gateway took it.
    pub now: DateTime<Utc>,
    /// The gateway's id of it, which every problem and log line carries.
    pub request_id: String,
    /// The method.
    pub method: Method,
    /// The path of the route that matched, as the template spells it: `/r/{code}`.
    pub route: String,
    /// The path that was asked for.
    pub path: String,
    /// The values in the route's braces, decoded by the gateway.
    pub params: BTreeMap<String, String>,
    /// The query, decoded, in its order, repeated names kept.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The cookies, each as `name=value`.
    pub cookies: Vec<String>,
    /// The body's bytes, as the caller sent them.
    pub body: Vec<u8>,
    /// The caller's address as the gateway saw it. What a caller writes into `X-Forwarded-For` is never looked at.
    pub source_ip: Option<IpAddr>,
    /// The caller's user agent.
    pub user_agent: Option<String>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("route", &self.route)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl Call {
    /// Makes a call by hand, for tests and generated histories.
    pub fn builder(method: Method, route: &str, now: DateTime<Utc>) -> CallBuilder {
        CallBuilder::new(method, route, now)
    }

    /// A value from the path.
    ///
    /// # Errors
    /// 404 where no code or id can be meant (control characters, a `..` segment), 400 over 512 bytes.
    pub fn param(&self, name: &str) -> Result<&str, Problem> {
        let value =
            self.params.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or_else(|| Problem::not_found("page"))?;
        if value.len() > PARAM_LIMIT_BYTES {
            return Err(Problem::malformed("A part of the path is too long."));
        }
        let climbs = value.split(['/', '\\']).any(|segment| segment == "." || segment == "..");
        if climbs || value.contains(|character: char| character.is_control() || character == char::REPLACEMENT_CHARACTER) {
            return Err(Problem::not_found("page"));
        }
        Ok(value)
    }

    /// A value from the query. A name that stands twice has no one meaning and is refused.
    ///
    /// # Errors
    /// 400 for a repeated name, a control character, or bytes that are not UTF-8.
    pub fn query(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut values = self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(Problem::malformed(format!("The parameter {name} is given more than once.")));
        }
        if value.contains(|character: char| character.is_control() || character == char::REPLACEMENT_CHARACTER) {
            return Err(Problem::malformed(format!("The parameter {name} has characters that it can't have.")));
        }
        Ok(Some(value))
    }

    /// A header's text: the first, where it stands several times. `None` where it is not visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Every value of that cookie: a caller may have several of one name, set for other paths or by others, and only the
    /// function can tell which is its own. A value in quotes comes without them; one with characters that no cookie
    /// has is left out.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Vec<&str> {
        self.cookies.iter().filter_map(|cookie| cookie_value(cookie, name)).collect()
    }

    /// The bearer token of the `Authorization` header. `None` where there is none, more than one, or another scheme.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        let mut values = self.headers.get_all(header::AUTHORIZATION).iter();
        let value = values.next()?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        let token = token.trim_matches(' ');
        let fits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
        if values.next().is_none() && scheme.eq_ignore_ascii_case("bearer") && fits { Some(token) } else { None }
    }

    /// Where a cookie proves who calls, the page that made the browser call must be ours: a browser adds our cookies to
    /// whatever any page has it send. Reading needs no such proof, since the page of another origin can't see the answer.
    ///
    /// `allowed` holds origins (`https://example.com`); paths behind them do not matter.
    ///
    /// # Errors
    /// 403 without an `Origin`, with a foreign or a hidden (`null`) one, or with several.
    pub fn same_origin(&self, allowed: &[String]) -> Result<(), Problem> {
        if self.method.is_safe() {
            return Ok(());
        }
        let mut origins = self.headers.get_all(header::ORIGIN).iter();
        let sent = origins.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
        let ours = allowed.iter().filter_map(|url| origin(url)).any(|origin| sent.eq_ignore_ascii_case(origin));
        if ours && origins.next().is_none() { Ok(()) } else { Err(Problem::forbidden("The request comes from a page of another site.")) }
    }
}

/// `https://example.com:8443` of `https://example.com:8443/app/`.
fn origin(url: &str) -> Option<&str> {
    let host = url.find("://")? + 3;
    let end = url.get(host..)?.find('/').map_or(url.len(), |slash| host + slash);
    url.get(..end)
}

fn cookie_value<'a>(cookie: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = cookie.split_once('=')?;
    let value = value.trim();
    let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    let fits = value.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\'));
    if key.trim() == name && fits { Some(value) } else { None }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
