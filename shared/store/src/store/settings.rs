//! The programme's settings, kept for a minute: a new version starts further ahead than that.

use super::Store;
use crate::{
    CommitError, StoreError,
    backend::{Condition, Query, Table, Write},
    keys,
    records::settings::{read_programme, read_rates, write_programme, write_rates},
};
use chrono::{DateTime, Duration, Utc};
use ledger::{AccountId, Rate};
use programme::{
    plan::Plan,
    settings::{History, Programme, Settings, Version},
};
use std::sync::{Arc, Mutex, PoisonError};

/// How long an instance keeps the settings. Well below the lead of a new version.
pub const PROGRAMME_CACHE_SECONDS: i64 = 60;

/// Versions read at most: one a day for years.
const VERSIONS_MAX: u32 = 1000;

/// The settings as last read, and when.
pub(super) type ProgrammeCache = Mutex<Option<(DateTime<Utc>, Arc<Programme>)>>;

impl Store {
    /// The programme's settings, at most a minute old.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn programme(&self, now: DateTime<Utc>) -> Result<Arc<Programme>, StoreError> {
        let kept = self.programme.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read_at, programme)) = kept
            && now - read_at < Duration::seconds(PROGRAMME_CACHE_SECONDS)
            && now >= read_at
        {
            return Ok(programme);
        }
        let programme = Arc::new(self.programme_fresh().await?);
        *self.programme.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, programme.clone()));
        Ok(programme)
    }

    /// The programme's settings as they stand, for who is about to change them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn programme_fresh(&self) -> Result<Programme, StoreError> {
        let query = Query {
            table: Table::Accounts,
            index: None,
            pk: "programme".into(),
            from: "v#".into(),
            to: format!("v#{}", keys::LAST),
            backward: false,
            limit: VERSIONS_MAX,
            after: None,
            consistent: true,
        };
        let versions = self.backend.query(&query).await?.items.iter().map(read_programme).collect::<Result<_, _>>()?;
        Ok(Programme::new(History::from_versions(versions)))
    }

    /// Adds a version of the settings, and `beside` (the act's trail) with it; lost where another came first.
    ///
    /// # Errors
    /// [`CommitError`]; the version's own claim is [`crate::Lost::Beside`] 0.
    pub async fn add_programme_version(&self, version: &Version<Settings>, beside: &[Write]) -> Result<(), CommitError> {
        let mut writes = vec![Write::create(keys::programme_version(version.number), write_programme(version))];
        writes.extend_from_slice(beside);
        self.commit_with(&Plan::default(), &writes).await
    }

    /// An account's own rates.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rates(&self, account: &AccountId) -> Result<History<Rate>, StoreError> {
        let item = self.backend.get(&keys::rates(account), true).await?;
        item.as_ref().map_or_else(|| Ok(History::default()), read_rates)
    }

    /// Adds a version of an account's own rate to `known`, and `beside` with it; lost where another came first.
    ///
    /// # Errors
    /// [`CommitError`]; the version's own claim is [`crate::Lost::Beside`] 0.
    pub async fn add_rate(
        &self,
        account: &AccountId,
        known: &History<Rate>,
        version: Version<Rate>,
        beside: &[Write],
    ) -> Result<(), CommitError> {
        let count = u64::try_from(known.versions().len()).unwrap_or(u64::MAX);
        let mut versions = known.versions().to_vec();
        versions.push(version);
        let mut write = Write::put(keys::rates(account), write_rates(&History::from_versions(versions)));
        write.conditions = vec![if count == 0 { Condition::Absent("cnt") } else { Condition::Equals("cnt", count.into()) }];
        let mut writes = vec![write];
        writes.extend_from_slice(beside);
        self.commit_with(&Plan::default(), &writes).await
    }
}
