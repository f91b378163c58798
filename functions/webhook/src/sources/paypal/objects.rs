//! PayPal's objects, reduced to the fields that are used: a new field or version never loses an event.

use crate::translation::rfc3339;
use chrono::{DateTime, Utc};
use ledger::{Currency, Money};
use serde::{Deserialize, Deserializer};

/// What is read of every event, to see whether it concerns the programme.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) id: String,
    #[serde(rename = "event_type")]
    pub(super) kind: String,
}

/// An event's object.
#[derive(Deserialize)]
pub(super) struct Event<T> {
    pub(super) resource: T,
}

/// A decimal text in units of its currency.
#[derive(Deserialize)]
pub(super) struct Amount {
    pub(super) currency_code: Currency,
    pub(super) value: Money,
}

#[derive(Deserialize)]
pub(super) struct Capture {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) amount: Amount,
    /// The account that buys: the platform's own field.
    pub(super) custom_id: Option<String>,
    #[serde(deserialize_with = "rfc3339")]
    pub(super) create_time: DateTime<Utc>,
}

#[derive(Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) amount: Amount,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    rel: String,
    href: String,
}

impl Refund {
    /// The id of the capture that it takes back: `…/captures/{id}`, one step up. None where something else is there.
    pub(super) fn capture(&self) -> Option<&str> {
        let up = self.links.iter().find(|link| link.rel == "up")?;
        let path = up.href.split(['?', '#']).next()?;
        let (before, id) = path.rsplit_once('/')?;
        before.ends_with("/captures").then_some(id)
    }
}

#[derive(Deserialize)]
pub(super) struct Dispute {
    pub(super) dispute_id: String,
    pub(super) status: String,
    #[serde(rename = "dispute_life_cycle_stage")]
    pub(super) stage: Option<String>,
    pub(super) dispute_amount: Amount,
    #[serde(default)]
    pub(super) disputed_transactions: Vec<Transaction>,
    #[serde(deserialize_with = "rfc3339")]
    create_time: DateTime<Utc>,
    #[serde(default, deserialize_with = "rfc3339_if_told")]
    update_time: Option<DateTime<Utc>>,
}

impl Dispute {
    /// Since when it is as it is told.
    pub(super) fn at(&self) -> DateTime<Utc> {
        self.update_time.unwrap_or(self.create_time)
    }
}

#[derive(Deserialize)]
pub(super) struct Transaction {
    /// The id of the capture.
    pub(super) seller_transaction_id: Option<String>,
}

/// An item of a batch of payouts, by our names and PayPal's.
#[derive(Deserialize)]
pub(super) struct Item {
    pub(super) payout_item: Option<PayoutItem>,
    pub(super) sender_batch_id: Option<String>,
    pub(super) payout_batch_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct PayoutItem {
    pub(super) sender_item_id: Option<String>,
}

/// A batch of payouts.
#[derive(Deserialize)]
pub(super) struct Batch {
    pub(super) batch_header: BatchHeader,
}

#[derive(Deserialize)]
pub(super) struct BatchHeader {
    pub(super) payout_batch_id: Option<String>,
    pub(super) sender_batch_header: Option<SenderBatchHeader>,
}

#[derive(Deserialize)]
pub(super) struct SenderBatchHeader {
    pub(super) sender_batch_id: Option<String>,
}

fn rfc3339_if_told<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    #[derive(Deserialize)]
    struct Time(#[serde(deserialize_with = "rfc3339")] DateTime<Utc>);
    Ok(Option::<Time>::deserialize(reader)?.map(|time| time.0))
}
