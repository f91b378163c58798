//! `POST /finance/payouts/{id}/approve`: agrees to one amount to one destination. No money moves.

use crate::{App, payouts, view::PayoutView};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::AccountId;
use programme::payout::{self, ApprovalRefusal, Approve, Approved, Change, Payout, PayoutId, PayoutStatus};
use serde::Deserialize;
use serde_json::json;
use store::{
    ApprovedDay, Attempt, decide,
    records::{
        act::{Act, ActKind},
        book::BookEdit,
        destination, time,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    version: u32,
}

/// Approves; the same person's second call is answered as the first was.
pub(crate) async fn approve(app: &App, call: &Call, by: &AccountId) -> Result<Reply, Problem> {
    let id = payouts::id(call)?;
    let form: Form = call.json()?;
    let view = decide(&*app.ids, async || attempt(app, call, by, &id, form.version).await).await?;
    Reply::json(StatusCode::OK, &view)
}

async fn attempt(app: &App, call: &Call, by: &AccountId, id: &PayoutId, version: u32) -> Result<Attempt<PayoutView>, Problem> {
    let payout = app.store.payout(id).await?.ok_or_else(|| Problem::not_found("payout"))?;
    let (current, day, programme) = tokio::try_join!(
        app.store.payout_account(&payout.account, payout.destination.rail),
        app.store.approved_on(call.now.date_naive()),
        app.store.programme(call.now),
    )?;
    let settings = programme.at(call.now);
    let current = current.map(|stored| stored.account);
    let asked = Approve { payout: &payout, by, version, now: call.now, settings, current: current.as_ref(), approved_today: day.amount };
    match payout::approve(&asked).map_err(|refusal| refused(&refusal, &payout))? {
        Approved::Already => Ok(Attempt::Done(PayoutView::of(&payout, settings.1))),
        Approved::Now(change) => write(app, call, by, *change, &day, settings.1).await,
    }
}

/// Writes the approval, good only while the payout account and the day's sum are those it was decided on.
async fn write(
    app: &App,
    call: &Call,
    by: &AccountId,
    change: Change,
    day: &ApprovedDay,
    settings: &programme::settings::Settings,
) -> Result<Attempt<PayoutView>, Problem> {
    let payout = change.payout.clone();
    let act = Act {
        at: call.now,
        by: by.clone(),
        kind: ActKind::PayoutApproved,
        subject: payout.id.to_string(),
        version: payout.version,
        reason: None,
        details: json!({
            "account_id": payout.account,
            "amount": payout.amount,
            "currency": payout.currency,
            "rail": payout.destination.rail,
            "destination": payout.destination.masked,
            "status": payout.status,
        }),
    };
    let mut beside = vec![act.write(), destination::unchanged(&payout.account, &payout.destination)];
    if payout.status == PayoutStatus::Approved {
        beside.push(day.plus(payout.amount));
    }
    let written = app.store.commit_payouts(&[change], BookEdit::new(payout.account.clone()), &beside).await;
    let attempt = Attempt::of(written, PayoutView::of(&payout, settings))?;
    if matches!(attempt, Attempt::Done(_)) {
        tracing::info!(payout_id = %payout.id, %by, status = payout.status.as_str(), "payout approval");
    }
    Ok(attempt)
}

fn refused(refusal: &ApprovalRefusal, payout: &Payout) -> Problem {
    let sentence = refusal.to_string();
    match refusal {
        ApprovalRefusal::OwnPayout | ApprovalRefusal::OwnDestination => Problem::forbidden(sentence),
        ApprovalRefusal::Stale => payouts::stale(payout.version),
        ApprovalRefusal::NotRequested => {
            Problem::conflict(sentence).with("payout_status", payout.status.as_str()).with("version", payout.version)
        }
        ApprovalRefusal::DestinationChanged => Problem::conflict(sentence).with("version", payout.version),
        ApprovalRefusal::DestinationCooldown { opens_at } => {
            Problem::refused("destination_cooldown", sentence).with("opens_at", time(*opens_at))
        }
        ApprovalRefusal::GlobalDailyLimit { left } => Problem::refused("global_daily_limit", sentence).with("left", left.to_string()),
    }
}
