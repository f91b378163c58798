//! What a stand-in answers, and the providers' own words for failures that every call can meet.

use super::stripe;
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use ledger::Rail;
use serde_json::{Value, json};

/// An answer, before it becomes a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: String,
    /// Whether Stripe keeps it for the idempotency key: what was refused before anything was begun is not kept.
    pub(super) kept: bool,
    pub(super) replayed: bool,
}

impl Answer {
    pub(super) fn new(status: StatusCode, body: &Value) -> Self {
        Self { status, body: body.to_string(), kept: true, replayed: false }
    }

    pub(super) fn ok(body: &Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// A refusal of the request's form: nothing was begun.
    pub(super) fn unkept(mut self) -> Self {
        self.kept = false;
        self
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.replayed {
            headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
        }
        response
    }
}

/// An answer in place of the one that was asked for.
#[derive(Debug)]
pub(super) struct Refused(Box<Answer>);

impl Refused {
    pub(super) fn answer(self) -> Answer {
        *self.0
    }
}

impl From<Answer> for Refused {
    fn from(answer: Answer) -> Self {
        Self(Box::new(answer))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.answer().into_response()
    }
}

/// PayPal's form of an error.
pub(super) fn paypal_error(status: StatusCode, name: &str, message: &str, details: &Value) -> Answer {
    Answer::new(
        status,
        &json!({
            "name": name,
            "message": message,
            "debug_id": "f05063556a338",
            "information_link": "https://developer.paypal.com/docs/api/payments.payouts-batch/#errors",
            "details": details,
            "links": [],
        }),
    )
}

/// Wise's form of an error.
pub(super) fn wise_error(status: StatusCode, code: &str, message: &str, path: &str) -> Answer {
    Answer::new(status, &json!({ "errors": [{ "code": code, "message": message, "path": path, "arguments": [] }] }))
}

/// The rail failed on its own side: nothing is said about whether the call was done.
pub(super) fn internal_answer(rail: Rail) -> Answer {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    match rail {
        Rail::StripeConnect => {
            let message = "An unknown error occurred";
            stripe::error(status, "api_error", None, message, None)
        }
        Rail::Paypal => paypal_error(status, "INTERNAL_SERVICE_ERROR", "An internal service error has occurred.", &json!([])),
        Rail::Wise => Answer::new(status, &json!({ "status": 500, "error": "Internal Server Error" })),
    }
}

/// Too many requests: the call was not done.
pub(super) fn throttled_answer(rail: Rail) -> Answer {
    let status = StatusCode::TOO_MANY_REQUESTS;
    match rail {
        Rail::StripeConnect => stripe::error(status, "invalid_request_error", Some("rate_limit"), "Too many requests", None),
        Rail::Paypal => paypal_error(status, "RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting.", &json!([])),
        Rail::Wise => wise_error(status, "too_many_requests", "Too many requests", ""),
    }
    .unkept()
}

/// Another request works on the same thing: the call was not done.
pub(super) fn locked_answer(rail: Rail) -> Answer {
    match rail {
        Rail::StripeConnect => {
            let message = "There is currently another in-progress request using this Idempotent Key.";
            stripe::error(StatusCode::CONFLICT, "idempotency_error", Some("idempotency_key_in_use"), message, None)
        }
        Rail::Paypal => paypal_error(StatusCode::CONFLICT, "RESOURCE_CONFLICT", "The resource is in use.", &json!([])),
        Rail::Wise => wise_error(StatusCode::CONFLICT, "resource.locked", "The resource is in use", ""),
    }
    .unkept()
}

/// The caller has not proved who it is.
pub(super) fn unauthorized(rail: Rail) -> Answer {
    let status = StatusCode::UNAUTHORIZED;
    match rail {
        Rail::StripeConnect => stripe::error(status, "invalid_request_error", None, "Invalid API Key provided", None),
        Rail::Paypal => {
            Answer::new(status, &json!({ "error": "invalid_token", "error_description": "Token signature verification failed" }))
        }
        Rail::Wise => Answer::new(status, &json!({ "error": "invalid_token", "error_description": "Invalid token" })),
    }
    .unkept()
}

/// What a load balancer in front of a rail says when it has lost its way.
pub(super) fn garbage() -> Response {
    ([(header::CONTENT_TYPE, "text/html")], "<html><body>The page that you asked for is having a rest.</body></html>").into_response()
}

/// A reply that breaks off before its body: the caller cannot know what became of the call.
pub(super) fn broken() -> Response {
    let body = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("broken on purpose")) });
    let mut response = Response::new(Body::from_stream(body));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("64"));
    response
}

/// [`internal_answer`], for the proxy.
pub(crate) fn internal(rail: Rail) -> Response {
    internal_answer(rail).into_response()
}

/// [`throttled_answer`], for the proxy.
pub(crate) fn throttled(rail: Rail) -> Response {
    throttled_answer(rail).into_response()
}

/// [`locked_answer`], for the proxy.
pub(crate) fn locked(rail: Rail) -> Response {
    locked_answer(rail).into_response()
}
