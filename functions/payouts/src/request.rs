//! `POST /payouts`: the check and the reserve are one transaction.

use crate::{App, standing::Standings, view::PayoutView};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::{AccountId, Money};
use programme::{
    payout::{self, IdempotencyKey, PayoutEvent, PayoutId, Request, RequestRefusal},
    plan::{Body, Subject},
};
use serde::Deserialize;
use store::{
    Attempt, decide,
    records::{book::BookEdit, destination, time},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    amount: String,
}

/// Asks for a payout. The id is made from account and key, and the first record under it is written
/// only where none is: the same call again finds it and is answered the same.
pub(crate) async fn request(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let key = key(call)?;
    let form: Form = call.json()?;
    let amount: Money = form.amount.parse().map_err(|_| Problem::malformed("The amount must be a decimal text with at most 6 places."))?;
    if !amount.is_positive() {
        return Err(Problem::malformed("The amount must be above zero."));
    }
    let asked = Asked { app, call, account, amount, id: PayoutId::of_request(account, &key) };
    let view = decide(&*app.ids, async || asked.attempt().await).await?;
    Reply::json(StatusCode::CREATED, &view)
}

fn key(call: &Call) -> Result<IdempotencyKey, Problem> {
    let mut values = call.headers.get_all("idempotency-key").iter();
    let key = values.next().and_then(|value| value.to_str().ok()).and_then(|text| IdempotencyKey::try_new(text).ok());
    key.filter(|_| values.next().is_none())
        .ok_or_else(|| Problem::malformed("One header Idempotency-Key of 1 to 255 visible ASCII characters is needed."))
}

struct Asked<'a> {
    app: &'a App,
    call: &'a Call,
    account: &'a AccountId,
    amount: Money,
    id: PayoutId,
}

impl Asked<'_> {
    async fn attempt(&self) -> Result<Attempt<PayoutView>, Problem> {
        if let Some(first) = self.first().await? {
            let other = || Problem::conflict("This Idempotency-Key was used for a payout of another amount.");
            return if first.amount() == self.amount { Ok(Attempt::Done(first)) } else { Err(other()) };
        }
        let store = &self.app.store;
        let (figures, book, programme) =
            tokio::try_join!(store.account(self.account), store.payout_book(self.account), store.programme(self.call.now))?;
        let destination = match book.default {
            Some(rail) => store.payout_account(self.account, rail).await?,
            None => None,
        };
        if let Some(stored) = &destination {
            Standings::load(self.app, self.account, [stored.account.rail]).await?.check(stored)?;
        }
        let today = self.call.now.date_naive();
        let change = payout::request(&Request {
            id: &self.id,
            account: self.account,
            amount: self.amount,
            now: self.call.now,
            settings: programme.at(self.call.now),
            figures: &figures.unwrap_or_default(),
            destination: destination.as_ref().map(|stored| &stored.account),
            requested_today: book.requested_on(today),
        })
        .map_err(|refusal| refused(&refusal))?;
        let bound = destination::unchanged(self.account, &change.payout.destination);
        let edit = BookEdit::on(self.account.clone(), &book, today);
        let view = PayoutView::of(&change.payout);
        let attempt = Attempt::of(store.commit_payouts(&[change], edit, &[bound]).await, view)?;
        if matches!(attempt, Attempt::Done(_)) {
            tracing::info!(account_id = %self.account, payout_id = %self.id, amount = %self.amount, "payout requested");
        }
        Ok(attempt)
    }

    /// The answer to the first call under this key.
    async fn first(&self) -> Result<Option<PayoutView>, Problem> {
        let Some(line) = self.app.store.line(&Subject::Payout(self.id.to_string()), 0).await? else { return Ok(None) };
        let view = match &line.body {
            Body::Payout { event } => {
                let event: PayoutEvent = serde_json::from_str(event).map_err(Problem::internal)?;
                PayoutView::requested(self.id.as_str(), line.at, &event.step)
            }
            Body::Purchase { .. } | Body::Single { .. } | Body::Spent { .. } | Body::UsageReward { .. } => None,
        };
        view.map(Some).ok_or_else(|| Problem::internal("the first record of a payout is no request"))
    }
}

fn refused(refusal: &RequestRefusal) -> Problem {
    let problem = Problem::refused(refusal.rule(), refusal.to_string());
    match refusal {
        RequestRefusal::NoPayoutAccount => problem,
        RequestRefusal::DestinationCooldown { opens_at } => problem.with("opens_at", time(*opens_at)),
        RequestRefusal::RailPrecision { places } => problem.with("places", *places),
        RequestRefusal::Minimum { minimum } => problem.with("minimum", minimum.to_string()),
        RequestRefusal::Maximum { maximum } => problem.with("maximum", maximum.to_string()),
        RequestRefusal::AccountDailyLimit { left } => problem.with("left", left.to_string()),
        RequestRefusal::Debt { debt } => problem.with("debt", debt.to_string()),
        RequestRefusal::Cashable { cashable } => problem.with("cashable", cashable.to_string()),
    }
}
