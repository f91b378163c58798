//! Stripe: its signature, and what its events tell the programme.
//!
//! One purchase is one PaymentIntent. Several events tell of it, unordered and more than once: the
//! intent gives amount and time, Checkout may name the buyer, the charge gives the card's
//! fingerprint, refunds and disputes take back. All of them are joined by the intent's id.
//!
//! Stripe is a rail, too: see [`rail`].

mod minor_units;
mod objects;
mod rail;
mod signature;

use super::Signed;
use crate::{
    signature::Refusal,
    translation::{Told, Unreadable, amount, read, sender_id},
};
use chrono::{DateTime, Utc};
use edge::{
    config::{ConfigError, Env, Secret},
    http::Call,
};
use ledger::{AccountId, Currency, KeyRing, Money};
use objects::{Charge, Checkout, Dispute, Event, Head, Metadata, PaymentIntent, Refund};
use programme::fact::{Buyer, DisputeStatus, FactBody, Naming, PurchaseFact, PurchaseId, RefundStatus, Source};

/// Keeps the digests of instruments apart from those of other signals.
const INSTRUMENT: &str = "instrument";

/// The secrets and settings of the Stripe account whose money this is.
#[derive(Debug, Clone)]
pub struct Stripe {
    secrets: Vec<Secret>,
    livemode: bool,
    signal_keys: KeyRing,
}

/// What an event concerns.
enum Concern {
    Purchase(Kind),
    Payout(rail::Kind),
}

impl Concern {
    /// `connected`: the event is about a connected account. Their payments are their own, made with whatever metadata their
    /// owners like: no purchases of the platform's.
    fn of(name: &str, connected: bool) -> Option<Self> {
        let purchase = if connected { None } else { Kind::of(name).map(Self::Purchase) };
        purchase.or_else(|| rail::Kind::of(name, connected).map(Self::Payout))
    }
}

/// The events that concern purchases.
enum Kind {
    PaymentSucceeded,
    CheckoutCompleted,
    CheckoutPaidLater,
    ChargeSucceeded,
    ChargeRefunded,
    RefundChanged,
    DisputeChanged,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        match name {
            "payment_intent.succeeded" => Some(Self::PaymentSucceeded),
            "checkout.session.completed" => Some(Self::CheckoutCompleted),
            "checkout.session.async_payment_succeeded" => Some(Self::CheckoutPaidLater),
            "charge.succeeded" => Some(Self::ChargeSucceeded),
            "charge.refunded" => Some(Self::ChargeRefunded),
            "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => Some(Self::RefundChanged),
            "charge.dispute.created" | "charge.dispute.updated" | "charge.dispute.closed" => Some(Self::DisputeChanged),
            // Also `invoice.paid`, whose money is the intent's, and `charge.dispute.funds_*`, whose
            // status can be older than what created, updated and closed have told already.
            _ => None,
        }
    }
}

impl Stripe {
    /// `secrets` as Stripe shows them, `whsec_` included; `livemode` says which of its two modes is
    /// taken; `signal_keys` make the digests of card fingerprints.
    #[must_use]
    pub const fn new(secrets: Vec<Secret>, livemode: bool, signal_keys: KeyRing) -> Self {
        Self { secrets, livemode, signal_keys }
    }

