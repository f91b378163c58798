//! The requests' fields. Everything is optional here, so that a missing field gets AWS's own refusal.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    digests,
    error::Refusal,
    limits,
    message_attributes::{self, MessageAttributes},
    messages::NewMessage,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateQueue {
    pub(super) queue_name: Option<String>,
    pub(super) attributes: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueUrl {
    pub(super) queue_name: Option<String>,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    pub(super) owner: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListQueues {
    pub(super) queue_name_prefix: Option<String>,
    pub(super) max_results: Option<i64>,
    pub(super) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueAttributes {
    pub(super) queue_url: Option<String>,
    pub(super) attribute_names: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetQueueAttributes {
    pub(super) queue_url: Option<String>,
    pub(super) attributes: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PurgeQueue {
    pub(super) queue_url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendMessage {
    pub(super) queue_url: Option<String>,
    #[serde(flatten)]
    pub(super) message: MessageFields,
}

/// What a message is made of, in a request of its own or in an entry of a batch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MessageFields {
    message_body: Option<String>,
    delay_seconds: Option<i64>,
    message_attributes: Option<MessageAttributes>,
    message_system_attributes: Option<MessageAttributes>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReceiveMessage {
    pub(super) queue_url: Option<String>,
    pub(super) max_number_of_messages: Option<i64>,
    pub(super) visibility_timeout: Option<i64>,
    pub(super) wait_time_seconds: Option<i64>,
    /// The older name of the system attributes' list.
    pub(super) attribute_names: Option<Vec<String>>,
    pub(super) message_system_attribute_names: Option<Vec<String>>,
    pub(super) message_attribute_names: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteMessage {
    pub(super) queue_url: Option<String>,
    pub(super) receipt_handle: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeMessageVisibility {
    pub(super) queue_url: Option<String>,
    pub(super) receipt_handle: Option<String>,
    pub(super) visibility_timeout: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StartMessageMoveTask {
    pub(super) source_arn: Option<String>,
    pub(super) destination_arn: Option<String>,
    pub(super) max_number_of_messages_per_second: Option<i64>,
}

/// A batch of any kind; the entries differ in what they carry beside their id.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", bound = "Fields: Deserialize<'de>")]
pub(super) struct Batch<Fields> {
    pub(super) queue_url: Option<String>,
    pub(super) entries: Option<Vec<Entry<Fields>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", bound = "Fields: Deserialize<'de>")]
pub(super) struct Entry<Fields> {
    #[serde(default)]
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) fields: Fields,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReceiptFields {
    pub(super) receipt_handle: Option<String>,
    pub(super) visibility_timeout: Option<i64>,
}

/// The checksums that a sender is told.
#[derive(Debug, Clone)]
pub(super) struct Digests {
    pub(super) body: String,
    pub(super) attributes: Option<String>,
    pub(super) system_attributes: Option<String>,
}

impl MessageFields {
    /// Checks everything that needs no database.
    pub(super) fn check(self) -> Result<(NewMessage, Digests), Refusal> {
        let body = self.message_body.unwrap_or_default();
        limits::check_body(&body)?;
        for (value, parameter) in [(self.message_group_id, "MessageGroupId"), (self.message_deduplication_id, "MessageDeduplicationId")] {
            if let Some(value) = value {
                let reason = "The request include parameter that is not valid for this queue type.";
                return Err(Refusal::value(value, parameter, reason));
            }
        }
        let delay_seconds =
            self.delay_seconds.map(|delay| limits::in_range(delay, 0..=limits::DELAY_SECONDS_MAX, "DelaySeconds")).transpose()?;
        let attributes = self.message_attributes.unwrap_or_default();
        let attribute_bytes = message_attributes::check(&attributes)?;
        let system_attributes = self.message_system_attributes.unwrap_or_default();
        let trace_header = message_attributes::check_system(&system_attributes)?;
        let digests = Digests {
            body: digests::of_body(&body),
            attributes: digests::of_attributes(&attributes)?,
            system_attributes: digests::of_attributes(&system_attributes)?,
        };
        let message = NewMessage { bytes: body.len() + attribute_bytes, body, attributes, trace_header, delay_seconds };
        Ok((message, digests))
    }

    /// What the message adds to the size of its batch, whether it is valid or not.
    pub(super) fn bytes(&self) -> usize {
        let body = self.message_body.as_ref().map_or(0, String::len);
        let attributes = self.message_attributes.as_ref().and_then(|attributes| message_attributes::check(attributes).ok());
        body + attributes.unwrap_or_default()
    }
}
