//! What can go wrong: [`SqsError`] for the stack itself, [`Refusal`] for a client, as AWS words it.

use std::path::PathBuf;

use http::StatusCode;

/// Why the queues cannot be opened or asked from inside the process.
#[derive(Debug, thiserror::Error)]
pub enum SqsError {
    /// Another process (or another server of this one) has the file.
    #[error("the queue file {} is in use by another stack", .0.display())]
    InUse(PathBuf),
    /// The file was written by another version of the stack.
    #[error("the queue file has version {found}, this stack reads version {expected}")]
    Version {
        /// The version in the file.
        found: i64,
        /// The version of this code.
        expected: i64,
    },
    /// SQLite could not open or prepare the database.
    #[error("the queue database cannot be opened")]
    Database(#[from] rusqlite::Error),
    /// The thread that owns the database could not be started.
    #[error("the queue writer cannot be started")]
    Thread(#[from] std::io::Error),
    /// No queue has this name.
    #[error("there is no queue named {0}")]
    NoSuchQueue(String),
    /// The server was closed, or its database failed.
    #[error("the queues are not available")]
    Unavailable,
}

/// Why a request is refused. The display text is the `message` that the client reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("The specified queue does not exist.")]
    QueueDoesNotExist,
    #[error("A queue already exists with the same name and a different value for attribute {0}")]
    QueueNameExists(String),
    #[error("Unknown Attribute {0}.")]
    InvalidAttributeName(String),
    #[error("Invalid value for the parameter {0}.")]
    InvalidAttributeValue(String),
    #[error("{0}")]
    InvalidParameterValue(String),
    #[error("The request must contain the parameter {0}.")]
    MissingParameter(&'static str),
    #[error("Message content contains characters that are not allowed.")]
    InvalidMessageContents,
    #[error("The input receipt handle is invalid.")]
    ReceiptHandleIsInvalid,
    #[error("Only one PurgeQueue operation on {0} is allowed every 60 seconds.")]
    PurgeQueueInProgress(String),
    #[error("There should be at least one {0} in the request.")]
    EmptyBatchRequest(&'static str),
    #[error("Maximum number of entries per request are 10. You have sent {0}.")]
    TooManyEntriesInBatchRequest(usize),
    #[error(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
         It can be at most 80 letters long."
    )]
    InvalidBatchEntryId,
    #[error("Id {0} repeated.")]
    BatchEntryIdsNotDistinct(String),
    #[error("Batch requests cannot be longer than {limit} bytes. You have sent {sent} bytes.")]
    BatchRequestTooLong { limit: usize, sent: usize },
    #[error("The resource that you specified for the {0} parameter doesn't exist.")]
    ResourceNotFound(&'static str),
    #[error("{0}")]
    UnsupportedOperation(String),
    #[error("The action {0} is not valid for this endpoint.")]
    UnknownOperation(String),
    #[error("{0}")]
    MalformedInput(String),
    #[error("The request body is larger than the service reads.")]
    RequestTooLarge,
    /// The inside of the failure goes to the log, never to the client.
    #[error("The request has failed due to a temporary failure of the server.")]
    Unavailable,
}

impl Refusal {
    /// `Value … for parameter … is invalid. Reason: …`, the form most of AWS's refusals have.
    pub(super) fn value(value: impl std::fmt::Display, parameter: &str, reason: &str) -> Self {
        Self::InvalidParameterValue(format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"))
    }

    /// The error's three names on the wire: HTTP status, shape of the `__type` field, and the code of the older
    /// query protocol, which SDKs report through the `x-amzn-query-error` header.
    pub(super) fn names(&self) -> (StatusCode, &'static str, &'static str) {
        let bad = StatusCode::BAD_REQUEST;
        match self {
            Self::QueueDoesNotExist => (bad, "com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
            Self::QueueNameExists(_) => (bad, "com.amazonaws.sqs#QueueNameExists", "QueueAlreadyExists"),
            Self::InvalidAttributeName(_) => (bad, "com.amazonaws.sqs#InvalidAttributeName", "InvalidAttributeName"),
            Self::InvalidAttributeValue(_) => (bad, "com.amazonaws.sqs#InvalidAttributeValue", "InvalidAttributeValue"),
            Self::InvalidParameterValue(_) => (bad, "com.amazon.coral.service#InvalidParameterValueException", "InvalidParameterValue"),
            Self::MissingParameter(_) => (bad, "com.amazon.coral.service#MissingRequiredParameterException", "MissingParameter"),
            Self::InvalidMessageContents => (bad, "com.amazonaws.sqs#InvalidMessageContents", "InvalidMessageContents"),
            Self::ReceiptHandleIsInvalid => (StatusCode::NOT_FOUND, "com.amazonaws.sqs#ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
            Self::PurgeQueueInProgress(_) => {
                (StatusCode::FORBIDDEN, "com.amazonaws.sqs#PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress")
            }
            Self::EmptyBatchRequest(_) => (bad, "com.amazonaws.sqs#EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"),
            Self::TooManyEntriesInBatchRequest(_) => {
                (bad, "com.amazonaws.sqs#TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
            }
            Self::InvalidBatchEntryId => (bad, "com.amazonaws.sqs#InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"),
            Self::BatchEntryIdsNotDistinct(_) => {
                (bad, "com.amazonaws.sqs#BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
            }
            Self::BatchRequestTooLong { .. } => {
                (bad, "com.amazonaws.sqs#BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong")
            }
            Self::ResourceNotFound(_) => (bad, "com.amazonaws.sqs#ResourceNotFoundException", "ResourceNotFoundException"),
            Self::UnsupportedOperation(_) => (bad, "com.amazonaws.sqs#UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"),
            Self::UnknownOperation(_) => (bad, "com.amazon.coral.service#UnknownOperationException", "InvalidAction"),
            Self::MalformedInput(_) => (bad, "com.amazon.coral.service#SerializationException", "MalformedInput"),
            Self::RequestTooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "com.amazon.coral.service#RequestEntityTooLargeException", "RequestEntityTooLarge")
            }
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "com.amazon.coral.service#ServiceUnavailableException", "ServiceUnavailable")
            }
        }
    }

    /// Whether the client can mend it. A refusal that it cannot is worth a retry.
    pub(super) fn is_sender_fault(&self) -> bool {
        *self != Self::Unavailable
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "the queue database failed");
        Self::Unavailable
    }
}
