//! Messages as an event for a function, and its answer.

use aws_sdk_sqs::types::{Message, MessageAttributeValue};
use base64::Engine as _;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The `Records` of an SQS event.
pub(super) fn event(messages: &[Message], queue_arn: &str, region: &str) -> Bytes {
    let records: Vec<Value> = messages.iter().map(|message| record(message, queue_arn, region)).collect();
    Bytes::from(json!({ "Records": records }).to_string())
}

fn record(message: &Message, queue_arn: &str, region: &str) -> Value {
    let attributes: Map<String, Value> =
        message.attributes().into_iter().flatten().map(|(name, value)| (name.as_str().to_owned(), Value::from(value.as_str()))).collect();
    let message_attributes: Map<String, Value> =
        message.message_attributes().into_iter().flatten().map(|(name, value)| (name.clone(), attribute(value))).collect();
    json!({
        "messageId": message.message_id(),
        "receiptHandle": message.receipt_handle(),
        "body": message.body(),
        "attributes": attributes,
        "messageAttributes": message_attributes,
        "md5OfBody": message.md5_of_body(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    })
}

fn attribute(value: &MessageAttributeValue) -> Value {
    let binary = value.binary_value().map(|blob| base64::engine::general_purpose::STANDARD.encode(blob.as_ref()));
    json!({
        "dataType": value.data_type(),
        "stringValue": value.string_value(),
        "binaryValue": binary,
        "stringListValues": [],
        "binaryListValues": [],
    })
}

/// What an answer means for the batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Every message is done, but those with these ids.
    Failed(BTreeSet<String>),
    /// The answer cannot be read: none is done.
    WholeBatch,
}

/// Reads `batchItemFailures` as Lambda does: what it cannot understand fails the whole batch.
pub(super) fn verdict(answer: &Bytes) -> Verdict {
    let value: Value = match serde_json::from_slice(answer) {
        Ok(value) => value,
        Err(_) if answer.is_empty() => Value::Null,
        Err(_) => return Verdict::WholeBatch,
    };
    let failures = match value.get("batchItemFailures") {
        None | Some(Value::Null) => return Verdict::Failed(BTreeSet::new()),
        Some(Value::Array(failures)) => failures,
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => return Verdict::WholeBatch,
    };
    failures
        .iter()
        .map(|failure| {
            let id = failure.get("itemIdentifier").and_then(Value::as_str);
            id.filter(|id| !id.is_empty()).map(str::to_owned)
        })
        .collect::<Option<BTreeSet<String>>>()
        .map_or(Verdict::WholeBatch, Verdict::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_what_failed() {
        let failed = |ids: &[&str]| Verdict::Failed(ids.iter().map(|id| (*id).to_owned()).collect());
        let rows = [
            ("", failed(&[])),
            ("null", failed(&[])),
            ("{}", failed(&[])),
            (r#"{"batchItemFailures":[]}"#, failed(&[])),
            (r#"{"batchItemFailures":null}"#, failed(&[])),
            (r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}"#, failed(&["a", "b"])),
            (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, Verdict::WholeBatch),
            (r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, Verdict::WholeBatch),
            (r#"{"batchItemFailures":[{}]}"#, Verdict::WholeBatch),
            (r#"{"batchItemFailures":"a"}"#, Verdict::WholeBatch),
            ("not json", Verdict::WholeBatch),
        ];
        for (answer, expected) in rows {
            assert_eq!(verdict(&Bytes::from(answer)), expected, "{answer}");
        }
    }
}
