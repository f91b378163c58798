//! The matrix as a text.

use crate::run::CallName;
use std::fmt::{self, Write as _};

/// What came of a kill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Everything is as without it.
    Same { statuses: Vec<u16> },
    /// Everything is as after two calls: they have no key by which the second would be known.
    AsTwo { statuses: Vec<u16> },
    /// A payout: paid, once, and the rail's own books say so.
    PaidOnce,
    /// Something is otherwise: this.
    Differs(String),
    /// The call was never made.
    NotReached,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |statuses: &[u16]| statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        let text = match self {
            Self::Same { statuses } => format!("same ({})", told(statuses)),
            Self::AsTwo { statuses } => format!("as two calls ({})", told(statuses)),
            Self::PaidOnce => "paid once".to_owned(),
            Self::Differs(_) => "DIFFERS".to_owned(),
            Self::NotReached => "NOT REACHED".to_owned(),
        };
        f.pad(&text)
    }
}

/// A call of a handler, and what came of a kill at it.
pub(crate) struct Row {
    pub(crate) function: &'static str,
    pub(crate) scenario: &'static str,
    pub(crate) call: CallName,
    pub(crate) before: Cell,
    pub(crate) after: Cell,
}

impl Row {
    pub(crate) const fn cells(&self) -> [&Cell; 2] {
        [&self.before, &self.after]
    }
}

/// The whole matrix, and a line that sums it up.
pub(crate) fn print(rows: &[Row], seconds: u64) -> String {
    let mut text = format!("{:<60} {:<32} {:<24} {}\n", "handler", "killed at", "before it", "after it");
    let mut last = "";
    for row in rows {
        let handler = format!("{:<13} {}", row.function, row.scenario);
        let shown = if last == row.scenario { "" } else { &handler };
        last = row.scenario;
        let call = format!("{} {} {}", row.call.service, row.call.operation, row.call.number);
        let _ = writeln!(text, "{shown:<60} {call:<32} {:<24} {}", row.before, row.after);
    }
    let count = |is: fn(&Cell) -> bool| rows.iter().flat_map(Row::cells).filter(|cell| is(cell)).count();
    let mut scenarios: Vec<_> = rows.iter().map(|row| row.scenario).collect();
    scenarios.dedup();
    let _ = writeln!(
        text,
        "\n{} scenarios, {} calls, {} cells: {} same, {} as two calls, {} paid once, {} otherwise, {} not reached; {seconds} s",
        scenarios.len(),
        rows.len(),
        rows.len() * 2,
        count(|cell| matches!(cell, Cell::Same { .. })),
        count(|cell| matches!(cell, Cell::AsTwo { .. })),
        count(|cell| *cell == Cell::PaidOnce),
        count(|cell| matches!(cell, Cell::Differs(_))),
        count(|cell| *cell == Cell::NotReached),
    );
    text
}
