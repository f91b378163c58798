//! `GET /finance/payouts?status=&cursor&limit`: the payouts of a status, newest first.

use crate::{App, view::PayoutView};
use edge::{
    cursor,
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use programme::payout::{PayoutId, PayoutStatus};
use serde::Serialize;

#[derive(Serialize)]
struct List {
    status: &'static str,
    payouts: Vec<PayoutView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Those that wait for finance, where no status is asked for.
pub(crate) async fn list(app: &App, call: &Call) -> Result<Reply, Problem> {
    let status = match call.query("status")? {
        None => PayoutStatus::Requested,
        Some(text) => text.parse().map_err(|_| Problem::malformed("The parameter status is none that a payout can have."))?,
    };
    let (limit, scope) = (cursor::limit(call)?, format!("/finance/payouts {status}"));
    let page = app.store.payouts_in(status, app.place(call, &scope)?.as_deref(), limit).await?;
    let programme = app.store.programme(call.now).await?;
    let settings = programme.at(call.now).1;
    let payouts = page.entries.iter().map(|listed| PayoutView::of(&listed.entry, settings)).collect();
    Reply::json(StatusCode::OK, &List { status: status.as_str(), payouts, next_cursor: app.next_cursor(&page, &scope) })
}

/// The payout that the path names.
pub(crate) fn id(call: &Call) -> Result<PayoutId, Problem> {
    call.param("id")?.parse().map_err(|_| Problem::not_found("payout"))
}

/// The payout has moved on since the person looked.
pub(crate) fn stale(version: u32) -> Problem {
    Problem::conflict("The payout has changed since it was read.").with("version", version)
}
