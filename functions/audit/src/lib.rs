//! The audit: every invariant over the tables, a figure each. An alarm watches the sum.

mod budget;
mod demand;
mod schedule;
#[cfg(test)]
mod tests;

pub use demand::on_demand;
pub use schedule::on_schedule;

use edge::{
    auth::Verifier,
    config::{ConfigError, Env},
    problem::Problem,
    telemetry::metrics,
};
use proof::{Limits, Report};
use std::time::Duration;
use store::Store;

/// The audit's tables, whose tokens it takes, and how long it works at once.
pub struct App {
    store: Store,
    verifier: Verifier,
    limits: Limits,
    /// How long one scheduled run works, before it keeps what it has.
    works_for: Duration,
    /// How long somebody is let wait for an answer.
    answers_within: Duration,
    /// How long what is under way is given to come to its end, while somebody waits.
    pause: Duration,
}

/// A scheduled run ends this long before its time is over: what it holds is still to be kept.
const BEFORE_THE_END: Duration = Duration::from_secs(120);

/// The gateway gives an answer up after 30 seconds.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// An index is seldom a second behind.
const PAUSE: Duration = Duration::from_secs(1);

impl App {
    /// Over these tables, for tokens that this verifier takes; scheduled runs work for `works_for` at once.
    #[must_use]
    pub const fn new(store: Store, verifier: Verifier, works_for: Duration) -> Self {
        Self { store, verifier, limits: Limits::LARGE, works_for, answers_within: ANSWERS_WITHIN, pause: PAUSE }
    }

    /// As the function's environment says.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let timeout = Duration::from_secs(env.parse("FUNCTION_TIMEOUT_SECONDS")?);
        Ok(Self::new(Store::from_env(env)?, Verifier::from_env(env)?, timeout.saturating_sub(BEFORE_THE_END)))
    }
}

/// What the alarm watches, by invariant, and a log line for each violation that is kept.
fn tell(report: &Report) {
    for (name, figure) in &report.figures {
        metrics::AUDIT_VIOLATIONS.count(figure.violations, name, None);
        for example in &figure.examples {
            tracing::error!(invariant = name, example, "an invariant does not hold");
        }
    }
    for (name, why) in &report.not_checked {
        tracing::info!(invariant = name, why, "not checked");
    }
}

/// A report that was kept.
fn read_report(text: &str) -> Result<Report, Problem> {
    serde_json::from_str(text).map_err(Problem::internal)
}
