//! `GET /earnings/lines`: the ledger lines of an account, each with its cause.

use crate::{
    App,
    entry::{Entry, Reading},
    fault,
    walk::{self, Mark},
};
use edge::{
    cursor,
    http::{Call, Reply, StatusCode},
    problem::Problem,
    range::DateRange,
};
use ledger::AccountId;
use serde::Serialize;

#[derive(Serialize)]
struct List {
    lines: Vec<Entry>,
    /// Where the next page begins; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A page of the lines written on the days of the range, newest first.
pub(crate) async fn list(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let (range, limit) = (DateRange::of(call)?, cursor::limit(call)?);
    let scope = format!("/earnings/lines {account}");
    let after = match call.query("cursor")? {
        None => None,
        Some(text) => {
            let mark = Mark::from_text(&cursor::open(&app.cursor_keys, &scope, text)?);
            Some(mark.ok_or_else(|| Problem::malformed("The cursor is not one of this list."))?)
        }
    };
    let programme = app.store.programme(call.now).await.map_err(fault::of_store)?;
    let reading = Reading { account, keys: &app.cursor_keys, currency: &programme.at(call.now).1.currency };
    let page = walk::page(&app.store, reading, range, after, limit).await?;
    let last = page.lines.last().filter(|_| page.more);
    let next_cursor = last.map(|line| cursor::seal(&app.cursor_keys, &scope, &Mark::of(line, reading).to_text()));
    let lines = page.lines.iter().map(|line| reading.entry(line)).collect();
    Reply::json(StatusCode::OK, &List { lines, next_cursor })
}
