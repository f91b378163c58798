//! Tables that fail when told to, over any others: for tests and for the model.

use super::{Backend, Item, Key, Page, Query, Reason, Scan, Write, WriteError};
use crate::StoreError;
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex, PoisonError};

/// How a call fails. A read fails the same in each way: it gives no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is written.
    FailBefore,
    /// It is written, and the answer is lost.
    LoseAnswer,
    /// Another transaction held an item.
    Conflict,
    /// Throttled.
    Throttle,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 4] = [Self::FailBefore, Self::LoseAnswer, Self::Conflict, Self::Throttle];
}

/// Tables with at most one fault to come.
pub struct Faulty {
    inner: Arc<dyn Backend>,
    /// The fault, and how many calls pass before it.
    next: Mutex<Option<(Fault, u32)>>,
}

impl Faulty {
    /// Without a fault yet.
    #[must_use]
    pub fn new(inner: Arc<dyn Backend>) -> Self {
        Self { inner, next: Mutex::new(None) }
    }

    /// Lets `calls` calls pass, and has the next one fail.
    pub fn fail_after(&self, calls: u32, fault: Fault) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some((fault, calls));
    }

    /// Whether the fault is still to come.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Counts a call; the fault, if it is this one's.
    fn hit(&self) -> Option<Fault> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        match next.take() {
            Some((fault, 0)) => Some(fault),
            Some((fault, calls)) => {
                *next = Some((fault, calls - 1));
                None
            }
            None => None,
        }
    }

    fn read<'a, T: Send + 'a>(&'a self, answer: BoxFuture<'a, Result<T, StoreError>>) -> BoxFuture<'a, Result<T, StoreError>> {
        match self.hit() {
            Some(_) => Box::pin(async { Err(StoreError::Unavailable("a fault".into())) }),
            None => answer,
        }
    }
}

impl Backend for Faulty {
    fn get<'a>(&'a self, key: &'a Key, consistent: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        self.read(self.inner.get(key, consistent))
    }

    fn get_many<'a>(&'a self, keys: &'a [Key], consistent: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        self.read(self.inner.get_many(keys, consistent))
    }

    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        self.read(self.inner.query(query))
    }

    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        let Some(fault) = self.hit() else { return self.inner.write(writes) };
        Box::pin(async move {
            let canceled = |reason: Reason| Err(WriteError::Canceled(writes.iter().map(|_| reason.clone()).collect()));
            match fault {
                Fault::FailBefore => Err(WriteError::Unavailable("a fault".into())),
                Fault::Conflict => canceled(Reason::Conflict),
                Fault::Throttle => canceled(Reason::Throttled),
                Fault::LoseAnswer => {
                    self.inner.write(writes).await?;
                    Err(WriteError::Unavailable("the answer is lost".into()))
                }
            }
        })
    }

    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<super::Scanned, StoreError>> {
        self.read(self.inner.scan(scan))
    }
}
