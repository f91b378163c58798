//! The model's time: it goes on in small steps while handlers run, and jumps between them.

use chrono::{DateTime, Utc};
use std::sync::atomic::{AtomicI64, Ordering};

/// A time of the model.
pub type Time = DateTime<Utc>;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// The one clock of a history.
#[derive(Debug)]
pub struct Clock(AtomicI64);

/// A time from milliseconds of the epoch.
#[must_use]
pub fn time(millis: i64) -> Time {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

impl Clock {
    /// A clock that stands at a time.
    #[must_use]
    pub const fn at(millis: i64) -> Self {
        Self(AtomicI64::new(millis))
    }

    /// Now, in milliseconds of the epoch.
    #[must_use]
    pub fn millis(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Lets time pass.
    pub fn pass(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }

    /// Lets time pass until `millis`; it never runs back.
    pub fn reach(&self, millis: i64) {
        self.0.fetch_max(millis, Ordering::Relaxed);
    }
}
