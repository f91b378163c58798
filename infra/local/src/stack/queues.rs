//! The queues, through the SDK, whoever holds them.

use crate::template::{QueueSpec, REGION, queue_arn};
use aws_sdk_sqs::{
    Client,
    config::{Credentials, Region},
    error::DisplayErrorContext,
    types::QueueAttributeName,
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// A queue does not answer, or not as it should.
#[derive(Debug, thiserror::Error)]
#[error("queue {queue}: {problem}")]
pub struct QueuesError {
    /// The queue's name.
    pub queue: String,
    /// What it said.
    pub problem: String,
}

/// How many messages a queue holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Depth {
    /// Ready to be received.
    pub visible: u64,
    /// Received, not yet deleted.
    pub in_flight: u64,
    /// Not yet ready.
    pub delayed: u64,
}

/// The queue of what is to be done about payouts: an errand may wait there for its time, for hours where payouts are
/// switched off, and is no backlog meanwhile.
const ERRANDS: &str = "PayoutsQueue";

/// The queues of a stack.
pub struct Queues {
    client: Client,
    /// Logical id → URL.
    urls: BTreeMap<String, String>,
    /// Logical id → name.
    names: BTreeMap<String, String>,
    /// Logical ids of those that a function consumes.
    consumed: Vec<String>,
    /// How many wait for them to run empty.
    draining: AtomicUsize,
    /// Tells that another one waits.
    hurried: Notify,
}

impl Queues {
    /// Makes every queue that is missing, and gives all the template's attributes.
    pub(super) async fn ensure(endpoint: &str, specs: &[QueueSpec], mut consumed: Vec<String>) -> Result<Self, QueuesError> {
        let client = client(endpoint);
        // A queue is looked at before its dead letters: a message that moves on meanwhile is then seen there, not missed twice.
        consumed.sort_by_key(|id| specs.iter().any(|spec| spec.id == *id && spec.redrive.is_none()));
        let mut urls = BTreeMap::new();
        for spec in specs {
            let url = ensure(&client, spec).await.map_err(|problem| QueuesError { queue: spec.name.clone(), problem })?;
            urls.insert(spec.id.clone(), url);
        }
        let names = specs.iter().map(|spec| (spec.id.clone(), spec.name.clone())).collect();
        Ok(Self { client, urls, names, consumed, draining: AtomicUsize::new(0), hurried: Notify::new() })
    }

    /// The client that they are reached with.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The URL of a queue, by its logical id.
    #[must_use]
    pub fn url(&self, id: &str) -> Option<&str> {
        self.urls.get(id).map(String::as_str)
    }

    /// The depth of each queue, by name.
    ///
    /// # Errors
    /// Where a queue does not answer.
    pub async fn depths(&self) -> Result<BTreeMap<String, Depth>, QueuesError> {
        let mut depths = BTreeMap::new();
        for (id, name) in &self.names {
            depths.insert(name.clone(), self.depth(id).await?);
        }
        Ok(depths)
    }

    /// Waits until no queue that a function consumes has a message in any state. False where `longest` was not enough.
    ///
    /// # Errors
    /// Where a queue does not answer.
    pub async fn drain(&self, longest: Duration, poll: Duration) -> Result<bool, QueuesError> {
        self.hurry(longest, poll, false).await
    }

    /// As [`Queues::drain`], but what is to be seen later may stay: only the clock can bring it.
    ///
    /// # Errors
    /// Where a queue does not answer.
    pub async fn drain_due(&self, longest: Duration, poll: Duration) -> Result<bool, QueuesError> {
        self.hurry(longest, poll, true).await
    }

    async fn hurry(&self, longest: Duration, poll: Duration, later_may_stay: bool) -> Result<bool, QueuesError> {
        self.draining.fetch_add(1, Ordering::SeqCst);
        self.hurried.notify_waiters();
        let drained = self.wait_until_empty(longest, poll, later_may_stay).await;
        self.draining.fetch_sub(1, Ordering::SeqCst);
        drained
    }

