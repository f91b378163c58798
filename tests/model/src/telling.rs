//! What the world outside tells of: captures, refunds, disputes, usage, rent, closings. A telling is
//! the truth of the history; it can reach the programme by several ways, each in its own words.

use crate::clock::Time;
use ledger::{Currency, Money};
use programme::fact::{Buyer, DisputeStatus, Fact, FactBody, Naming, PurchaseFact, PurchaseId, RefundStatus, Source};
use serde_json::{Value as Json, json};
use std::fmt;

/// An account of the history, by its place.
pub type Person = usize;

/// The people there may be. The last ones are of finance.
pub const NAMES: [&str; 9] = ["alice", "bob", "carol", "dave", "erin", "frank", "fin1", "fin2", "fin3"];

/// How many of the people are customers.
pub const CUSTOMERS_MAX: usize = 6;

/// A person's account id.
#[must_use]
pub fn name(person: Person) -> &'static str {
    NAMES.get(person).copied().unwrap_or("nobody")
}

/// One thing that the outside tells. Amounts are in cents.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentence of each variant names its fields")]
pub enum Telling {
    /// Money was taken.
    Captured { purchase: usize, cents: i64, currency: &'static str, at: Time, credits: Option<i64>, buyer: Option<(Naming, Person)> },
    /// Checkout names the buyer.
    Named { purchase: usize, buyer: Person, credits: Option<i64> },
    /// A refund's state.
    Refund { purchase: usize, refund: usize, cents: i64, status: RefundStatus },
    /// The sum of refunds, by the processor.
    RefundedTotal { purchase: usize, cents: i64 },
    /// A dispute's state.
    Dispute { purchase: usize, dispute: usize, cents: i64, status: DisputeStatus, at: Time },
    /// What was paid with.
    Instrument { purchase: usize, card: Person },
    /// Credits were spent.
    Spent { usage: usize, who: Person, cents: i64, currency: &'static str, at: Time },
    /// A machine was rented out.
    Rental { earning: usize, who: Person, cents: i64, at: Time },
    /// An account was closed.
    Closed { who: Person, at: Time },
}

/// The way that a telling takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Stripe's signed event.
    Stripe,
    /// The platform's signed event.
    Platform,
    /// The fact itself, put on the queue: as if a webhook had done so.
    Queue,
}

pub(crate) fn money(cents: i64) -> Money {
    Money::from_minor(cents, 2).unwrap_or_default()
}

/// An amount as the platform writes it.
pub(crate) fn text(cents: i64) -> String {
    money(cents).to_string()
}

fn fingerprint(card: Person) -> String {
    format!("card of {}", name(card))
}

fn payment(purchase: usize) -> String {
    format!("pi_{purchase}")
}

impl Telling {
    /// The fact as it travels; none where a name does not fit, which no history has.
    #[must_use]
    pub fn fact(&self) -> Option<Fact> {
        let usd = Currency::try_new("USD").ok()?;
        let about =
            |purchase: usize, fact| Some(FactBody::Purchase { purchase: PurchaseId::try_new("stripe", &payment(purchase)).ok()?, fact });
        let account = |person: Person| name(person).parse().ok();
        let body = match *self {
            Self::Captured { purchase, cents, currency, at, credits, buyer } => {
                let buyer = match buyer {
                    Some((by, person)) => Some(Buyer { by, account: account(person)? }),
                    None => None,
                };
                let currency = Currency::try_new(currency).ok()?;
                about(purchase, PurchaseFact::Captured { amount: money(cents), currency, at, credits: credits.map(money), buyer })?
            }
            Self::Named { purchase, buyer, credits } => {
                let buyer = Some(Buyer { by: Naming::Checkout, account: account(buyer)? });
                about(purchase, PurchaseFact::Named { buyer, credits: credits.map(money) })?
            }
            Self::Refund { purchase, refund, cents, status } => {
                about(purchase, PurchaseFact::Refund { id: format!("re_{refund}"), amount: money(cents), currency: usd, status })?
            }
            Self::RefundedTotal { purchase, cents } => {
                about(purchase, PurchaseFact::RefundedTotal { amount: money(cents), currency: usd })?
            }
            Self::Dispute { purchase, dispute, cents, status, at } => {
                about(purchase, PurchaseFact::Dispute { id: format!("dp_{dispute}"), amount: money(cents), currency: usd, status, at })?
            }
            Self::Instrument { purchase, card } => {
                let digest = crate::apps::keys().sign("instrument", fingerprint(card).as_bytes()).to_text();
                about(purchase, PurchaseFact::Instrument { digest })?
            }
            Self::Spent { usage, who, cents, currency, at } => {
                let currency = Currency::try_new(currency).ok()?;
                FactBody::Spent { usage: format!("use_{usage}"), account: account(who)?, amount: money(cents), currency, at }
            }
            Self::Rental { earning, who, cents, at } => {
                let (earning, machine) = (format!("earn_{earning}"), "m1".to_owned());
                FactBody::Rental { earning, account: account(who)?, machine, amount: money(cents), currency: usd, at }
            }
            Self::Closed { who, at } => FactBody::Closed { account: account(who)?, at },
        };
        Some(Fact { source: Source::Platform, event: "evt".into(), body })
    }

