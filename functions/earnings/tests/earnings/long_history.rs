//! An account with a hundred thousand purchases on two thousand days: its page is what its lines say,
//! and costs what it costs an account with a hundred.

use crate::support::{app_over, id, now};
use chrono::{DateTime, Days, Utc};
use earnings::handle;
use edge::{
    http::{Call, Method},
    testing::TestIssuer,
};
use futures::future::BoxFuture;
use ledger::{KeyRing, Money};
use programme::{
    attribution::{Receipt, Signals, decide},
    fact::{Buyer, Fact, FactBody, Naming, PurchaseFact, PurchaseId, Source},
    plan::{Body, BuyerView, Plan, Views, purchase_line},
    settings::Settings,
};
use serde_json::Value as Json;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use store::{
    Store, StoreError,
    backend::{Backend, Item, Key, Page, Query, Scan, Scanned, Table, Value, Write, WriteError, memory::Memory},
    records::{account, line},
};

const DAYS: u64 = 2_000;
const LONG: u64 = 100_000;
const SHORT: u64 = 2_000;

/// Tables that count what reading them costs: the bytes of each answer, in units of 4 KB.
struct Counting {
    inner: Arc<Memory>,
    requests: AtomicU64,
    units: AtomicU64,
}

fn size(value: &Value) -> u64 {
    let length = |text: &str| u64::try_from(text.len()).unwrap();
    match value {
        Value::S(text) => length(text),
        Value::N(number) => length(&number.to_string()) / 2 + 2,
        Value::Bool(_) => 1,
        Value::L(list) => 3 + list.iter().map(|value| 1 + size(value)).sum::<u64>(),
        Value::M(map) => 3 + bytes(map),
    }
}

fn bytes(item: &Item) -> u64 {
    item.iter().map(|(name, value)| u64::try_from(name.len()).unwrap() + size(value)).sum()
}

impl Counting {
    fn count<'a>(&self, items: impl Iterator<Item = &'a Item>) {
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.units.fetch_add(items.map(bytes).sum::<u64>().div_ceil(4096).max(1), Ordering::SeqCst);
    }
}

impl Backend for Counting {
    fn get<'a>(&'a self, key: &'a Key, consistent: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        Box::pin(async move {
            let item = self.inner.get(key, consistent).await?;
            self.count(item.iter());
            Ok(item)
        })
    }
    fn get_many<'a>(&'a self, keys: &'a [Key], consistent: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        Box::pin(async move {
            let items = self.inner.get_many(keys, consistent).await?;
            self.count(items.iter().map(|(_, item)| item));
            Ok(items)
        })
    }
    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(async move {
            let page = self.inner.query(query).await?;
            self.count(page.items.iter());
            Ok(page)
        })
    }
    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        self.inner.write(writes)
    }
    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<Scanned, StoreError>> {
        self.inner.scan(scan)
    }
}

fn keys() -> KeyRing {
    KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap()
}

/// Purchases of one referee, spread over the days before now.
async fn history(purchases: u64) -> Arc<Memory> {
    let (store, memory) = Store::in_memory(keys());
    let first_day = now() - Days::new(DAYS);
    let receipt = Receipt { click: "clk_1".into(), code: "AAAA".into(), template: None, at: first_day };
    let attribution = decide(&id("bob"), Some((&receipt, &id("alice"))), &Signals::default(), first_day, (0, &Settings::default()));
    memory.write(&[Write::update(store::keys::figures(&id("bob")), vec![], account::attribution_changes(&attribution))]).await.unwrap();
    let mut views = Views::default();
    views.buyers.insert(id("bob"), BuyerView { attribution: Some(attribution) });
    let mut group = Plan::default();
    for n in 0..purchases {
        let at: DateTime<Utc> = first_day + Days::new(n * DAYS / purchases + 1);
        let purchase: PurchaseId = format!("stripe:pi_{n}").parse().unwrap();
        let amount = Money::from_minor(i64::try_from(1_000 + n % 977).unwrap(), 2).unwrap();
        let buyer = Some(Buyer { by: Naming::Payment, account: id("bob") });
        let fact = PurchaseFact::Captured { amount, currency: "USD".parse().unwrap(), at, credits: None, buyer };
        let fact = Fact { source: Source::Stripe, event: "evt".into(), body: FactBody::Purchase { purchase: purchase.clone(), fact } };
        group.add(purchase_line(&purchase, None, &[fact], &views, at.min(now())).unwrap());
        if group.lines.len() == 40 || n + 1 == purchases {
            // As the accrual does: what is written anyway drops what has matured.
            let alice = store.account(&id("alice")).await.unwrap().unwrap_or_default();
            group.moves.drop_matured(&id("alice"), &alice, at.date_naive());
            store.commit(&std::mem::take(&mut group)).await.unwrap();
        }
    }
    memory
}

/// The page, and what reading it cost: requests and units.
async fn page(memory: &Arc<Memory>, from: &str) -> (Json, u64, u64) {
    let counting = Arc::new(Counting { inner: memory.clone(), requests: AtomicU64::new(0), units: AtomicU64::new(0) });
    let issuer = TestIssuer::new("https://id.example.com", "referral");
    let app = app_over(Store::new(counting.clone(), keys()), &issuer);
    // The settings are kept in the instance: the second call is what a call costs.
    let call = || {
        Call::builder(Method::GET, "/earnings", now())
            .bearer(&issuer.token("alice", &[], None, now()))
            .query("from", from)
            .query("group", "day")
            .build()
    };
    drop(handle(&app, call()).await.unwrap());
    let before = (counting.requests.load(Ordering::SeqCst), counting.units.load(Ordering::SeqCst));
    let reply = handle(&app, call()).await.unwrap();
    let (requests, units) = (counting.requests.load(Ordering::SeqCst), counting.units.load(Ordering::SeqCst));
    (reply.body_json().unwrap(), requests - before.0, units - before.1)
}

/// The same figures from the lines alone.
fn from_lines(memory: &Memory) -> (Money, BTreeMap<String, Money>) {
    let (mut total, mut days) = (Money::ZERO, BTreeMap::new());
    for (table, item) in memory.dump() {
        if table != Table::Ledger {
            continue;
        }
        let Body::Purchase { posting, .. } = line::read(&item).unwrap().body else { continue };
        let reward = posting.reward.unwrap();
        total += reward.amount;
        *days.entry(reward.day.to_string()).or_default() += reward.amount;
    }
    (total, days)
}

async fn check(purchases: u64) -> (u64, u64) {
    let memory = history(purchases).await;
    let (total, days) = from_lines(&memory);
    let (made, ..) = page(&memory, "2021-12-11").await;
    assert_eq!(made["total_referral_earnings"], total.to_string());
    let chart = made["chart"].as_array().unwrap();
    assert!(chart.len() > 1_800);
    for point in chart {
        let lines = days.get(point["start"].as_str().unwrap()).copied().unwrap_or_default();
        assert_eq!(point["referral"], lines.to_string(), "{point}");
    }
    let (_, requests, units) = page(&memory, "2026-01-01").await;
    println!("{purchases} purchases on {DAYS} days: {requests} requests, {units} read units for the headlines and 12 months");
    (requests, units)
}

#[tokio::test]
async fn a_long_history_costs_no_more_than_a_short_one() {
    let (requests, units) = check(SHORT).await;
    assert!(requests <= 2 && units <= 4, "{requests} requests, {units} units");
    assert_eq!(check(LONG).await, (requests, units));
}
