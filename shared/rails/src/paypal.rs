//! PayPal Payouts: a payout is a batch of one item to an e-mail address or a payer id.
//!
//! - `sender_batch_id` is the payout's id, and so is `sender_item_id` (30 characters; PayPal takes 256 and 63). PayPal
//!   knows a `sender_batch_id` for 30 days: a repetition pays nothing and is answered with a 400 that links to the
//!   original, which is adopted after comparing amount, currency and receiver. Only the link's last segment is used.
//! - A batch can be asked for by its own id alone. Where the answer that had it was lost, sending the same again *is*
//!   the look-up ([`Rail::can_look_up`]). After the window, the transaction search is: it lags up to three hours, and
//!   carries our id as the transaction's custom field.
//! - Which of several reasons to refuse PayPal names first is not documented: a repetition may be told that the balance
//!   does not suffice because the first attempt emptied it. So a refusal is definite for a first attempt alone.
//! - A 201 says that the batch was taken, and nothing of the money. Its item's status does: `SUCCESS` is paid; `FAILED`
//!   and a denied batch are failures; `RETURNED`, `REFUNDED` and `REVERSED` have come back as a whole; all others,
//!   `UNCLAIMED` and `BLOCKED` among them, are under way, since PayPal may still pay them.
//! - Fees are taken from the sender: the payee gets the amount.

mod report;
#[cfg(test)]
mod tests;
mod token;
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
use programme::payout::{Destination, RailDoubt, Sighting};
use reqwest::StatusCode;
use serde_json::{Value, json};
use token::Tokens;
use wire::{Batch, Created, Failure};

const RAIL: ledger::Rail = ledger::Rail::Paypal;
/// The longest receiver that PayPal takes, in bytes.
const RECEIVER_MAX: usize = 127;

/// PayPal's interface for payouts.
pub struct Paypal {
    http: Http,
    base: Base,
    tokens: Tokens,
}

impl Paypal {
    pub(crate) fn new(http: Http, base: Base, client_id: String, client_secret: Secret) -> Self {
        Self { http, base, tokens: Tokens::new(client_id, client_secret) }
    }

    /// Sends what `call` makes of the token; once again with a fresh one where PayPal no longer takes it, which it may
    /// decide before the token's time is over. A 401 did nothing.
    async fn send<F>(&self, call: F) -> Result<Said, RailError>
    where
        F: for<'t> Fn(Auth<'t>) -> Call<'t> + Sync,
    {
        let token = self.tokens.get(&self.http, &self.base).await?;
        let answer = self.http.send(&call(Auth::Bearer(&token))).await?;
        if !answer.is_unauthorized() {
            return answer.said();
        }
        self.tokens.forget(&token).await;
        let token = self.tokens.get(&self.http, &self.base).await?;
        self.http.send(&call(Auth::Bearer(&token))).await?.said()
    }

    async fn pay(&self, order: &Order, go: &dyn GoAhead) -> Result<Sighting, RailError> {
        if !window::is_open(RAIL, order) {
            return Err(RailError::Closed);
        }
        let (kind, receiver) = receiver(order)?;
        if receiver.len() > RECEIVER_MAX {
            // Known without asking, and true of every attempt.
            return Ok(Sighting::Failed { reference: None, reason: "RECEIVER_TOO_LONG".to_owned() });
        }
        let body = body(order, kind, receiver)?;
        let url = self.base.path(&["v1", "payments", "payouts"]);
        go.ask().await.map_err(RailError::Held)?;
        match self.send(|auth| Call::post(RAIL, "payout", url.clone(), auth, Body::Json(body.clone()))).await? {
            Said::Yes(body) => read::<Created>(&body)?.sighting(order),
            // A conflict that PayPal met while it worked says nothing of what it had done before.
            Said::No(StatusCode::CONFLICT, _) => Err(RailError::Unknown(RailDoubt::ServerError)),
            Said::No(_, body) => self.refused(order, &read(&body)?).await,
        }
    }

    async fn refused(&self, order: &Order, failure: &Failure) -> Result<Sighting, RailError> {
        if failure.is_duplicate() {
            let original = failure.original().ok_or(UNREADABLE)?;
            return self.batch(order, original).await?.ok_or(UNREADABLE);
        }
        if order.attempted {
            // The first attempt may have paid: see the head of this file.
            return Err(RailError::Unknown(RailDoubt::NoAnswer));
        }
        Ok(Sighting::Failed { reference: None, reason: failure.reason() })
    }

    /// What a batch says of the order; none where PayPal does not know the batch.
    async fn batch(&self, order: &Order, id: &str) -> Result<Option<Sighting>, RailError> {
        let url = self.base.path(&["v1", "payments", "payouts", id]);
        match self.send(|auth| Call::get(RAIL, "batch", url.clone(), auth)).await? {
            Said::Yes(body) => read::<Batch>(&body)?.sighting(order).map(Some),
            Said::No(StatusCode::NOT_FOUND, body) => read::<Failure>(&body).map(|_| None),
            Said::No(_, body) => Err(misasked(&body)),
        }
    }

    async fn ask(&self, order: &Order) -> Result<Sighting, RailError> {
        match &order.reference {
            Some(reference) if !report::is_transaction(reference) => Ok(self.batch(order, reference).await?.unwrap_or(Sighting::Absent)),
            Some(_) => self.searched(order).await,
            None if self.can_look_up(order) => self.searched(order).await,
            None => Err(RailError::Unknown(RailDoubt::NoAnswer)),
        }
    }
}

/// A refusal to read something: our way of asking is wrong.
fn misasked(body: &[u8]) -> RailError {
    match read::<Failure>(body) {
        Ok(failure) => RailError::Misconfigured(format!("{}: {}", RAIL.as_str(), failure.reason())),
        Err(error) => error,
    }
}

fn receiver(order: &Order) -> Result<(&'static str, &str), RailError> {
    match &order.destination {
        Destination::PaypalEmail { email } => Ok(("EMAIL", email)),
        Destination::PaypalPayer { payer_id } => Ok(("PAYPAL_ID", payer_id)),
        Destination::StripeAccount { .. } | Destination::WiseRecipient { .. } => {
            Err(RailError::Misconfigured("paypal: a destination of another rail".to_owned()))
        }
    }
}

/// The batch as PayPal is asked for it: the same bytes for the same order.
fn body(order: &Order, kind: &str, receiver: &str) -> Result<Value, RailError> {
    if order.amount.floor_to(2) != order.amount || !order.amount.is_positive() {
        return Err(RailError::Misconfigured("paypal: an amount that is no number of cents".to_owned()));
    }
    Ok(json!({
        "sender_batch_header": { "sender_batch_id": order.payout },
        "items": [{
            "recipient_type": kind,
            "receiver": receiver,
            // At least two places, and here never more.
            "amount": { "value": order.amount.to_string(), "currency": order.currency },
            "sender_item_id": order.payout,
        }],
    }))
}

impl Rail for Paypal {
    fn rail(&self) -> ledger::Rail {
        RAIL
    }

    fn submit<'a>(&'a self, order: &'a Order, go: &'a dyn GoAhead) -> BoxFuture<'a, Result<Sighting, RailError>> {
        Box::pin(self.pay(order, go))
    }

    fn look_up<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Sighting, RailError>> {
        Box::pin(self.ask(order))
    }

    fn can_look_up(&self, order: &Order) -> bool {
        order.reference.is_some() || !window::is_open(RAIL, order)
    }

    fn list<'a>(&'a self, from: DateTime<Utc>, to: DateTime<Utc>, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Listed, RailError>> {
        Box::pin(self.listed(from, to, cursor))
    }
}
