//! A queue's settings: their defaults, ranges, and the names and texts that AWS uses for them.

use std::{collections::BTreeMap, ops::RangeInclusive};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    error::Refusal,
    limits::{DELAY_SECONDS_MAX, MESSAGE_BYTES_MAX, VISIBILITY_SECONDS_MAX, WAIT_SECONDS_MAX},
    names,
};

/// The smallest `MaximumMessageSize`, in bytes.
const MESSAGE_BYTES_LIMIT_MIN: u32 = 1_024;
/// A message is kept for a minute to 14 days, in seconds.
const RETENTION_SECONDS: RangeInclusive<u32> = 60..=1_209_600;
const RECEIVES_MAX: RangeInclusive<u32> = 1..=1_000;

/// The settings of one queue, as they are stored with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct QueueAttributes {
    /// How long a received message stays hidden, in seconds.
    pub(super) visibility_timeout_seconds: u32,
    /// How long a sent message stays hidden, in seconds.
    pub(super) delay_seconds: u32,
    /// How long a message is kept after it was sent, in seconds.
    pub(super) retention_seconds: u32,
    /// How long a receive waits for a message where it does not say so itself, in seconds.
    pub(super) wait_seconds: u32,
    /// The largest message, in bytes.
    pub(super) message_bytes_max: u32,
    /// Kept and told back; nothing is encrypted here.
    pub(super) managed_encryption: bool,
    /// Where messages go that were received too often.
    pub(super) redrive: Option<RedrivePolicy>,
}

/// After `receives_max` receives a message belongs to the dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RedrivePolicy {
    /// Name of the dead-letter queue.
    pub(super) dead_letter_queue: String,
    /// How often a message is delivered before it is moved.
    pub(super) receives_max: u32,
}

impl Default for QueueAttributes {
    fn default() -> Self {
        Self {
            visibility_timeout_seconds: 30,
            delay_seconds: 0,
            retention_seconds: 345_600,
            wait_seconds: 0,
            message_bytes_max: u32::try_from(MESSAGE_BYTES_MAX).unwrap_or(u32::MAX),
            managed_encryption: true,
            redrive: None,
        }
    }
}

impl QueueAttributes {
    /// These settings with those of a request laid over them. Nothing is changed where one of them is wrong.
    pub(super) fn with(&self, given: &BTreeMap<String, String>) -> Result<Self, Refusal> {
        let mut changed = self.clone();
        for (name, value) in given {
            changed.set(name, value)?;
        }
        Ok(changed)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let number = |range: RangeInclusive<u32>| {
            value.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| Refusal::InvalidAttributeValue(name.to_owned()))
        };
        match name {
            "VisibilityTimeout" => {
                self.visibility_timeout_seconds = number(0..=VISIBILITY_SECONDS_MAX)?;
            }
            "DelaySeconds" => self.delay_seconds = number(0..=DELAY_SECONDS_MAX)?,
            "MessageRetentionPeriod" => self.retention_seconds = number(RETENTION_SECONDS)?,
            "ReceiveMessageWaitTimeSeconds" => self.wait_seconds = number(0..=WAIT_SECONDS_MAX)?,
            "MaximumMessageSize" => {
                let largest = Self::default().message_bytes_max;
                self.message_bytes_max = number(MESSAGE_BYTES_LIMIT_MIN..=largest)?;
            }
            "SqsManagedSseEnabled" => {
                self.managed_encryption = value.parse().map_err(|_| Refusal::InvalidAttributeValue(name.to_owned()))?;
            }
            "RedrivePolicy" => self.redrive = RedrivePolicy::parse(value)?,
            // Real attributes of AWS that would have no effect here: better refused than believed.
            "Policy" | "RedriveAllowPolicy" | "KmsMasterKeyId" | "KmsDataKeyReusePeriodSeconds" => {
                return Err(Refusal::UnsupportedOperation(format!("The attribute {name} is not supported by the local stack.")));
            }
            _ => return Err(Refusal::InvalidAttributeName(name.to_owned())),
        }
        Ok(())
    }

    /// The settings in AWS's names and texts.
    pub(super) fn texts(&self) -> BTreeMap<&'static str, String> {
        let mut texts = BTreeMap::from([
            ("VisibilityTimeout", self.visibility_timeout_seconds.to_string()),
            ("DelaySeconds", self.delay_seconds.to_string()),
            ("MessageRetentionPeriod", self.retention_seconds.to_string()),
            ("ReceiveMessageWaitTimeSeconds", self.wait_seconds.to_string()),
            ("MaximumMessageSize", self.message_bytes_max.to_string()),
            ("SqsManagedSseEnabled", self.managed_encryption.to_string()),
        ]);
        if let Some(redrive) = &self.redrive {
            texts.insert("RedrivePolicy", redrive.text());
        }
        texts
    }

    /// The name of the first setting in which two queues differ.
    pub(super) fn first_difference(&self, other: &Self) -> Option<&'static str> {
        let (mine, theirs) = (self.texts(), other.texts());
        mine.keys().chain(theirs.keys()).find(|name| mine.get(*name) != theirs.get(*name)).copied()
    }
}

