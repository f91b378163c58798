//! Amazon SQS.

use super::{Outgoing, Queue, QueueError, batches::batches};
use crate::{
    Error,
    aws::Settings,
    config::{ConfigError, Env},
    ids::{IdSource, SystemIds},
};
use aws_sdk_sqs::{
    Client,
    config::{Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig},
    error::DisplayErrorContext,
    types::SendMessageBatchRequestEntry,
};
use futures::future::BoxFuture;
use std::time::Duration;

/// How often one batch is sent before its rest is given up.
const TRIES: u32 = 4;
/// The longest wait before the second try; it doubles with each.
const WAIT_MS: u64 = 50;

/// A client with the function's own credentials and short patience: the caller of a webhook waits on it.
///
/// # Errors
/// [`ConfigError`] when region or credentials are missing.
pub fn sqs_client(env: &Env) -> Result<Client, ConfigError> {
    let settings = Settings::from_env(env, "SQS")?;
    let session = settings.session_token.map(|token| token.expose().to_owned());
    let credentials = Credentials::new(settings.access_key_id, settings.secret_access_key.expose(), session, None, "environment");
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(8))
        .build();
    let mut config = aws_sdk_sqs::Config::builder()
        .region(Region::new(settings.region))
        .credentials_provider(credentials)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(WAIT_MS)));
    config.set_endpoint_url(settings.endpoint);
    Ok(Client::from_conf(config.build()))
}

/// One SQS queue.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    /// The queue at `url`.
    #[must_use]
    pub const fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// The queue whose URL is in that variable: `FACTS_QUEUE_URL`.
    ///
    /// # Errors
    /// [`ConfigError`] when it, the region or the credentials are missing.
    pub fn from_env(env: &Env, url_variable: &str) -> Result<Self, ConfigError> {
        Ok(Self::new(sqs_client(env)?, env.text(url_variable)?))
    }

    /// Sends one batch. What the queue refused of it is sent again, after a random wait; what came through is not.
    async fn send_batch(&self, batch: Vec<Outgoing>) -> Result<(), QueueError> {
        let mut left = batch;
        let mut reason = String::new();
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(jitter(attempt)).await;
            }
            let sent = self.try_batch(&left).await;
            let outcome = sent.map_err(|source| QueueError::Unavailable { unsent: left.len(), source })?;
            left = outcome.unsent.into_iter().filter_map(|place| left.get(place).cloned()).collect();
            reason = outcome.reason;
            if left.is_empty() {
                return Ok(());
            }
            if outcome.hopeless {
                break;
            }
        }
        Err(QueueError::Unavailable { unsent: left.len(), source: reason.into() })
    }

    async fn try_batch(&self, batch: &[Outgoing]) -> Result<Outcome, Error> {
        let entries = batch.iter().enumerate().map(|(place, message)| {
            let entry = SendMessageBatchRequestEntry::builder().id(place.to_string()).message_body(&message.body);
            entry.set_delay_seconds(Some(i32::from(message.delay_seconds)).filter(|delay| *delay > 0)).build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let request = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
        let answer = request.send().await.map_err(|error| DisplayErrorContext(&error).to_string())?;
        // Only what is confirmed by name is sent: an entry that the answer forgets is sent again.
        let confirmed: Vec<_> = answer.successful().iter().map(|entry| entry.id().to_owned()).collect();
        let unsent = (0..batch.len()).filter(|place| !confirmed.contains(&place.to_string())).collect();
        let failed = answer.failed();
        let reason = failed.first().map_or_else(|| "the answer leaves it out".to_owned(), |entry| entry.code().to_owned());
        Ok(Outcome { unsent, hopeless: failed.iter().any(aws_sdk_sqs::types::BatchResultErrorEntry::sender_fault), reason })
    }
}

/// What became of one batch.
struct Outcome {
    /// Places of the messages that the queue does not have.
    unsent: Vec<usize>,
    /// Whether the queue says that one of them is our mistake, so that trying again can't help.
    hopeless: bool,
    reason: String,
}

impl Queue for SqsQueue {
    fn send<'a>(&'a self, messages: Vec<Outgoing>) -> BoxFuture<'a, Result<(), QueueError>> {
        Box::pin(async move {
            let mut unsent = messages.len();
            for batch in batches(messages)? {
                let size = batch.len();
                self.send_batch(batch).await.map_err(|error| whole(error, unsent - size))?;
                unsent -= size;
            }
            Ok(())
        })
    }
}

/// Counts the batches that were not tried any more.
fn whole(error: QueueError, untried: usize) -> QueueError {
    match error {
        QueueError::Unavailable { unsent, source } => QueueError::Unavailable { unsent: unsent + untried, source },
        QueueError::Unsendable { reason } => QueueError::Unsendable { reason },
    }
}

/// Any wait from none to the longest of this attempt, so that senders who were refused together don't come back together.
fn jitter(attempt: u32) -> Duration {
    let longest = WAIT_MS << attempt.min(6);
    let random = u64::from_be_bytes(SystemIds.bytes16().first_chunk().copied().unwrap_or_default());
    Duration::from_millis(random % (longest + 1))
}

#[cfg(test)]
#[path = "sqs_tests.rs"]
mod tests;
