//! A queue in memory.

use crate::queue::{Outgoing, Queue, QueueError};
use futures::future::BoxFuture;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps what is sent until it is taken, and fails when told to.
#[derive(Debug, Default)]
pub struct MemoryQueue(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    messages: Vec<Outgoing>,
    /// How many sends still fail, and how many messages each of them keeps all the same.
    failures: Vec<usize>,
}

impl MemoryQueue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that was sent since the last time.
    #[must_use]
    pub fn taken(&self) -> Vec<Outgoing> {
        std::mem::take(&mut self.state().messages)
    }

    /// The next send fails, after the queue kept the first `kept` of its messages.
    pub fn fail_next(&self, kept: usize) {
        self.state().failures.push(kept);
    }
}

impl Queue for MemoryQueue {
    fn send<'a>(&'a self, messages: Vec<Outgoing>) -> BoxFuture<'a, Result<(), QueueError>> {
        Box::pin(async move {
            let mut state = self.state();
            let failure = state.failures.pop();
            let kept = failure.unwrap_or(messages.len());
            let unsent = messages.len().saturating_sub(kept);
            state.messages.extend(messages.into_iter().take(kept));
            if failure.is_some() { Err(QueueError::Unavailable { unsent, source: "made to fail".into() }) } else { Ok(()) }
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn it_keeps_and_fails_as_told() {
        let queue = MemoryQueue::default();
        queue.send(vec![Outgoing::new("a"), Outgoing::new("b")]).await.unwrap();
        queue.fail_next(1);
        assert!(queue.send(vec![Outgoing::new("c"), Outgoing::new("d")]).await.is_err());
        queue.send(vec![Outgoing::new("e")]).await.unwrap();
        let bodies: Vec<_> = queue.taken().into_iter().map(|message| message.body).collect();
        assert_eq!(bodies, ["a", "b", "c", "e"]);
        assert!(queue.taken().is_empty());
    }
}
