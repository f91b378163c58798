//! The stack's clock: real time plus an offset that only grows. A fresh one may begin in the past, so that sample data has one.
//!
//! Sample data over two years, holds, windows and cool-downs are reached by moving it, without a seam in the production binaries:
//! they take the time from the events that the stack writes. It is moved only between invocations of queues and schedules: no function
//! outlives its timeout, and none would see its lease run out under its hands.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::sync::{OwnedRwLockReadGuard, RwLock, watch};

/// The file in the data directory that keeps the offset.
const FILE: &str = "clock.json";

/// Ten years: an advance beyond it is a mistake in the unit.
const ADVANCE_MAX: Duration = Duration::from_secs(10 * 366 * 86_400);

/// Why the clock could not be moved.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// It would have gone backward, which nothing that was written at the later time survives.
    #[error("the clock never goes backward: it is at {now_ms} ms since 1970, {asked_ms} was asked for")]
    Backward {
        /// Where the clock is.
        now_ms: i64,
        /// Where it was told to go.
        asked_ms: i64,
    },
    /// The step is longer than ten years.
    #[error("the clock moves at most ten years at a time")]
    TooFar,
    /// The offset could not be kept.
    #[error("the clock's offset in {path} cannot be read or written: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Kept {
    offset_ms: i64,
}

/// A clock that can be moved forward. Cheap to share by [`Arc`].
#[derive(Debug)]
pub struct Clock {
    offset_ms: AtomicI64,
    /// The latest time given out: the machine's own clock may be set back.
    latest_ms: AtomicI64,
    path: Option<PathBuf>,
    moved: watch::Sender<()>,
    /// Held for reading by whoever counts on time going on by itself alone, for writing by a move.
    flow: Arc<RwLock<()>>,
}

/// While this is kept the clock is not moved.
pub(crate) struct Flowing(#[expect(dead_code, reason = "kept for its end")] OwnedRwLockReadGuard<()>);

impl Clock {
    /// Opens the clock of a data directory, or one that is kept nowhere.
    ///
    /// # Errors
    /// [`ClockError::File`] where the offset cannot be read.
    pub fn open(data: Option<&Path>) -> Result<Arc<Self>, ClockError> {
        Self::open_or_begin(data, Duration::ZERO)
    }

    /// As [`Clock::open`]; one that was never kept begins so far in the past.
    ///
    /// # Errors
    /// [`ClockError::File`] where the offset cannot be read or written.
    pub fn open_or_begin(data: Option<&Path>, ago: Duration) -> Result<Arc<Self>, ClockError> {
        let path = data.map(|dir| dir.join(FILE));
        let kept = match &path {
            Some(path) => read(path)?,
            None => None,
        };
        let begins_ms = i64::try_from(ago.as_millis()).map_or(0, |ago_ms| -ago_ms);
        if let (None, Some(path), false) = (kept, &path, ago.is_zero()) {
            write(path, begins_ms)?;
        }
        let offset_ms = kept.unwrap_or(begins_ms);
        Ok(Arc::new(Self {
            offset_ms: AtomicI64::new(offset_ms),
            latest_ms: AtomicI64::new(0),
            path,
            moved: watch::Sender::new(()),
            flow: Arc::default(),
        }))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        let now = real_ms().saturating_add(self.offset_ms.load(Ordering::SeqCst));
        self.latest_ms.fetch_max(now, Ordering::SeqCst).max(now)
    }

    /// The clock as the pieces of the stack take it: a function that gives milliseconds since 1970.
    #[must_use]
    pub fn as_function(self: &Arc<Self>) -> Arc<dyn Fn() -> i64 + Send + Sync> {
        let clock = Arc::clone(self);
        Arc::new(move || clock.now_ms())
    }

    /// Waits for a move that has been asked for, and keeps the next one off.
    pub(crate) async fn flowing(&self) -> Flowing {
        Flowing(Arc::clone(&self.flow).read_owned().await)
    }

    /// Moves the clock forward, and gives the new time. Waits for the invocations of queues and schedules that are under way.
    ///
    /// # Errors
    /// [`ClockError::TooFar`] beyond ten years, [`ClockError::File`] where it cannot be kept; the clock then stays.
    pub async fn advance(&self, step: Duration) -> Result<i64, ClockError> {
        let _nobody_is_at_work = self.flow.write().await;
        self.jump(step)
    }

    fn jump(&self, step: Duration) -> Result<i64, ClockError> {
        if step > ADVANCE_MAX {
            return Err(ClockError::TooFar);
        }
        let step_ms = i64::try_from(step.as_millis()).map_err(|_| ClockError::TooFar)?;
        let offset_ms = self.offset_ms.load(Ordering::SeqCst).saturating_add(step_ms);
        if let Some(path) = &self.path {
            write(path, offset_ms)?;
        }
        self.offset_ms.fetch_add(step_ms, Ordering::SeqCst);
        self.moved.send_replace(());
        Ok(self.now_ms())
    }

    /// Moves the clock forward to a time, in milliseconds since 1970.
    ///
    /// # Errors
    /// [`ClockError::Backward`] for a time that has passed, and those of [`Clock::advance`].
    pub async fn set(&self, asked_ms: i64) -> Result<i64, ClockError> {
        let _nobody_is_at_work = self.flow.write().await;
        let now_ms = self.now_ms();
        let step = u64::try_from(asked_ms.saturating_sub(now_ms)).map_err(|_| ClockError::Backward { now_ms, asked_ms })?;
        self.jump(Duration::from_millis(step))
    }

    /// Moves the clock forward to the machine's own time, where it is behind it.
    ///
    /// # Errors
    /// [`ClockError::File`] where it cannot be kept; the clock then stays.
    pub async fn catch_up(&self) -> Result<i64, ClockError> {
        let _nobody_is_at_work = self.flow.write().await;
        let behind_ms = u64::try_from(-self.offset_ms.load(Ordering::SeqCst)).unwrap_or(0);
        self.jump(Duration::from_millis(behind_ms))
    }

    /// Whether it shows less than the machine's own time.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.offset_ms.load(Ordering::SeqCst) < 0
    }

    /// Waits until the clock shows `at_ms`, by itself or by being moved.
    pub async fn wait_until(&self, at_ms: i64) {
        let mut moved = self.moved.subscribe();
        loop {
            let Ok(left) = u64::try_from(at_ms.saturating_sub(self.now_ms())) else {
                return;
            };
            if left == 0 {
                return;
            }
            // An error means that the clock is gone, which the borrow of `self` excludes.
            let _ = tokio::time::timeout(Duration::from_millis(left), moved.changed()).await;
        }
    }
}

