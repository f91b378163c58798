//! Tables that count what is read of them, and that shuffle what a scan gives.

use futures::future::BoxFuture;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use store::{
    StoreError,
    backend::{Backend, Item, Key, Page, Query, Scan, Scanned, Table, Write, WriteError, memory::Memory},
};

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) scanned: AtomicU64,
    pub(crate) by_key: AtomicU64,
}

/// Tables over those in memory.
pub(crate) struct Tables {
    pub(crate) memory: Arc<Memory>,
    pub(crate) counts: Counts,
    /// Whether a scan gives all items of a table, in an order that has nothing to do with their keys.
    pub(crate) shuffled: bool,
    /// The index lags: it does not show what was written since it was held.
    behind: Mutex<Option<BTreeMap<(String, String), ()>>>,
}

impl Tables {
    pub(crate) fn over(memory: Arc<Memory>) -> Self {
        Self { memory, counts: Counts::default(), shuffled: false, behind: Mutex::default() }
    }

    pub(crate) fn shuffled(memory: Arc<Memory>) -> Self {
        Self { shuffled: true, ..Self::over(memory) }
    }

    /// From now on the indexes show only what is there now, or (`false`) everything again.
    pub(crate) fn hold_indexes(&self, held: bool) {
        let now = || {
            let items = self.memory.dump().into_iter().filter(|(table, _)| *table == Table::Ledger);
            items.map(|(_, item)| (place(&item), ())).collect()
        };
        *self.behind.lock().unwrap() = held.then(now);
    }

    pub(crate) fn read_by_key(&self) -> u64 {
        self.counts.by_key.load(Ordering::Relaxed)
    }

    pub(crate) fn scanned(&self) -> u64 {
        self.counts.scanned.load(Ordering::Relaxed)
    }

    fn count(counter: &AtomicU64, items: usize) {
        counter.fetch_add(u64::try_from(items).unwrap(), Ordering::Relaxed);
    }

    /// All items of a table by a digest of their keys.
    fn mixed(&self, table: Table) -> BTreeMap<(u64, String, String), Item> {
        let items = self.memory.dump().into_iter().filter(|(of, _)| *of == table);
        let digest = |(pk, sk): &(String, String)| {
            pk.bytes().chain(sk.bytes()).fold(7_u64, |sum, byte| sum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte))
        };
        items.map(|(_, item)| (place(&item), item)).map(|(place, item)| ((digest(&place), place.0, place.1), item)).collect()
    }
}

fn place(item: &Item) -> (String, String) {
    let part = |name: &str| item.get(name).and_then(store::backend::Value::as_text).unwrap().to_owned();
    (part("pk"), part("sk"))
}

impl Backend for Tables {
    fn get<'a>(&'a self, key: &'a Key, consistent: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        Self::count(&self.counts.by_key, 1);
        self.memory.get(key, consistent)
    }

    fn get_many<'a>(&'a self, keys: &'a [Key], consistent: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        Self::count(&self.counts.by_key, keys.len());
        self.memory.get_many(keys, consistent)
    }

    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(async move {
            let mut page = self.memory.query(query).await?;
            if let (Some(_), Some(held)) = (query.index, &*self.behind.lock().unwrap()) {
                page.items.retain(|item| held.contains_key(&place(item)));
            }
            Self::count(&self.counts.by_key, page.items.len());
            Ok(page)
        })
    }

    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        self.memory.write(writes)
    }

    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<Scanned, StoreError>> {
        Box::pin(async move {
            let (items, next) = if self.shuffled {
                tokio::task::yield_now().await;
                let all = self.mixed(scan.table);
                let after =
                    scan.after.as_ref().and_then(|after| all.keys().find(|(_, pk, sk)| (pk, sk) == (&after.pk, &after.sk)).cloned());
                let rest = all.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
                let page: Vec<_> = rest.take(usize::try_from(scan.limit).unwrap()).collect();
                let full = page.len() == usize::try_from(scan.limit).unwrap();
                let next = page.last().filter(|_| full).map(|((_, pk, sk), _)| Key { table: scan.table, pk: pk.clone(), sk: sk.clone() });
                (page.into_iter().map(|(_, item)| item).collect(), next)
            } else {
                self.memory.scan(scan).await?
            };
            Self::count(&self.counts.scanned, items.len());
            Ok((items, next))
        })
    }
}
