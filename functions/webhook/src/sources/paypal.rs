//! PayPal: its certificates and signature, and what its events tell the programme.
//!
//! One purchase is one capture. It names the account that buys, its refunds and reversals name it, and a dispute joins
//! it by the seller's transaction, which is the capture's id.
//!
//! PayPal is a rail, too: see [`rail`].

mod address;
mod certificates;
mod chain;
mod fetch;
mod objects;
mod rail;
mod signature;

pub use address::CertificateUrl;
pub use chain::{Roots, RootsError};
pub use fetch::{CertificateFetch, FetchError, HttpCertificates};

use super::{NotVerified, Signed};
use crate::translation::{Told, Unreadable, amount, read, sender_id};
use certificates::Certificates;
use edge::{
    config::{ConfigError, Env},
    http::Call,
};
use ledger::AccountId;
use objects::{Amount, Capture, Dispute, Event, Head, Refund};
use programme::fact::{Buyer, DisputeStatus, FactBody, Naming, PurchaseFact, PurchaseId, RefundStatus, Source};
use std::sync::Arc;

/// The variable that says whether, and for which webhook, PayPal's events are taken.
const WEBHOOK_ID: &str = "PAYPAL_WEBHOOK_ID";

/// Whose roots certificates lead back to, in PEM; those of the operating system, where it is not set.
const ROOTS: &str = "PAYPAL_ROOTS";

/// The webhook of the PayPal account whose money this is. Its id is part of what is signed: an event for anybody else's
/// webhook, or of PayPal's sandbox, which has ids of its own, does not fit.
#[derive(Debug, Clone)]
pub struct PayPal {
    webhook_id: String,
    certificates: Arc<Certificates>,
}

/// The events that concern purchases.
enum Kind {
    Captured,
    Refunded,
    Reversed,
    Disputed,
    Resolved,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        match name {
            "PAYMENT.CAPTURE.COMPLETED" => Some(Self::Captured),
            "PAYMENT.CAPTURE.REFUNDED" => Some(Self::Refunded),
            "PAYMENT.CAPTURE.REVERSED" => Some(Self::Reversed),
            "CUSTOMER.DISPUTE.CREATED" | "CUSTOMER.DISPUTE.UPDATED" => Some(Self::Disputed),
            "CUSTOMER.DISPUTE.RESOLVED" => Some(Self::Resolved),
            // Also captures that are pending, declined or denied: no money came.
            _ => None,
        }
    }
}

impl PayPal {
    /// `webhook_id` as PayPal shows it; `roots`: those of the operating system, where none are given.
    #[must_use]
    pub fn new(webhook_id: String, roots: Option<Roots>, fetch: Arc<dyn CertificateFetch>) -> Self {
        Self { webhook_id, certificates: Arc::new(Certificates::new(roots, fetch)) }
    }

    /// Reads `PAYPAL_WEBHOOK_ID`, and the local stack's `PAYPAL_ROOTS` and `PAYPAL_CERT_ENDPOINT`. Without a webhook's id
    /// this stage takes no events of PayPal's.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`].
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        let Some(webhook_id) = env.optional(WEBHOOK_ID) else { return Ok(None) };
        // PayPal's simulator signs for a webhook called WEBHOOK_ID; nobody's is.
        if !webhook_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(ConfigError::Invalid { name: WEBHOOK_ID.to_owned() });
        }
        let roots = match env.optional(ROOTS) {
            Some(pem) => Some(Roots::from_pem(&pem).map_err(|_| ConfigError::Invalid { name: ROOTS.to_owned() })?),
            None => None,
        };
        Ok(Some(Self::new(webhook_id, roots, Arc::new(HttpCertificates::from_env(env)?))))
    }

    pub(super) async fn verify<'c>(&self, call: &'c Call) -> Result<Signed<'c>, NotVerified> {
        signature::verify(&self.webhook_id, &self.certificates, call).await?;
        Ok(Signed { id: "", body: &call.body, received_at: call.now })
    }

    pub(super) fn translate(&self, body: &[u8]) -> Result<Told, Unreadable> {
        let head: Head = read(body)?;
        let event = sender_id("id", head.id)?;
        if let Some(kind) = rail::Kind::of(&head.kind) {
            let errands = match kind {
                rail::Kind::Item => rail::of_item(resource(body)?),
                rail::Kind::Batch => rail::of_batch(resource(body)?),
            }?;
            return Ok(Told::errands(event, errands));
        }
        let Some(kind) = Kind::of(&head.kind) else { return Ok(Told::nothing(event)) };
        let facts = match kind {
            Kind::Captured => captured(resource(body)?),
            Kind::Refunded => taken_back(resource(body)?, None),
            // A reversal is PayPal's own taking back: it is done where it does not say otherwise.
            Kind::Reversed => taken_back(resource(body)?, Some(RefundStatus::Succeeded)),
            Kind::Disputed => disputed(resource(body)?, false),
            Kind::Resolved => disputed(resource(body)?, true),
        }?;
        Ok(Told::facts(event, facts))
    }
}

