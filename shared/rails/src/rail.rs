//! What every rail can be asked, and what it may answer.

use crate::{GoAhead, Held};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use ledger::{AccountId, Currency, Money};
use programme::payout::{Destination, PayoutId, RailDoubt, Sighting};

/// A payout as it was frozen before the rail was first called. The same payout always has the same order, but for the
/// last three fields, which say where its story stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Which payout.
    pub payout: PayoutId,
    /// The payee.
    pub account: AccountId,
    /// How much the payee is to get. The rail's fees are the platform's.
    pub amount: Money,
    /// In which currency the amount is.
    pub currency: Currency,
    /// Where it goes.
    pub destination: Destination,
    /// The one idempotency key of all attempts: at most 255 visible ASCII characters.
    pub key: String,
    /// When the intent to pay was stored, before the first attempt: the rail's memory of the key is measured from here.
    pub intended_at: DateTime<Utc>,
    /// The time of the call.
    pub now: DateTime<Utc>,
    /// The rail's own id of the payment, as the newest [`Sighting`] told it; none where none told one yet.
    pub reference: Option<String>,
    /// Whether an earlier attempt may have reached the rail: `false` only for the first call after the intent was
    /// stored, in the same invocation. Where it is `true`, some refusals prove nothing (see [`Rail::submit`]).
    pub attempted: bool,
}

/// Why a rail's answer is no [`Sighting`]. The text of the error may be shown; [`RailError::private_half`] is for logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RailError {
    /// Nothing may be concluded: the money may or may not have moved. Keep the reserve, look it up later.
    #[error("it is not known what the rail did: {0}")]
    Unknown(RailDoubt),
    /// The rail's memory of the key has ended: sending again could pay twice, and so nothing was sent. Look up only.
    #[error("the time in which the payout may be sent again is over")]
    Closed,
    /// The rail does not accept the way in which the platform asks (401, 403, a malformed request). Nothing was done,
    /// and nothing will be until somebody mends it: alarm.
    #[error("the rail does not accept the platform's access")]
    Misconfigured(String),
    /// Surely nothing was done now (429, a lock, connection refused): the same call may be made again in a while.
    #[error("the rail takes no requests at the moment")]
    Busy,
    /// The rail has something else under this payout's key or name: another amount, currency or destination, or two
    /// payments. It is never adopted. Keep the reserve, tell finance.
    #[error("the rail has another payment under this payout's key")]
    Conflict,
    /// The platform itself held it back ([`GoAhead`]): this call moved nothing.
    #[error("it was held back: {0}")]
    Held(Held),
}

impl RailError {
    /// What the log should say beyond the error's own sentence: which rail, which status or code. Never a body.
    #[must_use]
    pub fn private_half(&self) -> Option<&str> {
        match self {
            Self::Misconfigured(what) => Some(what),
            Self::Unknown(_) | Self::Closed | Self::Busy | Self::Conflict | Self::Held(_) => None,
        }
    }
}

/// One page of what a rail paid out in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The payments of this page.
    pub payments: Vec<RailPayment>,
    /// What to ask the next page with; none where this was the last.
    pub next: Option<String>,
}

/// One payment as a rail lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RailPayment {
    /// The rail's own id of what it lists. PayPal's is the transaction's, while its [`Sighting`]s name the batch: match
    /// by `payout` where there is one, and by `reference` else.
    pub reference: String,
    /// What stands where our payouts carry their [`Rail::mark`]; any text, or none, for what is not ours.
    pub payout: Option<String>,
    /// How much went out, in `currency`.
    pub amount: Money,
    /// The currency of `amount` and of `state`. At Wise it is the payee's, and where that is not the order's, the
    /// amounts can't be compared.
    pub currency: Currency,
    /// When the rail made it.
    pub at: DateTime<Utc>,
    /// What became of it.
    pub state: Sighting,
    /// Where it went, spelled as `Destination::identity` does; none where the rail does not list it.
    pub destination: Option<String>,
}

/// How cash leaves. No method panics, and none is meant to be raced: at most one call for a payout at a time, which is
/// what the payout's lease is for.
pub trait Rail: Send + Sync {
    /// Which rail this is.
    fn rail(&self) -> ledger::Rail;

    /// Sends the payout, or sends it again with the same key and the same bytes. Never to be called with another key,
    /// amount or destination for one payout. Right before the call that can move money, `go` is asked.
    ///
    /// A definite refusal is `Ok(Sighting::Failed)`. It is given only where no earlier attempt can have gone through:
    /// because the rail answers a repeated key with its first answer (Stripe), because it was asked what it has (Wise),
    /// or because there was none (`order.attempted` is false: PayPal, which may refuse a repetition for another reason
    /// than the first attempt's success). Else a refusal is [`RailError::Unknown`].
    ///
    /// # Errors
    /// [`RailError`]; [`RailError::Closed`] after the rail's window, whatever happened before.
    fn submit<'a>(&'a self, order: &'a Order, go: &'a dyn GoAhead) -> BoxFuture<'a, Result<Sighting, RailError>>;

    /// What the rail knows of the payout. Never creates or moves anything.
    ///
    /// `Absent` says that the rail holds no payment of it, at this moment. Inside the window [`Rail::submit`] with the
    /// same key is safe then, and is what continues a payout that was cut off half-way (at Wise a transfer that was
    /// made and not paid for yet counts as absent). After the window it decides nothing.
    ///
    /// # Errors
    /// [`RailError`].
    fn look_up<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Sighting, RailError>>;

    /// Whether [`Rail::look_up`] can know at all. PayPal finds a batch by its own id alone: where the answer that had
    /// it was lost, *sending the same again is the look-up*, since PayPal answers a known `sender_batch_id` with a link
    /// to the original and pays nothing. So: where this is false, call [`Rail::submit`] in the place of a look-up (with
    /// whatever must hold before a submission, such as the kill switch). After the window it is true again.
    fn can_look_up(&self, order: &Order) -> bool;

    /// What stands in [`RailPayment::payout`] for this payout: its id, or what the rail has instead (Wise: a UUID).
    fn mark(&self, payout: &PayoutId) -> String {
        payout.to_string()
    }

    /// What the rail paid out from `from` (inclusive) to `to` (exclusive), page by page: for the reconciliation. A
    /// listing may lag by hours (PayPal: three) and is a hint: where it differs from the books, look the payout up.
    ///
    /// # Errors
    /// [`RailError`].
    fn list<'a>(&'a self, from: DateTime<Utc>, to: DateTime<Utc>, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Listed, RailError>>;
}
