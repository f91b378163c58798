//! Making an account at the rail for a payee who has none: at Stripe, a connected account whose holder tells Stripe,
//! on Stripe's own pages, who they are and where their bank is. Nothing of that passes through the platform.

use crate::RailError;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use ledger::AccountId;

/// Who is to get a connected account.
#[derive(Clone, Copy)]
pub struct NewAccount<'a> {
    /// The platform's account.
    pub account: &'a AccountId,
    /// The address to fill Stripe's form with, where it is known.
    pub email: Option<&'a str>,
    /// The payee's country (ISO 3166-1, two capital letters) where it is *not* the platform's own: such an account is
    /// a recipient of cross-border payouts. None: the platform's country and Stripe's full agreement.
    pub country: Option<&'a str>,
}

impl std::fmt::Debug for NewAccount<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAccount").field("account", self.account).field("country", &self.country).finish_non_exhaustive()
    }
}

/// Where a payee goes to be onboarded. The URL lets whoever has it in: it is handed to the payee and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountLink {
    /// The page at Stripe: used once.
    pub url: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for AccountLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountLink").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What a connected account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether its holder finished Stripe's form. Before that it is being onboarded; after it, one that can't be paid
    /// is restricted.
    pub details_submitted: bool,
    /// Whether Stripe sends its balance on to the bank.
    pub payouts_enabled: bool,
    /// Whether it may be paid by transfer.
    pub transfers_active: bool,
}

impl Capabilities {
    /// Whether payouts can go to it.
    #[must_use]
    pub const fn usable(self) -> bool {
        self.payouts_enabled && self.transfers_active
    }
}

/// Why somebody could not be onboarded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OnboardError {
    /// The rail refuses it: its own code.
    #[error("the rail refuses this account ({0})")]
    Refused(String),
    /// The rail could not be asked, or its answer not be read. Asking again is safe.
    #[error(transparent)]
    Rail(#[from] RailError),
}

/// What a rail with onboarding can be asked.
pub trait Onboarding: Send + Sync {
    /// Makes the connected account of a payee and gives its id. The same payee, e-mail and country give the same one
    /// for a day, whatever was lost in between; then the platform has it stored.
    ///
    /// # Errors
    /// [`OnboardError`].
    fn onboard<'a>(&'a self, new: NewAccount<'a>) -> BoxFuture<'a, Result<String, OnboardError>>;

    /// A link for the holder of a connected account. `refresh_url` is where Stripe sends those whose link has ended,
    /// `return_url` those who are done, or gave up.
    ///
    /// # Errors
    /// [`OnboardError`].
    fn account_link<'a>(
        &'a self,
        stripe_account: &'a str,
        refresh_url: &'a str,
        return_url: &'a str,
    ) -> BoxFuture<'a, Result<AccountLink, OnboardError>>;

    /// What a connected account may do now.
    ///
    /// # Errors
    /// [`OnboardError`]; `Refused` for an account that Stripe does not know.
    fn capabilities<'a>(&'a self, stripe_account: &'a str) -> BoxFuture<'a, Result<Capabilities, OnboardError>>;
}
