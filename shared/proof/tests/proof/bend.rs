//! Whatever a hand changes in the tables, the checker names the key.

use crate::story::{books, now};
use proof::{Report, audit};
use rust_decimal::Decimal;
use std::sync::Arc;
use store::{
    Store,
    backend::{Item, Key, Table, Value, memory::Memory},
    keys,
};

fn key_of(table: Table, item: &Item) -> Key {
    let part = |name: &str| item.get(name).and_then(Value::as_text).unwrap().to_owned();
    Key { table, pk: part("pk"), sk: part("sk") }
}

/// Versions guard writes and are no figures; the first fact's time decides a signup and is no sum.
const NO_FIGURES: [&str; 6] = ["pk", "sk", "v", "cv", "bv", "ft"];

/// Records whose every attribute is proved by others: lines, figures, charts, payouts, approvals.
fn is_proved(key: &Key) -> bool {
    let lines = ["purchase#", "usage#", "usage_reward#", "rental#", "payout#", "approved#", "run#", "invoice#", "creditnote#", "ref#"];
    match key.table {
        Table::Accounts => key.sk == "n" || key.sk == "payouts" || key.sk.starts_with("m#"),
        Table::Ledger => lines.iter().any(|kind| key.pk.starts_with(kind)),
        Table::Referrals => false,
    }
}

/// Parts of a payout's head and of an approved day that repeat nothing and decide nothing but the next write.
fn is_alone(key: &Key, name: &str) -> bool {
    (key.pk.starts_with("approved#") && name == "ver") || (key.sk == "payouts" && name == "def")
}

/// Bends the first leaf of a JSON text, since space around it would change nothing.
fn bent_json(json: &mut serde_json::Value) {
    use serde_json::Value as Json;
    match json {
        Json::Object(members) if !members.is_empty() => members.values_mut().take(1).for_each(bent_json),
        Json::Array(list) if !list.is_empty() => list.iter_mut().take(1).for_each(bent_json),
        Json::String(text) => text.push('1'),
        Json::Number(number) => *json = (number.as_u64().unwrap() + 1).into(),
        Json::Null | Json::Bool(_) | Json::Object(_) | Json::Array(_) => *json = serde_json::json!(["0"]),
    }
}

fn bent(value: &Value) -> Value {
    match value {
        Value::S(text) if text.starts_with(['{', '[']) => {
            let mut json = serde_json::from_str(text).unwrap();
            bent_json(&mut json);
            Value::S(json.to_string())
        }
        Value::S(text) => Value::S(format!("{text}1")),
        Value::N(number) => Value::N(number + Decimal::ONE),
        Value::Bool(truth) => Value::Bool(!truth),
        Value::L(list) if list.is_empty() => Value::L(vec![Value::Bool(true)]),
        Value::L(list) => Value::L(list.iter().skip(1).cloned().collect()),
        Value::M(map) => Value::M(map.iter().skip(1).map(|(name, value)| (name.clone(), value.clone())).collect()),
    }
}

fn told(report: &Report) -> Vec<&String> {
    report.figures.values().filter(|figure| figure.violations > 0).flat_map(|figure| &figure.examples).collect()
}

async fn names(store: &Store, key: &Key) -> bool {
    let report = audit(store, now()).await.unwrap();
    let owner = key.pk.split_once('#').map_or("", |(_, owner)| owner);
    !report.is_clean() && told(&report).iter().any(|example| example.contains(&key.pk) || example.contains(owner))
}

/// The books again, from what they were.
async fn again(dump: &[(Table, Item)]) -> (Store, Arc<Memory>) {
    let (store, memory) = Store::in_memory(crate::desk::seal_keys());
    for (table, item) in dump {
        memory.tamper(&key_of(*table, item), |place| *place = Some(item.clone()));
    }
    (store, memory)
}

#[tokio::test]
async fn books_in_order_are_all_zeros() {
    let (store, _) = books().await;
    let report = audit(&store, now()).await.unwrap();
    assert!(report.is_clean(), "{report}");
    // Rewards by usage and what rails do have books of their own.
    let others = ["usage_", "intents_", "invoice_", "nothing_is_left_submitting", "one_", "references_", "vouchers_"];
    let elsewhere = |name: &str| others.iter().any(|kind| name.starts_with(kind));
    for (name, figure) in report.figures.iter().filter(|(name, _)| !elsewhere(name)) {
        assert!(figure.checked > 0, "nothing to look at for {name}: {report}");
    }
    assert!(report.figures["lines_sealed"].checked >= 17 && report.figures["balances_equal_lines"].checked >= 10, "{report}");
}

