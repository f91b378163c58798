//! Tables for spreadsheets: RFC 4180, with bounds, and no cell that is a formula.

use crate::{
    http::{Reply, StatusCode},
    problem::Problem,
};
use ledger::Money;

/// The most lines in one file.
const LINES_MAX: usize = 50_000;
/// The most bytes in one file: a function's answer ends at 6 MB, and line ends count twice in it.
const BYTES_MAX: usize = 5 * 1024 * 1024;

/// A table that grows line by line.
#[derive(Debug, Clone)]
pub struct Table {
    text: String,
    lines_left: usize,
    bytes_max: usize,
}

impl Table {
    /// A table with its first line, the names of the columns.
    #[must_use]
    pub fn new(header: &[&str]) -> Self {
        Self::bounded(header, LINES_MAX, BYTES_MAX)
    }

    fn bounded(header: &[&str], lines_max: usize, bytes_max: usize) -> Self {
        Self { text: row(header), lines_left: lines_max, bytes_max }
    }

    /// Adds a line.
    ///
    /// # Errors
    /// 422 `too_many_lines` where the file would be too large: nothing is left out in silence.
    pub fn add<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<(), Problem> {
        let row = row(cells);
        if self.lines_left == 0 || self.text.len() + row.len() > self.bytes_max {
            return Err(Problem::refused("too_many_lines", "There are too many lines in this range for one file; take a shorter range."));
        }
        self.lines_left -= 1;
        self.text.push_str(&row);
        Ok(())
    }

    /// The table as a file to be kept under that name.
    ///
    /// # Errors
    /// 500 for a name that no header can have.
    pub fn into_reply(self, name: &str) -> Result<Reply, Problem> {
        let kept = format!("attachment; filename=\"{name}\"");
        Reply::bytes(StatusCode::OK, "text/csv; charset=utf-8", self.text.into_bytes()).header("content-disposition", &kept)
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
        let header = ["id", "machine"];
        let mut by_lines = Table::bounded(&header, 2, 1000);
        by_lines.add(&["x"]).unwrap();
        by_lines.add(&["x"]).unwrap();
        assert_eq!(by_lines.add(&["x"]).map_err(rule), Err(refused.clone()));
        let mut by_bytes = Table::bounded(&header, 100, row(&header).len() + 7);
        by_bytes.add(&["x"]).unwrap();
        by_bytes.add(&["x"]).unwrap();
        assert_eq!(by_bytes.add(&["x"]).map_err(rule), Err(refused));
        assert_eq!(by_bytes.text, "id,machine\r\nx\r\nx\r\n");
    }

    #[test]
    fn a_file_has_its_name_and_type() {
        let reply = Table::new(&["a"]).into_reply("lines-2026.csv").unwrap();
        assert_eq!(reply.headers["content-disposition"], "attachment; filename=\"lines-2026.csv\"");
        assert_eq!(reply.headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(reply.body, b"a\r\n");
        assert_eq!(Table::new(&["a"]).into_reply("a\r\nb").unwrap_err().status(), 500);
    }
}
