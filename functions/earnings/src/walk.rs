//! Walking an account's lines from the newest to the oldest.
//!
//! A line's place in the list names the processor's payment, which its referrer may not know. So a
//! cursor holds the time of the last line shown and its opaque id: the walk begins again at the
//! newest line of that moment and passes over those up to that one.

use crate::{entry::Reading, fault};
use chrono::NaiveDate;
use edge::{problem::Problem, range::DateRange};
use programme::plan::Line;
use store::{Listed, Store, keys};

/// How many lines are read at once while the marked one is looked for: lines of one moment are many where a batch wrote them.
const SEEK: u32 = 50;

/// Where a page ended: the last line's time as its place begins, and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    time: String,
    line_id: String,
}

impl Mark {
    pub(crate) fn of(line: &Listed<Line>, reading: Reading<'_>) -> Self {
        Self { time: time(&line.place).to_owned(), line_id: reading.line_id(&line.place) }
    }

    /// As it stands in a cursor.
    pub(crate) fn to_text(&self) -> String {
        format!("{} {}", self.time, self.line_id)
    }

    /// Reads what [`Mark::to_text`] wrote.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let (time, line_id) = text.split_once(' ')?;
        Some(Self { time: time.to_owned(), line_id: line_id.to_owned() })
    }

    fn day(&self) -> Option<NaiveDate> {
        self.time.get(..10)?.parse().ok()
    }
}

/// The time that a place begins with.
fn time(place: &str) -> &str {
    place.split('#').next().unwrap_or_default()
}

/// A page of lines and whether older ones follow.
pub(crate) struct Lines {
    pub(crate) lines: Vec<Listed<Line>>,
    pub(crate) more: bool,
}

/// Up to `limit` lines of the days of `range`, those after the mark.
pub(crate) async fn page(store: &Store, reading: Reading<'_>, range: DateRange, after: Option<Mark>, limit: u32) -> Result<Lines, Problem> {
    let mut after = after;
    match after.as_ref().map(Mark::day) {
        None => {}
        Some(Some(day)) if day < range.from => return Ok(Lines { lines: Vec::new(), more: false }),
        // A mark beyond the range is passed already.
        Some(Some(day)) if day > range.to => after = None,
        Some(Some(_)) => {}
        Some(None) => return Err(Problem::malformed("The cursor is not one of this list.")),
    }
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut before = after.as_ref().map(|mark| format!("{}#{}", mark.time, keys::LAST));
    let mut lines = Vec::new();
    loop {
        let size = if after.is_some() { limit.max(SEEK) } else { limit };
        let read = store.lines_of(reading.account, range.from, range.to, before.as_deref(), size).await.map_err(fault::of_store)?;
        before = read.entries.last().map(|line| line.place.clone());
        for line in read.entries {
            match &after {
                None => lines.push(line),
                Some(mark) if reading.line_id(&line.place) == mark.line_id => after = None,
                Some(mark) if time(&line.place) == mark.time => {}
                Some(_) => return Err(behind()),
            }
        }
        if after.is_some() && !read.more {
            return Err(behind());
        }
        if lines.len() >= wanted || !read.more {
            let more = lines.len() > wanted || read.more;
            lines.truncate(wanted);
            return Ok(Lines { lines, more });
        }
    }
}

/// The line that the page before ended with is not there: lines are never deleted, so it is the copy
/// of the index that was asked now which has not got it yet.
fn behind() -> Problem {
    Problem::unavailable("a line that was shown is missing in the index")
}
