//! `POST /payouts/{id}/cancel`: called off by its payee, as long as no rail may have it.

use crate::{
    App, history,
    view::{PayoutView, own},
};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::AccountId;
use programme::payout::{self, Actor, CancelReason, PayoutStatus};
use serde::Deserialize;
use store::{Attempt, decide, records::book::BookEdit};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {}

/// Cancels and releases the reserve; the same again is answered the same.
pub(crate) async fn cancel(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let id = history::id(call)?;
    let Form {} = call.json_or_default()?;
    let view = decide(&*app.ids, async || {
        let payout = own(app.store.payout(&id).await?, account).ok_or_else(|| Problem::not_found("payout"))?;
        if payout.status == PayoutStatus::Canceled {
            return Ok(Attempt::Done(PayoutView::of(&payout)));
        }
        let change = payout::cancel(&payout, Actor::Account(account.clone()), CancelReason::ByAccount, call.now)
            .map_err(|_| Problem::conflict("The payout can no longer be canceled.").with("payout_status", payout.status.as_str()))?;
        let view = PayoutView::of(&change.payout);
        Attempt::of(app.store.commit_payouts(&[change], BookEdit::new(account.clone()), &[]).await, view)
    })
    .await?;
    Reply::json(StatusCode::OK, &view)
}
