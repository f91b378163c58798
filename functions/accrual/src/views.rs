//! What the decisions look at: buyers' attributions, referrers' rates, the settings.

use crate::App;
use chrono::{DateTime, Utc};
use ledger::AccountId;
use programme::{
    account::Account,
    attribution::Attribution,
    plan::{BuyerView, Plan, Views},
    reward::Referrer,
};
use std::collections::{BTreeMap, BTreeSet};
use store::StoreError;

/// What was read so far in this invocation.
#[derive(Debug, Default)]
pub(crate) struct Known {
    views: Views,
    loaded: BTreeSet<AccountId>,
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

    /// Reads the buyers that are not known yet, every write before seen, and their referrers. A
    /// referrer's rates are set ahead of time, so they may be some moments behind.
    pub(crate) async fn load(&mut self, app: &App, buyers: &BTreeSet<AccountId>, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.views.programme = (*app.store.programme(now).await?).clone();
        let missing: Vec<AccountId> = buyers.difference(&self.loaded).cloned().collect();
        if !missing.is_empty() {
            let accounts = app.store.accounts(&missing).await?;
            for (id, account) in accounts {
                self.views.buyers.insert(id, BuyerView { attribution: account.attribution });
            }
            self.loaded.extend(missing);
        }
        // Also where no buyer is new: the read of their referrers may be what failed the time before.
        let credited = self.views.buyers.values().filter_map(|buyer| buyer.attribution.as_ref().and_then(Attribution::earning));
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
}
