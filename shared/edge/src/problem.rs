//! What a caller is told when something is refused or fails: RFC 9457, `application/problem+json`.
//!
//! A problem has a public half (a stable type, a plain sentence, members that a program can read) and a private half
//! (the cause), which is logged and never sent. There is no `Display`, and `Debug` shows the public half alone, so the
//! inside can't reach a caller by a careless `format!`.

use crate::{Error, http::Reply};
use ::http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use std::fmt;

/// A refusal or a failure, on its way to the caller.
#[must_use]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: String,
    members: Map<String, Value>,
    retry_after_seconds: Option<u32>,
    source: Option<Error>,
}

/// How long a caller should wait when the store or a queue is away.
const RETRY_SECONDS: u32 = 2;

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, title, detail: detail.into(), members: Map::new(), retry_after_seconds: None, source: None }
    }

    /// 400: the request can't be read.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "/problems/malformed", "The request can't be read", detail)
    }

    /// 401: the caller did not prove who they are. The sentence should not help them to pretend better.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "/problems/unauthorized", "Not proved", detail)
    }

    /// 403: the caller is known, and may not.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "/problems/forbidden", "Not allowed", detail)
    }

    /// 404: there is no such thing, or it is another account's, which must read the same.
    pub fn not_found(what: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "/problems/not-found", "Not found", format!("There is no such {what}."))
    }

    /// 409: it contradicts what is there already.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "/problems/conflict", "Conflict", detail)
    }

    /// 413: the body has more bytes than are taken here.
    pub fn too_large(limit_bytes: usize) -> Self {
        let detail = format!("The body is larger than {limit_bytes} bytes.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "/problems/too-large", "Too large", detail).with("limit_bytes", limit_bytes)
    }

    /// 415: the body is of another type.
    pub fn unsupported_type(expected: &'static str) -> Self {
        let detail = format!("The content type must be {expected}.");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "/problems/unsupported-type", "Wrong content type", detail)
    }

    /// 422: understood, and refused by a rule of the programme. The rule's name is the member `rule`.
    pub fn refused(rule: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "/problems/refused", "Refused by a rule", detail).with("rule", rule)
    }

    /// 429: too many of these.
    pub fn rate_limited(retry_after_seconds: u32) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "/problems/rate-limited",
            "Too many requests",
            "There were too many requests; try again later.",
        )
        .retry_after(retry_after_seconds)
    }

    /// 503: something that is needed is away or throttled; trying again helps.
    pub fn unavailable(source: impl Into<Error>) -> Self {
        let detail = "The service can't do this right now; nothing was lost by asking. Try again.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "/problems/unavailable", "Not available", detail)
            .retry_after(RETRY_SECONDS)
            .caused_by(source)
    }

    /// 500: our own mistake.
    pub fn internal(source: impl Into<Error>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "/problems/internal", "Internal error", "Something failed on our side.")
            .caused_by(source)
    }

    /// Adds a public member: when it opens, which field. The standard members can't be replaced.
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Tells the caller when to come again.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Adds the private half.
    pub fn caused_by(mut self, source: impl Into<Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable type: `/problems/refused`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// The public sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The name of the rule that refused.
    #[must_use]
    pub fn rule(&self) -> Option<&str> {
        self.member("rule").and_then(Value::as_str)
    }

    /// A public member.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// The private half, cause by cause: for logs and tests, never for a caller.
    #[must_use]
    pub fn private_half(&self) -> Option<String> {
        self.source.as_deref().map(|source| causes(source))
    }

    /// The reply that the caller gets.
    pub fn render(&self, request_id: &str) -> Reply {
        let mut members = self.members.clone();
        let standard = [("type", self.kind), ("title", self.title), ("detail", &self.detail), ("request_id", request_id)];
        members.extend(standard.map(|(name, value)| (name.to_owned(), Value::from(value))));
        members.insert("status".to_owned(), Value::from(self.status.as_u16()));
        let mut reply = Reply::bytes(self.status, "application/problem+json", Value::Object(members).to_string().into_bytes());
        let mut set = |name: HeaderName, value: HeaderValue| reply.headers.insert(name, value);
        if self.status == StatusCode::UNAUTHORIZED {
            set(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_seconds {
            set(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        reply
    }
}

/// An error and everything that led to it, outermost first.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said.push_str(": ");
        said.push_str(&error.to_string());
        cause = error.source();
    }
    said
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("status", &self.status.as_u16())
            .field("kind", &self.kind)
            .field("detail", &self.detail)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn body(problem: &Problem) -> Value {
        problem.render("req-1").body_json().unwrap()
    }

    #[test]
    fn each_kind_has_its_status_and_type() {
        for (problem, status, kind) in [
            (Problem::malformed("x"), 400, "/problems/malformed"),
            (Problem::unauthorized("x"), 401, "/problems/unauthorized"),
            (Problem::forbidden("x"), 403, "/problems/forbidden"),
            (Problem::not_found("payout"), 404, "/problems/not-found"),
            (Problem::conflict("x"), 409, "/problems/conflict"),
            (Problem::too_large(9), 413, "/problems/too-large"),
            (Problem::unsupported_type("application/json"), 415, "/problems/unsupported-type"),
            (Problem::refused("debt", "x"), 422, "/problems/refused"),
            (Problem::rate_limited(9), 429, "/problems/rate-limited"),
            (Problem::internal("x"), 500, "/problems/internal"),
            (Problem::unavailable("x"), 503, "/problems/unavailable"),
        ] {
            let reply = problem.render("req-1");
            assert_eq!(
                (reply.status.as_u16(), reply.headers[header::CONTENT_TYPE].to_str().unwrap()),
                (status, "application/problem+json")
            );
            let body = body(&problem);
            assert_eq!((&body["type"], &body["status"], &body["request_id"]), (&json!(kind), &json!(status), &json!("req-1")));
            assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
            assert_eq!(reply.headers.contains_key(header::WWW_AUTHENTICATE), status == 401);
            assert_eq!(reply.headers.contains_key(header::RETRY_AFTER), status == 429 || status == 503);
        }
    }

    #[test]
    fn members_are_public_and_the_standard_ones_stay() {
        let problem =
            Problem::refused("destination_cooldown", "Too fresh.").with("opens_at", "2026-11-24T00:00:00Z").with("type", "forged");
        assert_eq!(problem.rule(), Some("destination_cooldown"));
        assert_eq!(body(&problem)["opens_at"], "2026-11-24T00:00:00Z");
        assert_eq!(body(&problem)["type"], "/problems/refused");
    }

    #[test]
    fn the_private_half_is_told_to_the_log_alone() {
        let inner = std::io::Error::other("table ledger-prod is throttled");
        let problem = Problem::unavailable(inner);
        assert_eq!(problem.private_half().unwrap(), "table ledger-prod is throttled");
        let reply = problem.render("r");
        let sent = format!("{problem:?} {} {:?}", String::from_utf8(reply.body).unwrap(), reply.headers);
        assert!(!sent.contains("ledger-prod"), "{sent}");
        assert_eq!(Problem::malformed("x").private_half(), None);
    }
}
