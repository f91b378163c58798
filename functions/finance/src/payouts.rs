//! `GET /finance/payouts?status=&payees=&cursor&limit`: the payouts of a status, newest first.

use crate::{
    App,
    payee::{Payee, PayeeView},
    signals::Signal,
    view::PayoutView,
};
use edge::{
    cursor,
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use programme::payout::{Payout, PayoutId, PayoutStatus};
use serde::Serialize;

#[derive(Serialize)]
struct List {
    status: &'static str,
    payouts: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    payout: PayoutView,
    #[serde(skip_serializing_if = "Option::is_none")]
    payee: Option<PayeeView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signals: Option<Vec<Signal>>,
}

/// Those that wait for finance, where no status is asked for. Payees only where they are asked for: each costs reads of its own.
pub(crate) async fn list(app: &App, call: &Call) -> Result<Reply, Problem> {
    let status = match call.query("status")? {
        None => PayoutStatus::Requested,
        Some(text) => text.parse().map_err(|_| Problem::malformed("The parameter status is none that a payout can have."))?,
    };
    let with_payees = match call.query("payees")? {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Problem::malformed("The parameter payees must be true or false.")),
    };
    let (limit, scope) = (cursor::limit(call)?, format!("/finance/payouts {status}"));
    let page = app.store.payouts_in(status, app.place(call, &scope)?.as_deref(), limit).await?;
    let programme = app.store.programme(call.now).await?;
    let settings = programme.at(call.now).1;
    let listed: Vec<&Payout> = page.entries.iter().map(|listed| &listed.entry).collect();
    let payees = if with_payees { Payee::load_all(app, &listed, call.now).await? } else { Vec::new() };
    let mut payees = payees.into_iter();
    let row = |payout: &&Payout| {
        let payee = payees.next();
        Row {
            payout: PayoutView::of(payout, settings),
            signals: payee.as_ref().map(|payee| payee.signals(payout, settings, call.now)),
            payee: payee.map(|payee| payee.view(&payout.account)),
        }
    };
    let payouts = listed.iter().map(row).collect();
    Reply::json(StatusCode::OK, &List { status: status.as_str(), payouts, next_cursor: app.next_cursor(&page, &scope) })
}

/// The payout that the path names.
pub(crate) fn id(call: &Call) -> Result<PayoutId, Problem> {
    call.param("id")?.parse().map_err(|_| Problem::not_found("payout"))
}

/// The payout has changed since the person looked.
pub(crate) fn stale(version: u32) -> Problem {
    Problem::conflict("The payout has changed since it was read.").with("version", version)
}

/// The payout stands elsewhere than where the act needs it.
pub(crate) fn wrong_status(sentence: &str, payout: &Payout) -> Problem {
    Problem::conflict(sentence).with("payout_status", payout.status.as_str()).with("version", payout.version)
}
