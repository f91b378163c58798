//! What an account at Stripe may be paid, asked there after a webhook said that it may have changed.

use crate::{
    App,
    batch::{Failure, Outcome},
};
use chrono::{DateTime, Utc};
use rails::{OnboardError, RailError};
use store::records::connected::Connected;

/// Seconds until Stripe is asked again.
const AGAIN_SECONDS: u16 = 120;

pub(crate) async fn refresh(app: &App, stripe_account: &str, now: DateTime<Utc>) -> Result<Outcome, Failure> {
    let (Some(owner), Some(onboarding)) = (app.store.owner_of_stripe_account(stripe_account).await?, app.rails.onboarding()) else {
        return Ok(Outcome::Done);
    };
    match onboarding.capabilities(stripe_account).await {
        Ok(told) => {
            let connected = Connected {
                stripe_account: stripe_account.to_owned(),
                payouts_enabled: told.payouts_enabled,
                transfers_active: told.transfers_active,
                details_submitted: told.details_submitted,
                read_at: now,
            };
            app.store.keep_connected(&owner, &connected).await?;
            tracing::info!(account_id = %owner, ready = connected.is_ready(), "what an account at Stripe may be paid");
            Ok(Outcome::Done)
        }
        Err(OnboardError::Rail(RailError::Unknown(_) | RailError::Busy)) => Ok(Outcome::Later(AGAIN_SECONDS)),
        Err(OnboardError::Rail(error @ (RailError::Misconfigured(_) | RailError::Closed | RailError::Conflict | RailError::Held(_)))) => {
            tracing::error!(%error, private = error.private_half(), "an account at Stripe can't be read");
            Err(Failure::Poison)
        }
        // It may be gone there: what is known of it stays as it was.
        Err(OnboardError::Refused(code)) => {
            tracing::warn!(account_id = %owner, code, "Stripe does not tell of an account");
            Ok(Outcome::Done)
        }
    }
}
