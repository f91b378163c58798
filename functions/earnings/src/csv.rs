//! `GET /earnings/lines.csv`: all lines of a range as a table.

use crate::{
    App,
    entry::{Entry, Reading},
    fault,
};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
    range::DateRange,
};
use ledger::{AccountId, Money};

/// The most lines in one file.
const LINES_MAX: usize = 50_000;
/// The most bytes in one file: a function's answer ends at 6 MB, and line ends count twice in it.
const BYTES_MAX: usize = 5 * 1024 * 1024;
/// Lines read at once.
const PAGE: u32 = 100;

const HEADER: [&str; 16] = [
    "line_id",
    "at",
    "subject",
    "reference",
    "kinds",
    "amount",
    "currency",
    "cause",
    "rule",
    "rate",
    "settings_version",
    "rate_version",
    "earned_on",
    "matures_on",
    "template_id",
    "machine",
];

/// The lines of the range, newest first.
pub(crate) async fn export(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let range = DateRange::of(call)?;
    let programme = app.store.programme(call.now).await.map_err(fault::of_store)?;
    let reading = Reading { account, keys: &app.cursor_keys, currency: &programme.at(call.now).1.currency };
    let mut table = Table::new(LINES_MAX, BYTES_MAX);
    let mut before: Option<String> = None;
    loop {
        let page = app.store.lines_of(account, range.from, range.to, before.as_deref(), PAGE).await.map_err(fault::of_store)?;
        for line in &page.entries {
            table.add(&cells(&reading.entry(line)))?;
        }
        match page.entries.last().filter(|_| page.more) {
            Some(last) => before = Some(last.place.clone()),
            None => break,
        }
    }
    let name = format!("attachment; filename=\"lines-{}-{}.csv\"", range.from, range.to);
    Reply::bytes(StatusCode::OK, "text/csv; charset=utf-8", table.text.into_bytes()).header("content-disposition", &name)
}

fn cells(entry: &Entry) -> [String; 16] {
    let text = |value: Option<String>| value.unwrap_or_default();
    [
        entry.line_id.clone(),
        entry.at.clone(),
        entry.subject.to_owned(),
        entry.reference.clone(),
        entry.kinds.join(" "),
        entry.amount.to_string(),
        entry.currency.to_string(),
        entry.cause.clone(),
        entry.rule.to_owned(),
        text(entry.rate.map(|rate| rate.to_string())),
        text(entry.settings_version.map(|version| version.to_string())),
        text(entry.rate_version.map(|version| version.to_string())),
        text(entry.earned_on.map(|day| day.to_string())),
        text(entry.matures_on.map(|day| day.to_string())),
        text(entry.template_id.as_ref().map(ToString::to_string)),
        text(entry.machine.clone()),
    ]
}

/// A table as RFC 4180 has it, with bounds.
struct Table {
    text: String,
    lines_left: usize,
    bytes_max: usize,
}

impl Table {
    fn new(lines_max: usize, bytes_max: usize) -> Self {
        Self { text: row(&HEADER), lines_left: lines_max, bytes_max }
    }

    fn add(&mut self, cells: &[String]) -> Result<(), Problem> {
        let row = row(cells);
        if self.lines_left == 0 || self.text.len() + row.len() > self.bytes_max {
            return Err(Problem::refused("too_many_lines", "There are too many lines in this range for one file; take a shorter range."));
        }
        self.lines_left -= 1;
        self.text.push_str(&row);
        Ok(())
    }
}

fn row<T: AsRef<str>>(cells: &[T]) -> String {
    let quoted: Vec<String> = cells.iter().map(|cell| quoted(cell.as_ref())).collect();
    format!("{}\r\n", quoted.join(","))
}

/// A cell that a spreadsheet reads as text: one that could be a formula gets an apostrophe before it.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && cell.parse::<Money>().is_err();
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\r', '\n', '\t']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_cell_reads_back() {
        for (cell, written) in [
            ("", ""),
            ("plain", "plain"),
            ("3 % of 50.00, settings version 2", "\"3 % of 50.00, settings version 2\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("-1.20", "-1.20"),
            ("-0.000001", "-0.000001"),
            ("-1+2", "'-1+2"),
            ("+1", "'+1"),
            ("=1+2", "'=1+2"),
            ("=HYPERLINK(\"https://evil.test\",\"x\")", "\"'=HYPERLINK(\"\"https://evil.test\"\",\"\"x\"\")\""),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("a=1", "a=1"),
            ("1e5", "1e5"),
        ] {
            assert_eq!(quoted(cell), written, "{cell:?}");
        }
        assert_eq!(row(&["a", "b,c", "=d"]), "a,\"b,c\",'=d\r\n");
    }

    #[test]
    fn a_file_has_an_end() {
        let rule = |problem: Problem| (problem.status().as_u16(), problem.rule().map(str::to_owned));
        let refused = (422, Some("too_many_lines".to_owned()));
        let cell = ["x".to_owned()];
        let mut by_lines = Table::new(2, 1000);
        by_lines.add(&cell).unwrap();
        by_lines.add(&cell).unwrap();
        assert_eq!(by_lines.add(&cell).map_err(rule), Err(refused.clone()));
        let mut by_bytes = Table::new(100, row(&HEADER).len() + 7);
        by_bytes.add(&cell).unwrap();
        by_bytes.add(&cell).unwrap();
        assert_eq!(by_bytes.add(&cell).map_err(rule), Err(refused));
        assert!(by_bytes.text.ends_with("machine\r\nx\r\nx\r\n"));
    }
}