    /// Reads `STRIPE_WEBHOOK_SECRETS`, `STRIPE_LIVEMODE` and `SIGNAL_KEYS`.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self::new(
            env.secrets("STRIPE_WEBHOOK_SECRETS", ' ')?,
            env.parse("STRIPE_LIVEMODE")?,
            env.parse_with("SIGNAL_KEYS", KeyRing::parse)?,
        ))
    }

    pub(super) fn verify<'c>(&self, call: &'c Call) -> Result<Signed<'c>, Refusal> {
        signature::verify(&self.secrets, call.header("stripe-signature"), &call.body, call.now)?;
        Ok(Signed { id: "", body: &call.body, received_at: call.now })
    }

    pub(super) fn translate(&self, body: &[u8]) -> Result<Told, Unreadable> {
        let head: Head = read(body)?;
        let event = sender_id("id", head.id)?;
        let connected = head.account.is_some();
        rail::inform(&head.kind, connected, &event);
        let Some(concern) = Concern::of(&head.kind, connected) else { return Ok(Told::nothing(event)) };
        if head.livemode != Some(self.livemode) {
            return Err(Unreadable::because("livemode is missing or not the mode that is taken here"));
        }
        match concern {
            Concern::Purchase(kind) => Ok(Told::facts(event, self.facts(&kind, body)?)),
            Concern::Payout(kind) => Ok(Told::errands(event, rail::errands(kind, body)?)),
        }
    }

    fn facts(&self, kind: &Kind, body: &[u8]) -> Result<Vec<FactBody>, Unreadable> {
        match kind {
            Kind::PaymentSucceeded => captured(read(body)?),
            Kind::CheckoutCompleted => named(read(body)?, false),
            Kind::CheckoutPaidLater => named(read(body)?, true),
            Kind::ChargeSucceeded => self.instrument(&read::<Event<Charge>>(body)?.data.object),
            Kind::ChargeRefunded => self.charge_refunded(read(body)?),
            Kind::RefundChanged => refund_changed(read(body)?),
            Kind::DisputeChanged => dispute_changed(read(body)?),
        }
    }

    /// The card's fingerprint under every key, so that one told under an older key is still found.
    /// The charge gives neither amount nor time: those are the intent's alone.
    fn instrument(&self, charge: &Charge) -> Result<Vec<FactBody>, Unreadable> {
        let (Some(intent), Some(fingerprint)) = (&charge.payment_intent, charge.fingerprint()) else { return Ok(Vec::new()) };
        let purchase = intent.purchase()?;
        let digests = self.signal_keys.sign_all(INSTRUMENT, fingerprint.as_bytes());
        Ok(digests.into_iter().map(|digest| about(&purchase, PurchaseFact::Instrument { digest: digest.to_text() })).collect())
    }

    fn charge_refunded(&self, event: Event<Charge>) -> Result<Vec<FactBody>, Unreadable> {
        let charge = event.data.object;
        let Some(intent) = &charge.payment_intent else { return Ok(Vec::new()) };
        let purchase = intent.purchase()?;
        let (Some(refunded), Some(currency)) = (charge.amount_refunded, &charge.currency) else {
            return Err(Unreadable::because("amount_refunded or currency is missing"));
        };
        let (amount, currency) = money("amount_refunded", refunded, currency)?;
        let total = amount.map(|amount| about(&purchase, PurchaseFact::RefundedTotal { amount, currency }));
        let mut facts: Vec<_> = total.into_iter().collect();
        facts.extend(self.instrument(&charge)?);
        // Older versions list the refunds themselves. One without a state is in the sum alone.
        for refund in charge.refunds.into_iter().flat_map(|list| list.data).filter(|refund| refund.status.is_some()) {
            facts.extend(refund_fact(refund)?.map(|fact| about(&purchase, fact)));
        }
        Ok(facts)
    }
}

fn about(purchase: &PurchaseId, fact: PurchaseFact) -> FactBody {
    FactBody::Purchase { purchase: purchase.clone(), fact }
}

fn captured(event: Event<PaymentIntent>) -> Result<Vec<FactBody>, Unreadable> {
    let intent = event.data.object;
    let (received, currency) = money("amount_received", intent.amount_received, &intent.currency)?;
    let Some(amount) = received else { return Ok(Vec::new()) };
    if intent.status.is_some_and(|status| status != "succeeded") {
        return Err(Unreadable::because("status is not succeeded, though the event's type says so"));
    }
    // An intent can't be captured before it is made: where the two times disagree, the later holds.
    let at = time("created", event.created.max(intent.created.unwrap_or(event.created)))?;
    let credits = intent.metadata.credits()?;
    let buyer = intent.metadata.account()?.map(|account| Buyer { by: Naming::Payment, account });
    Ok(vec![about(&purchase(&intent.id)?, PurchaseFact::Captured { amount, currency, at, credits, buyer })])
}

/// `paid_later`: the type of the event says that the payment went through.
fn named(event: Event<Checkout>, paid_later: bool) -> Result<Vec<FactBody>, Unreadable> {
    let checkout = event.data.object;
    let paid = paid_later || checkout.payment_status.is_some_and(|status| status == "paid");
    let (true, Some(intent)) = (paid, checkout.payment_intent) else { return Ok(Vec::new()) };
    let account = match checkout.client_reference_id {
        Some(text) => Some(account("client_reference_id", &text)?),
        None => checkout.metadata.account()?,
    };
    let buyer = account.map(|account| Buyer { by: Naming::Checkout, account });
    let credits = checkout.metadata.credits()?;
    if buyer.is_none() && credits.is_none() {
        return Ok(Vec::new());
    }
    Ok(vec![about(&intent.purchase()?, PurchaseFact::Named { buyer, credits })])
}

