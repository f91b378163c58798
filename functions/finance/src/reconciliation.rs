//! `GET /finance/reconciliation?day=`: what the daily comparison with the rails found.

use crate::App;
use chrono::NaiveDate;
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use programme::payout::PayoutId;
use serde::Serialize;
use serde_json::{Value, json};
use store::records::{
    reconciliation::{Finding, Reconciliation},
    time,
};

#[derive(Serialize)]
struct FindingView<'a> {
    kind: &'static str,
    rail: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payout_id: Option<&'a PayoutId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    detail: &'a str,
}

impl<'a> FindingView<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            kind: finding.kind.as_str(),
            rail: finding.rail.as_str(),
            payout_id: finding.payout_id.as_ref(),
            reference: finding.reference.as_deref(),
            detail: &finding.detail,
        }
    }
}

/// Of the newest day, where none is asked for; 404 where there was none.
pub(crate) async fn show(app: &App, call: &Call) -> Result<Reply, Problem> {
    let missing = || Problem::not_found("reconciliation");
    let day = match call.query("day")? {
        Some(text) => day(text)?,
        None => {
            let newest = app.store.reconciliations(None, 1).await?;
            newest.entries.first().ok_or_else(missing)?.entry.day
        }
    };
    let found = app.store.reconciliation(day).await?.ok_or_else(missing)?;
    Reply::json(StatusCode::OK, &view(&found))
}

/// Exactly `YYYY-MM-DD`: a date's text is the same again.
fn day(text: &str) -> Result<NaiveDate, Problem> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text);
    day.ok_or_else(|| Problem::malformed("The parameter day must be a date, YYYY-MM-DD."))
}

fn view(found: &Reconciliation) -> Value {
    let head = &found.head;
    json!({
        "day": head.day,
        "ran_at": time(head.ran_at),
        "checked": { "ours": head.ours, "theirs": head.theirs },
        "findings": found.findings.iter().map(FindingView::of).collect::<Vec<_>>(),
    })
}
