//! The same writes and reads on the table in memory, on the embedded DynamoDB, and, where the
//! environment names one, on another: same answers, same reasons of cancellation, same tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)]

use edge::config::Env;
use local::{
    dynamo,
    stack::{Stack, StackOptions, TemplateSource},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{path::PathBuf, sync::Arc};
use store::{
    Store,
    backend::{Backend, Change, Condition, Index, Item, Key, Operation, Query, Reason, Table, Value, Write, WriteError, memory::Memory},
};

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-3_i64..4).prop_map(Value::from),
        Just(Value::from("x")),
        Just(Value::from("y")),
        any::<bool>().prop_map(Value::from),
        Just(Value::L(vec![Value::from(1_u32), Value::M(Item::from([("k".to_owned(), Value::from("v"))]))])),
    ]
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let name = prop_oneof![Just("a"), Just("b"), Just("pk")];
    (0_u8..4, name, any_value()).prop_map(|(kind, name, value)| match kind {
        0 => Condition::Absent(name),
        1 => Condition::Present(name),
        2 => Condition::Equals(name, value),
        _ => Condition::AbsentOrEquals(name, value),
    })
}

fn any_change(name: &'static str) -> impl Strategy<Value = Change> {
    (0_u8..5, any_value(), -5_i64..6).prop_map(move |(kind, value, amount)| match kind {
        0 => Change::Set(name.into(), value),
        1 => Change::SetOnce(name.into(), value),
        2 => Change::Remove(name.into()),
        _ => Change::Add(name.into(), amount.into()),
    })
}

fn any_key() -> impl Strategy<Value = Key> {
    (0_u8..3, 0_u8..3, 0_u8..3).prop_map(|(table, pk, sk)| Key {
        table: Table::ALL[usize::from(table)],
        pk: format!("p{pk}"),
        sk: format!("s{sk}"),
    })
}

fn any_write() -> impl Strategy<Value = Write> {
    let item = (any_value(), 0_u8..3, 0_u8..3).prop_map(|(value, owner, time)| {
        Item::from([
            ("a".to_owned(), value),
            ("g1pk".to_owned(), format!("o{owner}").into()),
            ("g1sk".to_owned(), format!("t{time}").into()),
        ])
    });
    let operation = prop_oneof![
        item.prop_map(Operation::Put),
        (any_change("a"), any_change("b")).prop_map(|(a, b)| Operation::Update(vec![a, b])),
        Just(Operation::Delete),
        Just(Operation::Check),
    ];
    (any_key(), proptest::collection::vec(any_condition(), 0..2), operation).prop_map(|(key, mut conditions, operation)| {
        // A check without a condition is no operation.
        if operation == Operation::Check && conditions.is_empty() {
            conditions.push(Condition::Present("pk"));
        }
        Write { key, conditions, operation }
    })
}

fn any_transaction() -> impl Strategy<Value = Vec<Write>> {
    proptest::collection::vec(any_write(), 1..5).prop_map(|writes| {
        let mut seen = Vec::new();
        writes
            .into_iter()
            .filter(|write| {
                !seen.contains(&write.key) && {
                    seen.push(write.key.clone());
                    true
                }
            })
            .collect()
    })
}

async fn all(backend: &dyn Backend) -> Vec<Item> {
    let mut found = Vec::new();
    for table in Table::ALL {
        let mut scan = store::backend::Scan { table, after: None, limit: 7 };
        loop {
            let (items, next) = backend.scan(&scan).await.unwrap();
            found.extend(items);
            match next {
                Some(next) => scan.after = Some(next),
                None => break,
            }
        }
    }
    found.sort_by_key(|item| format!("{item:?}"));
    found
}