/// The machine's own clock, in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the one place of the local stack that reads a clock")]
fn real_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok()).unwrap_or(0)
}

fn read(path: &Path) -> Result<Option<i64>, ClockError> {
    let fail = |source| ClockError::File { path: path.to_owned(), source };
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice::<Kept>(&bytes).map(|kept| Some(kept.offset_ms)).map_err(|error| fail(error.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fail(error)),
    }
}

fn write(path: &Path, offset_ms: i64) -> Result<(), ClockError> {
    let keep = || {
        let bytes = serde_json::to_vec(&Kept { offset_ms })?;
        crate::files::write_private(path, &bytes)
    };
    keep().map_err(|source| ClockError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[tokio::test]
    async fn moves_forward_and_keeps_its_offset() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::open(Some(dir.path())).unwrap();
        let before = clock.now_ms();
        let after = clock.advance(DAY).await.unwrap();
        assert!(after - before >= 86_400_000);
        let again = Clock::open(Some(dir.path())).unwrap();
        assert!(again.now_ms() - before >= 86_400_000);
    }

    #[tokio::test]
    async fn a_fresh_one_may_begin_in_the_past_and_catches_up() {
        let dir = tempfile::tempdir().unwrap();
        let real = Clock::open(None).unwrap();
        let clock = Clock::open_or_begin(Some(dir.path()), DAY).unwrap();
        assert!(clock.now_ms() <= real.now_ms() - 86_400_000 + 60_000);
        let again = Clock::open_or_begin(Some(dir.path()), 3 * DAY).unwrap();
        assert!(again.now_ms() > real.now_ms() - 2 * 86_400_000, "what was kept goes before");
        assert!(clock.is_behind());
        clock.catch_up().await.unwrap();
        clock.catch_up().await.unwrap();
        assert!(!clock.is_behind());
        assert!(clock.now_ms() >= real.now_ms() - 60_000 && clock.now_ms() <= real.now_ms() + 60_000);
    }

    #[tokio::test]
    async fn never_goes_backward() {
        let clock = Clock::open(None).unwrap();
        let now = clock.now_ms();
        assert!(matches!(clock.set(now - 1).await, Err(ClockError::Backward { .. })));
        assert!(clock.set(now + 60_000).await.unwrap() >= now + 60_000);
        assert!(matches!(clock.advance(Duration::MAX).await, Err(ClockError::TooFar)));
    }

    #[tokio::test]
    async fn a_damaged_file_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), "{").unwrap();
        let error = Clock::open(Some(dir.path())).unwrap_err();
        assert!(error.to_string().contains("clock.json"), "{error}");
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_a_move() {
        let clock = Clock::open(None).unwrap();
        let at = clock.now_ms() + 86_400_000;
        let waiter = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move { clock.wait_until(at).await }
        });
        clock.advance(DAY).await.unwrap();
        waiter.await.unwrap();
        assert!(clock.now_ms() >= at);
    }

    /// Else a function that works for a moment would see hours go by.
    #[tokio::test]
    async fn is_moved_only_while_nobody_counts_on_it() {
        let clock = Clock::open(None).unwrap();
        let (before, at_work) = (clock.now_ms(), [clock.flowing().await, clock.flowing().await]);
        let mover = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move { clock.advance(DAY).await }
        });
        for one in at_work {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert!(clock.now_ms() < before + 86_400_000 && !mover.is_finished());
            drop(one);
        }
        let after = mover.await.unwrap().unwrap();
        let _again = clock.flowing().await;
        assert!(after >= before + 86_400_000);
    }
}
