//! The body of a batch, checked.

use super::{Refused, invalid};
use crate::rails::money;
use ledger::Money;
use serde::Deserialize;

const ITEMS_MAX: usize = 15_000;
/// The most of one item, in units of its currency.
const ITEM_MAX: i64 = 20_000;

#[derive(Deserialize)]
struct Body {
    sender_batch_header: Header,
    items: Vec<Item>,
}

/// What is said of the whole batch.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Header {
    pub(super) sender_batch_id: Option<String>,
    pub(super) email_subject: Option<String>,
    pub(super) recipient_type: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    recipient_type: Option<String>,
    amount: Amount,
    note: Option<String>,
    receiver: String,
    sender_item_id: Option<String>,
}

#[derive(Deserialize)]
struct Amount {
    currency: String,
    value: String,
}

/// One item that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) recipient_type: String,
    pub(super) amount: Money,
    pub(super) currency: String,
    pub(super) note: Option<String>,
    pub(super) receiver: String,
    pub(super) sender_item_id: Option<String>,
}

/// Reads and checks a body.
///
/// # Errors
/// PayPal's own refusal.
pub(super) fn read(bytes: &[u8]) -> Result<(Header, Vec<Asked>), Refused> {
    let malformed = |error: serde_json::Error| Refused::from(invalid("request", &format!("The request is not well-formed: {error}")));
    let body: Body = serde_json::from_slice(bytes).map_err(malformed)?;
    let refused = |field: &str, issue: &str| Err(Refused::from(invalid(field, issue)));
    if body.items.is_empty() || body.items.len() > ITEMS_MAX {
        return refused("items", "A batch has 1 to 15000 items");
    }
    if body.sender_batch_header.sender_batch_id.as_ref().is_some_and(|id| id.len() > 256) {
        return refused("sender_batch_header.sender_batch_id", "Length must be at most 256");
    }
    let mut all = Vec::with_capacity(body.items.len());
    let most = Money::from_minor(ITEM_MAX, 0).unwrap_or_default();
    for item in body.items {
        let currency = item.amount.currency;
        if all.first().is_some_and(|first: &Asked| first.currency != currency) {
            return refused("items.amount.currency", "Multiple currencies within a batch is not allowed");
        }
        let value = item.amount.value.parse::<Money>().ok().filter(|value| value.is_positive());
        let Some(value) = value.filter(|value| value.floor_to(money::places(&currency)) == *value) else {
            return refused("items.amount.value", "The value is not an amount of this currency");
        };
        if value > most {
            return refused("items.amount.value", "The value is above the most of an item");
        }
        if item.receiver.is_empty() || item.receiver.len() > 127 {
            return refused("items.receiver", "Length must be 1 to 127");
        }
        if item.sender_item_id.as_ref().is_some_and(|id| id.len() > 63) {
            return refused("items.sender_item_id", "Length must be at most 63");
        }
        let kind = item.recipient_type.or_else(|| body.sender_batch_header.recipient_type.clone()).unwrap_or_else(|| "EMAIL".to_owned());
        if !["EMAIL", "PHONE", "PAYPAL_ID"].contains(&kind.as_str()) {
            return refused("items.recipient_type", "Not one of EMAIL, PHONE, PAYPAL_ID");
        }
        let (note, receiver, sender_item_id) = (item.note, item.receiver, item.sender_item_id);
        all.push(Asked { recipient_type: kind, amount: value, currency, note, receiver, sender_item_id });
    }
    Ok((body.sender_batch_header, all))
}
