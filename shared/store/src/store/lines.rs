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
    plan::{Line, PostedPurchase, Subject},
};
use std::collections::BTreeSet;

impl Store {
    /// The newest record of a purchase, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn posted(&self, purchase: &PurchaseId) -> Result<Option<PostedPurchase>, StoreError> {
        let subject = Subject::Purchase(purchase.clone());
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
        self.backend.query(&query).await?.items.first().map(line::read_posted).transpose()
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
        let mut query = Query {
            table: Table::Ledger,
            index: Some(Index::ByStatus),
            pk: keys::purchases_of(buyer),
            from: "purchase#".into(),
            to: format!("purchase#{}", keys::LAST),
            backward: false,
            limit: 1000,
            after: None,
            consistent: false,
        };
        let mut found = BTreeSet::new();
        loop {
            let page = self.backend.query(&query).await?;
            found.extend(page.items.iter().filter_map(|item| match line::subject(text(item, "pk"))? {
                Subject::Purchase(purchase) => Some(purchase),
                Subject::Usage(_) | Subject::Rental(_) | Subject::Payout(_) => None,
            }));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(found.into_iter().collect()),
            }
        }
    }
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_text).unwrap_or_default()
}
