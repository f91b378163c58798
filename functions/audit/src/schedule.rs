//! The daily audit, a quarter of an hour at a time.
//!
//! Each run goes on with the audit that is not at its end. It works until its time is nearly over, or until what did not
//! agree at first sight has been looked at once: then it keeps the audit, and the next run goes on. So tables of any size
//! come to an end, and what is under way has a quarter of an hour from one look to the next.

use crate::{App, budget::Budget, tell};
use chrono::{DateTime, Duration, Utc};
use edge::{events::Schedule, problem::Problem};
use proof::{Audit, Patience, Progress};
use store::{KeptAudit, StoreError};

/// A new audit begins this long after the one before began. Less than a day, so that it keeps its hour.
const EVERY: Duration = Duration::minutes(24 * 60 - 7);

/// Steps between two times that an audit is kept on the way.
const KEPT_EVERY: u32 = 2_000;

/// One run: nothing where no audit is due.
///
/// # Errors
/// [`Problem`]: the store away. The next run goes on from where the audit was kept last.
pub async fn on_schedule(app: &App, job: Schedule) -> Result<(), Problem> {
    let mut kept = app.store.kept_audit().await?;
    let Some(mut audit) = due(app, kept.as_ref(), job.now).await? else { return Ok(()) };
    let mut budget = Budget::of(app.works_for);
    for number in 1_u32.. {
        match audit.step(&app.store, job.now).await? {
            Progress::Done => return end(app, kept.as_ref(), audit).await,
            Progress::Wait => break,
            Progress::More if budget.is_over() => break,
            Progress::More if number % KEPT_EVERY == 0 => {
                if !keep(app, kept.as_ref(), &mut audit).await? {
                    return Ok(());
                }
                kept = app.store.kept_audit().await?;
            }
            Progress::More => {}
        }
    }
    keep(app, kept.as_ref(), &mut audit).await.map(drop)
}

/// The audit to go on with, or to begin; none where the one before is not a day old.
async fn due(app: &App, kept: Option<&KeptAudit>, now: DateTime<Utc>) -> Result<Option<Audit>, StoreError> {
    let begin = || Audit::begin(&app.store, now, app.limits, Patience::LONG);
    match kept {
        Some(kept) if kept.is_open() => match app.store.audit_text(kept).await.and_then(|text| Audit::resume(&text)) {
            Ok(audit) => Ok(Some(audit)),
            // Kept by another version of this function: it begins anew.
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::warn!(%error, "the kept audit does not read");
                Ok(Some(begin()))
            }
            Err(error) => Err(error),
        },
        Some(kept) if now - kept.began < EVERY => Ok(None),
        Some(_) | None => Ok(Some(begin())),
    }
}

/// Whether it was kept: not where another run went on with it meanwhile.
async fn keep(app: &App, before: Option<&KeptAudit>, audit: &mut Audit) -> Result<bool, Problem> {
    let text = audit.keep(&app.store).await?;
    let kept = app.store.keep_audit(before, audit.began(), &text).await?;
    tracing::info!(held = ?audit.held(), bytes = text.len(), kept, "the audit goes on later");
    Ok(kept)
}

/// The report first: a run that dies in between comes to the same end again.
async fn end(app: &App, kept: Option<&KeptAudit>, audit: Audit) -> Result<(), Problem> {
    let (began, report) = (audit.began(), audit.into_report());
    app.store.put_audit_report(&serde_json::to_string(&report).map_err(Problem::internal)?).await?;
    app.store.keep_audit(kept, began, "").await?;
    tell(&report);
    Ok(())
}
