//! `AWS::SQS::Queue`.

use super::{
    TemplateError,
    intrinsic::Names,
    node::{Fields, Node},
    spec::{QueueSpec, Redrive},
};
use std::time::Duration;

const PROPERTIES: Fields<'static> = Fields {
    read: &["QueueName", "VisibilityTimeout", "MessageRetentionPeriod", "MaximumMessageSize", "RedrivePolicy"],
    cloud_only: &["SqsManagedSseEnabled", "Tags"],
};

/// Reads one queue.
pub(super) fn read(id: &str, resource: &Node<'_>, names: &Names) -> Result<QueueSpec, TemplateError> {
    let properties = resource.need("Properties")?;
    properties.only(&PROPERTIES)?;
    let seconds = |key: &str, range, default| match properties.get(key) {
        Some(node) => node.integer(range).map(Duration::from_secs),
        None => Ok(Duration::from_secs(default)),
    };
    Ok(QueueSpec {
        id: id.to_owned(),
        name: names.plain(&properties.need("QueueName")?)?,
        visibility: seconds("VisibilityTimeout", 0..=43_200, 30)?,
        retention: seconds("MessageRetentionPeriod", 60..=1_209_600, 345_600)?,
        message_bytes_max: properties.get("MaximumMessageSize").map(|node| node.integer(1_024..=1_048_576)).transpose()?,
        redrive: properties.get("RedrivePolicy").map(|policy| redrive(&policy, names)).transpose()?,
    })
}

fn redrive(policy: &Node<'_>, names: &Names) -> Result<Redrive, TemplateError> {
    policy.only(&Fields { read: &["deadLetterTargetArn", "maxReceiveCount"], cloud_only: &[] })?;
    let target = policy.need("deadLetterTargetArn")?;
    let id = names.queue_of_arn(&target)?;
    let name = names.queues.get(&id).ok_or_else(|| target.error("is not a queue"))?;
    Ok(Redrive { dead_letter_queue: name.clone(), receives_max: policy.need("maxReceiveCount")?.integer(1..=1000)? })
}
