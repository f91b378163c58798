//! Ledger lines: the newest of a purchase, and lists.

use super::{
    Store,
    lists::{ListPage, Part},
};
use crate::{
    StoreError,
    backend::{Index, Item, Query, Table, Value},
    keys,
    records::line,
};
use chrono::NaiveDate;
use ledger::AccountId;
use programme::{
    fact::PurchaseId,
    plan::{Line, PostedPurchase, PostedUsage, Subject},
};
use std::collections::BTreeSet;

impl Store {
    /// The newest record of a purchase, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn posted(&self, purchase: &PurchaseId) -> Result<Option<PostedPurchase>, StoreError> {
        self.newest(&Subject::Purchase(purchase.clone())).await?.as_ref().map(line::read_posted).transpose()
    }

    /// The newest record of a referee's reward by usage, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn posted_usage(&self, referee: &AccountId) -> Result<Option<PostedUsage>, StoreError> {
        self.newest(&Subject::UsageReward(referee.clone())).await?.as_ref().map(line::read_usage).transpose()
    }

    /// The newest record of any subject, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn newest_line(&self, subject: &Subject) -> Result<Option<Line>, StoreError> {
        self.newest(subject).await?.as_ref().map(line::read).transpose()
    }

    async fn newest(&self, subject: &Subject) -> Result<Option<Item>, StoreError> {
        let query = Query {
            table: Table::Ledger,
            index: None,
            pk: subject.to_string(),
            from: keys::line_number(0),
            to: keys::line_number(99_999_999),
            backward: true,
            limit: 1,
            after: None,
            consistent: true,
        };
        Ok(self.backend.query(&query).await?.items.into_iter().next())
    }

    /// One record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn line(&self, subject: &Subject, number: u32) -> Result<Option<Line>, StoreError> {
        self.backend.get(&keys::line(subject, number), true).await?.as_ref().map(line::read).transpose()
    }

    /// The lines of an account written on the UTC days `from` to `to`, newest first, read from an
    /// index and so some moments behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lines_of(
        &self,
        account: &AccountId,
        from: NaiveDate,
        to: NaiveDate,
        before: Option<&str>,
        limit: u32,
    ) -> Result<ListPage<Line>, StoreError> {
        let (from, until) = (from.to_string(), to.succ_opt().unwrap_or(to).to_string());
        let pk = keys::lines_of(account);
        self.page(&Part { index: Index::ByOwner, pk: &pk, from: &from, to: &until, before, limit }, line::read).await
    }

    /// The purchases that name an account as their buyer, as far as the index has them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn purchases_of(&self, buyer: &AccountId) -> Result<Vec<PurchaseId>, StoreError> {
        let purchase = |subject| match subject {
            Subject::Purchase(purchase) => Some(purchase),
            Subject::Usage(_) | Subject::Rental(_) | Subject::Payout(_) | Subject::UsageReward(_) => None,
        };
        Ok(self.subjects_of(buyer, "purchase#").await?.into_iter().filter_map(purchase).collect())
    }

    /// The usages of an account that waited for its signup, as far as the index has them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn usages_waiting_of(&self, account: &AccountId) -> Result<Vec<String>, StoreError> {
        let usage = |subject| match subject {
            Subject::Usage(usage) => Some(usage),
            Subject::Purchase(_) | Subject::Rental(_) | Subject::Payout(_) | Subject::UsageReward(_) => None,
        };
        Ok(self.subjects_of(account, "usage#").await?.into_iter().filter_map(usage).collect())
    }

    /// What an account bought or spent, by the beginning of its key.
    async fn subjects_of(&self, account: &AccountId, kind: &str) -> Result<BTreeSet<Subject>, StoreError> {
        let mut query = Query {
            table: Table::Ledger,
            index: Some(Index::ByStatus),
            pk: keys::purchases_of(account),
            from: kind.to_owned(),
            to: format!("{kind}{}", keys::LAST),
            backward: false,
            limit: 1000,
            after: None,
            consistent: false,
        };
        let mut found = BTreeSet::new();
        loop {
            let page = self.backend.query(&query).await?;
            found.extend(page.items.iter().filter_map(|item| line::subject(text(item, "pk"))));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(found),
            }
        }
    }
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_text).unwrap_or_default()
}
