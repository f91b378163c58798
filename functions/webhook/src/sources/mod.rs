//! Who may post here. Each source is one file: how it signs, and what its events mean.

mod platform;
mod stripe;

pub use platform::{Platform, PlatformSecretError};
pub use stripe::Stripe;

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
    /// The platform itself, or any other processor, by Standard Webhooks.
    pub platform: Platform,
}

impl Sources {
    /// Reads each source's own variables.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self { stripe: Stripe::from_env(env)?, platform: Platform::from_env(env)? })
    }

    /// The source that the last part of the path names, exactly as it is written.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Sender<'_>> {
        [Sender::Stripe(&self.stripe), Sender::Platform(&self.platform)].into_iter().find(|sender| sender.source().as_str() == name)
    }
}

/// The source of one request.
#[derive(Debug, Clone, Copy)]
pub enum Sender<'a> {
    /// Stripe.
    Stripe(&'a Stripe),
    /// The platform.
    Platform(&'a Platform),
}

impl Sender<'_> {
    /// Which source it is.
    #[must_use]
    pub const fn source(self) -> Source {
        match self {
            Self::Stripe(_) => Source::Stripe,
            Self::Platform(_) => Source::Platform,
        }
    }

    /// Takes a request's body as this source's own words, where its signature fits.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn verify(self, call: &Call) -> Result<Signed<'_>, Refusal> {
        match self {
            Self::Stripe(stripe) => stripe.verify(call),
            Self::Platform(platform) => platform.verify(call),
        }
    }

    /// What the event tells the programme.
    ///
    /// # Errors
    /// [`Unreadable`]: such a body belongs in the quarantine.
    pub fn translate(self, signed: &Signed<'_>) -> Result<Told, Unreadable> {
        let told = match self {
            Self::Stripe(stripe) => stripe.translate(signed.body),
            Self::Platform(platform) => platform.translate(signed.id, signed.body),
        }?;
        translation::not_from_the_future(told, signed.received_at)
    }
}

/// What a source said, proved by its signature.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// The id that was signed beside the body; empty where the scheme has none.
    id: &'a str,
    body: &'a [u8],
    received_at: DateTime<Utc>,
}
