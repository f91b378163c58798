//! Whatever a hand changes in the tables, the checker names the key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use chrono::{DateTime, Utc};
use ledger::{AccountId, KeyRing};
use programme::{
    attribution::{Receipt, Signals, decide},
    fact::{Buyer, Fact, FactBody, Naming, PurchaseFact, RefundStatus, Source},
    plan::{BuyerView, Views, purchase_line, single_line},
    settings::Settings,
};
use proof::audit;
use rust_decimal::Decimal;
use std::sync::Arc;
use store::{
    Store,
    backend::{Backend, Change, Item, Key, Table, Value, Write, memory::Memory},
    keys,
    records::{account, month::Series},
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}
fn now() -> DateTime<Utc> {
    at("2026-02-01T13:00:00Z")
}

/// Books in order: two purchases of one referee, one partly refunded, a rent and a usage.
async fn books() -> (Store, Arc<Memory>) {
    let (store, memory) = Store::in_memory(KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap());
    let receipt = Receipt { click: "clk_a".into(), code: "AAAA".into(), template: None, at: at("2026-01-01T00:00:00Z") };
    let attribution =
        decide(&id("bob"), Some((&receipt, &id("alice"))), &Signals::default(), at("2026-01-02T00:00:00Z"), (0, &Settings::default()));
    let mut views = Views::default();
    views.buyers.insert(id("bob"), BuyerView { attribution: Some(attribution.clone()) });
    let one = |name: &str| Change::Add(name.into(), 1.into());
    let signups = Series::Signups.name("2026-01-02".parse().unwrap());
    memory
        .write(&[
            Write::update(keys::figures(&id("bob")), vec![], account::attribution_changes(&attribution)),
            Write::update(keys::figures(&id("alice")), vec![], vec![one("cnt")]),
            Write::update(keys::month(&id("alice"), "2026-01", None), vec![], vec![one(&signups)]),
        ])
        .await
        .unwrap();
    let fact = |purchase: &str, fact| Fact {
        source: Source::Stripe,
        event: "evt".into(),
        body: FactBody::Purchase { purchase: purchase.parse().unwrap(), fact },
    };
    let captured = |cents| PurchaseFact::Captured {
        amount: ledger::Money::from_minor(cents, 2).unwrap(),
        currency: "USD".parse().unwrap(),
        at: at("2026-02-01T12:00:00Z"),
        credits: None,
        buyer: Some(Buyer { by: Naming::Payment, account: id("bob") }),
    };
    for (purchase, cents) in [("stripe:pi_1", 10_000), ("stripe:pi_2", 5_000)] {
        let plan = purchase_line(&purchase.parse().unwrap(), None, &[fact(purchase, captured(cents))], &views, now()).unwrap();
        store.commit(&plan).await.unwrap();
    }
    let refund = PurchaseFact::Refund {
        id: "re".into(),
        amount: "40".parse().unwrap(),
        currency: "USD".parse().unwrap(),
        status: RefundStatus::Succeeded,
    };
    let known = store.posted(&"stripe:pi_1".parse().unwrap()).await.unwrap();
    let plan = purchase_line(&"stripe:pi_1".parse().unwrap(), known.as_ref(), &[fact("stripe:pi_1", refund)], &views, now()).unwrap();
    store.commit(&plan).await.unwrap();
    let plain = |body| Fact { source: Source::Platform, event: "evt".into(), body };
    let spent = plain(FactBody::Spent {
        usage: "u1".into(),
        account: id("bob"),
        amount: "5".parse().unwrap(),
        currency: "USD".parse().unwrap(),
        at: now(),
    });
    let rent = plain(FactBody::Rental {
        earning: "r1".into(),
        account: id("hana"),
        machine: "m".into(),
        amount: "7".parse().unwrap(),
        currency: "USD".parse().unwrap(),
        at: now(),
    });
    for fact in [spent, rent] {
        store.commit(&single_line(&fact, now()).unwrap().0).await.unwrap();
    }
    (store, memory)
}

fn key_of(table: Table, item: &Item) -> Key {
    let part = |name: &str| item.get(name).and_then(Value::as_text).unwrap().to_owned();
    Key { table, pk: part("pk"), sk: part("sk") }
}

/// Versions guard writes and are no figures; the first fact's time decides a signup and is no sum.
const NO_FIGURES: [&str; 7] = ["pk", "sk", "v", "cv", "ft", "att", "av"];

fn bent(value: &Value) -> Value {
    match value {
        Value::S(text) => Value::S(format!("{text} ")),
        Value::N(number) => Value::N(number + Decimal::ONE),
        Value::Bool(truth) => Value::Bool(!truth),
        Value::L(list) => Value::L(list.iter().skip(1).cloned().collect()),
        Value::M(map) => Value::M(map.iter().skip(1).map(|(name, value)| (name.clone(), value.clone())).collect()),
    }
}

async fn named(store: &Store, key: &Key) -> bool {
    let report = audit(store, now()).await.unwrap();
    let told: Vec<&String> = report.figures.values().filter(|figure| figure.violations > 0).flat_map(|figure| &figure.examples).collect();
    !report.is_clean() && told.iter().any(|example| example.contains(&key.pk) || example.contains(key.pk.split('#').next_back().unwrap()))
}

#[tokio::test]
async fn books_in_order_are_all_zeros() {
    let (store, _) = books().await;
    let report = audit(&store, now()).await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert!(report.figures["lines_sealed"].checked == 5 && report.figures["balances_equal_lines"].checked >= 5, "{report}");
}

#[tokio::test]
async fn every_attribute_bent_or_removed_is_named() {
    let (_, untouched) = books().await;
    let mut tried = 0;
    for (table, item) in untouched.dump() {
        let key = key_of(table, &item);
        if table == Table::Referrals {
            continue;
        }
        for (name, value) in item.iter().filter(|(name, _)| !NO_FIGURES.contains(&name.as_str())) {
            for remove in [false, true] {
                let (store, memory) = books().await;
                memory.tamper(&key, |item| {
                    let item = item.as_mut().unwrap();
                    if remove { drop(item.remove(name)) } else { drop(item.insert(name.clone(), bent(value))) }
                });
                assert!(named(&store, &key).await, "{}/{} {name} removed: {remove}", key.pk, key.sk);
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "only {tried} tried");
}

#[tokio::test]
async fn every_line_or_figure_that_is_gone_is_missed() {
    let (_, untouched) = books().await;
    for (table, item) in untouched.dump() {
        let key = key_of(table, &item);
        let (store, memory) = books().await;
        memory.tamper(&key, |item| *item = None);
        let report = audit(&store, now()).await.unwrap();
        assert!(!report.is_clean(), "{}/{} is gone and nobody misses it", key.pk, key.sk);
    }
}

#[tokio::test]
async fn a_line_that_would_expire_is_named() {
    let (store, memory) = books().await;
    let key = Key { table: Table::Ledger, pk: "purchase#stripe:pi_1".into(), sk: keys::line_number(0) };
    memory.tamper(&key, |item| drop(item.as_mut().unwrap().insert("ttl".into(), 1_u32.into())));
    let report = audit(&store, now()).await.unwrap();
    assert_eq!(report.figures["nothing_expires"].violations, 1);
}
