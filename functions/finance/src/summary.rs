//! `GET /finance/payouts/summary`: how many payouts stand where, and how much they come to.

use crate::App;
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use futures::future::try_join_all;
use ledger::{Currency, Money};
use programme::payout::PayoutStatus;
use serde::Serialize;

/// How many of a status are counted: there is no end to those that are paid.
const COUNT_MAX: u32 = 1_000;

#[derive(Serialize)]
struct Summary<'a> {
    currency: &'a Currency,
    count_max: u32,
    statuses: Vec<Figure>,
}

#[derive(Serialize)]
struct Figure {
    status: &'static str,
    count: usize,
    amount: Money,
    /// There are more than were counted: the figures are of the newest.
    more: bool,
}

/// Every status, in the order in which payouts go through them.
pub(crate) async fn show(app: &App, call: &Call) -> Result<Reply, Problem> {
    let programme = app.store.programme(call.now).await?;
    let statuses = try_join_all(PayoutStatus::ALL.map(|status| count(app, status))).await?;
    Reply::json(StatusCode::OK, &Summary { currency: &programme.at(call.now).1.currency, count_max: COUNT_MAX, statuses })
}

async fn count(app: &App, status: PayoutStatus) -> Result<Figure, Problem> {
    let page = app.store.payouts_in(status, None, COUNT_MAX).await?;
    let amount = page.entries.iter().map(|listed| listed.entry.amount).sum();
    Ok(Figure { status: status.as_str(), count: page.entries.len(), amount, more: page.more })
}
