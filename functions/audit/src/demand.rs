//! `GET /finance/audit`: an audit at once where the tables are small enough, else the last one that came to its end.

use crate::{App, budget::Budget, read_report, tell};
use chrono::{DateTime, Utc};
use edge::{
    http::{Call, Method, Reply, StatusCode},
    problem::Problem,
};
use proof::{Audit, Patience, Progress, Report};

/// Tables that had more items than this in the last audit are not gone through while somebody waits.
const ITEMS_MAX: u64 = 200_000;

/// The whole report, for finance.
///
/// # Errors
/// [`Problem`]: not proved, not of finance, the store away; 503 while the tables are too large to be audited at once and
/// no scheduled audit has come to its end.
pub async fn on_demand(app: &App, call: Call) -> Result<Reply, Problem> {
    if call.method != Method::GET {
        return Err(Problem::not_found("page"));
    }
    let principal = app.verifier.principal(&call).await?;
    principal.require_group("finance")?;
    let last = app.store.audit_report().await?.as_deref().map(read_report).transpose()?;
    let is_small = last.as_ref().and_then(|last| last.span.as_ref()).is_none_or(|span| span.items <= ITEMS_MAX);
    if is_small && let Some(report) = at_once(app, call.now).await? {
        tell(&report);
        return Reply::json(StatusCode::OK, &report);
    }
    let last = last.ok_or_else(|| Problem::unavailable("no audit has come to its end yet").retry_after(RETRY_SECONDS))?;
    Reply::json(StatusCode::OK, &last)
}

/// Scheduled audits go on every quarter of an hour.
const RETRY_SECONDS: u32 = 900;

/// An audit from beginning to end; none where it takes too long.
async fn at_once(app: &App, now: DateTime<Utc>) -> Result<Option<Report>, Problem> {
    let mut audit = Audit::begin(&app.store, now, app.limits, Patience::BRIEF);
    let mut budget = Budget::of(app.answers_within);
    while !budget.is_over() {
        match audit.step(&app.store, now).await? {
            Progress::More => {}
            Progress::Wait => tokio::time::sleep(app.pause).await,
            Progress::Done => return Ok(Some(audit.into_report())),
        }
    }
    Ok(None)
}
