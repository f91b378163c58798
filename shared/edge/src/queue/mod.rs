//! Sending messages to a queue.

mod batches;
#[cfg(feature = "queue")]
mod sqs;

use crate::{Error, problem::Problem};
use futures::future::BoxFuture;
#[cfg(feature = "queue")]
pub use sqs::{SqsQueue, sqs_client};
use std::fmt;

/// A message to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// What the other side reads: at most 1 MiB.
    pub body: String,
    /// How long the queue keeps it back, at most 900 s.
    pub delay_seconds: u16,
}

impl Outgoing {
    /// A message that may be handed out at once.
    pub fn new(body: impl Into<String>) -> Self {
        Self { body: body.into(), delay_seconds: 0 }
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("bytes", &self.body.len()).field("delay_seconds", &self.delay_seconds).finish_non_exhaustive()
    }
}

/// Why not every message is in the queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// No queue takes such a message; nothing was sent.
    #[error("a message can't be sent: {reason}")]
    Unsendable {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The queue is away, or took only some. Those that it took stay taken: sending all again sends them twice.
    #[error("{unsent} messages could not be sent")]
    Unavailable {
        /// How many the queue did not confirm.
        unsent: usize,
        /// Why.
        source: Error,
    },
}

impl From<QueueError> for Problem {
    /// 503 where trying again helps, 500 where it can't.
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Unsendable { .. } => Self::internal(error),
            QueueError::Unavailable { .. } => Self::unavailable(error),
        }
    }
}

/// A queue that messages can be sent to.
pub trait Queue: Send + Sync {
    /// Sends all messages. `Ok` says that the queue has every one of them, safely.
    ///
    /// # Errors
    /// [`QueueError`]; some may have been sent.
    fn send<'a>(&'a self, messages: Vec<Outgoing>) -> BoxFuture<'a, Result<(), QueueError>>;
}
