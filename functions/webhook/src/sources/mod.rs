//! Who may post here. Each source is one file: how it signs, and what its events mean.

mod paypal;
mod platform;
mod stripe;
mod wise;

pub use paypal::{CertificateFetch, CertificateUrl, FetchError, HttpCertificates, PayPal, Roots, RootsError};
pub use platform::{Platform, PlatformSecretError};
pub use stripe::Stripe;
pub use wise::{Wise, WiseKeyError};

use crate::{
    signature::Refusal,
    translation::{self, Told, Unreadable},
};
use chrono::{DateTime, Utc};
use edge::{
    config::{ConfigError, Env},
    http::Call,
};
use programme::fact::Source;

/// Every source that this function takes, with its secrets and settings.
#[derive(Debug, Clone)]
pub struct Sources {
    /// Stripe.
    pub stripe: Stripe,
    /// PayPal; none where the stage has no webhook there.
    pub paypal: Option<PayPal>,
    /// Wise; none where the stage has no webhook there.
    pub wise: Option<Wise>,
    /// The platform itself, or any other processor, by Standard Webhooks.
    pub platform: Platform,
}

impl Sources {
    /// Reads each source's own variables.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            stripe: Stripe::from_env(env)?,
            paypal: PayPal::from_env(env)?,
            wise: Wise::from_env(env)?,
            platform: Platform::from_env(env)?,
        })
    }

    /// The source that the last part of the path names, exactly as it is written.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Sender<'_>> {
        let perhaps = [self.paypal.as_ref().map(Sender::PayPal), self.wise.as_ref().map(Sender::Wise)];
        let mut senders = [Sender::Stripe(&self.stripe), Sender::Platform(&self.platform)].into_iter().chain(perhaps.into_iter().flatten());
        senders.find(|sender| sender.source().as_str() == name)
    }
}

/// Why a request was not taken as its source's own words.
#[derive(Debug, thiserror::Error)]
pub enum NotVerified {
    /// It is not from whom it says.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What is needed to tell is away: trying again helps.
    #[error("the signature can't be checked now")]
    Unavailable(#[source] edge::Error),
}

/// The source of one request.
#[derive(Debug, Clone, Copy)]
pub enum Sender<'a> {
    /// Stripe.
    Stripe(&'a Stripe),
    /// PayPal.
    PayPal(&'a PayPal),
    /// Wise.
    Wise(&'a Wise),
    /// The platform.
    Platform(&'a Platform),
}

impl Sender<'_> {
    /// Which source it is.
    #[must_use]
    pub const fn source(self) -> Source {
        match self {
            Self::Stripe(_) => Source::Stripe,
            Self::PayPal(_) => Source::Paypal,
            Self::Wise(_) => Source::Wise,
            Self::Platform(_) => Source::Platform,
        }
    }

    /// Takes a request's body as this source's own words, where its signature fits.
    ///
    /// # Errors
    /// [`NotVerified`].
    pub async fn verify(self, call: &Call) -> Result<Signed<'_>, NotVerified> {
        match self {
            Self::Stripe(stripe) => Ok(stripe.verify(call)?),
            Self::PayPal(paypal) => paypal.verify(call).await,
            Self::Wise(wise) => Ok(wise.verify(call)?),
            Self::Platform(platform) => Ok(platform.verify(call)?),
        }
    }

    /// What the event tells the programme.
    ///
    /// # Errors
    /// [`Unreadable`]: such a body belongs in the quarantine.
    pub fn translate(self, signed: &Signed<'_>) -> Result<Told, Unreadable> {
        let told = match self {
            Self::Stripe(stripe) => stripe.translate(signed.body),
            Self::PayPal(paypal) => paypal.translate(signed.body),
            Self::Wise(_) => Wise::translate(signed.id, signed.body),
            Self::Platform(platform) => platform.translate(signed.id, signed.body),
        }?;
        translation::not_from_the_future(told, signed.received_at)
    }
}

/// What a source said, proved by its signature.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// The id that came beside the body; empty where the scheme has none.
    id: &'a str,
    body: &'a [u8],
    received_at: DateTime<Utc>,
}

impl<'a> Signed<'a> {
    /// A body that was proved when it came in, and kept since. `id` stands for the one that was signed beside it.
    pub(crate) const fn kept(id: &'a str, body: &'a [u8], now: DateTime<Utc>) -> Self {
        Self { id, body, received_at: now }
    }
}
