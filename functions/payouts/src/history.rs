//! What became of an account's payouts.

use crate::{
    App,
    view::{PayoutView, StepView, own},
};
use edge::{
    cursor,
    http::{Call, Reply, StatusCode},
    problem::Problem,
    range::DateRange,
};
use ledger::AccountId;
use programme::payout::PayoutId;
use serde::Serialize;

#[derive(Serialize)]
struct List {
    payouts: Vec<PayoutView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Timeline {
    #[serde(flatten)]
    payout: PayoutView,
    timeline: Vec<StepView>,
}

/// `GET /payouts?from&to&cursor&limit`: those asked for on the days of the range, newest first.
pub(crate) async fn list(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let (range, limit) = (DateRange::of(call)?, cursor::limit(call)?);
    let scope = format!("/payouts {account}");
    let before = call.query("cursor")?.map(|text| cursor::open(&app.keys.cursors, &scope, text)).transpose()?;
    let page = app.store.payouts_of(account, range.from, range.to, before.as_deref(), limit).await?;
    let next_cursor = page.next_place().map(|place| cursor::seal(&app.keys.cursors, &scope, place));
    let payouts = page.entries.iter().map(|listed| PayoutView::of(&listed.entry)).collect();
    Reply::json(StatusCode::OK, &List { payouts, next_cursor })
}

/// `GET /payouts/{id}`: where it stands, and every step on the way.
pub(crate) async fn one(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let id = id(call)?;
    let payout = own(app.store.payout(&id).await?, account).ok_or_else(|| Problem::not_found("payout"))?;
    let timeline = app.store.payout_steps(&id).await?.iter().map(StepView::of).collect();
    Reply::json(StatusCode::OK, &Timeline { payout: PayoutView::of(&payout), timeline })
}

/// The payout that the path names.
pub(crate) fn id(call: &Call) -> Result<PayoutId, Problem> {
    call.param("id")?.parse().map_err(|_| Problem::not_found("payout"))
}
