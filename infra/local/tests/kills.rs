//! A fault that kills a function: when its caller hears of it, the process is gone.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use aws_sdk_dynamodb::{
    config::{Builder, retry::RetryConfig},
    types::AttributeValue,
};
use common::{count, eventually, http, options};
use local::{
    dynamo,
    faults::{Fault, Plan, Rule, Service, When},
    stack::{Data, Stack, StackOptions},
};
use std::path::Path;

async fn stack() -> Stack {
    Stack::start(StackOptions { faults: true, copies_max: 1, ..options(Data::Memory) }).await.unwrap()
}

/// The process that answers now.
async fn process(stack: &Stack) -> String {
    http().get(format!("{}/wait", stack.url())).send().await.unwrap().text().await.unwrap()
}

fn lives(process: &str) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

/// What the running copy was told: the proxy, under its own number.
async fn endpoint(stack: &Stack) -> String {
    let told: serde_json::Value = http().get(format!("{}/x", stack.url())).send().await.unwrap().json().await.unwrap();
    told["variables"]["AWS_ENDPOINT_URL_DYNAMODB"].as_str().unwrap().to_owned()
}

/// A call in the name of the running copy, while that copy works on something, is struck by `fault`.
async fn kill(stack: &Stack, id: &str, fault: Fault, done: bool) {
    let process = process(stack).await;
    let client = dynamo::client(&endpoint(stack).await);
    let held = tokio::spawn(http().get(format!("{}/sleep", stack.url())).send());
    eventually("it works", || async { stack.functions().status()["echo"].busy == 1 }).await;
    let ended = count(stack, "the process has ended");
    let rule = Rule { service: Service::Dynamodb, operation: None, function: Some("echo".into()), when: When::Calls(vec![1]), fault };
    stack.faults().unwrap().set(Plan { seed: 0, rules: vec![rule] });
    let key = AttributeValue::S(id.into());
    let put = client.put_item().table_name("t-local").item("pk", key.clone());
    let once = Builder::new().retry_config(RetryConfig::disabled());
    assert!(put.customize().config_override(once).send().await.is_err(), "{id}");

    assert!(!lives(&process) && count(stack, "the process has ended") == ended + 1, "{id}: the process is gone by now");
    assert_eq!(held.await.unwrap().unwrap().status(), 500, "{id}");
    let found = dynamo::client(stack.dynamodb_url()).get_item().table_name("t-local").key("pk", key).send().await.unwrap();
    assert_eq!(found.item.is_some(), done, "{id}");
    let seen = stack.faults().unwrap().calls();
    assert_eq!(seen.iter().map(|call| (call.operation.as_str(), call.fault)).collect::<Vec<_>>(), [("PutItem", Some(fault))]);
}

#[tokio::test]
async fn the_process_is_gone_before_anybody_hears_of_it_and_what_it_held_has_failed() {
    let stack = stack().await;
    // More than once: an answer that does not wait for the end of the process may come after it all the same.
    for round in 0..5 {
        kill(&stack, &format!("before-{round}"), Fault::KillBefore, false).await;
        kill(&stack, &format!("after-{round}"), Fault::KillAfter, true).await;
    }
    stack.stop().await;
}

#[tokio::test]
async fn a_restart_ends_what_there_is_and_another_process_takes_over() {
    let stack = stack().await;
    let first = process(&stack).await;
    stack.faults().unwrap().restart("echo").await;
    assert!(!lives(&first));
    let second = process(&stack).await;
    assert_ne!(first, second);
    assert!(lives(&second));
    stack.faults().unwrap().restart("nothing").await;
    stack.stop().await;
}
