//! The platform's events, translated. Amounts are decimal texts in units of their currency.

use crate::translation::{Unreadable, amount, read, rfc3339, sender_id};
use chrono::{DateTime, Utc};
use ledger::{AccountId, Currency, Money};
use programme::fact::{Buyer, DisputeStatus, FactBody, Naming, PurchaseFact, PurchaseId, RefundStatus, Source};
use serde::Deserialize;

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Event<T> {
    data: T,
}

#[derive(Deserialize)]
struct Captured {
    purchase_id: String,
    processor: Option<String>,
    account_id: AccountId,
    amount: Money,
    currency: Currency,
    #[serde(deserialize_with = "rfc3339")]
    at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Refunded {
    purchase_id: String,
    processor: Option<String>,
    refund_id: String,
    amount: Money,
    currency: Currency,
    status: RefundStatus,
}

#[derive(Deserialize)]
struct Disputed {
    purchase_id: String,
    processor: Option<String>,
    dispute_id: String,
    amount: Money,
    currency: Currency,
    status: DisputeStatus,
    #[serde(deserialize_with = "rfc3339")]
    at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Spent {
    usage_id: String,
    account_id: AccountId,
    amount: Money,
    currency: Currency,
    #[serde(deserialize_with = "rfc3339")]
    at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Earned {
    earning_id: String,
    account_id: AccountId,
    machine_id: String,
    amount: Money,
    currency: Currency,
    #[serde(deserialize_with = "rfc3339")]
    at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Closed {
    account_id: AccountId,
    #[serde(deserialize_with = "rfc3339")]
    at: DateTime<Utc>,
}

/// The facts that an event tells: none where its type is unknown or its amount zero.
///
/// # Errors
/// [`Unreadable`].
pub(super) fn facts(body: &[u8]) -> Result<Vec<FactBody>, Unreadable> {
    let head: Head = read(body)?;
    let fact = match head.kind.as_str() {
        "purchase.captured" => captured(data(body)?),
        "purchase.refunded" => refunded(data(body)?),
        "purchase.disputed" => disputed(data(body)?),
        "credits.spent" => spent(data(body)?),
        "rental.earned" => earned(data(body)?),
        "account.closed" => data(body).map(|Closed { account_id, at }| Some(FactBody::Closed { account: account_id, at })),
        _ => Ok(None),
    }?;
    Ok(fact.into_iter().collect())
}

fn data<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    read::<Event<T>>(body).map(|event| event.data)
}

/// With a `processor`, the purchase is the one that the processor's own webhooks tell of.
fn purchase(processor: Option<&str>, payment: &str) -> Result<PurchaseId, Unreadable> {
    PurchaseId::try_new(processor.unwrap_or(Source::Platform.as_str()), payment).map_err(|error| Unreadable::because(error.to_string()))
}

fn captured(data: Captured) -> Result<Option<FactBody>, Unreadable> {
    let buyer = Some(Buyer { by: Naming::Payment, account: data.account_id });
    let purchase = purchase(data.processor.as_deref(), &data.purchase_id)?;
    let fact = |amount| PurchaseFact::Captured { amount, currency: data.currency, at: data.at, credits: None, buyer };
    Ok(amount("amount", data.amount)?.map(|amount| FactBody::Purchase { purchase, fact: fact(amount) }))
}

fn refunded(data: Refunded) -> Result<Option<FactBody>, Unreadable> {
    let (purchase, id) = (purchase(data.processor.as_deref(), &data.purchase_id)?, sender_id("refund_id", data.refund_id)?);
    let fact = |amount| PurchaseFact::Refund { id, amount, currency: data.currency, status: data.status };
    Ok(amount("amount", data.amount)?.map(|amount| FactBody::Purchase { purchase, fact: fact(amount) }))
}

fn disputed(data: Disputed) -> Result<Option<FactBody>, Unreadable> {
    match data.status {
        DisputeStatus::Open | DisputeStatus::Won | DisputeStatus::Lost => {}
        // Ours for a question before a dispute; the platform has no word for it.
        DisputeStatus::Inquiry => return Err(Unreadable::because("status is not open, won or lost")),
    }
    let (purchase, id) = (purchase(data.processor.as_deref(), &data.purchase_id)?, sender_id("dispute_id", data.dispute_id)?);
    let fact = |amount| PurchaseFact::Dispute { id, amount, currency: data.currency, status: data.status, at: data.at };
    Ok(amount("amount", data.amount)?.map(|amount| FactBody::Purchase { purchase, fact: fact(amount) }))
}

fn spent(data: Spent) -> Result<Option<FactBody>, Unreadable> {
    let usage = sender_id("usage_id", data.usage_id)?;
    Ok(amount("amount", data.amount)?.map(|amount| FactBody::Spent {
        usage,
        account: data.account_id,
        amount,
        currency: data.currency,
        at: data.at,
    }))
}

fn earned(data: Earned) -> Result<Option<FactBody>, Unreadable> {
    let (earning, machine) = (sender_id("earning_id", data.earning_id)?, sender_id("machine_id", data.machine_id)?);
    let (account, currency, at) = (data.account_id, data.currency, data.at);
    Ok(amount("amount", data.amount)?.map(|amount| FactBody::Rental { earning, account, machine, amount, currency, at }))
}