    /// Waits until somebody waits for the queues to run empty: then no batch needs to wait for more messages.
    pub(crate) async fn hurried(&self) {
        let begins = self.hurried.notified();
        tokio::pin!(begins);
        // From here on no beginning is missed.
        begins.as_mut().enable();
        if self.draining.load(Ordering::SeqCst) == 0 {
            begins.await;
        }
    }

    async fn wait_until_empty(&self, longest: Duration, poll: Duration, later_may_stay: bool) -> Result<bool, QueuesError> {
        let end = Instant::now() + longest;
        loop {
            let mut empty = true;
            for id in &self.consumed {
                let depth = self.depth(id).await?;
                let later = later_may_stay || id == ERRANDS || depth.delayed == 0;
                empty = depth.visible == 0 && depth.in_flight == 0 && later;
                // The others are asked again anyway.
                if !empty {
                    break;
                }
            }
            if empty {
                return Ok(true);
            }
            if Instant::now() >= end {
                return Ok(false);
            }
            tokio::time::sleep(poll).await;
        }
    }

    async fn depth(&self, id: &str) -> Result<Depth, QueuesError> {
        let error = |problem: String| QueuesError { queue: self.names.get(id).cloned().unwrap_or_default(), problem };
        let output = self
            .client
            .get_queue_attributes()
            .set_queue_url(self.urls.get(id).cloned())
            .attribute_names(QueueAttributeName::All)
            .send()
            .await
            .map_err(|problem| error(DisplayErrorContext(problem).to_string()))?;
        let count = |name: &QueueAttributeName| {
            let text = output.attributes().and_then(|attributes| attributes.get(name));
            text.and_then(|text| text.parse().ok()).ok_or_else(|| error(format!("says nothing about {name}")))
        };
        Ok(Depth {
            visible: count(&QueueAttributeName::ApproximateNumberOfMessages)?,
            in_flight: count(&QueueAttributeName::ApproximateNumberOfMessagesNotVisible)?,
            delayed: count(&QueueAttributeName::ApproximateNumberOfMessagesDelayed)?,
        })
    }
}

/// A client for an endpoint on this machine. Its credentials are names, not secrets: nothing checks them.
fn client(endpoint: &str) -> Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version_latest()
        .endpoint_url(endpoint)
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new(crate::ACCESS_KEY, crate::ACCESS_KEY, None, None, "local"))
        .build();
    Client::from_conf(config)
}

/// A queue that is there with other attributes, after a change of the template, gets the new ones.
async fn ensure(client: &Client, spec: &QueueSpec) -> Result<String, String> {
    let wanted = attributes(spec);
    let created = client.create_queue().queue_name(&spec.name).set_attributes(Some(wanted.clone())).send().await;
    let error = match created {
        Ok(output) => return output.queue_url.ok_or_else(|| "was made without a URL".into()),
        Err(error) => error,
    };
    if !error.as_service_error().is_some_and(|error| error.is_queue_name_exists()) {
        return Err(DisplayErrorContext(error).to_string());
    }
    let found = client.get_queue_url().queue_name(&spec.name).send().await;
    let url = found.map_err(|error| DisplayErrorContext(error).to_string())?.queue_url;
    let url = url.ok_or("has no URL")?;
    let set = client.set_queue_attributes().queue_url(&url).set_attributes(Some(wanted.into_iter().collect())).send().await;
    set.map(|_| url).map_err(|error| DisplayErrorContext(error).to_string())
}

fn attributes(spec: &QueueSpec) -> std::collections::HashMap<QueueAttributeName, String> {
    let mut attributes = std::collections::HashMap::from([
        (QueueAttributeName::VisibilityTimeout, spec.visibility.as_secs().to_string()),
        (QueueAttributeName::MessageRetentionPeriod, spec.retention.as_secs().to_string()),
    ]);
    if let Some(bytes) = spec.message_bytes_max {
        attributes.insert(QueueAttributeName::MaximumMessageSize, bytes.to_string());
    }
    if let Some(redrive) = &spec.redrive {
        let policy = json!({
            "deadLetterTargetArn": queue_arn(&redrive.dead_letter_queue),
            "maxReceiveCount": redrive.receives_max,
        });
        attributes.insert(QueueAttributeName::RedrivePolicy, policy.to_string());
    }
    attributes
}
