//! Stripe's objects, reduced to the fields that are used: a new field or version never loses an event.

use serde::{Deserialize, de::IgnoredAny};

/// What is read of every event, to see whether it concerns the programme.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) livemode: Option<bool>,
    /// The connected account that it is about; none on events of the platform's own account.
    pub(super) account: Option<IgnoredAny>,
}

/// An event and its object.
#[derive(Deserialize)]
pub(super) struct Event<T> {
    /// Unix time in seconds.
    pub(super) created: i64,
    pub(super) data: Data<T>,
}

#[derive(Deserialize)]
pub(super) struct Data<T> {
    pub(super) object: T,
}

/// Another object: its id, or itself where the sender expanded it.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Link {
    Id(String),
    Expanded { id: String },
}

impl Link {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Expanded { id } => id,
        }
    }
}

/// What the platform wrote on an object. Stripe's metadata are texts.
#[derive(Deserialize, Default)]
pub(super) struct Metadata {
    pub(super) account_id: Option<String>,
    /// Units of the object's currency, without tax: `"100.00"`.
    pub(super) credits: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct PaymentIntent {
    pub(super) id: String,
    /// Minor units.
    pub(super) amount_received: i64,
    pub(super) currency: String,
    pub(super) status: Option<String>,
    /// Unix time in seconds.
    pub(super) created: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) metadata: Metadata,
}

#[derive(Deserialize)]
pub(super) struct Checkout {
    pub(super) client_reference_id: Option<String>,
    pub(super) payment_intent: Option<Link>,
    pub(super) payment_status: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) metadata: Metadata,
}

#[derive(Deserialize)]
pub(super) struct Charge {
    pub(super) payment_intent: Option<Link>,
    /// Minor units, in all.
    pub(super) amount_refunded: Option<i64>,
    pub(super) currency: Option<String>,
    pub(super) refunds: Option<List<Refund>>,
    payment_method_details: Option<PaymentMethodDetails>,
}

impl Charge {
    /// The card's fingerprint: the same for the same card number.
    pub(super) fn fingerprint(&self) -> Option<&str> {
        let card = self.payment_method_details.as_ref()?.card.as_ref()?;
        card.fingerprint.as_deref().filter(|text| !text.is_empty())
    }
}

#[derive(Deserialize)]
struct PaymentMethodDetails {
    card: Option<Card>,
}

#[derive(Deserialize)]
struct Card {
    fingerprint: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
}

#[derive(Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    /// Minor units.
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: Option<String>,
    pub(super) payment_intent: Option<Link>,
}

#[derive(Deserialize)]
pub(super) struct Dispute {
    pub(super) id: String,
    /// Minor units.
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: String,
    pub(super) payment_intent: Option<Link>,
}

/// A transfer to a connected account. Its amounts and its destination are not read: the rail is asked.
#[derive(Deserialize)]
pub(super) struct Transfer {
    pub(super) id: String,
    /// The payout's id, where the transfer is ours.
    pub(super) transfer_group: Option<String>,
}

/// A connected account. What it may do is not read: the rail is asked.
#[derive(Deserialize)]
pub(super) struct Account {
    pub(super) id: String,
}

/// Takes `null` as nothing there.
fn or_default<'de, T: Deserialize<'de> + Default, D: serde::Deserializer<'de>>(reader: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(reader)?.unwrap_or_default())
}
