//! A table in memory with DynamoDB's answers: for tests and for the model. Every call is one step:
//! it yields first, so that whoever drives several handlers at once can interleave them there.

use super::{Backend, Change, Index, Item, Key, Operation, Page, Query, Reason, Scan, Table, Value, Write, WriteError};
use crate::StoreError;
use futures::future::BoxFuture;
use rust_decimal::Decimal;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A partition's items, by sort key.
type Partition = BTreeMap<String, Item>;

/// The tables.
#[derive(Debug, Default)]
pub struct Memory {
    tables: Mutex<Tables>,
}

/// By table and partition.
#[derive(Debug, Default)]
struct Tables([BTreeMap<String, Partition>; 3]);

impl Tables {
    const fn of(&self, table: Table) -> &BTreeMap<String, Partition> {
        let [accounts, referrals, ledger] = &self.0;
        match table {
            Table::Accounts => accounts,
            Table::Referrals => referrals,
            Table::Ledger => ledger,
        }
    }

    const fn of_mut(&mut self, table: Table) -> &mut BTreeMap<String, Partition> {
        let [accounts, referrals, ledger] = &mut self.0;
        match table {
            Table::Accounts => accounts,
            Table::Referrals => referrals,
            Table::Ledger => ledger,
        }
    }

    fn get(&self, key: &Key) -> Option<&Item> {
        self.of(key.table).get(key.pk.as_str())?.get(key.sk.as_str())
    }

    fn set(&mut self, key: &Key, item: Option<Item>) {
        let table = self.of_mut(key.table);
        match item {
            Some(item) => drop(table.entry(key.pk.clone()).or_default().insert(key.sk.clone(), item)),
            None => {
                if let Some(partition) = table.get_mut(key.pk.as_str()) {
                    partition.remove(key.sk.as_str());
                }
            }
        }
    }
}

impl Memory {
    /// Empty tables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        // A panic of another test's thread leaves the tables as they were: writes are applied after all checks.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything, for a checker.
    #[must_use]
    pub fn dump(&self) -> Vec<(Table, Item)> {
        let tables = self.lock();
        let of = |table| tables.of(table).values().flat_map(Partition::values).map(move |item| (table, item.clone()));
        Table::ALL.into_iter().flat_map(of).collect()
    }

    /// Changes one item behind the system's back, as a tampering hand would.
    pub fn tamper(&self, key: &Key, change: impl FnOnce(&mut Option<Item>)) {
        let mut tables = self.lock();
        let mut item = tables.get(key).cloned();
        change(&mut item);
        tables.set(key, item);
    }

    /// Looks at one item as it stands, in no turn of its own.
    pub fn peek<T>(&self, key: &Key, look: impl FnOnce(Option<&Item>) -> T) -> T {
        look(self.lock().get(key))
    }
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(Value::as_text)
}

fn apply(item: Option<&Item>, write: &Write) -> Result<Option<Item>, Reason> {
    let keyed = |mut item: Item| {
        item.insert("pk".into(), write.key.pk.as_str().into());
        item.insert("sk".into(), write.key.sk.as_str().into());
        item
    };
    match &write.operation {
        Operation::Put(item) => Ok(Some(keyed(item.clone()))),
        Operation::Delete => Ok(None),
        Operation::Check => Ok(item.cloned()),
        Operation::Update(changes) => {
            let mut item = keyed(item.cloned().unwrap_or_default());
            for change in changes {
                match change {
                    Change::Set(name, value) => drop(item.insert(name.clone(), value.clone())),
                    Change::SetOnce(name, value) => drop(item.entry(name.clone()).or_insert_with(|| value.clone())),
                    Change::Remove(name) => drop(item.remove(name)),
                    Change::Add(name, amount) => {
                        let before = match item.get(name) {
                            None => Decimal::ZERO,
                            Some(value) => value.as_number().ok_or_else(|| Reason::Other("ValidationError".into()))?,
                        };
                        item.insert(name.clone(), Value::N((before + amount).normalize()));
                    }
                }
            }
            Ok(Some(item))
        }
    }
}

