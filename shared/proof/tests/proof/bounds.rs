//! What an audit holds has a bound that does not hang on the size of the tables, and it reads each item once.

use crate::{
    desk::{Desk, at, id, seal_keys},
    tables::Tables,
};
use futures::future::BoxFuture;
use programme::{
    fact::{Fact, FactBody, Source},
    plan::{Views, spending_line},
};
use proof::{Audit, Limits, Patience, Progress, Report};
use std::sync::Arc;
use store::{
    Store, StoreError,
    backend::{Backend, Item, Key, Page, Query, Scan, Scanned, Table, Value, Write, WriteError},
    keys,
    records::line,
};

/// Tables of any size that are made as they are read: every twentieth account spent 1.00 once, and what every `bent`th
/// says that it spent is 1.00 too much.
struct Endless {
    accounts: u64,
    bent: u64,
}

const fn spends(number: u64) -> bool {
    number.is_multiple_of(20)
}

fn number(pk: &str) -> Option<u64> {
    pk.split_once("#n").and_then(|(_, number)| number.parse().ok())
}

impl Endless {
    fn item(&self, table: Table, number: u64) -> Item {
        let name = format!("n{number:09}");
        match table {
            Table::Accounts | Table::Referrals => {
                let spent = u64::from(spends(number)) + u64::from(number % self.bent == self.bent - 1);
                let key = keys::figures(&id(&name));
                Item::from([
                    ("pk".into(), key.pk.into()),
                    ("sk".into(), key.sk.into()),
                    ("U".into(), spent.into()),
                    ("v".into(), 1_u32.into()),
                ])
            }
            Table::Ledger => {
                let (amount, currency, now) = ("1".parse().unwrap(), "USD".parse().unwrap(), at("2026-02-01T12:00:00Z"));
                let body = FactBody::Spent { usage: name.clone(), account: id(&name), amount, currency, at: now };
                let fact = Fact { source: Source::Platform, event: "evt".into(), body };
                line::write(&spending_line(&fact, None, &Views::default(), now).unwrap().lines[0], &seal_keys())
            }
        }
    }

    fn at(&self, key: &Key) -> Option<Item> {
        let number = number(&key.pk).filter(|number| *number < self.accounts)?;
        let is_line = key.table == Table::Ledger && spends(number) && key.sk == keys::line_number(0);
        let is_there = is_line || (key.table == Table::Accounts && key.sk == "n");
        is_there.then(|| self.item(key.table, number))
    }
}

impl Backend for Endless {
    fn get<'a>(&'a self, key: &'a Key, _consistent: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        Box::pin(async { Ok(self.at(key)) })
    }

    fn get_many<'a>(&'a self, keys: &'a [Key], _consistent: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        Box::pin(async { Ok(keys.iter().filter_map(|key| Some((key.clone(), self.at(key)?))).collect()) })
    }

    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(async move {
            let found = number(&query.pk).filter(|number| *number < self.accounts).map(|number| match query.table {
                Table::Ledger if query.pk.starts_with("lines#") && spends(number) => {
                    Some(self.item(Table::Ledger, number)).filter(|item| {
                        let place = item.get("g1sk").and_then(Value::as_text).unwrap_or_default();
                        query.from.as_str() <= place && place <= query.to.as_str()
                    })
                }
                Table::Accounts => Some(self.item(Table::Accounts, number)),
                Table::Ledger | Table::Referrals => None,
            });
            Ok(Page { items: found.flatten().into_iter().collect(), next: None })
        })
    }

    fn write<'a>(&'a self, _writes: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        Box::pin(async { Err(WriteError::Rejected("an audit writes nothing".into())) })
    }

    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<Scanned, StoreError>> {
        Box::pin(async move {
            if scan.table == Table::Referrals {
                return Ok((Vec::new(), None));
            }
            let from = scan.after.as_ref().and_then(|after| number(&after.pk)).map_or(0, |number| number + 1);
            let there = (from..self.accounts).filter(|number| scan.table == Table::Accounts || spends(*number));
            let limit = usize::try_from(scan.limit).unwrap();
            let items: Vec<Item> = there.take(limit).map(|number| self.item(scan.table, number)).collect();
            let part = |item: &Item, name: &str| item.get(name).and_then(Value::as_text).unwrap().to_owned();
            let next = items.last().filter(|_| items.len() == limit).map(|item| Key {
                table: scan.table,
                pk: part(item, "pk"),
                sk: part(item, "sk"),
            });
            Ok((items, next))
        })
    }
}

