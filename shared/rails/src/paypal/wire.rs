//! What PayPal answers: only the fields that are used.

use super::receiver;
use crate::{Order, RailError, code::code, http::UNREADABLE};
use ledger::Money;
use programme::payout::Sighting;
use serde::Deserialize;

/// The answer to a payout that was taken.
#[derive(Deserialize)]
pub(super) struct Created {
    batch_header: Header,
}

/// A batch with its items.
#[derive(Deserialize)]
pub(super) struct Batch {
    batch_header: Header,
    /// None yet, shortly after it was made.
    #[serde(default)]
    items: Option<Vec<Item>>,
}

#[derive(Deserialize)]
struct Header {
    payout_batch_id: String,
    batch_status: String,
    sender_batch_header: SenderHeader,
}

#[derive(Deserialize)]
struct SenderHeader {
    sender_batch_id: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    transaction_status: Option<String>,
    payout_item: Sent,
    errors: Option<Named>,
}

#[derive(Deserialize)]
struct Sent {
    amount: Amount,
    receiver: String,
    sender_item_id: Option<String>,
}

#[derive(Deserialize)]
struct Amount {
    currency: String,
    value: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Created {
    /// What it says of the order: under way, at most.
    pub(super) fn sighting(&self, order: &Order) -> Result<Sighting, RailError> {
        self.batch_header.is_of(order)?;
        self.batch_header.state()
    }
}

impl Header {
    fn is_of(&self, order: &Order) -> Result<(), RailError> {
        let same = self.sender_batch_header.sender_batch_id.as_deref() == Some(order.payout.as_str());
        if same { Ok(()) } else { Err(RailError::Conflict) }
    }

    fn reference(&self) -> Result<String, RailError> {
        if is_id(&self.payout_batch_id) { Ok(self.payout_batch_id.clone()) } else { Err(UNREADABLE) }
    }

    /// The state of a batch without items.
    fn state(&self) -> Result<Sighting, RailError> {
        let reference = self.reference()?;
        Ok(match self.batch_status.as_str() {
            status @ ("DENIED" | "CANCELED") => Sighting::Failed { reference: Some(reference), reason: status.to_owned() },
            status => Sighting::Underway { reference, note: Some(code(status)) },
        })
    }
}

impl Batch {
    /// What it says of the order. Another sender's id, amount, currency or receiver, or a second item, is another
    /// payment: never adopted.
    pub(super) fn sighting(&self, order: &Order) -> Result<Sighting, RailError> {
        self.batch_header.is_of(order)?;
        match self.items.as_deref().unwrap_or_default() {
            [] => self.batch_header.state(),
            [item] => {
                item.payout_item.is_of(order)?;
                match &item.transaction_status {
                    None => self.batch_header.state(),
                    Some(status) => Ok(item.state(status, self.batch_header.reference()?, order.amount)),
                }
            }
            _ => Err(RailError::Conflict),
        }
    }
}

impl Sent {
    fn is_of(&self, order: &Order) -> Result<(), RailError> {
        let (_, receiver) = receiver(order)?;
        let same = self.amount.value.parse::<Money>() == Ok(order.amount)
            && self.amount.currency == order.currency.as_str()
            // Addresses are stored in lower case, and PayPal may answer with what its user typed.
            && self.receiver.eq_ignore_ascii_case(receiver)
            && self.sender_item_id.as_deref() == Some(order.payout.as_str());
        if same { Ok(()) } else { Err(RailError::Conflict) }
    }
}

impl Item {
    fn state(&self, status: &str, reference: String, amount: Money) -> Sighting {
        match status {
            "SUCCESS" => Sighting::Paid { reference, returned: Money::ZERO },
            "FAILED" | "DENIED" => {
                let reason = self.errors.as_ref().map_or(status, |error| &error.name);
                Sighting::Failed { reference: Some(reference), reason: code(reason) }
            }
            "RETURNED" | "REFUNDED" | "REVERSED" => Sighting::Returned { reference, returned: amount, note: Some(status.to_owned()) },
            // PENDING, UNCLAIMED, ONHOLD, BLOCKED, and whatever PayPal invents: nothing is final.
            open => Sighting::Underway { reference, note: Some(code(open)) },
        }
    }
}

/// PayPal's answer where it refuses.
#[derive(Deserialize)]
pub(super) struct Failure {
    name: String,
    #[serde(default)]
    details: Option<Vec<Detail>>,
}

#[derive(Deserialize)]
struct Detail {
    field: Option<String>,
    #[serde(default, alias = "links")]
    link: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: String,
}

impl Failure {
    fn duplicates(&self) -> impl Iterator<Item = &Detail> {
        let names_batch = |detail: &&Detail| {
            // A fault in the form of the id names the same field and has no link.
            detail.field.as_deref().is_some_and(|field| field.to_ascii_lowercase().ends_with("sender_batch_id")) && !detail.link.is_empty()
        };
        self.details.as_deref().unwrap_or_default().iter().filter(names_batch)
    }

    /// Whether a batch of the same `sender_batch_id` exists.
    pub(super) fn is_duplicate(&self) -> bool {
        self.duplicates().next().is_some()
    }

    /// The id of the batch that exists: the last segment of the link, wherever that leads.
    pub(super) fn original(&self) -> Option<&str> {
        let href = &self.duplicates().next()?.link.first()?.href;
        let path = href.split(['?', '#']).next()?;
        path.rsplit('/').next().filter(|id| is_id(id))
    }

    /// PayPal's code for why.
    pub(super) fn reason(&self) -> String {
        code(&self.name)
    }
}

/// Whether a text has the form of PayPal's ids.
pub(super) fn is_id(text: &str) -> bool {
    (1..=30).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
