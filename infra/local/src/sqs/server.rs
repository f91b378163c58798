//! The server as the stack holds it: open, serve, look inside, close.

use std::{path::PathBuf, sync::Arc};

use axum::Router;

use super::{
    error::{Refusal, SqsError},
    messages::PeekedMessage,
    protocol,
    queues::QueueDepth,
    schema,
    wake::Arrivals,
    writer::{Store, Writer},
};

/// The stack's clock: epoch milliseconds, which may jump forward.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Where the queues live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqsLocation {
    /// In this process, gone with it.
    Memory,
    /// In a file (with `-wal` beside it) that outlives a `kill -9`. Its folder must exist; one server at a time may have it.
    File(PathBuf),
}

/// The queues, and the thread that writes them.
///
/// Dropping the last reference (the router holds one) waits for the write in progress and closes the database.
pub struct SqsServer {
    pub(super) writer: Writer,
    pub(super) arrivals: Arrivals,
}

impl std::fmt::Debug for SqsServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SqsServer").finish_non_exhaustive()
    }
}

impl SqsServer {
    /// Opens the queues; messages that were in flight become visible.
    ///
    /// # Errors
    /// [`SqsError::InUse`] where another server has the file, [`SqsError::Version`] where another version wrote it,
    /// [`SqsError::Database`] or [`SqsError::Thread`] where it cannot be opened at all.
    pub fn open(location: SqsLocation, clock: Clock) -> Result<Arc<Self>, SqsError> {
        let database = schema::open(&location, clock())?;
        Ok(Arc::new(Self { writer: Writer::start(database, clock)?, arrivals: Arrivals::default() }))
    }

    /// The HTTP side: any path, as the SDKs post to `/` and older tools to the queue's URL.
    pub fn router(self: Arc<Self>) -> Router {
        protocol::router(self)
    }

    /// How many messages each queue holds, by name.
    ///
    /// # Errors
    /// [`SqsError::Unavailable`] after [`SqsServer::close`] or a failure of the database.
    pub async fn depths(&self) -> Result<Vec<QueueDepth>, SqsError> {
        self.inside("", |store| {
            let queues = store.queues("", "", u32::MAX)?;
            queues.iter().map(|queue| store.depth(queue)).collect()
        })
        .await
    }

    /// The first `limit` messages of a queue in the order of sending, in whatever state, untouched.
    ///
    /// # Errors
    /// [`SqsError::NoSuchQueue`] for an unknown name; otherwise as [`SqsServer::depths`].
    pub async fn peek(&self, queue: &str, limit: u32) -> Result<Vec<PeekedMessage>, SqsError> {
        let name = queue.to_owned();
        self.inside(queue, move |store| store.peek(&store.queue(&name)?, limit)).await
    }

    /// Deletes every message of a queue, as often as the stack likes: the pause of a minute is for clients.
    ///
    /// # Errors
    /// As [`SqsServer::peek`].
    pub async fn purge(&self, queue: &str) -> Result<(), SqsError> {
        let name = queue.to_owned();
        self.inside(queue, move |store| store.purge(&store.queue(&name)?)).await
    }

    /// Ends all long polls with an empty answer, finishes the write in progress and gives the file free, whoever still
    /// holds a reference. Blocks for the length of one commit. Later requests get a 503.
    pub fn close(&self) {
        self.arrivals.close();
        self.writer.stop();
    }

    async fn inside<T: Send + 'static>(
        &self,
        queue: &str,
        work: impl FnOnce(&Store<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, SqsError> {
        self.writer.run(work).await.map_err(|refusal| {
            if refusal == Refusal::QueueDoesNotExist { SqsError::NoSuchQueue(queue.to_owned()) } else { SqsError::Unavailable }
        })
    }
}