async fn listed(backend: &dyn Backend, index: Option<Index>, pk: &str, backward: bool) -> Vec<Item> {
    let (from, to) = if index.is_some() { ("t0", "t1") } else { ("s0", "s1") };
    let mut query = Query {
        table: Table::Ledger,
        index,
        pk: pk.into(),
        from: from.into(),
        to: to.into(),
        backward,
        limit: 1,
        after: None,
        consistent: index.is_none(),
    };
    let mut found = Vec::new();
    loop {
        let page = backend.query(&query).await.unwrap();
        found.extend(page.items);
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    if index.is_some() {
        // Items of one index key come in no promised order.
        found.sort_by_key(|item| format!("{item:?}"));
    }
    found
}

/// The words of a refusal are each store's own. An operand of a wrong kind cancels a transaction with a
/// reason on DynamoDB, while DynamoDB Local refuses the request; both mean that it will never pass.
fn plain(answer: Result<(), WriteError>) -> Result<(), WriteError> {
    let refused = |error: &WriteError| match error {
        WriteError::Rejected(_) => true,
        WriteError::Canceled(reasons) => reasons.iter().any(|reason| matches!(reason, Reason::Other(_))),
        WriteError::Unavailable(_) => false,
    };
    answer.map_err(|error| if refused(&error) { WriteError::Rejected(String::new()) } else { error })
}

async fn same(left: &dyn Backend, right: &dyn Backend, histories: u32) {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    for _ in 0..histories {
        let writes = any_transaction().new_tree(&mut runner).unwrap().current();
        let (ours, theirs) = (left.write(&writes).await, right.write(&writes).await);
        assert_eq!(plain(ours), plain(theirs), "{writes:?}");
    }
    assert_eq!(all(left).await, all(right).await);
    for pk in ["p0", "p1", "o0", "o1"] {
        for backward in [false, true] {
            for index in [None, Some(Index::ByOwner)] {
                assert_eq!(listed(left, index, pk, backward).await, listed(right, index, pk, backward).await, "{pk} {index:?} {backward}");
            }
        }
    }
    let keys: Vec<Key> = (0..9).map(|n| Key { table: Table::ALL[n % 3], pk: format!("p{}", n / 3), sk: "s0".into() }).collect();
    let sorted = |mut found: Vec<(Key, Item)>| {
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    };
    assert_eq!(sorted(left.get_many(&keys, true).await.unwrap()), sorted(right.get_many(&keys, true).await.unwrap()));
    for key in &keys {
        assert_eq!(left.get(key, true).await.unwrap(), right.get(key, true).await.unwrap());
    }
}

fn remote(url: &str, stack: &Stack) -> Store {
    let named = |kind: &str| stack.tables().iter().find(|table| table.name.ends_with(kind)).unwrap().name.clone();
    let env = Env::from_pairs([
        ("ACCOUNTS_TABLE", named("accounts")),
        ("REFERRALS_TABLE", named("referrals")),
        ("LEDGER_TABLE", named("ledger")),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", url.to_owned()),
    ]);
    Store::from_env(&env).unwrap()
}

/// Only the tables are wanted here, so the functions' binaries may be missing: nothing calls them.
async fn tables(endpoint: Option<String>) -> Stack {
    let template = TemplateSource::Project;
    let options = StackOptions {
        dynamodb_endpoint: endpoint,
        stage: format!("c{}", std::process::id()),
        template,
        ..StackOptions::new(PathBuf::from("/nonexistent"))
    };
    Stack::start(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_and_the_embedded_dynamodb_answer_the_same() {
    let stack = tables(None).await;
    let (memory, embedded) = (Arc::new(Memory::new()), remote(stack.dynamodb_url(), &stack));
    same(&*memory, embedded.backend(), 2_000).await;
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_and_another_dynamodb_answer_the_same() {
    let Ok(url) = std::env::var("STORE_CONTRACT_ENDPOINT") else {
        println!("skipped: STORE_CONTRACT_ENDPOINT names no other DynamoDB");
        return;
    };
    let stack = tables(Some(url.clone())).await;
    let client = dynamo::client(&url);
    assert!(client.list_tables().send().await.is_ok());
    let (memory, other) = (Arc::new(Memory::new()), remote(&url, &stack));
    same(&*memory, other.backend(), 1_000).await;
    stack.stop().await;
}
