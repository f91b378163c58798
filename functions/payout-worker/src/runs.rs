//! A run becomes an errand for each of its payouts that still waits.

use crate::{
    App,
    batch::{Failure, Outcome},
};
use programme::payout::{Errand, PayoutId, PayoutStatus, RunId};
use store::records::run::Run;

/// Errands for the payouts of the run that no rail has been asked about. Sent twice, they find the work done.
pub(crate) async fn expand(app: &App, id: &RunId) -> Result<Outcome, Failure> {
    let run = app.store.run(id).await?.ok_or_else(|| {
        tracing::error!(run_id = %id, "there is no such run");
        Failure::Poison
    })?;
    let waiting = waiting(app, &run).await?;
    tracing::info!(run_id = %id, payouts = run.payouts.len(), waiting = waiting.len(), "a run is sent");
    send(app, id, &waiting).await
}

/// The payouts of a run that are still approved.
pub(crate) async fn waiting(app: &App, run: &Run) -> Result<Vec<PayoutId>, Failure> {
    let ids: Vec<PayoutId> = run.payouts.iter().map(|entry| entry.payout.clone()).collect();
    let heads = app.store.payout_heads(&ids).await?;
    Ok(ids.into_iter().filter(|id| heads.get(id).is_some_and(|payout| payout.status == PayoutStatus::Approved)).collect())
}

pub(crate) async fn send(app: &App, run: &RunId, payouts: &[PayoutId]) -> Result<Outcome, Failure> {
    let errands: Vec<Errand> = payouts.iter().map(|payout| Errand::Pay { run: run.clone(), payout: payout.clone() }).collect();
    match app.send(&errands, 0).await {
        Ok(()) => Ok(Outcome::Done),
        Err(error) => {
            tracing::warn!(%error, "the errands of a run");
            Err(Failure::Outage)
        }
    }
}
