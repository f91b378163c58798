//! `GET /earnings/lines.csv`: all lines of a range as a table.

use crate::{
    App,
    entry::{Entry, Reading},
    fault,
};
use edge::{
    csv::Table,
    http::{Call, Reply},
    problem::Problem,
    range::DateRange,
};
use ledger::AccountId;

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
    let mut table = Table::new(&HEADER);
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
    table.into_reply(&format!("lines-{}-{}.csv", range.from, range.to))
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
