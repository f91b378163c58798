//! Stripe Connect: a payout is a transfer from the platform's balance to the payee's connected account.
//!
//! - The `Idempotency-Key` is the order's key. Stripe keeps a key for at least 24 hours and answers its repetition with
//!   the first answer, *a 500 included*; so a repeated 500 says nothing, and the look-up by `transfer_group` decides.
//!   A repetition whose first attempt paid is never refused for another reason, and so a refusal is always definite.
//! - Another order under the same key is an `idempotency_error`: a conflict, never adopted. A 409 is a lock that another
//!   request holds: busy.
//! - `transfer_group` is the payout's id: the look-up asks for all of a group, so two payments of one payout show.
//! - What Stripe has moved to the connected account is paid. A reversal returns it, by `amount_reversed`, which is
//!   cumulative. What becomes of the money between Stripe and the payee's bank does not concern us.

mod minor_units;
mod onboarding;
#[cfg(test)]
mod tests;
mod wire;

use crate::{
    GoAhead, Listed, Order, Rail, RailError,
    base::Base,
    http::{Auth, Body, Call, Http, Said, UNREADABLE, read},
    window,
};
use chrono::{DateTime, Utc};
use edge::config::Secret;
use futures::future::BoxFuture;
use programme::payout::{Destination, Sighting};
use reqwest::StatusCode;
use wire::{Failure, Page, Transfer};

const RAIL: ledger::Rail = ledger::Rail::StripeConnect;
/// The version of Stripe's interface that the answers are read by, whatever the account's own default is.
const VERSION: &str = "2023-08-16";
/// As many transfers as a page may have.
const PAGE: usize = 100;

/// Stripe's interface for a platform with connected accounts.
#[derive(Clone)]
pub struct StripeConnect {
    http: Http,
    base: Base,
    key: Secret,
}

impl StripeConnect {
    pub(crate) const fn new(http: Http, base: Base, key: Secret) -> Self {
        Self { http, base, key }
    }

    fn get(&self, name: &'static str, path: &[&str]) -> Call<'_> {
        Call::get(RAIL, name, self.base.path(path), Auth::Bearer(&self.key)).header("stripe-version", VERSION)
    }

    fn post(&self, name: &'static str, path: &[&str], form: Vec<(String, String)>) -> Call<'_> {
        Call::post(RAIL, name, self.base.path(path), Auth::Bearer(&self.key), Body::Form(form)).header("stripe-version", VERSION)
    }

    async fn pay(&self, order: &Order, go: &dyn GoAhead) -> Result<Sighting, RailError> {
        if !window::is_open(RAIL, order) {
            return Err(RailError::Closed);
        }
        let call = self.post("transfer", &["v1", "transfers"], form(order)?).header("idempotency-key", &*order.key);
        go.ask().await.map_err(RailError::Held)?;
        match self.http.send(&call).await?.said()? {
            Said::Yes(body) => read::<Transfer>(&body)?.sighting(order),
            Said::No(status, body) => {
                let failure: Failure = read(&body)?;
                if failure.is_lock() {
                    Err(RailError::Busy)
                } else if failure.is_other_parameters() {
                    Err(RailError::Conflict)
                } else if status == StatusCode::CONFLICT {
                    Err(RailError::Busy)
                } else {
                    Ok(Sighting::Failed { reference: None, reason: failure.reason() })
                }
            }
        }
    }

    async fn ask(&self, order: &Order) -> Result<Sighting, RailError> {
        let call =
            self.get("transfers of a payout", &["v1", "transfers"]).query(&[("transfer_group", order.payout.as_str()), ("limit", "10")]);
        let page: Page = self.page(&call).await?;
        match page.data.as_slice() {
            [] if !page.has_more => Ok(Sighting::Absent),
            [transfer] if !page.has_more => transfer.sighting(order),
            _ => Err(RailError::Conflict),
        }
    }

    async fn listed(&self, from: DateTime<Utc>, to: DateTime<Utc>, cursor: Option<&str>) -> Result<Listed, RailError> {
        let (since, until, limit) = (from.timestamp().to_string(), to.timestamp().to_string(), PAGE.to_string());
        let period = [("created[gte]", since.as_str()), ("created[lt]", &until), ("limit", &limit)];
        let mut call = self.get("transfers of a period", &["v1", "transfers"]).query(&period);
        if let Some(after) = cursor {
            call = call.query(&[("starting_after", after)]);
        }
        let page: Page = self.page(&call).await?;
        let last = page.data.last().map(|transfer| transfer.id.clone());
        // A page that promises more and has nothing to go on from would be asked for for ever.
        let next = if page.has_more { Some(last.ok_or(UNREADABLE)?) } else { None };
        let payments = page.data.into_iter().map(Transfer::listed).collect::<Result<_, _>>()?;
        Ok(Listed { payments, next })
    }

    async fn page(&self, call: &Call<'_>) -> Result<Page, RailError> {
        match self.http.send(call).await?.said()? {
            Said::Yes(body) => read(&body),
            Said::No(_, body) => Err(refused(&body)),
        }
    }
}

/// A refusal to read something: our way of asking is wrong.
fn refused(body: &[u8]) -> RailError {
    match read::<Failure>(body) {
        Ok(failure) => RailError::Misconfigured(format!("{}: {}", RAIL.as_str(), failure.reason())),
        Err(error) => error,
    }
}

/// The transfer as Stripe is asked for it: the same bytes for the same order.
fn form(order: &Order) -> Result<Vec<(String, String)>, RailError> {
    let Destination::StripeAccount { account } = &order.destination else {
        return Err(RailError::Misconfigured("stripe_connect: a destination of another rail".to_owned()));
    };
    let amount = minor_units::of(order.amount, &order.currency)
        .ok_or_else(|| RailError::Misconfigured("stripe_connect: an amount that is no number of minor units".to_owned()))?;
    Ok([
        ("amount", amount.to_string()),
        ("currency", order.currency.as_str().to_ascii_lowercase()),
        ("destination", account.clone()),
        ("transfer_group", order.payout.to_string()),
        ("metadata[payout_id]", order.payout.to_string()),
        ("metadata[account_id]", order.account.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into())
}

impl Rail for StripeConnect {
    fn rail(&self) -> ledger::Rail {
        RAIL
    }

    fn submit<'a>(&'a self, order: &'a Order, go: &'a dyn GoAhead) -> BoxFuture<'a, Result<Sighting, RailError>> {
        Box::pin(self.pay(order, go))
    }

    fn look_up<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Sighting, RailError>> {
        Box::pin(self.ask(order))
    }

    fn can_look_up(&self, _order: &Order) -> bool {
        true
    }

    fn list<'a>(&'a self, from: DateTime<Utc>, to: DateTime<Utc>, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Listed, RailError>> {
        Box::pin(self.listed(from, to, cursor))
    }
}
