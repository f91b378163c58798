//! `POST /finance/payouts/{id}/pay`: a run of one. It is named by the payout itself, so that however many people order it, and
//! however often, it is one.

use super::{
    errand,
    order::Order,
    ordered::Ordered,
    pick,
    request::{self, Wanted},
};
use crate::{App, payouts, view::PayoutView};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::AccountId;
use programme::{
    payout::{Errand, IdempotencyKey, Payout, PayoutId, PayoutStatus, RunId},
    settings::Settings,
};
use serde::Deserialize;
use store::{Attempt, decide};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    version: u32,
}

/// Orders it; again, it is answered as it stands by then.
pub(crate) async fn pay(app: &App, call: &Call, by: &AccountId) -> Result<Reply, Problem> {
    let id = payouts::id(call)?;
    let form: Form = call.json()?;
    let programme = app.store.programme(call.now).await?;
    let settings = programme.at(call.now).1;
    let asked = Asked { app, call, by, id: &id, version: form.version, settings };
    let (payout, run) = decide(&*app.ids, async || asked.attempt().await).await?;
    // Also where it was ordered before: that call may have died just here.
    if payout.status == PayoutStatus::Approved {
        errand::send(app, &Errand::Pay { run: run.clone(), payout: id }).await;
    }
    Reply::json(StatusCode::ACCEPTED, &PayoutView::of(&payout, settings).waiting_in(Some(&run)))
}

struct Asked<'a> {
    app: &'a App,
    call: &'a Call,
    by: &'a AccountId,
    id: &'a PayoutId,
    version: u32,
    settings: &'a Settings,
}

impl Asked<'_> {
    async fn attempt(&self) -> Result<Attempt<(Payout, RunId)>, Problem> {
        let payout = self.app.store.payout(self.id).await?.ok_or_else(|| Problem::not_found("payout"))?;
        if payout.account == *self.by {
            return Err(pick::own());
        }
        let key = IdempotencyKey::try_new(self.id.as_str()).map_err(Problem::internal)?;
        let request = Wanted::Listed(vec![self.id.clone()]).digest();
        let order = Order { app: self.app, by: self.by, now: self.call.now, id: RunId::of_request(&payout.account, &key), request };
        if order.standing().await?.is_some() {
            return Ok(Attempt::Done((payout, order.id)));
        }
        self.check(&payout).await?;
        let placed = order.place(std::slice::from_ref(&payout), Vec::new(), &self.settings.currency).await?;
        Ok(match placed {
            Attempt::Done(_) => Attempt::Done((payout, order.id)),
            Attempt::Again(error) => Attempt::Again(error),
        })
    }

    async fn check(&self, payout: &Payout) -> Result<(), Problem> {
        if payout.status != PayoutStatus::Approved {
            return Err(payouts::wrong_status("The payout is not approved.", payout));
        }
        if payout.version != self.version {
            return Err(payouts::stale(payout.version));
        }
        if let Some(run) = Ordered::load(self.app).await?.run_of(self.id) {
            return Err(Problem::conflict("The payout waits in a run.").with("run_id", run.as_str()));
        }
        request::check_enabled(self.app, self.settings).await
    }
}