fn resource<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    read::<Event<T>>(body).map(|event| event.resource)
}

/// The time is the capture's own: an event of it can be sent again, and later ones tell when it was refunded.
fn captured(capture: Capture) -> Result<Vec<FactBody>, Unreadable> {
    let Amount { currency_code: currency, value } = capture.amount;
    let Some(amount) = amount("amount.value", value)? else { return Ok(Vec::new()) };
    // Refunded in the meantime, it was captured all the same.
    if !capture.status.is_none_or(|status| matches!(status.as_str(), "COMPLETED" | "PARTIALLY_REFUNDED" | "REFUNDED")) {
        return Err(Unreadable::because("status is not COMPLETED, though the event's type says so"));
    }
    let buyer = capture.custom_id.map(account).transpose()?.map(|account| Buyer { by: Naming::Payment, account });
    let fact = PurchaseFact::Captured { amount, currency, at: capture.create_time, credits: None, buyer };
    Ok(vec![FactBody::Purchase { purchase: purchase("id", &capture.id)?, fact }])
}

/// `untold`: the state where none is told.
fn taken_back(refund: Refund, untold: Option<RefundStatus>) -> Result<Vec<FactBody>, Unreadable> {
    let status = match (refund.status.as_deref(), untold) {
        (Some("PENDING"), _) => RefundStatus::Pending,
        (Some("COMPLETED"), _) => RefundStatus::Succeeded,
        (Some("CANCELLED"), _) => RefundStatus::Canceled,
        (Some("FAILED"), _) => RefundStatus::Failed,
        (None, Some(status)) => status,
        (Some(_), _) | (None, None) => return Err(Unreadable::because("status is no state of a refund")),
    };
    let capture = refund.capture().ok_or_else(|| Unreadable::because("links name no capture"))?;
    let purchase = purchase("links", capture)?;
    let Amount { currency_code: currency, value } = refund.amount;
    let (amount, id) = (amount("amount.value", value)?, sender_id("id of the refund", refund.id)?);
    let fact = |amount| PurchaseFact::Refund { id, amount, currency, status };
    Ok(amount.map(|amount| FactBody::Purchase { purchase, fact: fact(amount) }).into_iter().collect())
}

/// What a dispute takes in the end comes as a refund or as a reversal: it counts while it is open, and once it is resolved,
/// for whomever, it counts nothing, as one that was won.
fn disputed(dispute: Dispute, resolved: bool) -> Result<Vec<FactBody>, Unreadable> {
    // An inquiry is between buyer and seller: nobody was asked to decide yet.
    let open = if dispute.stage.as_deref() == Some("INQUIRY") { DisputeStatus::Inquiry } else { DisputeStatus::Open };
    let status = match dispute.status.as_str() {
        "RESOLVED" => DisputeStatus::Won,
        _ if resolved => return Err(Unreadable::because("status is not RESOLVED, though the event's type says so")),
        "OPEN" | "WAITING_FOR_BUYER_RESPONSE" | "WAITING_FOR_SELLER_RESPONSE" | "UNDER_REVIEW" | "OTHER" => open,
        _ => return Err(Unreadable::because("status is no state of a dispute")),
    };
    let at = dispute.at();
    let id = sender_id("dispute_id", dispute.dispute_id)?;
    let Amount { currency_code: currency, value } = dispute.dispute_amount;
    let Some(amount) = amount("dispute_amount.value", value)? else { return Ok(Vec::new()) };
    // PayPal does not say how a dispute of several payments is shared out: each answers for all of it while it is open.
    let captures = dispute.disputed_transactions.into_iter().filter_map(|transaction| transaction.seller_transaction_id);
    let fact = PurchaseFact::Dispute { id, amount, currency, status, at };
    captures.map(|capture| Ok(FactBody::Purchase { purchase: purchase("seller_transaction_id", &capture)?, fact: fact.clone() })).collect()
}

fn purchase(field: &str, capture: &str) -> Result<PurchaseId, Unreadable> {
    PurchaseId::try_new(Source::Paypal.as_str(), capture).map_err(|_| Unreadable::because(format!("{field}: no capture's id")))
}

fn account(text: String) -> Result<AccountId, Unreadable> {
    AccountId::try_new(&text).map_err(|error| Unreadable::because(format!("custom_id: {error}")))
}
