//! Lambda's event source mapping for SQS: receive, invoke, delete what was done.

use super::batch::{self, Verdict};
use crate::{
    clock::Clock,
    runtime::{Functions, PAYLOAD_BYTES_MAX},
    stack::Queues,
    template::{QueueSource, REGION},
};
use aws_sdk_sqs::{
    error::DisplayErrorContext,
    types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, watch},
    time::Instant,
};

/// The most messages of one receive, and of one delete.
const RECEIVE_MAX: usize = 10;

/// The longest long poll.
const WAIT_SECONDS_MAX: i32 = 20;

/// The pause after a queue that does not answer.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// How often a batch that is not full looks for more messages within its window.
const WINDOW_POLL: Duration = Duration::from_millis(50);

/// How often a delete is tried. What stays is delivered again, which consumers must bear anyway.
const DELETE_TRIES: u32 = 5;

/// Invocations at once where the template does not say.
const CONCURRENCY: usize = 10;

/// The bodies of one event, in bytes: half of what an event may have, since JSON escapes and attributes come on top.
const BODIES_MAX: usize = PAYLOAD_BYTES_MAX / 2;

/// Moves messages from one queue to one function.
pub(crate) struct Poller {
    pub(crate) function: String,
    pub(crate) source: QueueSource,
    pub(crate) queue_url: String,
    pub(crate) queue_arn: String,
    pub(crate) queues: Arc<Queues>,
    pub(crate) functions: Arc<Functions>,
    pub(crate) clock: Arc<Clock>,
}

impl Poller {
    /// Polls until `stopping` says so.
    pub(crate) async fn run(self, stopping: watch::Receiver<bool>) {
        let stop = crate::stopped(stopping);
        tokio::select! {
            () = stop => {}
            () = Arc::new(self).poll() => {}
        }
    }

    async fn poll(self: Arc<Self>) {
        let concurrency = self.source.concurrency_max.unwrap_or(CONCURRENCY);
        let permits = Arc::new(Semaphore::new(concurrency));
        // An error means that the semaphore was closed, which nobody does.
        // The permit comes first: no message is taken that no function is free for.
        while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
            let messages = self.gather().await;
            let poller = Arc::clone(&self);
            tokio::spawn(async move {
                for part in split(messages) {
                    poller.deliver(part).await;
                }
                drop(permit);
            });
        }
    }

    /// Waits for a message, then for the batch to fill or its window to end.
    async fn gather(&self) -> Vec<Message> {
        let mut messages = Vec::new();
        while messages.is_empty() {
            messages = self.receive(self.source.batch_size, WAIT_SECONDS_MAX).await;
        }
        let end = Instant::now() + self.source.window;
        loop {
            let room = self.source.batch_size.saturating_sub(messages.len());
            let left = end.saturating_duration_since(Instant::now());
            if room == 0 || left.is_zero() {
                return messages;
            }
            let more = self.receive(room, 0).await;
            if more.is_empty() {
                tokio::select! {
                    // Whoever waits for the queues to run empty sends nothing more.
                    () = self.queues.hurried() => return messages,
                    () = tokio::time::sleep(left.min(WINDOW_POLL)) => {}
                }
            }
            messages.extend(more);
        }
    }

    async fn receive(&self, room: usize, wait_seconds: i32) -> Vec<Message> {
        let most = i32::try_from(room.min(RECEIVE_MAX)).unwrap_or(1);
        let received = self
            .queues
            .client()
            .receive_message()
            .queue_url(&self.queue_url)
            .max_number_of_messages(most)
            .wait_time_seconds(wait_seconds)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All")
            .send()
            .await;
        match received {
            Ok(output) => output.messages.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(queue = self.queue_arn, error = %DisplayErrorContext(error), "no messages were received");
                tokio::time::sleep(RETRY_PAUSE).await;
                Vec::new()
            }
        }
    }

    /// Invokes the function with a batch, and deletes what it has done. The rest shows again after its visibility timeout.
    async fn deliver(&self, messages: Vec<Message>) {
        let event = batch::event(&messages, &self.queue_arn, REGION);
        let _flowing = self.clock.flowing().await;
        let failed = match self.functions.invoke(&self.function, event).await {
            Err(error) => {
                tracing::warn!(function = self.function, %error, messages = messages.len(), "the batch failed");
                return;
            }
            Ok(answer) if self.source.reports_failures => match batch::verdict(&answer) {
                Verdict::Failed(failed) => failed,
                Verdict::WholeBatch => {
                    tracing::warn!(function = self.function, "the batch's answer is unreadable: all of it fails");
                    return;
                }
            },
            Ok(_) => Default::default(),
        };
        let done: Vec<Message> =
            messages.into_iter().filter(|message| message.message_id().is_none_or(|id| !failed.contains(id))).collect();
        for part in done.chunks(RECEIVE_MAX) {
            self.delete(part).await;
        }
    }

    async fn delete(&self, messages: &[Message]) {
        let entries: Vec<DeleteMessageBatchRequestEntry> = messages
            .iter()
            .enumerate()
            .filter_map(|(index, message)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(message.receipt_handle()?);
                entry.build().ok()
            })
            .collect();
        for _ in 0..DELETE_TRIES {
            let request = self.queues.client().delete_message_batch().queue_url(&self.queue_url);
            match request.set_entries(Some(entries.clone())).send().await {
                Ok(output) if output.failed().is_empty() => return,
                Ok(output) => tracing::warn!(failed = ?output.failed(), "messages were not deleted"),
                Err(error) => tracing::warn!(error = %DisplayErrorContext(error), "messages were not deleted"),
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }
}

/// Cuts a batch so that each part fits into an event.
fn split(messages: Vec<Message>) -> Vec<Vec<Message>> {
    let mut parts: Vec<Vec<Message>> = Vec::new();
    let mut bytes = 0_usize;
    for message in messages {
        let length = message.body().map_or(0, str::len);
        bytes = bytes.saturating_add(length);
        match parts.last_mut() {
            Some(part) if bytes <= BODIES_MAX => part.push(message),
            Some(_) | None => {
                bytes = length;
                parts.push(vec![message]);
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_cut_where_an_event_would_be_too_large() {
        let message = |megabytes: usize| Message::builder().body("x".repeat(megabytes << 20)).build();
        let lengths =
            |sizes: &[usize]| -> Vec<usize> { split(sizes.iter().map(|size| message(*size)).collect()).iter().map(Vec::len).collect() };
        assert_eq!(lengths(&[]), [0_usize; 0]);
        assert_eq!(lengths(&[1, 1, 1]), [3]);
        assert_eq!(lengths(&[1, 1, 1, 1]), [3, 1]);
        assert_eq!(lengths(&[4, 1]), [1, 1]);
    }
}
