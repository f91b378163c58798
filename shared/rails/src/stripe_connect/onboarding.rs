//! Connected accounts: made once a payee, told about on Stripe's own pages.

use super::{RAIL, StripeConnect, refused, wire::Failure};
use crate::{
    AccountLink, Capabilities, NewAccount, OnboardError, Onboarding, RailError,
    http::{Call, Said, UNREADABLE, read},
};
use chrono::DateTime;
use futures::future::BoxFuture;
use reqwest::StatusCode;
use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
struct Account {
    id: String,
    payouts_enabled: bool,
    details_submitted: bool,
    #[serde(default)]
    capabilities: Granted,
}

#[derive(Deserialize, Default)]
struct Granted {
    transfers: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    url: String,
    /// Seconds since 1970.
    expires_at: i64,
}

impl StripeConnect {
    async fn told<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T, OnboardError> {
        match self.http.send(call).await?.said()? {
            Said::Yes(body) => Ok(read(&body)?),
            Said::No(StatusCode::CONFLICT, _) => Err(RailError::Busy.into()),
            Said::No(_, body) => {
                let failure: Failure = read(&body)?;
                Err(if failure.is_other_parameters() { refused(&body).into() } else { OnboardError::Refused(failure.reason()) })
            }
        }
    }

    async fn make(&self, new: NewAccount<'_>) -> Result<String, OnboardError> {
        let mut form =
            vec![("type", "express"), ("capabilities[transfers][requested]", "true"), ("metadata[account_id]", new.account.as_str())];
        form.extend(new.email.map(|email| ("email", email)));
        if let Some(country) = new.country {
            // Across borders Stripe pays out under its agreement for recipients alone, and within one country (in the
            // United States) it does not offer that one.
            form.extend([("country", country), ("tos_acceptance[service_agreement]", "recipient")]);
        }
        let form: Vec<_> = form.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let key = key(new);
        let call = self.post("onboard", &["v1", "accounts"], form).header("idempotency-key", key);
        let account: Account = self.told(&call).await?;
        Ok(account.id)
    }

    async fn link(&self, stripe_account: &str, refresh_url: &str, return_url: &str) -> Result<AccountLink, OnboardError> {
        let form = [("account", stripe_account), ("refresh_url", refresh_url), ("return_url", return_url), ("type", "account_onboarding")];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let link: Link = self.told(&self.post("account link", &["v1", "account_links"], form)).await?;
        let expires_at = DateTime::from_timestamp(link.expires_at, 0).ok_or(UNREADABLE)?;
        Ok(AccountLink { url: link.url, expires_at })
    }

    async fn able(&self, stripe_account: &str) -> Result<Capabilities, OnboardError> {
        let account: Account = self.told(&self.get("capabilities", &["v1", "accounts", stripe_account])).await?;
        Ok(Capabilities {
            details_submitted: account.details_submitted,
            payouts_enabled: account.payouts_enabled,
            transfers_active: account.capabilities.transfers.as_deref() == Some("active"),
        })
    }
}

/// One key for one set of parameters: a payee whose e-mail changed while an answer was lost gets another account
/// rather than an error for a day. A digest, since it has the e-mail in it.
fn key(new: NewAccount<'_>) -> String {
    let parts = [RAIL.as_str(), new.account.as_str(), new.email.unwrap_or_default(), new.country.unwrap_or_default()];
    format!("onboard-{}", hex::encode(Sha256::digest(parts.join("\0"))))
}

impl Onboarding for StripeConnect {
    fn onboard<'a>(&'a self, new: NewAccount<'a>) -> BoxFuture<'a, Result<String, OnboardError>> {
        Box::pin(self.make(new))
    }

    fn account_link<'a>(
        &'a self,
        stripe_account: &'a str,
        refresh_url: &'a str,
        return_url: &'a str,
    ) -> BoxFuture<'a, Result<AccountLink, OnboardError>> {
        Box::pin(self.link(stripe_account, refresh_url, return_url))
    }

    fn capabilities<'a>(&'a self, stripe_account: &'a str) -> BoxFuture<'a, Result<Capabilities, OnboardError>> {
        Box::pin(self.able(stripe_account))
    }
}
