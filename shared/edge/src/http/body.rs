//! Bodies: how large, of which type, and what is in them.

use super::{call::Call, json::strict_json};
use crate::problem::Problem;
use serde::de::DeserializeOwned;

/// What a body may have where a function says nothing else.
pub const BODY_LIMIT_BYTES: usize = 64 * 1024;

impl Call {
    /// The body, where it is not too large.
    ///
    /// # Errors
    /// 413 over `limit_bytes`.
    pub fn body_within(&self, limit_bytes: usize) -> Result<&[u8], Problem> {
        if self.body.len() > limit_bytes { Err(Problem::too_large(limit_bytes)) } else { Ok(&self.body) }
    }

    /// The body as JSON, up to [`BODY_LIMIT_BYTES`].
    ///
    /// # Errors
    /// 413 too large, 415 of another type, 400 where [`strict_json`] refuses it.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.json_within(BODY_LIMIT_BYTES)
    }

    /// The body as JSON, up to `limit_bytes`.
    ///
    /// # Errors
    /// As [`Call::json`].
    pub fn json_within<T: DeserializeOwned>(&self, limit_bytes: usize) -> Result<T, Problem> {
        let body = self.body_within(limit_bytes)?;
        if !self.is_json() {
            return Err(Problem::unsupported_type("application/json"));
        }
        strict_json(body).map_err(|error| Problem::malformed(error.to_string()))
    }

    /// The body as JSON, or the default where there is no body at all, of whatever type.
    ///
    /// # Errors
    /// As [`Call::json`].
    pub fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Problem> {
        if self.body.is_empty() { Ok(T::default()) } else { self.json() }
    }

    /// `application/json`, with any parameters: JSON is UTF-8 whatever they say, and that is checked on the bytes.
    fn is_json(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::DateTime;
    use http::Method;
    use serde::Deserialize;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        amount: String,
    }

    fn call(content_type: Option<&str>, body: &str) -> Call {
        let builder = Call::builder(Method::POST, "/payouts", DateTime::UNIX_EPOCH).body(body.as_bytes().to_vec());
        content_type.into_iter().fold(builder, |builder, value| builder.header("content-type", value)).build()
    }

    #[test]
    fn a_body_is_read_or_refused_with_its_status() {
        let body = r#"{"amount":"1"}"#;
        for (content_type, body, status) in [
            (Some("application/json"), body, 200),
            (Some("Application/JSON; charset=utf-8"), body, 200),
            (Some("application/json;charset=utf-8"), body, 200),
            (None, body, 415),
            (Some("text/plain"), body, 415),
            (Some("application/jsonp"), body, 415),
            (Some("application/x-www-form-urlencoded"), "amount=1", 415),
            (Some("application/json"), "", 400),
            (Some("application/json"), r#"{"amount":"1","role":"finance"}"#, 400),
            (Some("application/json"), r#"{"amount":1}"#, 400),
        ] {
            let answer = call(content_type, body).json::<Form>();
            assert_eq!(answer.map_or_else(|problem| problem.status().as_u16(), |_| 200), status, "{content_type:?} {body}");
        }
    }

    #[test]
    fn size_is_looked_at_first() {
        let large = call(None, &" ".repeat(BODY_LIMIT_BYTES + 1));
        assert_eq!(large.json::<Form>().unwrap_err().status(), 413);
        assert_eq!(large.body_within(BODY_LIMIT_BYTES).unwrap_err().status(), 413);
        assert_eq!(large.body_within(BODY_LIMIT_BYTES + 1).unwrap().len(), BODY_LIMIT_BYTES + 1);
        let exact = format!(r#"{{"amount":"{}"}}"#, "1".repeat(BODY_LIMIT_BYTES - 13));
        assert_eq!(exact.len(), BODY_LIMIT_BYTES);
        assert!(call(Some("application/json"), &exact).json::<Form>().is_ok());
        assert_eq!(call(Some("application/json"), &exact).json_within::<Form>(100).unwrap_err().status(), 413);
    }

    #[test]
    fn no_body_is_the_default_of_any_type() {
        assert_eq!(call(None, "").json_or_default::<Form>().unwrap(), Form::default());
        assert_eq!(call(None, "{}").json_or_default::<Form>().unwrap_err().status(), 415);
        assert_eq!(call(Some("application/json"), "{}").json_or_default::<Form>().unwrap_err().status(), 400);
    }
}
