//! The answers that the real stores and rails give when they fail.

use super::plan::Service;
use crate::rails;
use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

fn error(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    response
}

/// An internal error: it says nothing about whether the call was done.
pub(super) fn internal(service: Service) -> Response {
    if let Some(rail) = service.rail() {
        return rails::internal(rail);
    }
    let tables = service == Service::Dynamodb;
    let kind = if tables { "com.amazonaws.dynamodb.v20120810#InternalServerError" } else { "com.amazonaws.sqs#InternalFailure" };
    error(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "__type": kind, "message": "Internal server error" }))
}

/// Too many requests: the call was not done.
pub(super) fn throttled(service: Service) -> Response {
    if let Some(rail) = service.rail() {
        return rails::throttled(rail);
    }
    let tables = service == Service::Dynamodb;
    let kind = if tables {
        "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
    } else {
        "com.amazonaws.sqs#RequestThrottled"
    };
    error(StatusCode::BAD_REQUEST, &json!({ "__type": kind, "message": "The level of requests is too high" }))
}

/// Another transaction holds an item: one of the request's own slots where it is a transaction, the one item else. At a rail, another
/// request has the key.
pub(super) fn conflict(service: Service, request: &Bytes, draw: u64) -> Response {
    if let Some(rail) = service.rail() {
        return rails::locked(rail);
    }
    let request: Value = serde_json::from_slice(request).unwrap_or(Value::Null);
    let Some(items) = request.get("TransactItems").and_then(Value::as_array) else {
        let kind = "com.amazonaws.dynamodb.v20120810#TransactionConflictException";
        return error(StatusCode::BAD_REQUEST, &json!({ "__type": kind, "message": "Transaction is ongoing for the item" }));
    };
    let slots = u64::try_from(items.len()).unwrap_or(1).max(1);
    let taken = draw % slots;
    let reasons: Vec<Value> = (0..slots)
        .map(|slot| {
            if slot == taken {
                json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" })
            } else {
                json!({ "Code": "None" })
            }
        })
        .collect();
    let codes: Vec<&str> = (0..slots).map(|slot| if slot == taken { "TransactionConflict" } else { "None" }).collect();
    let message = format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    error(StatusCode::BAD_REQUEST, &json!({ "__type": kind, "Message": message, "CancellationReasons": reasons }))
}

/// A reply that breaks off before its body: the caller cannot know what became of the call.
pub(super) fn broken() -> Response {
    let body = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("broken on purpose")) });
    let mut response = Response::new(Body::from_stream(body));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("64"));
    response
}
