//! The AWS JSON 1.0 protocol: the operation is in a header, errors carry their type in the body and their older code
//! in another header.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{error::Refusal, receipts, server::SqsServer};

/// JSON may take six bytes for one of a body of 1 MiB; attributes and handles come on top.
const REQUEST_BYTES_MAX: usize = 8 * 1_048_576;
const TARGET: &str = "x-amz-target";
const TARGET_PREFIX: &str = "AmazonSQS.";
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
const QUERY_ERROR: &str = "x-amzn-query-error";
const REQUEST_ID: &str = "x-amzn-requestid";

static REQUESTS: AtomicU64 = AtomicU64::new(0);

pub(super) fn router(server: Arc<SqsServer>) -> Router {
    Router::new().fallback(handle).layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX)).with_state(server)
}

async fn handle(State(server): State<Arc<SqsServer>>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
    let request_id = receipts::uuid(&format!("request:{number}"));
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let operation = text(TARGET).and_then(|target| target.strip_prefix(TARGET_PREFIX)).unwrap_or_default();
    let base = format!("http://{}", text("host").unwrap_or("127.0.0.1"));
    let outcome = match body {
        Ok(body) => answer(&server, operation, &body, &base).await,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Refusal::RequestTooLarge),
        Err(_) => Err(Refusal::MalformedInput("The body could not be read.".to_owned())),
    };
    match outcome {
        Ok(reply) => reply_with(StatusCode::OK, &request_id, &reply).into_response(),
        Err(refusal) => refuse(&refusal, &request_id),
    }
}

async fn answer(server: &SqsServer, operation: &str, body: &[u8], base: &str) -> Result<Value, Refusal> {
    match operation {
        "CreateQueue" => server.create_queue(read(body)?, base).await,
        "GetQueueUrl" => server.get_queue_url(read(body)?, base).await,
        "ListQueues" => server.list_queues(read(body)?, base).await,
        "GetQueueAttributes" => server.get_queue_attributes(read(body)?).await,
        "SetQueueAttributes" => server.set_queue_attributes(read(body)?).await,
        "PurgeQueue" => server.purge_queue(read(body)?).await,
        "SendMessage" => server.send_message(read(body)?).await,
        "SendMessageBatch" => server.send_message_batch(read(body)?).await,
        "ReceiveMessage" => server.receive_message(read(body)?).await,
        "DeleteMessage" => server.delete_message(read(body)?).await,
        "DeleteMessageBatch" => server.delete_message_batch(read(body)?).await,
        "ChangeMessageVisibility" => server.change_message_visibility(read(body)?).await,
        "ChangeMessageVisibilityBatch" => server.change_message_visibility_batch(read(body)?).await,
        "StartMessageMoveTask" => server.start_message_move_task(read(body)?).await,
        "AddPermission"
        | "CancelMessageMoveTask"
        | "DeleteQueue"
        | "ListDeadLetterSourceQueues"
        | "ListMessageMoveTasks"
        | "ListQueueTags"
        | "RemovePermission"
        | "TagQueue"
        | "UntagQueue" => Err(Refusal::UnsupportedOperation(format!("The operation {operation} is not supported by the local stack."))),
        _ => Err(Refusal::UnknownOperation(operation.to_owned())),
    }
}

/// Reads a request. The message names what is wrong with the form, never the content.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = if body.is_empty() { b"{}" } else { body };
    // An array would be read as a struct's fields in their order.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Refusal::MalformedInput("The request must be a JSON object.".to_owned()));
    }
    serde_json::from_slice(body).map_err(|error| {
        Refusal::MalformedInput(format!("The request could not be read at line {} column {}.", error.line(), error.column()))
    })
}

fn refuse(refusal: &Refusal, request_id: &str) -> Response {
    let (status, shape, code) = refusal.names();
    let fault = if refusal.is_sender_fault() { "Sender" } else { "Receiver" };
    let body = json!({ "__type": shape, "message": refusal.to_string() });
    ([(QUERY_ERROR, format!("{code};{fault}"))], reply_with(status, request_id, &body)).into_response()
}

fn reply_with(status: StatusCode, request_id: &str, body: &Value) -> impl IntoResponse + use<> {
    (status, [(header::CONTENT_TYPE.as_str(), CONTENT_TYPE.to_owned()), (REQUEST_ID, request_id.to_owned())], body.to_string())
}
