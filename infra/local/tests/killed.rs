//! `kill -9` of a whole stack, in the middle of writes: what was answered is there afterwards, and no process stays.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, missing_docs)]
#![cfg(target_os = "linux")]

mod common;

use aws_sdk_dynamodb::types::AttributeValue;
use common::{LONG, eventually, http, in_dir};
use local::{dynamo, stack::Stack};
use std::{io::BufRead as _, path::Path, process::Stdio, time::Duration};

const DIR: &str = "STACK_DIR_OF_A_TEST";
const NAME: &str = "a_stack_that_waits_to_be_killed";

/// Not a test: the process that the test below kills.
#[tokio::test]
#[ignore = "the child of what_was_answered_survives_kill_9"]
async fn a_stack_that_waits_to_be_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let stack = Stack::start(in_dir(Path::new(&dir))).await.unwrap();
    let function = http().get(format!("{}/wait", stack.url())).send().await.unwrap().text().await.unwrap();
    println!("\nready {} {} {} {function}", stack.dynamodb_url(), stack.sqs_url(), stack.queues().url("Dead").unwrap());
    tokio::time::sleep(LONG * 10).await;
}

fn start_child(dir: &Path) -> (std::process::Child, Vec<String>) {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", NAME, "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = std::io::BufReader::new(child.stdout.take().unwrap());
    let line = out.lines().map(Result::unwrap).find_map(|line| line.strip_prefix("ready ").map(str::to_owned)).unwrap();
    (child, line.split(' ').map(str::to_owned).collect())
}

#[tokio::test]
async fn what_was_answered_survives_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, said) = start_child(dir.path());
    let [tables, _, dead, function] = said.as_slice() else { panic!("{said:?}") };

    // Writers go on until the stack no longer answers; each counts what was answered.
    let client = dynamo::client(tables);
    let sqs = sqs_client(&said[1]);
    let items = tokio::spawn(async move {
        let mut answered = 0_u32;
        while client.put_item().table_name("t-local").item("pk", AttributeValue::S(answered.to_string())).send().await.is_ok() {
            answered += 1;
        }
        answered
    });
    let dead = dead.clone();
    let messages = tokio::spawn(async move {
        let mut answered = 0_u64;
        while sqs.send_message().queue_url(&dead).message_body("x").send().await.is_ok() {
            answered += 1;
        }
        answered
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let (items, messages) = (items.await.unwrap(), messages.await.unwrap());
    assert!(items > 0 && messages > 0);
    eventually("the function's process has ended", || async { !Path::new(&format!("/proc/{function}")).exists() }).await;

    let stack = Stack::start(in_dir(dir.path())).await.unwrap();
    let client = dynamo::client(stack.dynamodb_url());
    for number in 0..items {
        let key = AttributeValue::S(number.to_string());
        let found = client.get_item().table_name("t-local").key("pk", key).send().await.unwrap();
        assert!(found.item.is_some(), "item {number} of {items} is gone");
    }
    // The one that was not answered may be there, too.
    let kept = stack.queues().depths().await.unwrap()["dead"].visible;
    assert!((messages..=messages + 1).contains(&kept), "{kept} of {messages}");
    stack.stop().await;
}

fn sqs_client(endpoint: &str) -> aws_sdk_sqs::Client {
    let credentials = aws_sdk_sqs::config::Credentials::new("local", "local", None, None, "test");
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version_latest()
        .endpoint_url(endpoint)
        .region(aws_sdk_sqs::config::Region::new("us-east-1"))
        .credentials_provider(credentials)
        .build();
    aws_sdk_sqs::Client::from_conf(config)
}
