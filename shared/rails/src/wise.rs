//! Wise: a payout is a quote, a transfer made of it, and the transfer's payment from the platform's balance.
//!
//! - **Make.** The transfer's `customerTransactionId` is made from the payout's id ([`id`]): a repetition gives the same
//!   transfer, whatever quote it names. Wise documents no end of that, and we count on it for the window alone; an
//!   attempt that is not the first asks before it makes. A transfer moves no money, and so one that was made and not
//!   paid for counts as [`Sighting::Absent`]: submitting again continues it.
//! - **Pay for it.** That call has no key. It is made only where Wise says, at that moment, that the transfer waits for
//!   its money and lists no payment, and the platform says after that that it may go on; where its answer is lost,
//!   nothing follows in the same call. A refusal comes as a 200 with `status: REJECTED`. Then the transfer is cancelled
//!   before the payout counts as failed, lest somebody pays for it by hand later; where that is not confirmed, the payout
//!   stays unknown.
//! - **Who pays the fees.** The quote says what the payee gets, never what the platform pays: the amount itself in the
//!   order's currency, or in another one the amount at the rate that a first quote tells, rounded down ([`quote`]).
//! - **States** can roll back and bounce weeks later. `outgoing_payment_sent` is paid. What bounces is under way until
//!   Wise has given it back (`funds_refunded`), since until then it may be sent again; `cancelled` likewise where it
//!   was paid for, and a failure where it was not.
//! - A transfer that was paid for by a balance is never charged back; were one, the money is with the platform.

mod id;
mod listing;
mod quote;
#[cfg(test)]
mod tests;
mod wire;

use crate::{
    GoAhead, Listed, Order, Rail, RailError,
    base::Base,
    code::code,
    http::{Auth, Body, Call, Http, Said, UNREADABLE, read},
    window,
};
use chrono::{DateTime, Utc};
use edge::config::Secret;
use futures::future::BoxFuture;
use ledger::{Currency, Money};
use programme::payout::{Destination, PayoutId, Sighting};
use reqwest::{Method, StatusCode};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use wire::{Failure, Funding, Transfer};

const RAIL: ledger::Rail = ledger::Rail::Wise;
/// Made, and nothing was paid for it.
const WAITING: &str = "incoming_payment_waiting";
const CANCELLED: &str = "cancelled";

/// Wise's interface for one profile.
#[derive(Clone)]
pub struct Wise {
    http: Http,
    base: Base,
    token: Secret,
    profile: u64,
}

impl Wise {
    pub(crate) const fn new(http: Http, base: Base, token: Secret, profile: u64) -> Self {
        Self { http, base, token, profile }
    }

