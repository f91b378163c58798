//! Onboarding in memory.

use super::turn;
use crate::{AccountLink, Capabilities, NewAccount, OnboardError, Onboarding};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Makes connected accounts in memory: one a platform account, of which nothing is told yet.
#[derive(Default)]
pub struct FakeOnboarding(Mutex<State>);

#[derive(Default)]
struct State {
    /// By the platform's account.
    made: BTreeMap<String, String>,
    able: BTreeMap<String, Capabilities>,
    links: u32,
    failures: VecDeque<OnboardError>,
}

/// Later than any test.
const EXPIRES: DateTime<Utc> = match DateTime::from_timestamp(4_102_444_800, 0) {
    Some(time) => time,
    None => DateTime::<Utc>::UNIX_EPOCH,
};
const NOTHING: Capabilities = Capabilities { details_submitted: false, payouts_enabled: false, transfers_active: false };

impl FakeOnboarding {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next call fails so, and does nothing.
    pub fn fail_next(&self, error: OnboardError) {
        self.state().failures.push_back(error);
    }

    /// The holder of a connected account has told Stripe something.
    pub fn set_capabilities(&self, stripe_account: &str, capabilities: Capabilities) {
        self.state().able.insert(stripe_account.to_owned(), capabilities);
    }

    /// How many connected accounts were made.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.state().made.len()
    }

    /// How many links were made.
    #[must_use]
    pub fn links(&self) -> u32 {
        self.state().links
    }

    fn made(&self, new: NewAccount<'_>) -> Result<String, OnboardError> {
        let mut state = self.state();
        state.fault()?;
        let next = state.made.len() + 1;
        let account = state.made.entry(new.account.to_string()).or_insert_with(|| format!("acct_fake{next}")).clone();
        state.able.entry(account.clone()).or_insert(NOTHING);
        Ok(account)
    }

    fn linked(&self, stripe_account: &str) -> Result<AccountLink, OnboardError> {
        let mut state = self.state();
        state.fault()?;
        state.known(stripe_account)?;
        state.links += 1;
        let url = format!("https://connect.example/setup/{stripe_account}/{}", state.links);
        Ok(AccountLink { url, expires_at: EXPIRES })
    }

    fn able(&self, stripe_account: &str) -> Result<Capabilities, OnboardError> {
        let mut state = self.state();
        state.fault()?;
        state.known(stripe_account)
    }
}

impl State {
    fn fault(&mut self) -> Result<(), OnboardError> {
        self.failures.pop_front().map_or(Ok(()), Err)
    }

    fn known(&self, stripe_account: &str) -> Result<Capabilities, OnboardError> {
        self.able.get(stripe_account).copied().ok_or_else(|| OnboardError::Refused("resource_missing".to_owned()))
    }
}

impl Onboarding for FakeOnboarding {
    fn onboard<'a>(&'a self, new: NewAccount<'a>) -> BoxFuture<'a, Result<String, OnboardError>> {
        Box::pin(async move {
            turn().await;
            self.made(new)
        })
    }

    fn account_link<'a>(
        &'a self,
        stripe_account: &'a str,
        _refresh_url: &'a str,
        _return_url: &'a str,
    ) -> BoxFuture<'a, Result<AccountLink, OnboardError>> {
        Box::pin(async move {
            turn().await;
            self.linked(stripe_account)
        })
    }

    fn capabilities<'a>(&'a self, stripe_account: &'a str) -> BoxFuture<'a, Result<Capabilities, OnboardError>> {
        Box::pin(async move {
            turn().await;
            self.able(stripe_account)
        })
    }
}
