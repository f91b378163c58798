//! Waking long polls when a message arrives. Arrivals that nobody announces (a visibility timeout that ends, a clock
//! that jumps) are found by the polls' own re-check.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

/// One bell a queue, and whether the server is closing.
#[derive(Default)]
pub(super) struct Arrivals {
    bells: Mutex<HashMap<String, Arc<Notify>>>,
    closed: AtomicBool,
}

impl Arrivals {
    /// The bell of a queue; ask for those of existing queues only.
    pub(super) fn bell(&self, queue: &str) -> Arc<Notify> {
        Arc::clone(self.bells().entry(queue.to_owned()).or_default())
    }

    /// Wakes all long polls of a queue.
    pub(super) fn announce(&self, queue: &str) {
        if let Some(bell) = self.bells().get(queue) {
            bell.notify_waiters();
        }
    }

    /// Ends all long polls, now and later.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.bells().values().for_each(|bell| bell.notify_waiters());
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn bells(&self) -> MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
