//! Many histories on some threads.

use crate::{
    generate::generate,
    run::{Outcome, run},
    tally::Tally,
};
use std::{
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Failing histories told in full; after so many, the rest are not run.
pub const FAILURES_MAX: usize = 5;

/// What came of many histories.
#[derive(Debug, Default)]
pub struct Sum {
    /// Counts.
    pub tally: Tally,
    /// Failing seeds, with what was wrong.
    pub failures: Vec<(u64, Vec<String>)>,
    /// The time of all threads together.
    pub worked: Duration,
}

/// The seed of the `place`th history of a run.
#[must_use]
pub const fn seed_of(seed: u64, place: u64) -> u64 {
    seed.wrapping_mul(1_000_000_000).wrapping_add(place)
}

/// Does a piece of work where handlers can wait: for nothing, but the functions' own time limits ask for a timer.
///
/// # Panics
/// Where the system gives no timer.
#[expect(clippy::expect_used, reason = "without a timer no handler can run at all")]
pub fn with_timer<T>(work: impl FnOnce() -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a timer");
    let _entered = runtime.enter();
    work()
}

/// How long this thread has been on a core, where the system tells; else how long the process has been at it.
fn worked() -> Duration {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}

/// Runs histories on so many threads.
#[must_use]
pub fn run_many(seed: u64, histories: u64, jobs: usize) -> Sum {
    let (next, sum) = (AtomicU64::new(0), Mutex::new(Sum::default()));
    let work = || {
        with_timer(|| {
            let (begun, mut tally) = (worked(), Tally::default());
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                if place >= histories || lock(&sum).failures.len() >= FAILURES_MAX {
                    break;
                }
                let seed = seed_of(seed, place);
                let Outcome { violations, tally: counted, .. } = run(&generate(seed), false, None);
                tally.add(&counted);
                if !violations.is_empty() {
                    lock(&sum).failures.push((seed, violations));
                }
            }
            let mut sum = lock(&sum);
            sum.tally.add(&tally);
            sum.worked += worked().saturating_sub(begun);
        });
    };
    thread::scope(|scope| (0..jobs.max(1)).for_each(|_| drop(scope.spawn(work))));
    sum.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn lock(sum: &Mutex<Sum>) -> std::sync::MutexGuard<'_, Sum> {
    sum.lock().unwrap_or_else(PoisonError::into_inner)
}
