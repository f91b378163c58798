//! The programme's own facts: what every processor's events are translated into, and what the
//! queue carries. Facts come late, twice and in any order; [`crate::purchase`] merges them.

use chrono::{DateTime, Utc};
use ledger::{AccountId, Currency, Money};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Who sent the event: the signature that was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Stripe.
    Stripe,
    /// PayPal.
    Paypal,
    /// Wise.
    Wise,
    /// The platform itself, or any other processor, by Standard Webhooks.
    Platform,
}

impl Source {
    /// Its name in URLs, tables and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Paypal => "paypal",
            Self::Wise => "wise",
            Self::Platform => "platform",
        }
    }
}

/// A purchase's name: `{processor}:{payment id}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PurchaseId {
    processor: String,
    payment: String,
}

/// Why a text names no purchase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a purchase is processor:payment, the processor 1 to 32 of a-z 0-9 _, the payment 1 to 255 visible ASCII characters")]
pub struct PurchaseIdError;

impl PurchaseId {
    /// Names a purchase.
    ///
    /// # Errors
    /// [`PurchaseIdError`] where a part is empty, too long or of other characters.
    pub fn try_new(processor: &str, payment: &str) -> Result<Self, PurchaseIdError> {
        let processor_fits =
            (1..=32).contains(&processor.len()) && processor.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if processor_fits && opaque(payment) {
            Ok(Self { processor: processor.to_owned(), payment: payment.to_owned() })
        } else {
            Err(PurchaseIdError)
        }
    }

    /// The processor that took the money.
    #[must_use]
    pub fn processor(&self) -> &str {
        &self.processor
    }

    /// The processor's own payment id.
    #[must_use]
    pub fn payment(&self) -> &str {
        &self.payment
    }
}

/// Whether a text can be an id of somebody else's: 1 to 255 visible ASCII characters.
#[must_use]
pub fn opaque(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl fmt::Display for PurchaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.processor, self.payment)
    }
}

impl FromStr for PurchaseId {
    type Err = PurchaseIdError;
    fn from_str(text: &str) -> Result<Self, PurchaseIdError> {
        text.split_once(':').ok_or(PurchaseIdError).and_then(|(processor, payment)| Self::try_new(processor, payment))
    }
}

impl TryFrom<String> for PurchaseId {
    type Error = PurchaseIdError;
    fn try_from(text: String) -> Result<Self, PurchaseIdError> {
        text.parse()
    }
}

impl From<PurchaseId> for String {
    fn from(id: PurchaseId) -> Self {
        id.to_string()
    }
}

/// How sure an event is of a purchase's buyer: the surer naming counts where two differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Naming {
    /// The payment itself names the account.
    Payment,
    /// A page that led to the payment names it (Checkout).
    Checkout,
}

/// A buyer, and what names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Buyer {
    /// What names it; the first counts before the second.
    pub by: Naming,
    /// The account.
    pub account: AccountId,
}

/// A refund's state, in the order in which the highest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// Asked for; counts.
    Pending,
    /// Done; counts.
    Succeeded,
    /// Called off; does not count.
    Canceled,
    /// Did not reach the buyer; does not count.
    Failed,
}

impl RefundStatus {
    /// Whether it takes from the purchase.
    #[must_use]
    pub const fn counts(self) -> bool {
        match self {
            Self::Pending | Self::Succeeded => true,
            Self::Canceled | Self::Failed => false,
        }
    }
}

/// A dispute's state; of two at the same time the later in this list counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// A question before a dispute (`warning_*`), or its end: nothing is taken.
    Inquiry,
    /// The money is withheld; counts.
    Open,
    /// Decided for the platform; does not count.
    Won,
    /// Decided for the buyer; counts.
    Lost,
}

impl DisputeStatus {
    /// Whether it takes from the purchase.
    #[must_use]
    pub const fn counts(self) -> bool {
        match self {
            Self::Open | Self::Lost => true,
            Self::Inquiry | Self::Won => false,
        }
    }
}

