//! The real functions over the history's tables and queue. Each has instances of its own, with their
//! own memory of the settings, as in the cloud.

use crate::{issuer, queue::ModelQueue, tables::Tables};
use chrono::Duration;
use edge::{config::Secret, ids::SequenceIds, queue::Queue};
use ledger::{KeyRing, KeyRingError};
use programme::payout::Issuer;
use rails::Rails;
use std::sync::{Arc, LazyLock};
use store::{Store, backend::Backend};
use webhook::{
    Queues,
    sources::{Platform, PlatformSecretError, Sources, Stripe},
};

const KEYS: &str = "k1:000102030405060708090a0b0c0d0e0f";
/// What Stripe signs with.
pub const STRIPE_SECRET: &str = "whsec_model";
/// What the platform signs with.
pub const PLATFORM_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/// The base of links.
pub const PUBLIC_URL: &str = "https://go.example.com";

/// How long a worker has a payout in hand: twice its timeout, as the function has it.
const LEASE_SECONDS: i64 = 120;

static ISSUER_OF_INVOICES: LazyLock<Issuer> = LazyLock::new(|| Issuer {
    name: "Example Ltd".into(),
    address: vec!["1 Main Street".into(), "Dublin".into()],
    country: "IE".into(),
    tax_id: "IE1234567A".into(),
    reverse_charge_note: "Reverse charge.".into(),
});
static RING: LazyLock<Result<KeyRing, KeyRingError>> = LazyLock::new(|| KeyRing::parse(KEYS));
static SOURCES: LazyLock<Result<Sources, PlatformSecretError>> = LazyLock::new(|| {
    let platform = Platform::try_new(&[Secret::new(PLATFORM_SECRET)])?;
    Ok(Sources { stripe: Stripe::new(vec![Secret::new(STRIPE_SECRET)], false, keys()), paypal: None, wise: None, platform })
});

/// The keys of everything: what is kept apart is kept apart by its domain.
#[must_use]
pub fn keys() -> KeyRing {
    RING.clone().unwrap_or_else(|_| KeyRing::none())
}

/// The functions.
pub struct Apps {
    /// Links.
    pub click: click::App,
    /// Signups.
    pub signup: signup::App,
    /// Webhooks.
    pub webhook: webhook::App,
    /// Two instances of the accrual.
    pub accrual: [accrual::App; 2],
    /// Payouts.
    pub payouts: payouts::App,
    /// Two instances of finance.
    pub finance: [finance::App; 2],
    /// Two instances of the payout worker.
    pub worker: [payout_worker::App; 2],
}

impl Apps {
    /// The functions over these tables, queues (of facts, and of errands) and rails; `seed` is that of their ids.
    ///
    /// # Errors
    /// Where a secret of the model's own does not read.
    pub fn new(
        tables: &Arc<Tables>,
        [queue, errands]: [&Arc<ModelQueue>; 2],
        rails: &Rails,
        seed: u64,
    ) -> Result<Self, PlatformSecretError> {
        let store = || {
            let backend: Arc<dyn Backend> = tables.clone();
            Store::new(backend, keys())
        };
        let facts = || -> Arc<dyn Queue> { queue.clone() };
        let payouts = || -> Arc<dyn Queue> { errands.clone() };
        let ids = Arc::new(SequenceIds::new(seed));
        let accrual = || accrual::App { store: store(), queue: facts(), ids: ids.clone(), back_off_ms_max: 0 };
        let finance = || finance::App::new(store(), issuer::verifier(), keys(), facts(), payouts(), ids.clone());
        let worker = || payout_worker::App {
            store: store(),
            rails: rails.clone(),
            queue: payouts(),
            issuer: ISSUER_OF_INVOICES.clone(),
            ids: ids.clone(),
            lease: Duration::seconds(LEASE_SECONDS),
            back_off_ms_max: 0,
        };
        Ok(Self {
            click: click::App::new(click::Parts {
                store: store(),
                receipt_keys: keys(),
                signal_keys: keys(),
                landing_url: "https://www.example.com/".into(),
                allowed_hosts: vec!["www.example.com".into()],
                ids: ids.clone(),
            }),
            signup: signup::App::new(signup::Parts {
                verifier: issuer::verifier(),
                store: store(),
                facts: facts(),
                receipt_keys: keys(),
                signal_keys: keys(),
                public_url: PUBLIC_URL.into(),
                ids: ids.clone(),
            }),
            webhook: webhook::App::new(SOURCES.clone()?, Queues { facts: facts(), payouts: payouts() }, store()),
            accrual: [accrual(), accrual()],
            payouts: payouts::App::new(
                store(),
                issuer::verifier(),
                payouts::Keys { cursors: keys(), signals: keys() },
                facts(),
                ids.clone(),
            ),
            finance: [finance(), finance()],
            worker: [worker(), worker()],
        })
    }
}