fn refund_changed(event: Event<Refund>) -> Result<Vec<FactBody>, Unreadable> {
    let refund = event.data.object;
    let Some(intent) = &refund.payment_intent else { return Ok(Vec::new()) };
    let purchase = intent.purchase()?;
    Ok(refund_fact(refund)?.map(|fact| about(&purchase, fact)).into_iter().collect())
}

fn refund_fact(refund: Refund) -> Result<Option<PurchaseFact>, Unreadable> {
    let status = match refund.status.as_deref() {
        Some("pending" | "requires_action") => RefundStatus::Pending,
        Some("succeeded") => RefundStatus::Succeeded,
        Some("canceled") => RefundStatus::Canceled,
        Some("failed") => RefundStatus::Failed,
        _ => return Err(Unreadable::because("status is no state of a refund")),
    };
    let (amount, currency) = money("amount", refund.amount, &refund.currency)?;
    let id = sender_id("id of the refund", refund.id)?;
    Ok(amount.map(|amount| PurchaseFact::Refund { id, amount, currency, status }))
}

fn dispute_changed(event: Event<Dispute>) -> Result<Vec<FactBody>, Unreadable> {
    let dispute = event.data.object;
    let Some(intent) = &dispute.payment_intent else { return Ok(Vec::new()) };
    let status = match dispute.status.as_str() {
        // Nothing is taken while the bank only asks, nor where the dispute was prevented.
        "warning_needs_response" | "warning_under_review" | "warning_closed" | "prevented" => DisputeStatus::Inquiry,
        "needs_response" | "under_review" => DisputeStatus::Open,
        // Older versions end a dispute so when the charge was refunded: the refund is what takes.
        "won" | "charge_refunded" => DisputeStatus::Won,
        "lost" => DisputeStatus::Lost,
        _ => return Err(Unreadable::because("status is no state of a dispute")),
    };
    let (amount, currency) = money("amount", dispute.amount, &dispute.currency)?;
    let (id, at, purchase) = (sender_id("id of the dispute", dispute.id)?, time("created", event.created)?, intent.purchase()?);
    Ok(amount.map(|amount| about(&purchase, PurchaseFact::Dispute { id, amount, currency, status, at })).into_iter().collect())
}

fn purchase(intent: &str) -> Result<PurchaseId, Unreadable> {
    PurchaseId::try_new(Source::Stripe.as_str(), intent).map_err(|_| Unreadable::because("payment_intent is no id"))
}

fn account(field: &str, text: &str) -> Result<AccountId, Unreadable> {
    AccountId::try_new(text).map_err(|error| Unreadable::because(format!("{field}: {error}")))
}

/// An amount in minor units, as units of its currency; none where it is zero.
fn money(field: &str, minor: i64, currency: &str) -> Result<(Option<Money>, Currency), Unreadable> {
    let currency = Currency::try_new(&currency.to_ascii_uppercase()).map_err(|error| Unreadable::because(error.to_string()))?;
    let told =
        Money::from_minor(minor, minor_units::places(&currency)).map_err(|error| Unreadable::because(format!("{field}: {error}")))?;
    Ok((amount(field, told)?, currency))
}

fn time(field: &str, seconds: i64) -> Result<DateTime<Utc>, Unreadable> {
    DateTime::from_timestamp(seconds, 0).ok_or_else(|| Unreadable::because(format!("{field} is no time")))
}

impl objects::Link {
    fn purchase(&self) -> Result<PurchaseId, Unreadable> {
        purchase(self.id())
    }
}

impl Metadata {
    fn account(&self) -> Result<Option<AccountId>, Unreadable> {
        self.account_id.as_deref().map(|text| account("metadata.account_id", text)).transpose()
    }

    /// The credits bought; zero is a figure as well: nothing that earns was bought.
    fn credits(&self) -> Result<Option<Money>, Unreadable> {
        let Some(text) = &self.credits else { return Ok(None) };
        let told: Money = text.parse().map_err(|error| Unreadable::because(format!("metadata.credits: {error}")))?;
        Ok(Some(amount("metadata.credits", told)?.unwrap_or(Money::ZERO)))
    }
}
