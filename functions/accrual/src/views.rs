//! What the decisions look at: buyers' attributions, referrers' rates, rewards by usage, the settings.

use crate::App;
use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt, TryStreamExt};
use ledger::AccountId;
use programme::{
    account::Account,
    attribution::Attribution,
    plan::{BuyerView, Plan, Views},
    reward::Referrer,
    settings::Programme,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use store::StoreError;

/// Reads under way at once.
const CONCURRENT: usize = 8;

/// What was read so far in this invocation.
#[derive(Debug, Default)]
pub(crate) struct Known {
    views: Views,
    loaded: BTreeSet<AccountId>,
    /// Whose rewards by usage were read.
    rewarded: BTreeSet<AccountId>,
    /// Referrers' figures as they were some moments ago: they tell which holds have matured.
    figures: BTreeMap<AccountId, Account>,
}

impl Known {
    /// What the decisions look at.
    pub(crate) const fn views(&self) -> &Views {
        &self.views
    }

    /// Drops the matured holds of the accounts that a plan writes anyway.
    pub(crate) fn drop_matured(&self, plan: &mut Plan, now: DateTime<Utc>) {
        for (id, account) in &self.figures {
            plan.moves.drop_matured(id, account, now.date_naive());
        }
    }

    /// An account changed meanwhile: to be read again.
    pub(crate) fn forget(&mut self, account: &AccountId) {
        self.loaded.remove(account);
        self.views.buyers.remove(account);
    }

    /// A referee's reward by usage has a new line: to be read again.
    pub(crate) fn forget_usage(&mut self, referee: &AccountId) {
        self.rewarded.remove(referee);
        self.views.usage.remove(referee);
    }

    /// The settings as they stand.
    pub(crate) fn set(&mut self, programme: Arc<Programme>) {
        if self.views.programme != *programme {
            self.views.programme = Arc::unwrap_or_clone(programme);
        }
    }

    /// Reads those who bought or spent that are not known yet, every write before seen, and their referrers. A
    /// referrer's rates are set ahead of time, so they may be some moments behind.
    pub(crate) async fn load(&mut self, app: &App, accounts: &BTreeSet<AccountId>) -> Result<(), StoreError> {
        self.load_attributions(app, accounts).await?;
        self.load_referrers(app).await?;
        self.load_usage(app, accounts).await
    }

    async fn load_attributions(&mut self, app: &App, accounts: &BTreeSet<AccountId>) -> Result<(), StoreError> {
        let missing: Vec<AccountId> = accounts.difference(&self.loaded).cloned().collect();
        if !missing.is_empty() {
            let accounts = app.store.accounts(&missing).await?;
            for (id, account) in accounts {
                self.views.buyers.insert(id, BuyerView { attribution: account.attribution });
            }
            self.loaded.extend(missing);
        }
        Ok(())
    }

    /// Also where no buyer is new: the read of their referrers may be what failed the time before.
    async fn load_referrers(&mut self, app: &App) -> Result<(), StoreError> {
        let credited = self.views.buyers.values().filter_map(|buyer| buyer.attribution.as_ref().and_then(Attribution::counting));
        let referrers: BTreeSet<AccountId> = credited.map(|credit| credit.referrer.clone()).collect();
        let missing: Vec<AccountId> = referrers.into_iter().filter(|id| !self.views.referrers.contains_key(id)).collect();
        if !missing.is_empty() {
            let mut read = app.store.referrers(&missing).await?;
            for id in missing {
                let (rates, account) = read.remove(&id).unwrap_or_default();
                self.figures.extend(account.clone().map(|account| (id.clone(), account)));
                self.views.referrers.insert(id, Referrer { rates, closed_at: account.and_then(|account| account.closed_at) });
            }
        }
        Ok(())
    }

    /// The newest lines of rewards by usage, of those who have such a referral.
    async fn load_usage(&mut self, app: &App, accounts: &BTreeSet<AccountId>) -> Result<(), StoreError> {
        let by_usage = |id: &&AccountId| {
            let attribution = self.views.buyers.get(*id).and_then(|buyer| buyer.attribution.as_ref());
            attribution.is_some_and(Attribution::is_by_usage) && !self.rewarded.contains(*id)
        };
        let missing: Vec<AccountId> = accounts.iter().filter(by_usage).cloned().collect();
        let reads = missing.into_iter().map(async |id| app.store.posted_usage(&id).await.map(|posted| (id, posted)));
        let read: Vec<_> = stream::iter(reads).buffer_unordered(CONCURRENT).try_collect().await?;
        for (id, posted) in read {
            self.views.usage.extend(posted.map(|posted| (id.clone(), posted)));
            self.rewarded.insert(id);
        }
        Ok(())
    }
}