impl Backend for Memory {
    fn get<'a>(&'a self, key: &'a Key, _consistent: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            Ok(self.lock().get(key).cloned())
        })
    }

    fn get_many<'a>(&'a self, keys: &'a [Key], _consistent: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            if keys.is_empty() || keys.len() > 100 || keys.iter().collect::<BTreeSet<_>>().len() != keys.len() {
                return Err(StoreError::Rejected("1 to 100 different keys".into()));
            }
            let tables = self.lock();
            let found = |key: &Key| tables.get(key).map(|item| (key.clone(), item.clone()));
            Ok(keys.iter().filter_map(found).collect())
        })
    }

    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let (pk_name, sk_name) = query.index.map_or(("pk", "sk"), |index| (index.names().1, index.names().2));
            let tables = self.lock();
            let order = |item: &Item| {
                let name = |name| text(item, name).unwrap_or_default().to_owned();
                (name(sk_name), name("pk"), name("sk"))
            };
            let mut found: Vec<&Item> = match query.index {
                // No sort key is between two that are the wrong way round.
                None if query.from > query.to => Vec::new(),
                None => {
                    let range = (Bound::Included(query.from.as_str()), Bound::Included(query.to.as_str()));
                    tables
                        .of(query.table)
                        .get(&query.pk)
                        .into_iter()
                        .flat_map(|partition| partition.range::<str, _>(range).map(|(_, item)| item))
                        .collect()
                }
                Some(Index::ByOwner | Index::ByStatus) => {
                    let inside = |item: &&Item| {
                        text(item, pk_name) == Some(query.pk.as_str())
                            && text(item, sk_name).is_some_and(|sk| query.from.as_str() <= sk && sk <= query.to.as_str())
                    };
                    tables.of(query.table).values().flat_map(Partition::values).filter(inside).collect()
                }
            };
            if query.index.is_some() {
                found.sort_by_key(|item| order(item));
            }
            if query.backward {
                found.reverse();
            }
            if let Some(after) = &query.after {
                let after = order(after);
                found.retain(|item| if query.backward { order(item) < after } else { order(item) > after });
            }
            let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
            let items: Vec<Item> = found.iter().take(limit).map(|item| (*item).clone()).collect();
            let next = (items.len() == limit).then(|| items.last().cloned()).flatten().map(|item| cursor(&item, query.index));
            Ok(Page { items, next })
        })
    }

    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let different = writes.iter().map(|write| &write.key).collect::<BTreeSet<_>>().len() == writes.len();
            if writes.is_empty() || writes.len() > 100 || !different {
                return Err(WriteError::Rejected("1 to 100 operations on different items".into()));
            }
            let mut tables = self.lock();
            let outcome = |write: &Write| {
                let item = tables.get(&write.key);
                if write.conditions.iter().all(|condition| condition.holds(item)) {
                    apply(item, write)
                } else {
                    Err(Reason::ConditionFailed)
                }
            };
            let outcomes: Vec<_> = writes.iter().map(outcome).collect();
            // One write goes without a transaction, and is then refused as such.
            if let [Err(Reason::Other(code))] = outcomes.as_slice()
                && matches!(writes.first().map(|write| &write.operation), Some(Operation::Put(_) | Operation::Update(_)))
            {
                return Err(WriteError::Rejected(code.clone()));
            }
            if outcomes.iter().any(Result::is_err) {
                return Err(WriteError::Canceled(outcomes.into_iter().map(|outcome| outcome.err().unwrap_or(Reason::None)).collect()));
            }
            writes.iter().zip(outcomes.into_iter().flatten()).for_each(|(write, item)| tables.set(&write.key, item));
            Ok(())
        })
    }

    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<super::Scanned, StoreError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let tables = self.lock();
            let all = tables.of(scan.table).iter().flat_map(|(pk, partition)| partition.iter().map(move |(sk, item)| (pk, sk, item)));
            let rest = all.filter(|(pk, sk, _)| scan.after.as_ref().is_none_or(|after| (*pk, *sk) > (&after.pk, &after.sk)));
            let limit = usize::try_from(scan.limit).unwrap_or(usize::MAX);
            let page: Vec<(&String, &String, &Item)> = rest.take(limit).collect();
            let last = page.last().filter(|_| page.len() == limit).map(|(pk, sk, _)| Key {
                table: scan.table,
                pk: (*pk).clone(),
                sk: (*sk).clone(),
            });
            Ok((page.into_iter().map(|(_, _, item)| item.clone()).collect(), last))
        })
    }
}

/// Only the key attributes: what a next page begins after.
fn cursor(item: &Item, index: Option<Index>) -> Item {
    let (pk_name, sk_name) = index.map_or(("pk", "sk"), |index| (index.names().1, index.names().2));
    item.iter()
        .filter(|(name, _)| ["pk", "sk", pk_name, sk_name].contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