#[tokio::test]
async fn every_attribute_bent_or_removed_is_named() {
    let (_, untouched) = books().await;
    let dump = untouched.dump();
    let mut tried = 0;
    for (table, item) in &dump {
        let key = key_of(*table, item);
        if !is_proved(&key) {
            continue;
        }
        for (name, value) in item.iter().filter(|(name, _)| !NO_FIGURES.contains(&name.as_str()) && !is_alone(&key, name)) {
            for remove in [false, true] {
                // A zero that is gone is one still.
                if remove && *value == Value::N(Decimal::ZERO) {
                    continue;
                }
                let (store, memory) = again(&dump).await;
                memory.tamper(&key, |item| {
                    let item = item.as_mut().unwrap();
                    if remove { drop(item.remove(name)) } else { drop(item.insert(name.clone(), bent(value))) }
                });
                assert!(names(&store, &key).await, "{}/{} {name} removed: {remove}", key.pk, key.sk);
                tried += 1;
            }
        }
    }
    assert!(tried > 400, "only {tried} tried");
}

#[tokio::test]
async fn every_record_that_is_gone_is_missed() {
    let (_, untouched) = books().await;
    let dump = untouched.dump();
    for (table, item) in &dump {
        let key = key_of(*table, item);
        // Profiles, payout accounts, codes, leases, what runs left out and the trail repeat nothing.
        let alone = ["acts#", "code#", "sig#", "lease#"].iter().any(|kind| key.pk.starts_with(kind))
            || key.sk == "profile"
            || key.sk.starts_with("dest#")
            || key.sk.starts_with("x#");
        if alone {
            continue;
        }
        let (store, memory) = again(&dump).await;
        memory.tamper(&key, |item| *item = None);
        assert!(names(&store, &key).await || !audit(&store, now()).await.unwrap().is_clean(), "{}/{} is gone", key.pk, key.sk);
    }
}

#[tokio::test]
async fn every_figure_that_nobody_moved_is_named() {
    let (_, untouched) = books().await;
    let dump = untouched.dump();
    let one = || Value::N(Decimal::ONE);
    let cases: [(Key, &str, Value, &str); 10] = [
        (keys::figures(&"nobody".parse().unwrap()), "R", one(), "balances_equal_lines"),
        (keys::figures(&"alice".parse().unwrap()), "h20270101", one(), "holds_equal_lines"),
        (keys::figures(&"hana".parse().unwrap()), "wt", one(), "waiting_equals_lines"),
        (keys::figures(&"bob".parse().unwrap()), "cnt", one(), "referral_counts_equal_attributions"),
        (keys::month(&"bob".parse().unwrap(), "2026-02", None), "e07", one(), "charts_equal_lines"),
        (keys::month(&"bob".parse().unwrap(), "2026-02", None), "s01", one(), "referral_counts_equal_attributions"),
        (keys::figures(&"bob".parse().unwrap()), "C", one(), "in_payout_equals_lines"),
        (keys::payout_book(&"hana".parse().unwrap()), "d20260201", one(), "payout_books_equal_payouts"),
        (keys::payout_book(&"bob".parse().unwrap()), "opay_0123456789ABCDEFGHJKMNPQRS", "wise".into(), "payout_books_equal_payouts"),
        (keys::approved_on("2026-01-31"), "amt", one(), "approved_days_equal_approvals"),
    ];
    for (key, name, value, invariant) in cases {
        let (store, memory) = again(&dump).await;
        memory.tamper(&key, |item| {
            let item =
                item.get_or_insert_with(|| Item::from([("pk".into(), key.pk.as_str().into()), ("sk".into(), key.sk.as_str().into())]));
            item.insert(name.into(), value.clone());
        });
        let report = audit(&store, now()).await.unwrap();
        let figure = &report.figures[invariant];
        let owner = key.pk.split_once('#').unwrap().1;
        assert!(figure.violations > 0 && figure.examples.iter().any(|example| example.contains(owner)), "{key:?} {name}: {report}");
    }
}

#[tokio::test]
async fn what_would_expire_is_named() {
    let (_, untouched) = books().await;
    let dump = untouched.dump();
    for (table, item) in &dump {
        let key = key_of(*table, item);
        if key.pk.starts_with("sig#") {
            continue;
        }
        let (store, memory) = again(&dump).await;
        memory.tamper(&key, |item| drop(item.as_mut().unwrap().insert("ttl".into(), 1_u32.into())));
        let report = audit(&store, now()).await.unwrap();
        assert_eq!(report.figures["nothing_expires"].violations, 1, "{key:?}");
    }
}

/// Somebody else's line under a number of its own fits nowhere, sealed or not.
#[tokio::test]
async fn a_line_put_in_between_is_named() {
    let (_, untouched) = books().await;
    let dump = untouched.dump();
    let place = |number| keys::line(&programme::plan::Subject::Purchase("stripe:pi_2".parse().unwrap()), number);
    let (store, memory) = again(&dump).await;
    let first = memory.peek(&place(0), |item| item.cloned());
    memory.tamper(&place(2), |item| {
        item.clone_from(&first);
        item.as_mut().unwrap().insert("sk".into(), keys::line_number(2).into());
    });
    let report = audit(&store, now()).await.unwrap();
    assert!(report.figures["lines_sealed"].violations == 1 && report.figures["lines_without_gap"].violations == 1, "{report}");
}