    /// The event by which Stripe tells it; none where Stripe has no word for it.
    #[must_use]
    pub fn stripe(&self) -> Option<Json> {
        let event = |kind: &str, created: i64, object: Json| {
            Some(json!({ "id": "evt_1", "type": kind, "livemode": false, "created": created, "data": { "object": object } }))
        };
        match *self {
            Self::Captured { purchase, cents, currency, at, credits, buyer } => {
                let mut metadata = json!({});
                match buyer {
                    Some((Naming::Payment, person)) => metadata["account_id"] = name(person).into(),
                    Some((Naming::Checkout, _)) => return None,
                    None => {}
                }
                if let Some(credits) = credits {
                    metadata["credits"] = text(credits).into();
                }
                let created = at.timestamp();
                let object = json!({ "id": payment(purchase), "amount_received": cents, "currency": currency.to_lowercase(), "status": "succeeded", "created": created, "metadata": metadata });
                event("payment_intent.succeeded", created, object)
            }
            Self::Named { purchase, buyer, credits } => {
                let metadata = credits.map_or_else(|| json!({}), |credits| json!({ "credits": text(credits) }));
                let object = json!({ "client_reference_id": name(buyer), "payment_intent": payment(purchase), "payment_status": "paid", "metadata": metadata });
                event("checkout.session.completed", 0, object)
            }
            Self::Refund { purchase, refund, cents, status } => {
                let status = serde_json::to_value(status).ok()?;
                let object = json!({ "id": format!("re_{refund}"), "amount": cents, "currency": "usd", "status": status, "payment_intent": payment(purchase) });
                event("refund.updated", 0, object)
            }
            Self::RefundedTotal { purchase, cents } => {
                event("charge.refunded", 0, json!({ "payment_intent": payment(purchase), "amount_refunded": cents, "currency": "usd" }))
            }
            Self::Dispute { purchase, dispute, cents, status, at } => {
                let status = match status {
                    DisputeStatus::Inquiry => "warning_needs_response",
                    DisputeStatus::Open => "needs_response",
                    DisputeStatus::Won => "won",
                    DisputeStatus::Lost => "lost",
                };
                let object = json!({ "id": format!("dp_{dispute}"), "amount": cents, "currency": "usd", "status": status, "payment_intent": payment(purchase) });
                event("charge.dispute.updated", at.timestamp(), object)
            }
            Self::Instrument { purchase, card } => {
                let paid_with = json!({ "card": { "fingerprint": fingerprint(card) } });
                event("charge.succeeded", 0, json!({ "payment_intent": payment(purchase), "payment_method_details": paid_with }))
            }
            Self::Spent { .. } | Self::Rental { .. } | Self::Closed { .. } => None,
        }
    }

