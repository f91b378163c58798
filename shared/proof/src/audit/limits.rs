//! How much an audit holds, and how long it waits.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// How much an audit holds in memory, whatever the size of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Cells in one row of a sketch. A sketch has three rows, and names 2.4 times as many accounts that differ; beyond
    /// that the books are gone through again in parts. A cell has 16 bytes, and 8 more for each 7 of the longest id.
    pub width: usize,
    /// Accounts whose attributions are kept, so that purchases can be compared with them; about 400 bytes each.
    pub accounts: usize,
    /// Items read at once.
    pub page: u32,
}

impl Limits {
    /// For a process that audits and does nothing else: at most 100 MB.
    pub const LARGE: Self = Self { width: 16_384, accounts: 100_000, page: 500 };

    /// For tables of a test, or of one machine: at most 10 MB; larger tables are read more than once.
    pub const SMALL: Self = Self { width: 128, accounts: 20_000, page: 500 };
}

/// How an audit tells what differs from what is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patience {
    /// Whether nobody writes.
    at_rest: bool,
    /// How many looks, with a pause after each, must find the same difference.
    looks: u32,
    /// The same of a purchase that may be about to be posted anew; none: it is never taken for wrong.
    under_way: Option<u32>,
    /// How often anything is looked at before it is told as not checked.
    rounds: u32,
}

impl Patience {
    /// Nobody writes, and no message is left in a queue: what differs is wrong.
    pub const AT_REST: Self = Self { at_rest: true, looks: 1, under_way: Some(1), rounds: 1 };

    /// Others write, and an answer is wanted within seconds.
    pub const BRIEF: Self = Self { at_rest: false, looks: 3, under_way: None, rounds: 6 };

    /// Others write, the queues were empty a moment ago.
    pub const DRAINED: Self = Self { at_rest: false, looks: 3, under_way: Some(3), rounds: 6 };

    /// Others write, and the pauses are quarters of an hour.
    pub const LONG: Self = Self { at_rest: false, looks: 3, under_way: Some(5), rounds: 8 };

    /// The day before which all that bears a date is written: a function may write for some minutes after it decided.
    pub(super) fn dated_before(&self, began: DateTime<Utc>) -> NaiveDate {
        if self.at_rest { NaiveDate::MAX } else { (began - Duration::hours(1)).date_naive() }
    }

    pub(super) const fn looks(&self, under_way: bool) -> Option<u32> {
        if under_way { self.under_way } else { Some(self.looks) }
    }

    pub(super) const fn rounds(&self) -> u32 {
        self.rounds
    }
}
