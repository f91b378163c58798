//! The checker of the invariants: coded once, used by the audit function, by `cargo run -- audit`,
//! by the tests and by the model.
//!
//! # One pass, in bounded memory
//!
//! The pass reads every item of the tables once, in whatever order a scan gives them, and holds no books:
//!
//! - What a record shows by itself (it reads, its seal holds, it does not expire, its parts add up) is checked as it comes.
//! - Lines of one subject are checked as a row: numbers, facts merged again, transfers against postings. Rows come in the
//!   pieces that the scan gives; a piece that does not begin at number 0 is checked against the line before it, read by key.
//! - Figures that are kept twice (balances, holds, counters, charts, books, days: once materialised, once by the lines that
//!   moved them) go into a linear sketch, in which what agrees cancels out and what differs tells its name: see `sketch`.
//! - What is posted for a purchase is compared with the attribution of its buyer out of a cache of bounded size. Where not
//!   all accounts fit, buyers and referrers are read by key, many at once.
//!
//! With [`Limits::LARGE`] that is at most 2,064,384 numbers of 8 bytes (two sketches of 49,152 cells, and ids of 128
//! characters; with ids of 20 a quarter of it), 100,000 accounts, 50,000 suspects, a page of items and a row of 256, whatever
//! the size of the tables: [`Audit::held`] tells. A sketch names about 40,000 accounts that differ; with more, the tables are
//! gone through again in parts of all accounts, until each part can be named.
//!
//! # Right while others write
//!
//! The pass sees each item at a moment of its own, so that what it finds is of three kinds:
//!
//! - **Right at any moment.** A line never changes and is written only after the one before it. So whatever a line shows by
//!   itself or against the line before it counts at once, and so does a line before it that a consistent read does not find.
//! - **Dated.** What bears its own date (signups of a day, approvals of a day) stands still when that day is over. It is
//!   checked for the days before the audit began, and for all days on tables at rest.
//! - **Not in agreement at first sight.** The items that disagree may have been read before and after one write. Such an
//!   account, purchase or payout is a suspect, and looked at by its keys: `looks`. Every transaction that moves a figure of
//!   an account counts up a version of it in the same transaction. So a look reads the figures, then every line that moved
//!   them, then the figures again, and judges only if those are the same: then no such transaction came in between, and the
//!   lines are just those that the figures stand for. Lines are read from the table itself, with every write before seen;
//!   only which they are is told by an index, some moments late. Hence a difference counts when it was the same in several
//!   looks, with a pause after each in which an index catches up. What agrees in one look is taken for right: a difference
//!   would have to be undone to the last millionth by lines that the index does not show yet, and the next audit finds it.
//!
//! What other messages mend later (purchases of an account whose attribution has changed) is given longer, see [`Patience`].
//! A suspect that is written to in every look is told under `not_checked`, by name: it is never counted as right.
//!
//! # In parts
//!
//! [`Audit::step`] does a page or a few looks; [`Audit::keep`] puts everything into a text from which another process goes
//! on ([`Audit::resume`]) to the same report.

mod audit;
mod checks;
mod entries;
mod known;
mod looks;
mod rails;
mod report;
mod sketch;

pub use audit::{Audit, Held, Limits, Patience, Progress};
pub use rails::{RailTransfer, one_transfer_per_payout};
pub use report::{Figure, Report, Span};

use chrono::{DateTime, Utc};
use store::{Store, StoreError};

/// Audits tables at rest: nobody writes, and no message is left in a queue.
///
/// # Errors
/// [`StoreError`] where the tables can't be read.
pub async fn audit(store: &Store, now: DateTime<Utc>) -> Result<Report, StoreError> {
    run(store, now, Limits::SMALL, Patience::AT_REST, async || {}).await
}

/// Audits from beginning to end; `pause` lets what is under way come to its end.
///
/// # Errors
/// [`StoreError`] where the tables can't be read.
pub async fn run(
    store: &Store,
    now: DateTime<Utc>,
    limits: Limits,
    patience: Patience,
    pause: impl AsyncFn(),
) -> Result<Report, StoreError> {
    let mut audit = Audit::begin(store, now, limits, patience);
    loop {
        match audit.step(store, now).await? {
            Progress::More => {}
            Progress::Wait => pause().await,
            Progress::Done => return Ok(audit.into_report()),
        }
    }
}