impl RedrivePolicy {
    /// Reads the attribute's JSON; an empty text removes the policy. `maxReceiveCount` may be a number or a text.
    fn parse(text: &str) -> Result<Option<Self>, Refusal> {
        if text.is_empty() {
            return Ok(None);
        }
        let invalid = |reason: &str| Refusal::value(text, "RedrivePolicy", reason);
        let policy: Value = serde_json::from_str(text).map_err(|_| Refusal::InvalidAttributeValue("RedrivePolicy".to_owned()))?;
        let queue = policy["deadLetterTargetArn"]
            .as_str()
            .ok_or_else(|| invalid("Redrive policy does not contain mandatory attribute: deadLetterTargetArn."))?;
        let queue = names::queue_of_arn(queue).ok_or_else(|| invalid("Invalid value for deadLetterTargetArn."))?;
        let count = &policy["maxReceiveCount"];
        let count = count
            .as_u64()
            .or_else(|| count.as_str().and_then(|text| text.parse().ok()))
            .and_then(|count| u32::try_from(count).ok())
            .filter(|count| RECEIVES_MAX.contains(count))
            .ok_or_else(|| invalid("Invalid value for maxReceiveCount: must be between 1 and 1000."))?;
        Ok(Some(Self { dead_letter_queue: queue.to_owned(), receives_max: count }))
    }

    fn text(&self) -> String {
        json!({
            "deadLetterTargetArn": names::arn(&self.dead_letter_queue),
            "maxReceiveCount": self.receives_max,
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn with(name: &str, value: &str) -> Result<QueueAttributes, Refusal> {
        QueueAttributes::default().with(&BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn every_setting_keeps_its_range() {
        for (name, low, high) in [
            ("VisibilityTimeout", 0, 43_200),
            ("DelaySeconds", 0, 900),
            ("MessageRetentionPeriod", 60, 1_209_600),
            ("ReceiveMessageWaitTimeSeconds", 0, 20),
            ("MaximumMessageSize", 1_024, 1_048_576),
        ] {
            for good in [low, high] {
                let texts = with(name, &good.to_string()).unwrap().texts();
                assert_eq!(texts.get(name), Some(&good.to_string()));
            }
            for bad in [(low - 1).to_string(), (high + 1).to_string(), "x".to_owned()] {
                let refused = Err(Refusal::InvalidAttributeValue(name.to_owned()));
                assert_eq!(with(name, &bad), refused, "{name} {bad}");
            }
        }
    }

    #[test]
    fn unknown_and_unsupported_settings_are_told_apart() {
        assert!(matches!(with("Nonsense", "1"), Err(Refusal::InvalidAttributeName(_))));
        assert!(matches!(with("FifoQueue", "true"), Err(Refusal::InvalidAttributeName(_))));
        assert!(matches!(with("Policy", "{}"), Err(Refusal::UnsupportedOperation(_))));
        assert!(matches!(with("SqsManagedSseEnabled", "maybe"), Err(Refusal::InvalidAttributeValue(_))));
    }

    #[test]
    fn a_redrive_policy_is_read_written_and_removed() {
        let dlq = names::arn("dead");
        for count in ["5", "\"5\""] {
            let policy = format!(r#"{{"deadLetterTargetArn":"{dlq}","maxReceiveCount":{count}}}"#);
            let read = with("RedrivePolicy", &policy).unwrap();
            assert_eq!(read.redrive, Some(RedrivePolicy { dead_letter_queue: "dead".to_owned(), receives_max: 5 }));
            assert_eq!(read.texts()["RedrivePolicy"], format!(r#"{{"deadLetterTargetArn":"{dlq}","maxReceiveCount":5}}"#));
            let none = BTreeMap::from([("RedrivePolicy".to_owned(), String::new())]);
            assert_eq!(read.with(&none).unwrap().redrive, None);
        }
    }

    #[test]
    fn a_wrong_redrive_policy_is_refused() {
        let dlq = names::arn("dead");
        for bad in [
            "nonsense".to_owned(),
            "[]".to_owned(),
            format!(r#"{{"deadLetterTargetArn":"{dlq}"}}"#),
            r#"{"maxReceiveCount":5}"#.to_owned(),
            format!(r#"{{"deadLetterTargetArn":"{dlq}","maxReceiveCount":0}}"#),
            format!(r#"{{"deadLetterTargetArn":"{dlq}","maxReceiveCount":1001}}"#),
            r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:1:dead","maxReceiveCount":5}"#.to_owned(),
        ] {
            assert!(with("RedrivePolicy", &bad).is_err(), "{bad}");
        }
    }
}
