//! The door: which source, how large, who signed, what it says, and only then an answer.

use crate::{
    app::App,
    messages::Messages,
    sources::{NotVerified, Sender, Signed},
    translation::Unreadable,
};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
    telemetry::metrics,
};
use programme::fact::Source;
use serde_json::json;
use store::Quarantined;

/// The largest body taken, in bytes: 256 KiB.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// Answers `POST /webhooks/{source}`. 200 means that the queue has every fact or errand of the event, or that
/// the quarantine has its body, or that it does not concern the programme.
///
/// # Errors
/// 404 for an unknown source, 413 for a body that is too large, 401 where the signature does not fit,
/// 503 where the queue, the store or the sender's certificate is away: the sender tries again.
pub async fn handle(app: &App, call: Call) -> Result<Reply, Problem> {
    let sender = app.sources.named(call.param("source")?).ok_or_else(|| Problem::not_found("webhook source"))?;
    let source = sender.source();
    call.body_within(BODY_BYTES_MAX)?;
    let signed = sender.verify(&call).await.map_err(|error| not_verified(source, error))?;
    accept(app, sender, &signed, &call).await
}

fn not_verified(source: Source, error: NotVerified) -> Problem {
    match error {
        NotVerified::Refused(refusal) => {
            tracing::warn!(source = source.as_str(), reason = %refusal, "webhook refused");
            Problem::unauthorized("The signature does not fit.")
        }
        NotVerified::Unavailable(error) => Problem::unavailable(error),
    }
}

async fn accept(app: &App, sender: Sender<'_>, signed: &Signed<'_>, call: &Call) -> Result<Reply, Problem> {
    let source = sender.source();
    let status = match sender.translate(signed) {
        Err(reason) => {
            keep(app, source, &reason, call).await?;
            "quarantined"
        }
        Ok(told) if told.is_nothing() => "ignored",
        Ok(told) => {
            let (event, facts, errands) = (told.event.clone(), told.facts.len(), told.errands.len());
            Messages::of(source, told)?.send(app).await?;
            tracing::info!(source = source.as_str(), event, facts, errands, "webhook accepted");
            "accepted"
        }
    };
    Reply::json(StatusCode::OK, &json!({ "status": status }))
}

async fn keep(app: &App, source: Source, reason: &Unreadable, call: &Call) -> Result<(), Problem> {
    let record = Quarantined::new(source.as_str(), reason.to_string(), call.body.clone(), call.now);
    app.store.quarantine(&record).await.map_err(Problem::unavailable)?;
    tracing::error!(source = source.as_str(), id = record.id, reason = record.reason, "webhook_quarantined");
    // What the alarm watches.
    metrics::WEBHOOK_QUARANTINED.count(1, source.as_str(), Some(&record.reason));
    Ok(())
}
