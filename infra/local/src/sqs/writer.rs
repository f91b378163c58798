//! The one thread that owns the database. It takes everything that waits, does it in one transaction, commits once,
//! and only then lets the answers go: a sync costs about a millisecond, and so does not limit senders to a thousand a
//! second.

use std::{
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread::JoinHandle,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{
    error::{Refusal, SqsError},
    server::Clock,
};

/// Jobs in one commit at most, so that the first of them does not wait for long.
const GROUP_MAX: usize = 256;

/// What a job works on: the database inside the group's transaction, and the time of the job.
pub(super) struct Store<'group> {
    pub(super) database: &'group Connection,
    /// Epoch milliseconds of the stack's clock.
    pub(super) now_ms: i64,
}

/// Gives a job's answer to who waits for it. Called after the commit; dropped uncalled where there was none.
type Settle = Box<dyn FnOnce() + Send>;
/// One job; its error means that the whole group's transaction can't be trusted any more.
type Job = Box<dyn FnOnce(&Store<'_>) -> rusqlite::Result<Option<Settle>> + Send>;

enum Order {
    Do(Job),
    Stop,
}

/// The handle to the thread. Dropping it finishes what was begun, then closes the database.
pub(super) struct Writer {
    orders: Sender<Order>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(database: Connection, clock: Clock) -> Result<Self, SqsError> {
        let (orders, waiting) = mpsc::channel();
        let thread = std::thread::Builder::new().name("sqs-writer".to_owned()).spawn(move || serve(&database, &clock, &waiting))?;
        Ok(Self { orders, thread: Mutex::new(Some(thread)) })
    }

    /// Runs `work` in the next group and answers when that is committed. A refusal undoes what this job did, and
    /// nothing else. [`Refusal::Unavailable`] says that nothing is known of the outcome.
    ///
    /// A job whose caller went away before its turn is not run: nobody would receive those messages.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Store<'_>) -> Result<T, Refusal> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            if answer.is_closed() {
                return Ok(None);
            }
            let outcome = store.undoing_on_refusal(work)?;
            Ok(Some(Box::new(move || {
                // The caller may be gone by now; then the message is redelivered, as after any lost answer.
                answer.send(outcome).ok();
            })))
        });
        self.orders.send(Order::Do(job)).map_err(|_| Refusal::Unavailable)?;
        answered.await.map_err(|_| Refusal::Unavailable)?
    }

    /// Finishes what was ordered before, closes the database and ends the thread. Later jobs are unavailable.
    pub(super) fn stop(&self) {
        // It fails only where the thread has ended already.
        self.orders.send(Order::Stop).ok();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the queue writer panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Store<'_> {
    /// Runs a job's work in a savepoint of its own.
    fn undoing_on_refusal<T>(&self, work: impl FnOnce(&Self) -> Result<T, Refusal>) -> rusqlite::Result<Result<T, Refusal>> {
        self.execute("SAVEPOINT job")?;
        let outcome = work(self);
        if outcome.is_err() {
            self.execute("ROLLBACK TO job")?;
        }
        self.execute("RELEASE job")?;
        Ok(outcome)
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.database.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

fn serve(database: &Connection, clock: &Clock, waiting: &Receiver<Order>) {
    while let Ok(Order::Do(first)) = waiting.recv() {
        let mut group = vec![first];
        let mut stop = false;
        while group.len() < GROUP_MAX {
            match waiting.try_recv() {
                Ok(Order::Do(job)) => group.push(job),
                Ok(Order::Stop) => {
                    stop = true;
                    break;
                }
                Err(_) => break,
            }
        }
        match commit(database, clock, group) {
            Ok(settled) => settled.into_iter().for_each(|settle| settle()),
            Err(error) => {
                tracing::error!(%error, "a group of queue operations was not committed");
                // It may have been rolled back by SQLite itself, then there is nothing to roll back.
                database.execute_batch("ROLLBACK").ok();
            }
        }
        if stop {
            return;
        }
    }
}

fn commit(database: &Connection, clock: &Clock, group: Vec<Job>) -> rusqlite::Result<Vec<Settle>> {
    let store = |now_ms| Store { database, now_ms };
    database.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut settled = Vec::with_capacity(group.len());
    for job in group {
        settled.extend(job(&store(clock()))?);
    }
    database.prepare_cached("COMMIT")?.execute([])?;
    Ok(settled)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::{pin::Pin, sync::Arc};

    use futures::FutureExt;

    use super::*;

    fn writer() -> Writer {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY)").unwrap();
        Writer::start(database, Arc::new(|| 5)).unwrap()
    }

    async fn insert(writer: &Writer, numbers: Vec<i64>) -> Result<(), Refusal> {
        writer
            .run(move |store| {
                for number in numbers {
                    store.database.execute("INSERT INTO t VALUES (?1)", [number])?;
                }
                Ok(())
            })
            .await
    }

    async fn count(writer: &Writer) -> i64 {
        let count = |store: &Store<'_>| Ok(store.database.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?);
        writer.run(count).await.unwrap()
    }

    #[tokio::test]
    async fn a_refused_job_leaves_nothing_and_harms_no_other() {
        let writer = writer();
        let (one, doubled, two) = tokio::join!(insert(&writer, vec![1]), insert(&writer, vec![7, 1]), insert(&writer, vec![2]),);
        assert_eq!((one, two), (Ok(()), Ok(())));
        assert_eq!(doubled, Err(Refusal::Unavailable));
        assert_eq!(count(&writer).await, 2);
    }

    #[tokio::test]
    async fn a_group_that_cannot_commit_is_answered_by_nobody() {
        let writer = writer();
        let broken: Result<(), Refusal> = writer
            .run(|store| {
                // The transaction is gone below the group, as SQLite itself does when the disk is full.
                store.database.execute_batch("ROLLBACK")?;
                Ok(())
            })
            .await;
        assert_eq!(broken, Err(Refusal::Unavailable));
        assert_eq!(insert(&writer, vec![1]).await, Ok(()));
        assert_eq!(count(&writer).await, 1);
    }

    type Running<'w> = Pin<Box<dyn Future<Output = Result<(), Refusal>> + 'w>>;

    /// Orders a job that says when it runs and goes on when it is told. It is polled once, so that it is ordered.
    fn held_job(writer: &Writer) -> (Running<'_>, Receiver<()>, Sender<()>) {
        let ((runs, running), (go_on, told)) = (mpsc::channel(), mpsc::channel());
        let mut job = Box::pin(writer.run(move |_| {
            runs.send(()).ok();
            told.recv().ok();
            Ok(())
        }));
        assert_eq!(job.as_mut().now_or_never(), None);
        (job, running, go_on)
    }

    #[tokio::test]
    async fn nobody_is_answered_before_the_groups_commit() {
        let writer = writer();
        let (first, running, go_on) = held_job(&writer);
        running.recv().unwrap();
        // What is ordered while a group runs is the next group.
        let mut inserted = Box::pin(insert(&writer, vec![1]));
        assert_eq!(inserted.as_mut().now_or_never(), None);
        let (last, running, finish) = held_job(&writer);
        go_on.send(()).unwrap();
        running.recv().unwrap();
        assert_eq!(inserted.as_mut().now_or_never(), None, "its job is done, its commit is not");
        finish.send(()).unwrap();
        assert_eq!((first.await, inserted.await, last.await), (Ok(()), Ok(()), Ok(())));
    }

    #[tokio::test]
    async fn a_job_of_a_caller_who_left_is_not_run() {
        let writer = writer();
        let (first, running, go_on) = held_job(&writer);
        running.recv().unwrap();
        assert_eq!(insert(&writer, vec![1]).now_or_never(), None);
        go_on.send(()).unwrap();
        assert_eq!(first.await, Ok(()));
        assert_eq!(count(&writer).await, 0);
    }

    #[tokio::test]
    async fn a_stopped_writer_is_unavailable() {
        let writer = writer();
        assert_eq!(insert(&writer, vec![1]).await, Ok(()));
        writer.stop();
        assert_eq!(insert(&writer, vec![2]).await, Err(Refusal::Unavailable));
        writer.stop();
    }
}
