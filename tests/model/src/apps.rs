//! The real functions over the history's tables and queue. Each has instances of its own, with their
//! own memory of the settings, as in the cloud.

use crate::{issuer, queue::ModelQueue, tables::Tables};
use edge::{config::Secret, ids::SequenceIds, queue::Queue};
use ledger::{KeyRing, KeyRingError};
use std::sync::{Arc, LazyLock};
use store::{Store, backend::Backend};
use webhook::sources::{Platform, PlatformSecretError, Sources, Stripe};

const KEYS: &str = "k1:000102030405060708090a0b0c0d0e0f";
/// What Stripe signs with.
pub const STRIPE_SECRET: &str = "whsec_model";
/// What the platform signs with.
pub const PLATFORM_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/// The base of links.
pub const PUBLIC_URL: &str = "https://go.example.com";

static RING: LazyLock<Result<KeyRing, KeyRingError>> = LazyLock::new(|| KeyRing::parse(KEYS));
static SOURCES: LazyLock<Result<Sources, PlatformSecretError>> = LazyLock::new(|| {
    let platform = Platform::try_new(&[Secret::new(PLATFORM_SECRET)])?;
    Ok(Sources { stripe: Stripe::new(vec![Secret::new(STRIPE_SECRET)], false, keys()), paypal: None, platform })
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
}

impl Apps {
    /// The functions over these tables and this queue; `seed` is that of their ids.
    ///
    /// # Errors
    /// Where a secret of the model's own does not read.
    pub fn new(tables: &Arc<Tables>, queue: &Arc<ModelQueue>, seed: u64) -> Result<Self, PlatformSecretError> {
        let store = || {
            let backend: Arc<dyn Backend> = tables.clone();
            Store::new(backend, keys())
        };
        let facts = || -> Arc<dyn Queue> { queue.clone() };
        let ids = Arc::new(SequenceIds::new(seed));
        let accrual = || accrual::App { store: store(), queue: facts(), ids: ids.clone(), back_off_ms_max: 0 };
        let finance = || finance::App::new(store(), issuer::verifier(), keys(), facts(), ids.clone());
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
            webhook: webhook::App::new(SOURCES.clone()?, facts(), store()),
            accrual: [accrual(), accrual()],
            payouts: payouts::App::new(
                store(),
                issuer::verifier(),
                payouts::Keys { cursors: keys(), signals: keys() },
                facts(),
                ids.clone(),
            ),
            finance: [finance(), finance()],
        })
    }
}