    fn get(&self, name: &'static str, path: &[&str]) -> Call<'_> {
        Call::get(RAIL, name, self.base.path(path), Auth::Bearer(&self.token))
    }

    fn post(&self, name: &'static str, path: &[&str], body: Value) -> Call<'_> {
        Call::post(RAIL, name, self.base.path(path), Auth::Bearer(&self.token), Body::Json(body))
    }

    async fn pay(&self, order: &Order, go: &dyn GoAhead) -> Result<Sighting, RailError> {
        let transfer = match self.existing(order).await.map_err(nothing_done)? {
            Some(transfer) => transfer,
            None if !window::is_open(RAIL, order) => return Err(RailError::Closed),
            None => match self.make(order).await? {
                Ok(transfer) => transfer,
                Err(reason) => return Ok(Sighting::Failed { reference: None, reason }),
            },
        };
        transfer.is_of(order)?;
        if transfer.status == WAITING && self.is_unpaid(&transfer).await.map_err(nothing_done)? {
            go.ask().await.map_err(RailError::Held)?;
            self.fund(order, &transfer).await
        } else {
            self.state(&transfer, order.amount).await
        }
    }

    /// The order's transfer as it is now, where an earlier attempt made one.
    async fn existing(&self, order: &Order) -> Result<Option<Transfer>, RailError> {
        match &order.reference {
            // What Wise told us of, it can't have forgotten.
            Some(reference) => self.transfer(reference).await?.map(Some).ok_or(UNREADABLE),
            None if order.attempted || !window::is_open(RAIL, order) => self.find(order).await,
            None => Ok(None),
        }
    }

    /// Makes the transfer, or gets the one that was made; the inner error is Wise's code for why not.
    async fn make(&self, order: &Order) -> Result<Result<Transfer, String>, RailError> {
        let (recipient, currency) = recipient(order)?;
        let quote = match self.quote(order, recipient, currency).await.map_err(nothing_done)? {
            Ok(quote) => quote,
            Err(reason) => return Ok(Err(reason)),
        };
        let body = json!({
            "targetAccount": recipient,
            "quoteUuid": quote,
            "customerTransactionId": id::of(&order.payout),
        });
        match self.http.send(&self.post("transfer", &["v1", "transfers"], body)).await?.said()? {
            Said::Yes(body) => {
                // The answer to a repetition may be the first one: what counts is what the transfer is now.
                let made: Transfer = read(&body)?;
                self.transfer(&made.reference()).await.map_err(nothing_done)?.map(Ok).ok_or(UNREADABLE)
            }
            Said::No(StatusCode::CONFLICT, _) => Err(RailError::Conflict),
            Said::No(_, body) => Ok(Err(read::<Failure>(&body)?.reason())),
        }
    }

    /// A transfer; none where Wise does not know it.
    async fn transfer(&self, reference: &str) -> Result<Option<Transfer>, RailError> {
        match self.http.send(&self.get("transfer by id", &["v1", "transfers", reference])).await?.said()? {
            Said::Yes(body) => read(&body).map(Some),
            Said::No(StatusCode::NOT_FOUND, _) => Ok(None),
            Said::No(_, body) => Err(misasked(&body)),
        }
    }

    /// Whether nothing was ever paid for a transfer.
    async fn is_unpaid(&self, transfer: &Transfer) -> Result<bool, RailError> {
        let call = self.get("payments of a transfer", &["v1", "transfers", &transfer.reference(), "payments"]);
        match self.http.send(&call).await?.said()? {
            Said::Yes(body) => Ok(read::<Vec<IgnoredAny>>(&body)?.is_empty()),
            Said::No(_, body) => Err(misasked(&body)),
        }
    }

    /// Pays for a transfer from the balance: the one call that moves money.
    async fn fund(&self, order: &Order, transfer: &Transfer) -> Result<Sighting, RailError> {
        let reference = transfer.reference();
        let path = ["v3", "profiles", &self.profile.to_string(), "transfers", &reference, "payments"];
        match self.http.send(&self.post("payment", &path, json!({ "type": "BALANCE" }))).await?.said()? {
            Said::Yes(body) => match read::<Funding>(&body)? {
                Funding::Completed => Ok(Sighting::Underway { reference, note: None }),
                Funding::Rejected { error_code } => self.cancel(order, &reference, code(error_code.as_deref().unwrap_or("REJECTED"))).await,
            },
            Said::No(_, body) => {
                let reason = read::<Failure>(&body)?.reason();
                // «It is paid for already» is a refusal, too.
                let now = self.transfer(&reference).await?.ok_or(UNREADABLE)?;
                if now.status == WAITING && self.is_unpaid(&now).await? {
                    self.cancel(order, &reference, reason).await
                } else {
                    self.state(&now, order.amount).await
                }
            }
        }
    }

    /// Ends a transfer that nothing was paid for, so that nothing ever will be.
    async fn cancel(&self, order: &Order, reference: &str, reason: String) -> Result<Sighting, RailError> {
        let mut call = self.get("cancel", &["v1", "transfers", reference, "cancel"]);
        call.method = Method::PUT;
        let now = match self.http.send(&call).await?.said()? {
            Said::Yes(body) => read::<Transfer>(&body)?,
            Said::No(..) => self.transfer(reference).await?.ok_or(UNREADABLE)?,
        };
        match now.status.as_str() {
            CANCELLED => Ok(Sighting::Failed { reference: Some(reference.to_owned()), reason }),
            // Neither paid for nor cancelled: somebody could still do either.
            WAITING => Err(UNREADABLE),
            _ => self.state(&now, order.amount).await,
        }
    }

    async fn ask(&self, order: &Order) -> Result<Sighting, RailError> {
        let transfer = match &order.reference {
            Some(reference) => self.transfer(reference).await?,
            None => self.find(order).await?,
        };
        let Some(transfer) = transfer else { return Ok(Sighting::Absent) };
        transfer.is_of(order)?;
        self.state(&transfer, order.amount).await
    }

    /// What a transfer's state says, where `amount` is what its payee was to get.
    async fn state(&self, transfer: &Transfer, amount: Money) -> Result<Sighting, RailError> {
        let reference = transfer.reference();
        Ok(match transfer.status.as_str() {
            WAITING if self.is_unpaid(transfer).await? => Sighting::Absent,
            "outgoing_payment_sent" => Sighting::Paid { reference, returned: Money::ZERO },
            status @ ("funds_refunded" | "charged_back") => {
                Sighting::Returned { reference, returned: amount, note: Some(status.to_owned()) }
            }
            CANCELLED if self.is_unpaid(transfer).await? => Sighting::Failed { reference: Some(reference), reason: CANCELLED.to_owned() },
            // incoming_payment_initiated, processing, funds_converted, bounced_back, one that is paid for and still said to
            // wait, a cancelled one whose money is on its way back, and whatever Wise invents: nothing is final.
            open => Sighting::Underway { reference, note: Some(code(open)) },
        })
    }
}

/// What went wrong before anything was asked for did nothing: the same call may be made again.
fn nothing_done(error: RailError) -> RailError {
    match error {
        RailError::Unknown(_) | RailError::Busy => RailError::Busy,
        RailError::Closed | RailError::Misconfigured(_) | RailError::Conflict | RailError::Held(_) => error,
    }
}

/// A refusal to read something: our way of asking is wrong.
fn misasked(body: &[u8]) -> RailError {
    match read::<Failure>(body) {
        Ok(failure) => RailError::Misconfigured(format!("{}: {}", RAIL.as_str(), failure.reason())),
        Err(error) => error,
    }
}

/// The recipient's number and currency.
fn recipient(order: &Order) -> Result<(u64, &Currency), RailError> {
    let number = match &order.destination {
        Destination::WiseRecipient { recipient_id, currency } => recipient_id.parse().ok().map(|number| (number, currency)),
        Destination::StripeAccount { .. } | Destination::PaypalEmail { .. } | Destination::PaypalPayer { .. } => None,
    };
    number.ok_or_else(|| RailError::Misconfigured("wise: a destination of another rail".to_owned()))
}

impl Rail for Wise {
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

    fn mark(&self, payout: &PayoutId) -> String {
        id::of(payout)
    }

    fn list<'a>(&'a self, from: DateTime<Utc>, to: DateTime<Utc>, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Listed, RailError>> {
        Box::pin(self.listed(from, to, cursor))
    }
}
