//! `POST /finance/payouts/{id}/reject`: refused with a reason, and its reserve released.

use crate::{App, payouts, view::PayoutView};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::AccountId;
use programme::payout::{self, Actor, Payout, PayoutStatus, Reason};
use serde::Deserialize;
use serde_json::json;
use store::{
    Attempt, decide,
    records::{
        act::{Act, ActKind},
        book::BookEdit,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    version: u32,
    reason: String,
}

/// Rejects; the same person's second call is answered as the first was.
pub(crate) async fn reject(app: &App, call: &Call, by: &AccountId) -> Result<Reply, Problem> {
    let id = payouts::id(call)?;
    let form: Form = call.json()?;
    let reason = Reason::try_new(&form.reason).map_err(|error| Problem::malformed(format!("It needs a reason: {error}.")))?;
    let programme = app.store.programme(call.now).await?;
    let settings = programme.at(call.now).1;
    let view = decide(&*app.ids, async || {
        let payout = app.store.payout(&id).await?.ok_or_else(|| Problem::not_found("payout"))?;
        if payout.account == *by {
            return Err(Problem::forbidden("Nobody decides about their own payout."));
        }
        if rejected_before(app, &payout, by).await? {
            return Ok(Attempt::Done(PayoutView::of(&payout, settings)));
        }
        let change = payout::reject(&payout, by, &reason, call.now)
            .map_err(|_| payouts::wrong_status("The payout is not waiting for a decision.", &payout))?;
        if payout.version != form.version {
            return Err(payouts::stale(payout.version));
        }
        let act = Act {
            at: call.now,
            by: by.clone(),
            kind: ActKind::PayoutRejected,
            subject: id.to_string(),
            version: change.payout.version,
            reason: Some(reason.as_str().to_owned()),
            details: json!({ "account_id": payout.account, "amount": payout.amount, "currency": payout.currency }),
        };
        let view = PayoutView::of(&change.payout, settings);
        Attempt::of(app.store.commit_payouts(&[change], BookEdit::new(payout.account.clone()), &[act.write()]).await, view)
    })
    .await?;
    Reply::json(StatusCode::OK, &view)
}

async fn rejected_before(app: &App, payout: &Payout, by: &AccountId) -> Result<bool, Problem> {
    if payout.status != PayoutStatus::Rejected {
        return Ok(false);
    }
    let steps = app.store.payout_steps(&payout.id).await?;
    Ok(steps.last().is_some_and(|step| step.event.by == Actor::Finance(by.clone())))
}
