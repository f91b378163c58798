//! Accounts: figures, and the months of their charts.

use super::Store;
use crate::{
    StoreError,
    backend::{Change, Condition, Item, Key, Query, Table, Value, Write},
    keys,
    records::{
        account,
        month::{self, Bucket},
        settings::read_rates,
        time,
    },
};
use chrono::{DateTime, Utc};
use ledger::{AccountId, Rate};
use programme::{account::Account, settings::History};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

impl Store {
    /// An account's figures, every write before seen; none where nothing was ever known of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        self.backend.get(&keys::figures(id), true).await?.as_ref().map(account::read).transpose()
    }

    /// Several accounts' figures, every write before seen. Those of whom nothing is known are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accounts(&self, ids: &[AccountId]) -> Result<BTreeMap<AccountId, Account>, StoreError> {
        let mut found = BTreeMap::new();
        for ids in ids.chunks(100) {
            let wanted: Vec<Key> = ids.iter().map(keys::figures).collect();
            for (key, item) in self.backend.get_many(&wanted, true).await? {
                if let Some(id) = account::owner(&key.pk) {
                    found.insert(id, account::read(&item)?);
                }
            }
        }
        Ok(found)
    }

    /// What of several referrers decides about rewards: own rates and closing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn referrers(&self, ids: &[AccountId]) -> Result<BTreeMap<AccountId, (History<Rate>, Option<Account>)>, StoreError> {
        let mut found: BTreeMap<AccountId, (History<Rate>, Option<Account>)> = BTreeMap::new();
        for ids in ids.chunks(50) {
            let wanted: Vec<Key> = ids.iter().flat_map(|id| [keys::figures(id), keys::rates(id)]).collect();
            for (key, item) in self.backend.get_many(&wanted, false).await? {
                if let Some(id) = account::owner(&key.pk) {
                    let entry = found.entry(id).or_default();
                    if key.sk == "n" {
                        entry.1 = Some(account::read(&item)?);
                    } else {
                        entry.0 = read_rates(&item)?;
                    }
                }
            }
        }
        Ok(found)
    }

    /// Marks an account closed, at the earliest time told.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close_account(&self, id: &AccountId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let known = self.account(id).await?.and_then(|account| account.closed_at);
        if known.is_some_and(|known| known <= at) {
            return Ok(());
        }
        let expected = known.map_or(Condition::Absent("cl"), |known| Condition::Equals("cl", time(known).into()));
        let changes = vec![Change::Set("cl".into(), time(at).into()), Change::Add("v".into(), Decimal::ONE)];
        Ok(self.backend.write(&[Write::update(keys::figures(id), vec![expected], changes)]).await?)
    }

    /// An account's figures and its chart buckets of the months `from` to `to` (`YYYY-MM`), both
    /// included. The figures stand right behind the months, so that recent months and the figures
    /// are one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_with_months(&self, id: &AccountId, from: &str, to: &str) -> Result<(Option<Account>, Vec<Bucket>), StoreError> {
        let mut query = Query {
            table: Table::Accounts,
            index: None,
            pk: keys::account_partition(id),
            from: keys::month_start(from),
            to: "n".into(),
            backward: false,
            limit: 1000,
            after: None,
            consistent: true,
        };
        let last_month = format!("{}{}", keys::month_start(to), keys::LAST);
        let (mut account, mut buckets) = (None, Vec::new());
        loop {
            let page = self.backend.query(&query).await?;
            for item in &page.items {
                let sk = text(item, "sk");
                if sk == "n" {
                    account = Some(account::read(item)?);
                } else if sk <= last_month.as_str() {
                    buckets.extend(month::read(item)?);
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok((account, buckets)),
            }
        }
    }
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_text).unwrap_or_default()
}
