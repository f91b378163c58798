//! Whether a payout account can be asked for now: what its rail says of it, and its cool-down.

use crate::App;
use chrono::{DateTime, Utc};
use edge::problem::Problem;
use ledger::{AccountId, Rail};
use programme::{payout::Destination, settings::Settings};
use serde::Serialize;
use store::records::{
    connected::{Connected, Standing},
    destination::StoredDestination,
};

/// How far a payout account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It is paid to.
    Ready,
    /// It was changed too recently.
    CoolingDown,
    /// Its holder has still to tell the rail who they are.
    Onboarding,
    /// The rail does not let it be paid now; its holder can hear why from the rail alone.
    Restricted,
}

impl State {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::CoolingDown => "cooling_down",
            Self::Onboarding => "onboarding",
            Self::Restricted => "restricted",
        }
    }
}

/// What the rails say of an account's payout accounts.
pub(crate) struct Standings {
    /// Whether Stripe is asked at all.
    asked: bool,
    connected: Option<Connected>,
}

impl Standings {
    /// Reads them. Only Stripe says anything, and only where this stage has it.
    pub(crate) async fn load(app: &App, account: &AccountId, rails: impl IntoIterator<Item = Rail>) -> Result<Self, Problem> {
        let asked = app.rails.onboarding().is_some() && rails.into_iter().any(|rail| rail == Rail::StripeConnect);
        let connected = if asked { app.store.connected(account).await? } else { None };
        Ok(Self { asked, connected })
    }

    /// What its rail says of a payout account. One at Stripe that is not the account's own was never proved to be.
    pub(crate) fn of(&self, stored: &StoredDestination) -> Standing {
        match &stored.destination {
            Destination::StripeAccount { account } if self.asked => {
                let own = self.connected.as_ref().filter(|connected| connected.stripe_account == *account);
                own.map_or(Standing::Restricted, Connected::standing)
            }
            Destination::StripeAccount { .. }
            | Destination::PaypalEmail { .. }
            | Destination::PaypalPayer { .. }
            | Destination::WiseRecipient { .. } => Standing::Ready,
        }
    }

    /// How far a payout account is.
    pub(crate) fn state(&self, stored: &StoredDestination, settings: &Settings, now: DateTime<Utc>) -> State {
        match self.of(stored) {
            Standing::Onboarding => State::Onboarding,
            Standing::Restricted => State::Restricted,
            Standing::Ready if now < stored.account.opens_at(settings) => State::CoolingDown,
            Standing::Ready => State::Ready,
        }
    }

    /// Refuses a payout account that its rail does not let be paid.
    ///
    /// # Errors
    /// 422 `payout_account_not_ready`.
    pub(crate) fn check(&self, stored: &StoredDestination) -> Result<(), Problem> {
        let (state, detail) = match self.of(stored) {
            Standing::Ready => return Ok(()),
            Standing::Onboarding => (State::Onboarding, "The payout account waits for its holder to finish the form at Stripe."),
            Standing::Restricted => {
                (State::Restricted, "Stripe does not let the payout account be paid now; its holder can ask Stripe why.")
            }
        };
        Err(Problem::refused("payout_account_not_ready", detail).with("state", state.as_str()))
    }
}