    /// The event by which the platform tells it; none where it has no word for it.
    #[must_use]
    pub fn platform(&self) -> Option<Json> {
        let event = |kind: &str, data: Json| Some(json!({ "type": kind, "timestamp": "2026-01-01T00:00:00Z", "data": data }));
        let when = |at: Time| at.to_rfc3339();
        match *self {
            Self::Captured { purchase, cents, currency, at, credits: None, buyer: Some((Naming::Payment, person)) } => {
                let data = json!({ "purchase_id": payment(purchase), "processor": "stripe", "account_id": name(person), "amount": text(cents), "currency": currency, "at": when(at) });
                event("purchase.captured", data)
            }
            Self::Refund { purchase, refund, cents, status } => {
                let status = serde_json::to_value(status).ok()?;
                let data = json!({ "purchase_id": payment(purchase), "processor": "stripe", "refund_id": format!("re_{refund}"), "amount": text(cents), "currency": "USD", "status": status });
                event("purchase.refunded", data)
            }
            Self::Dispute { purchase, dispute, cents, status, at } if status != DisputeStatus::Inquiry => {
                let status = serde_json::to_value(status).ok()?;
                let data = json!({ "purchase_id": payment(purchase), "processor": "stripe", "dispute_id": format!("dp_{dispute}"), "amount": text(cents), "currency": "USD", "status": status, "at": when(at) });
                event("purchase.disputed", data)
            }
            Self::Spent { usage, who, cents, currency, at } => event(
                "credits.spent",
                json!({ "usage_id": format!("use_{usage}"), "account_id": name(who), "amount": text(cents), "currency": currency, "at": when(at) }),
            ),
            Self::Rental { earning, who, cents, at } => {
                let data = json!({ "earning_id": format!("earn_{earning}"), "account_id": name(who), "machine_id": "m1", "amount": text(cents), "currency": "USD", "at": when(at) });
                event("rental.earned", data)
            }
            Self::Closed { who, at } => event("account.closed", json!({ "account_id": name(who), "at": when(at) })),
            Self::Captured { .. } | Self::Named { .. } | Self::RefundedTotal { .. } | Self::Dispute { .. } | Self::Instrument { .. } => {
                None
            }
        }
    }
}

impl fmt::Display for Telling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Captured { purchase, cents, currency, at, credits, buyer } => {
                write!(f, "pi_{purchase}: {} {currency} captured at {}", text(cents), at.format("%m-%d %H:%M:%S"))?;
                if let Some(credits) = credits {
                    write!(f, ", {} credits", text(credits))?;
                }
                match buyer {
                    Some((by, person)) => write!(f, " of {} ({by:?})", name(person)),
                    None => f.write_str(" of somebody"),
                }
            }
            Self::Named { purchase, buyer, .. } => write!(f, "pi_{purchase}: Checkout names {}", name(buyer)),
            Self::Refund { purchase, refund, cents, status } => {
                write!(f, "pi_{purchase}: refund re_{refund} of {} is {status:?}", text(cents))
            }
            Self::RefundedTotal { purchase, cents } => write!(f, "pi_{purchase}: {} refunded in all", text(cents)),
            Self::Dispute { purchase, dispute, cents, status, at } => {
                write!(f, "pi_{purchase}: dispute dp_{dispute} of {} is {status:?} since {}", text(cents), at.format("%m-%d %H:%M:%S"))
            }
            Self::Instrument { purchase, card } => write!(f, "pi_{purchase}: paid with {}'s card", name(card)),
            Self::Spent { usage, who, cents, currency, .. } => write!(f, "use_{usage}: {} spent {} {currency}", name(who), text(cents)),
            Self::Rental { earning, who, cents, .. } => write!(f, "earn_{earning}: {} earned {} of rent", name(who), text(cents)),
            Self::Closed { who, at } => write!(f, "{} closed at {}", name(who), at.format("%m-%d %H:%M:%S")),
        }
    }
}
