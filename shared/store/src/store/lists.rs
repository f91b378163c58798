//! Pages of what an index lists.

use super::Store;
use crate::{
    StoreError,
    backend::{Index, Item, Query, Table, Value},
};

/// An entry of a list, with its place for a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// Its sort key in the list: a page begins after it.
    pub place: String,
    /// The entry.
    pub entry: T,
}

/// A page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage<T> {
    /// The entries.
    pub entries: Vec<Listed<T>>,
    /// Whether there are more.
    pub more: bool,
}

impl<T> ListPage<T> {
    /// The place of the last entry, where there are more after it.
    #[must_use]
    pub fn next_place(&self) -> Option<&str> {
        self.entries.last().filter(|_| self.more).map(|listed| listed.place.as_str())
    }
}

/// Which part of an index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) index: Index,
    pub(super) pk: &'a str,
    /// The least sort key, included.
    pub(super) from: &'a str,
    /// The greatest sort key, included.
    pub(super) to: &'a str,
    /// Where the page before ended.
    pub(super) before: Option<&'a str>,
    pub(super) limit: u32,
}

impl Store {
    /// A page of an index of the ledger, newest first, some moments behind. Large items come in
    /// several answers of the table.
    pub(super) async fn page<T>(&self, part: &Part<'_>, read: impl Fn(&Item) -> Result<T, StoreError>) -> Result<ListPage<T>, StoreError> {
        let sk_name = part.index.names().2;
        let wanted = usize::try_from(part.limit).unwrap_or(usize::MAX);
        // The range includes its end: where the page before ended, one more is read and left out.
        let to = part.before.filter(|before| *before < part.to).unwrap_or(part.to);
        if to < part.from {
            return Ok(ListPage { entries: Vec::new(), more: false });
        }
        let mut query = Query {
            table: Table::Ledger,
            index: Some(part.index),
            pk: part.pk.to_owned(),
            from: part.from.to_owned(),
            to: to.to_owned(),
            backward: true,
            limit: part.limit.saturating_add(2),
            after: None,
            consistent: false,
        };
        let mut entries = Vec::new();
        while entries.len() <= wanted {
            let page = self.backend.query(&query).await?;
            for item in &page.items {
                let place = item.get(sk_name).and_then(Value::as_text).unwrap_or_default();
                if part.before.is_none_or(|before| place < before) {
                    entries.push(Listed { place: place.to_owned(), entry: read(item)? });
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        let more = entries.len() > wanted;
        entries.truncate(wanted);
        Ok(ListPage { entries, more })
    }
}
