//! What a function answers.

use crate::problem::Problem;
use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};

/// A whole reply. Every one has the headers that keep it out of caches and referrers, unless the function says otherwise.
#[derive(Debug, Clone)]
#[must_use]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// Headers, without `set-cookie`.
    pub headers: HeaderMap,
    /// Whole `Set-Cookie` values: several can't share one header.
    pub cookies: Vec<String>,
    /// The bytes as they are; the gateway's encoding is no matter of the function.
    pub body: Vec<u8>,
}

impl Reply {
    /// A reply without a body.
    pub fn empty(status: StatusCode) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        Self { status, headers, cookies: Vec::new(), body: Vec::new() }
    }

    /// Bytes of a type.
    pub fn bytes(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Self {
        let mut reply = Self::empty(status);
        reply.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        reply.body = body;
        reply
    }

    /// Plain text.
    pub fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self::bytes(status, "text/plain; charset=utf-8", text.into().into_bytes())
    }

    /// A value as JSON.
    ///
    /// # Errors
    /// [`Problem::internal`] when the value has no JSON form, which is a mistake of ours.
    pub fn json(status: StatusCode, value: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value).map_err(Problem::internal)?;
        Ok(Self::bytes(status, "application/json", body))
    }

    /// Sends the browser elsewhere. Where to is the function's decision; what comes here must be a URL that is encoded
    /// already, so that no byte of it can end the header.
    ///
    /// # Errors
    /// [`Problem::malformed`] for anything but visible ASCII.
    pub fn redirect(status: StatusCode, location: &str) -> Result<Self, Problem> {
        if location.is_empty() || !location.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Problem::malformed("The address to go to has characters that a URL can't have."));
        }
        Self::empty(status).header("location", location)
    }

    /// Sets a header, in place of an earlier value.
    ///
    /// # Errors
    /// [`Problem::internal`] for a name or value that no header can have: nothing is cut or escaped in silence.
    pub fn header(mut self, name: &'static str, value: &str) -> Result<Self, Problem> {
        let name = HeaderName::try_from(name).map_err(Problem::internal)?;
        self.headers.insert(name, safe(value)?);
        Ok(self)
    }

    /// Adds a cookie: a whole `Set-Cookie` value.
    ///
    /// # Errors
    /// [`Problem::internal`] for a value that no header can have.
    pub fn cookie(mut self, text: &str) -> Result<Self, Problem> {
        safe(text)?;
        self.cookies.push(text.to_owned());
        Ok(self)
    }

    /// Reads the body back, as a test or a client would.
    ///
    /// # Errors
    /// Those of `serde_json`.
    pub fn body_json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

/// Visible ASCII and spaces: what every proxy passes on unchanged.
fn safe(value: &str) -> Result<HeaderValue, Problem> {
    if value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        HeaderValue::from_str(value).map_err(Problem::internal)
    } else {
        Err(Problem::internal("a header's value has characters that could end it"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn replies_are_safe_by_default_and_can_say_otherwise() {
        let reply = Reply::text(StatusCode::OK, "hello");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("content-type", "text/plain; charset=utf-8"),
        ] {
            assert_eq!(reply.headers[name], value);
        }
        let cached = reply.header("cache-control", "max-age=60").unwrap();
        assert_eq!(cached.headers.get_all("cache-control").iter().count(), 1);
        assert_eq!(cached.headers["cache-control"], "max-age=60");
    }

    #[test]
    fn nothing_splits_a_header() {
        for location in ["", "/a\r\nset-cookie: x=1", "/a\nb", "/a b", "/\u{e9}", "/a\u{0}", "/\u{7f}"] {
            assert_eq!(Reply::redirect(StatusCode::FOUND, location).unwrap_err().status(), 400, "{location:?}");
        }
        for value in ["a\r\nb", "a\nb", "a\u{0}", "\u{e9}", "a\tb"] {
            assert_eq!(Reply::empty(StatusCode::OK).header("x-a", value).unwrap_err().status(), 500);
            assert_eq!(Reply::empty(StatusCode::OK).cookie(value).unwrap_err().status(), 500);
        }
        assert_eq!(Reply::empty(StatusCode::OK).header("x a", "b").unwrap_err().status(), 500);
        let reply = Reply::redirect(StatusCode::FOUND, "https://example.com/?a=1#b").unwrap().cookie("a=1").unwrap().cookie("b=2").unwrap();
        assert_eq!(reply.headers["location"], "https://example.com/?a=1#b");
        assert_eq!(reply.cookies, ["a=1", "b=2"]);
    }

    #[test]
    fn json_has_its_type_and_reads_back() {
        let reply = Reply::json(StatusCode::CREATED, &serde_json::json!({"a": "1"})).unwrap();
        assert_eq!(reply.headers["content-type"], "application/json");
        assert_eq!(reply.body_json::<serde_json::Value>().unwrap()["a"], "1");
        let impossible = std::collections::BTreeMap::from([(vec![1], 1)]);
        assert_eq!(Reply::json(StatusCode::OK, &impossible).unwrap_err().status(), 500);
    }
}
