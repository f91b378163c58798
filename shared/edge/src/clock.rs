//! Time. A function never asks the machine what time it is: the invocation says it.
//!
//! HTTP events carry the time at which the gateway took the request; every other event has the deadline that its
//! invocation was given, which is its start plus the function's own timeout. So the whole system can be run at
//! another time by whoever sends the events, with nothing in the functions that knows of it.

use crate::config::{ConfigError, Env};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The time of an HTTP event, from `requestContext.timeEpoch`. `None` for what no calendar has, and for 0, which
/// is a missing one.
#[must_use]
pub fn from_epoch_millis(millis: i64) -> Option<DateTime<Utc>> {
    if millis > 0 { DateTime::from_timestamp_millis(millis) } else { None }
}

/// The time of an invocation that is not HTTP: its deadline (milliseconds since 1970) less the function's timeout,
/// but never before the newest message in it was sent: the clocks of two machines differ, and a message can't be
/// handled before it was sent.
#[must_use]
pub fn of_invocation(deadline_ms: u64, timeout: Duration, latest_sent: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let deadline = from_epoch_millis(i64::try_from(deadline_ms).ok()?)?;
    let start = deadline.checked_sub_signed(TimeDelta::from_std(timeout).ok()?)?;
    Some(latest_sent.map_or(start, |sent| start.max(sent)))
}

/// The function's own timeout, `FUNCTION_TIMEOUT_SECONDS`.
///
/// # Errors
/// [`ConfigError`] when it is not set or no number of seconds.
pub(crate) fn timeout(env: &Env) -> Result<Duration, ConfigError> {
    env.parse::<u64>("FUNCTION_TIMEOUT_SECONDS").map(Duration::from_secs)
}

/// Milliseconds since 1970 by the machine's own clock: for log and metric lines alone, which CloudWatch refuses
/// when they are not of today.
#[allow(clippy::disallowed_methods, reason = "log lines are stamped with the machine's time")]
pub(crate) fn wall_millis() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| u64::try_from(since.as_millis()).ok()).unwrap_or_default()
}

/// Measures how long a request took.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[allow(clippy::disallowed_methods, reason = "a duration for the log")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Whole milliseconds since the start.
    pub(crate) fn millis(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn an_invocation_began_its_timeout_before_its_deadline() {
        assert_eq!(of_invocation(100_000, Duration::from_secs(30), None), Some(at(70)));
        assert_eq!(of_invocation(100_000, Duration::from_secs(30), Some(at(60))), Some(at(70)), "an older message changes nothing");
        assert_eq!(of_invocation(100_000, Duration::from_secs(30), Some(at(80))), Some(at(80)), "never before it was sent");
    }

    #[test]
    fn impossible_times_are_none() {
        for deadline in [0, u64::MAX] {
            assert_eq!(of_invocation(deadline, Duration::from_secs(1), None), None);
        }
        assert_eq!(of_invocation(1, Duration::MAX, None), None);
        for millis in [0, -1, i64::MAX] {
            assert_eq!(from_epoch_millis(millis), None);
        }
        assert_eq!(from_epoch_millis(1_000), Some(at(1)));
        assert!(wall_millis() > 1_700_000_000_000);
    }
}
