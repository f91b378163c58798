//! Codes, templates, clicks and signals.

use super::Store;
use crate::{
    StoreError,
    backend::{Query, Table, Write},
    keys,
    records::{
        month::month_of,
        referral::{Click, Code, Profile, Signal, Template},
    },
};
use chrono::{DateTime, Duration, Utc};
use ledger::{AccountId, TemplateId};

/// How long raw clicks are kept.
pub(super) const CLICK_DAYS: i64 = 400;

impl Store {
    /// Whose link a code is. Some moments behind is good enough for a visitor.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn code(&self, code: &str) -> Result<Option<Code>, StoreError> {
        self.backend.get(&keys::code(code), false).await?.as_ref().map(Code::read).transpose()
    }

    /// A template by its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn template(&self, id: &TemplateId) -> Result<Option<Template>, StoreError> {
        self.backend.get(&keys::template(id), false).await?.as_ref().map(Template::read).transpose()
    }

    /// An account's templates, at most 200.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn templates_of(&self, account: &AccountId) -> Result<Vec<Template>, StoreError> {
        let query = Query {
            table: Table::Accounts,
            index: None,
            pk: keys::account_partition(account),
            from: "tpl#".into(),
            to: format!("tpl#{}", keys::LAST),
            backward: false,
            limit: 200,
            after: None,
            consistent: true,
        };
        self.backend.query(&query).await?.items.iter().map(Template::read).collect()
    }

    /// An account's codes, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn profile(&self, account: &AccountId) -> Result<Option<Profile>, StoreError> {
        self.backend.get(&keys::profile(account), true).await?.as_ref().map(Profile::read).transpose()
    }

    /// Keeps a raw click: one write, no read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_click(&self, click: &Click) -> Result<(), StoreError> {
        let expires = (click.at + Duration::days(CLICK_DAYS)).timestamp();
        let write = Write::put(
            keys::click(&month_of(click.at.date_naive()), click_shard(&click.id), &minute_of_month(click.at), &click.id),
            click.write(expires),
        );
        Ok(self.backend.write(&[write]).await?)
    }

    /// The raw clicks of one minute and shard, all pages.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clicks(&self, minute: DateTime<Utc>, shard: u8) -> Result<Vec<Click>, StoreError> {
        let of_minute = minute_of_month(minute);
        let mut query = Query {
            table: Table::Referrals,
            index: None,
            pk: keys::clicks_partition(&month_of(minute.date_naive()), shard),
            from: format!("{of_minute}#"),
            to: format!("{of_minute}#{}", keys::LAST),
            backward: false,
            limit: 1000,
            after: None,
            consistent: true,
        };
        let mut clicks = Vec::new();
        loop {
            let page = self.backend.query(&query).await?;
            for item in &page.items {
                clicks.push(Click::read(item)?);
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(clicks),
            }
        }
    }

    /// Whose signal a digest is, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signal(&self, kind: &str, digest: &str) -> Result<Option<Signal>, StoreError> {
        self.backend.get(&keys::signal(kind, digest), true).await?.as_ref().map(Signal::read).transpose()
    }

    /// Everybody who shares a signal, at most 100, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signal_sharers(&self, kind: &str, digest: &str) -> Result<Vec<AccountId>, StoreError> {
        let query = Query {
            table: Table::Referrals,
            index: None,
            pk: keys::signal(kind, digest).pk,
            from: "!".into(),
            to: "~".repeat(128),
            backward: false,
            limit: 100,
            after: None,
            consistent: true,
        };
        self.backend.query(&query).await?.items.iter().map(|item| Signal::read(item).map(|signal| signal.account)).collect()
    }
}

/// The minute of its month that a click is kept under: `DDTHH:MM`.
#[must_use]
pub(super) fn minute_of_month(at: DateTime<Utc>) -> String {
    at.format("%dT%H:%M").to_string()
}

/// The shard that a click is kept under: by the last byte of its id, which is random.
#[must_use]
pub(super) fn click_shard(id: &str) -> u8 {
    id.bytes().last().unwrap_or_default() % keys::CLICK_SHARDS
}
