//! The books of the stand-ins, in one SQLite file: whatever a caller was told is in it.
//!
//! One connection behind a lock; a call is one transaction, so that two equal requests at once are one after the other.

mod events;
mod objects;
mod payments;
mod schema;

pub(super) use events::NewEvent;
pub use events::{WebhookRow, WebhookState};
pub(super) use objects::Kept;
pub use payments::Ledger;

use super::{error::RailsError, faults::Armed};
use crate::sqs::Clock;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::{
    cell::RefCell,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// Where the books are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RailsLocation {
    /// In this process, gone with it.
    Memory,
    /// In a file (with `-wal` beside it) that outlives a `kill -9`. Its folder must exist; one stack at a time may have it.
    File(PathBuf),
}

/// The books.
pub(super) struct Books {
    /// None once they were closed.
    database: Mutex<Option<Connection>>,
    clock: Clock,
    armed: Armed,
}

/// The books inside one transaction, at one time.
pub(super) struct Desk<'t> {
    database: &'t Transaction<'t>,
    pub(super) now_ms: i64,
    pub(super) armed: &'t Armed,
    /// The webhooks that this transaction has written, for who must deliver them before anything else.
    written: RefCell<Vec<i64>>,
}

impl Books {
    pub(super) fn open(location: &RailsLocation, clock: Clock) -> Result<Arc<Self>, RailsError> {
        let database = Mutex::new(Some(schema::open(location)?));
        Ok(Arc::new(Self { database, clock, armed: Armed::default() }))
    }

    pub(super) fn armed(&self) -> &Armed {
        &self.armed
    }

    pub(super) fn now_ms(&self) -> i64 {
        (self.clock)()
    }

    /// Does some work in one transaction, and gives its result and the webhooks that it wrote once all of it is on the disk. Work
    /// that was begun is finished, also when nobody waits for it any more.
    pub(super) async fn within<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Desk<'_>) -> Result<T, RailsError> + Send + 'static,
    ) -> Result<(T, Vec<i64>), RailsError> {
        let books = Arc::clone(self);
        // A commit waits for the disk.
        let done = tokio::task::spawn_blocking(move || books.transact(work)).await;
        done.unwrap_or(Err(RailsError::Closed))
    }

    fn transact<T>(&self, work: impl FnOnce(&Desk<'_>) -> Result<T, RailsError>) -> Result<(T, Vec<i64>), RailsError> {
        let mut guard = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let database = guard.as_mut().ok_or(RailsError::Closed)?;
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Read inside the lock: of two calls, the later one has the later time.
        let desk = Desk { database: &transaction, now_ms: (self.clock)(), armed: &self.armed, written: RefCell::default() };
        let result = work(&desk)?;
        let written = desk.written.into_inner();
        transaction.commit()?;
        Ok((result, written))
    }

    /// Gives the file free. Later calls are refused.
    pub(super) fn close(&self) {
        *self.database.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