/// What is told of a purchase.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PurchaseFact {
    /// The money was taken. Amounts in units of `currency`.
    Captured {
        /// What was received.
        amount: Money,
        /// In which currency.
        currency: Currency,
        /// When, by the processor.
        at: DateTime<Utc>,
        /// The credits bought without tax, where the processor's object carries them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        credits: Option<Money>,
        /// The buyer, where the payment names it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        buyer: Option<Buyer>,
    },
    /// Something beside the payment names its buyer, or the credits bought.
    Named {
        /// The buyer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        buyer: Option<Buyer>,
        /// The credits bought without tax.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        credits: Option<Money>,
    },
    /// A refund's state.
    Refund {
        /// The processor's refund id.
        id: String,
        /// How much of the purchase.
        amount: Money,
        /// In which currency.
        currency: Currency,
        /// Its state.
        status: RefundStatus,
    },
    /// How much of the purchase was refunded in all, by the processor's own sum.
    RefundedTotal {
        /// The sum.
        amount: Money,
        /// In which currency.
        currency: Currency,
    },
    /// A dispute's state.
    Dispute {
        /// The processor's dispute id.
        id: String,
        /// How much of the purchase.
        amount: Money,
        /// In which currency.
        currency: Currency,
        /// Its state.
        status: DisputeStatus,
        /// Since when, by the processor: of two states the later counts.
        at: DateTime<Utc>,
    },
    /// The keyed digest of what was paid with (a card's fingerprint): a hard signal.
    Instrument {
        /// `{key id}.{hex}`.
        digest: String,
    },
}

/// A fact: of a purchase, of an account's credits, or a call to look at something again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum FactBody {
    /// Of a purchase.
    Purchase {
        /// Which.
        purchase: PurchaseId,
        /// What.
        fact: PurchaseFact,
    },
    /// Credits spent on the platform.
    Spent {
        /// The platform's usage id: a usage counts once.
        usage: String,
        /// Who spent.
        account: AccountId,
        /// How much.
        amount: Money,
        /// In which currency.
        currency: Currency,
        /// When.
        at: DateTime<Utc>,
    },
    /// A host earned from a rented machine.
    Rental {
        /// The platform's earning id: an earning counts once.
        earning: String,
        /// Which host.
        account: AccountId,
        /// Which machine.
        machine: String,
        /// How much.
        amount: Money,
        /// In which currency.
        currency: Currency,
        /// When.
        at: DateTime<Utc>,
    },
    /// An account was closed: later captures earn it nothing.
    Closed {
        /// Which.
        account: AccountId,
        /// When.
        at: DateTime<Utc>,
    },
    /// An account signed up while purchases of it were waiting: have them computed again.
    Settle {
        /// Which.
        account: AccountId,
    },
}

/// A fact and the event that brought it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fact {
    /// Who sent the event.
    pub source: Source,
    /// The sender's event id: a trail, never a key to count by, since several events tell one fact.
    pub event: String,
    /// What it tells.
    #[serde(flatten)]
    pub body: FactBody,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_purchase_is_named_by_processor_and_payment() {
        for (text, fits) in [
            ("stripe:pi_1", true),
            ("stripe:a:b", true),
            ("pay_2:pi_1", true),
            ("pay-2:pi_1", false),
            ("stripe:", false),
            (":pi_1", false),
            ("Stripe:pi", false),
            ("stripe:p i", false),
            ("stripe", false),
        ] {
            assert_eq!(text.parse::<PurchaseId>().is_ok(), fits, "{text}");
        }
        assert!(PurchaseId::try_new("stripe", &"x".repeat(256)).is_err());
        assert!(PurchaseId::try_new("stri:pe", "x").is_err());
    }

    #[test]
    fn a_purchase_id_gives_its_parts_back() {
        let id: PurchaseId = "stripe:a:b".parse().unwrap();
        assert_eq!((id.processor(), id.payment()), ("stripe", "a:b"), "the processor ends at the first colon");
    }

    /// The names in URLs, tables and logs are those in queued facts.
    #[test]
    fn a_source_has_one_name() {
        for source in [Source::Stripe, Source::Paypal, Source::Wise, Source::Platform] {
            assert_eq!(serde_json::to_value(source).unwrap(), source.as_str());
        }
    }

    #[test]
    fn a_fact_travels_as_json_with_exact_amounts() {
        let text = r#"{"source":"platform","event":"e1","about":"purchase","purchase":"stripe:pi_1","fact":{"type":"captured","amount":"100.00","currency":"USD","at":"2026-11-21T10:00:00Z","buyer":{"by":"payment","account":"acct_bob"}}}"#;
        let fact: Fact = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&fact).unwrap(), text);
        assert!(serde_json::from_str::<Fact>(&text.replace("\"100.00\"", "100.00")).is_err(), "an amount is a string");
    }
}