const LIMITS: Limits = Limits { width: 64, accounts: 500, page: 250 };

/// Numbers of two sketches with names of up to 14 bytes.
const NUMBERS_MAX: usize = 2 * 3 * 64 * (2 + 2);

async fn within_bounds(tables: Endless) -> Report {
    let store = Store::new(Arc::new(tables), seal_keys());
    let mut audit = Audit::begin(&store, at("2026-02-01T13:00:00Z"), LIMITS, Patience::AT_REST);
    while audit.step(&store, at("2026-02-01T13:00:00Z")).await.unwrap() != Progress::Done {
        let held = audit.held();
        assert!(held.numbers <= NUMBERS_MAX && held.accounts <= 500 && held.items <= 256 && held.suspects <= 50_000, "{held:?}");
    }
    audit.into_report()
}

#[tokio::test]
async fn what_it_holds_does_not_grow_with_the_tables() {
    for accounts in [1, 1_000, 20_000] {
        let report = within_bounds(Endless { accounts, bent: u64::MAX }).await;
        assert!(report.is_clean(), "{report}");
        assert_eq!(report.span.as_ref().map(|span| span.items), Some(accounts + accounts.div_ceil(20)), "each item once: {report}");
    }
}

#[tokio::test]
async fn what_differs_is_named_in_tables_of_any_size() {
    for (accounts, bent, differing) in [(1_000, 1_000, 1), (20_000, 1_000, 20)] {
        let report = within_bounds(Endless { accounts, bent }).await;
        let figure = &report.figures["balances_equal_lines"];
        assert_eq!(figure.violations, differing, "{report}");
        assert!(figure.examples[0].contains("/n: U is 1.00, the lines say 0.00"), "{report}");
    }
}

/// More than one sketch can name: it goes through the books in parts, and names all the same.
#[tokio::test]
async fn more_differences_than_a_sketch_holds_are_named_in_parts() {
    for bent in [2, 4, 5, 6, 7] {
        let report = within_bounds(Endless { accounts: 1_000, bent }).await;
        assert_eq!(report.figures["balances_equal_lines"].violations, 1_000 / bent, "each is told once: {report}");
        assert_eq!(report.figures["lines_sealed"].checked, 50, "what is not in the sketches is checked once");
        assert!(bent > 5 || report.span.unwrap().items > 2_000);
    }
    let report = within_bounds(Endless { accounts: 3_000, bent: 1 }).await;
    assert!(report.figures["balances_equal_lines"].violations >= 1_000, "{report}");
    assert!(report.not_checked.contains_key("differences_beyond_these"), "that there are more is told: {report}");
}

/// Referrers, buyers, purchases, rents: what agrees is read once.
#[tokio::test]
async fn it_reads_each_item_once() {
    let (plain, memory) = Store::in_memory(seal_keys());
    let desk = Desk { store: plain.clone(), now: at("2026-01-01T00:00:00Z") };
    desk.sign_up("alice", None, false).await;
    let desk = Desk { now: at("2026-01-02T00:00:00Z"), ..desk };
    for number in 0..20 {
        let name = format!("b{number}");
        desk.sign_up(&name, Some("alice"), false).await;
        desk.bought(&format!("stripe:pi_{number}"), &name, "10").await;
        desk.refunded(&format!("stripe:pi_{number}"), &name, "2").await;
        desk.rented(&format!("r{number}"), &name, "100").await;
        desk.asks(&name, "k", "30").await.unwrap();
    }
    let tables = Arc::new(Tables::over(memory.clone()));
    let store = Store::new(tables.clone(), seal_keys());
    let limits = Limits { page: 7, ..Limits::SMALL };
    let report = proof::run(&store, at("2026-02-01T13:00:00Z"), limits, Patience::BRIEF, async || {}).await.unwrap();
    assert!(report.is_clean(), "{report}");
    let items = u64::try_from(memory.dump().len()).unwrap();
    assert!(items > 150, "{items} items");
    assert_eq!((tables.scanned(), tables.read_by_key()), (items, 0), "{report}");

    // Where not all accounts fit, buyers and referrers are read by key, and nothing else changes.
    let small = Limits { accounts: 5, ..limits };
    let again = proof::run(&store, at("2026-02-01T13:00:00Z"), small, Patience::BRIEF, async || {}).await.unwrap();
    assert_eq!(again, report);
    assert!(tables.read_by_key() > 20);
}
