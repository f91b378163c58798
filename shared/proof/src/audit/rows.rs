//! Items of one partition that come one after the other, put together into rows of lines.
//!
//! A scan gives no order that anybody promised. It does give the items of a partition together and by their numbers, and
//! this makes use of that without relying on it: a row that does not begin at number 0 is checked against the line before
//! it, read by its key, so that the rows of a partition prove the same whole in whatever pieces they come.

use crate::checks::records::text;
use store::backend::{Item, Key, Table};

/// Items in one row at most: a longer partition comes in several.
const ROW_MAX: usize = 256;

/// Items of one partition.
#[derive(Debug, Default)]
pub(crate) struct Partition {
    /// Its key.
    pub(crate) pk: String,
    /// The items, as they came.
    pub(crate) items: Vec<Item>,
    /// Whether there may be more of it: it was cut for its length.
    pub(crate) cut: bool,
}

/// Gathers the partition that the scan is in.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    open: Partition,
    /// The last item before the open partition: where a run goes on that ends now.
    before: Option<Key>,
    last: Option<Key>,
}

fn key_of(item: &Item) -> Key {
    Key { table: Table::Ledger, pk: text(item, "pk").to_owned(), sk: text(item, "sk").to_owned() }
}

impl Rows {
    /// Takes an item in; gives the partition that ended with the one before it.
    pub(crate) fn take(&mut self, item: Item) -> Option<Partition> {
        let key = key_of(&item);
        let same = !self.open.items.is_empty() && self.open.pk == key.pk;
        let full = same && self.open.items.len() >= ROW_MAX;
        let ended = (!same || full).then(|| self.end(full));
        if !same || full {
            self.before = self.last.take();
            self.open = Partition { pk: key.pk.clone(), ..Partition::default() };
        }
        self.open.items.push(item);
        self.last = Some(key);
        ended.filter(|ended| !ended.items.is_empty())
    }

    fn end(&mut self, cut: bool) -> Partition {
        Partition { cut, ..std::mem::take(&mut self.open) }
    }

    /// Ends the partition that is open.
    pub(crate) fn close(&mut self) -> Option<Partition> {
        self.before = self.last.take();
        Some(self.end(false)).filter(|ended| !ended.items.is_empty())
    }

    /// The last item of a partition that has ended; none where none has.
    pub(crate) fn done_up_to(&self) -> Option<&Key> {
        self.before.as_ref()
    }

    /// Goes on in another process after this item.
    pub(crate) fn resume(&mut self, after: Option<Key>) {
        *self = Self { before: after.clone(), last: after, ..Self::default() };
    }

    /// How many items it holds back.
    pub(crate) fn held(&self) -> usize {
        self.open.items.len()
    }
}
