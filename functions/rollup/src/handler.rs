//! One run: the closed minutes since the cursor that have clicks, one after the other.

use crate::App;
use chrono::{DateTime, Duration, DurationRound, RoundingError, Utc};
use edge::{events::Schedule, ids::pause, problem::Problem};
use store::{ClickCounts, CommitError, StoreError};

/// A minute is closed when it has been over for this long: a click is written within a second of its time.
const CLOSED_MINUTES: i64 = 2;

/// How far back the very first run looks.
pub const FIRST_RUN_MINUTES: i64 = 10;

/// After an outage a run counts up to this many minutes with clicks; the next run goes on from there.
pub const MINUTES_MAX: usize = 600;

/// How often a busy store is asked within a run.
const ATTEMPTS: u32 = 5;

/// The longest pause after the first attempt; it doubles with each.
const PAUSE_MS: u64 = 40;

/// Counts what is to be counted. Ending early is no failure: the cursor stands where the work stands.
///
/// # Errors
/// 503 while the store is away, 500 where a click does not read. The cursor stays before it.
pub async fn handle(app: &App, job: Schedule) -> Result<(), Problem> {
    match tokio::time::timeout(app.budget, Box::pin(run(app, job.now))).await {
        Ok(ended) => ended,
        Err(_) => {
            tracing::warn!("out of time: the next run goes on");
            Ok(())
        }
    }
}

async fn run(app: &App, now: DateTime<Utc>) -> Result<(), Problem> {
    let this_minute = minute_of(now).map_err(Problem::internal)?;
    let last = this_minute - Duration::minutes(CLOSED_MINUTES + 1);
    let mut cursor = app.store.rollup_cursor().await.map_err(problem)?;
    let first = cursor.map_or(this_minute - Duration::minutes(FIRST_RUN_MINUTES), |counted| counted + Duration::minutes(1));
    let mut next = first;
    let mut clicks = 0;
    for _ in 0..MINUTES_MAX {
        if next > last {
            break;
        }
        let busy = app.store.next_click_minute(next, last).await.map_err(problem)?;
        if let Some(minute) = busy {
            let counts = app.store.click_counts(minute).await.map_err(problem)?;
            add(app, minute, &counts).await?;
            clicks += counts.values().sum::<u64>();
        }
        // Nothing up to the last closed minute: all of it is done.
        let done = busy.unwrap_or(last);
        if !app.store.advance_rollup(cursor, done).await.map_err(problem)? {
            tracing::info!("another run is at work");
            break;
        }
        cursor = Some(done);
        next = done + Duration::minutes(1);
    }
    let behind = cursor.map_or(0, |cursor| (last - cursor).num_minutes());
    tracing::info!(clicks, behind_minutes = behind, "clicks counted");
    Ok(())
}

fn minute_of(at: DateTime<Utc>) -> Result<DateTime<Utc>, RoundingError> {
    at.duration_trunc(Duration::minutes(1))
}

/// Rewards and signups of the same accounts are written meanwhile, so that a transaction may have to wait for its turn.
async fn add(app: &App, minute: DateTime<Utc>, counts: &ClickCounts) -> Result<(), Problem> {
    let mut attempt = 0;
    loop {
        match app.store.add_click_counts(minute, counts).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Busy(_)) if attempt + 1 < ATTEMPTS => pause(&*app.ids, PAUSE_MS << attempt).await,
            Err(error) => return Err(problem(error.into())),
        }
        attempt += 1;
    }
}

fn problem(error: StoreError) -> Problem {
    match error {
        StoreError::Unavailable(_) => Problem::unavailable(error),
        StoreError::Corrupt { .. } | StoreError::Rejected(_) => Problem::internal(error),
    }
}
