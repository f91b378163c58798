//! `POST /finance/payout-runs`: orders a run. The id is made from who orders and the key, and the run is written only where none
//! stands under it: the same call again finds it and is answered the same.

use super::{
    bill, errand,
    pick::{self, Picked, pick},
    request::{self, Form, Wanted},
    view::RunView,
};
use crate::App;
use chrono::{DateTime, Utc};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::{AccountId, Currency, Money};
use programme::payout::{Errand, Payout, RunId};
use serde_json::json;
use store::{
    Attempt, RunOrdered, decide,
    records::{
        act::{Act, ActKind},
        run::{LeftOut, Run, RunHead},
    },
};

/// Orders it, or tells what it would be.
pub(crate) async fn order(app: &App, call: &Call, by: &AccountId) -> Result<Reply, Problem> {
    let form: Form = call.json_within(request::BODY_BYTES_MAX)?;
    let wanted = form.wanted()?;
    if form.dry_run {
        return Box::pin(bill::show(app, call, by, &wanted)).await;
    }
    let id = RunId::of_request(by, &request::key(call)?);
    let order = Order { app, by, now: call.now, id, request: wanted.digest() };
    let run = decide(&*app.ids, async || attempt(&order, &wanted).await).await?;
    // Also where it stood already: the call before may have died just here.
    if run.head.closed_at.is_none() {
        errand::send(app, &Errand::Run { run: order.id.clone() }).await;
    }
    Reply::json(StatusCode::ACCEPTED, &RunView::ordered(&run))
}

async fn attempt(order: &Order<'_>, wanted: &Wanted) -> Result<Attempt<Run>, Problem> {
    if let Some(run) = order.standing().await? {
        return Ok(Attempt::Done(run));
    }
    let programme = order.app.store.programme(order.now).await?;
    let settings = programme.at(order.now).1;
    request::check_enabled(order.app, settings).await?;
    let Picked { payouts, left_out } = pick(order.app, order.by, wanted).await?;
    if payouts.is_empty() {
        return Err(Problem::refused("nothing_to_pay", "No approved payout waits to be ordered."));
    }
    order.place(&payouts, left_out, &settings.currency).await
}

/// An order, by whom and under which id.
pub(super) struct Order<'a> {
    pub(super) app: &'a App,
    pub(super) by: &'a AccountId,
    pub(super) now: DateTime<Utc>,
    pub(super) id: RunId,
    /// The digest of what is asked for.
    pub(super) request: String,
}

impl Order<'_> {
    /// The run that stands under the id already.
    ///
    /// 409 where it is of another request.
    pub(super) async fn standing(&self) -> Result<Option<Run>, Problem> {
        self.app.store.run(&self.id).await?.map(|run| self.same(run)).transpose()
    }

    fn same(&self, run: Run) -> Result<Run, Problem> {
        if run.head.request == self.request {
            Ok(run)
        } else {
            Err(Problem::conflict("This Idempotency-Key was used for another run.").with("run_id", self.id.as_str()))
        }
    }

    /// Writes the run with its list and the act; its list is never written again.
    pub(super) async fn place(&self, payouts: &[Payout], left_out: Vec<LeftOut>, currency: &Currency) -> Result<Attempt<Run>, Problem> {
        let head = RunHead {
            id: self.id.clone(),
            by: self.by.clone(),
            at: self.now,
            request: self.request.clone(),
            count: u32::try_from(payouts.len()).map_err(Problem::internal)?,
            amount: payouts.iter().map(|payout| payout.amount).sum(),
            currency: currency.clone(),
            closed_at: None,
        };
        let run = Run { head, payouts: payouts.iter().map(pick::entry).collect(), left_out };
        match self.app.store.create_run(&run, &[self.act(&run).write()]).await {
            Ok(RunOrdered::Created) => {
                tracing::info!(run_id = %self.id, by = %self.by, payouts = run.payouts.len(), "a run is ordered");
                Ok(Attempt::Done(run))
            }
            Ok(RunOrdered::Exists(run)) => Ok(Attempt::Done(self.same(*run)?)),
            Err(error) => Attempt::of(Err(error), run),
        }
    }

    fn act(&self, run: &Run) -> Act {
        let amount: Money = run.head.amount;
        let mut details =
            json!({ "count": run.head.count, "amount": amount, "currency": run.head.currency, "left_out": run.left_out.len() });
        if let [only] = run.payouts.as_slice() {
            details["payout_id"] = json!(only.payout);
        }
        Act {
            at: self.now,
            by: self.by.clone(),
            kind: ActKind::PayoutRunOrdered,
            subject: self.id.to_string(),
            version: 1,
            reason: None,
            details,
        }
    }
}
