//! Queues, schedules, clock and timeouts, with a real process behind them.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{LONG, TEMPLATE, count, eventually, http, logged, options, start};
use local::stack::{Data, Stack, StackOptions, TemplateSource};
use std::{sync::Arc, time::Duration};

async fn send(stack: &Stack, body: &str) {
    let url = stack.queues().url("Queue").unwrap();
    stack.queues().client().send_message().queue_url(url).message_body(body).send().await.unwrap();
}

#[tokio::test]
async fn a_batch_is_deleted_but_for_what_failed_which_ends_in_the_dead_letters() {
    let stack = start().await;
    for body in ["one", "bad", "two"] {
        send(&stack, body).await;
    }
    logged(&stack, "message two").await;
    let depth = || async { stack.queues().depths().await.unwrap()["q"] };
    eventually("only the bad one is left, and hidden", || async {
        let left = depth().await;
        (left.visible, left.in_flight) == (0, 1)
    })
    .await;
    // Twice its visibility, and it is given up.
    stack.clock().advance(Duration::from_secs(122)).await.unwrap();
    eventually("a second delivery", || async { count(&stack, "message bad") == 2 }).await;
    stack.clock().advance(Duration::from_secs(122)).await.unwrap();
    eventually("it is given up", || async { stack.queues().depths().await.unwrap()["dead"].visible == 1 }).await;
    assert!(stack.drain().await.unwrap());
    assert_eq!((count(&stack, "message one"), count(&stack, "message two")), (1, 1));
    stack.stop().await;
}

#[tokio::test]
async fn a_process_that_dies_loses_no_message() {
    let stack = start().await;
    send(&stack, "exit").await;
    logged(&stack, "message exit").await;
    logged(&stack, "the process has ended: exit status: 3").await;
    let left = stack.queues().depths().await.unwrap()["q"];
    assert_eq!((left.visible, left.in_flight), (0, 1));
    stack.stop().await;
}

#[tokio::test]
async fn messages_that_come_together_make_one_batch() {
    let stack = start().await;
    let url = stack.queues().url("Queue").unwrap().to_owned();
    let send = |index: usize| stack.queues().client().send_message().queue_url(&url).message_body(index.to_string()).send();
    futures::future::try_join_all((0..30).map(send)).await.unwrap();
    assert!(stack.drain().await.unwrap());
    // A batch is filled by several receives of ten.
    assert!(count(&stack, "batch of") < 10, "{:?}", stack.functions().logs().latest("echo"));
    assert_eq!(count(&stack, "message"), 30);
    stack.stop().await;
}

/// Else what a function holds for a while, as a lease, would run out under its hands, and a second one would do the same work.
#[tokio::test]
async fn the_clock_is_not_moved_while_a_function_has_a_batch() {
    let (stack, dir) = (start().await, tempfile::tempdir().unwrap());
    let done = dir.path().join("done");
    send(&stack, &format!("until {}", done.display())).await;
    logged(&stack, &format!("message until {}", done.display())).await;
    let before = stack.clock().now_ms();
    let clock = Arc::clone(stack.clock());
    let mut moved = Box::pin(async move { clock.advance(Duration::from_secs(86_400)).await });
    assert!(tokio::time::timeout(Duration::from_millis(100), moved.as_mut()).await.is_err(), "it waits");
    assert!(stack.clock().now_ms() < before + 86_400_000);
    std::fs::write(&done, "").unwrap();
    assert!(moved.await.unwrap() >= before + 86_400_000);
    assert!(stack.drain().await.unwrap());
    assert_eq!(count(&stack, "message until"), 1, "done, and deleted, before its visibility ended");
    stack.stop().await;
}

#[tokio::test]
async fn a_schedule_fires_when_the_clock_passes_its_time_and_once_for_a_long_jump() {
    let stack = start().await;
    assert_eq!(count(&stack, "tick"), 0);
    stack.clock().advance(Duration::from_secs(5 * 86_400)).await.unwrap();
    logged(&stack, "tick").await;
    stack.clock().advance(Duration::from_secs(86_399)).await.unwrap();
    stack.run_schedule("echo").await.unwrap();
    assert_eq!(count(&stack, "tick"), 2, "one of the clock, one by hand");
    assert!(stack.run_schedule("nothing").await.is_err());
    stack.stop().await;
}

#[tokio::test]
async fn a_schedule_s_function_knows_the_moved_time_by_its_deadline() {
    let stack = start().await;
    let before = stack.clock().advance(Duration::from_secs(86_400 * 30)).await.unwrap();
    let answer = stack.run_schedule("echo").await.unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    assert!(answer["ticked"].as_str().is_some_and(|time| time.ends_with('Z')));
    let deadline: i64 = {
        let logs = stack.functions().logs().latest("echo");
        logs.iter().rev().find_map(|line| line.strip_prefix("tick at ")).unwrap().parse().unwrap()
    };
    assert!(deadline >= before + 20_000);
    stack.stop().await;
}

/// The queue's visibility is as short as the timeout allows.
fn one_second() -> StackOptions {
    StackOptions { template: TemplateSource::Text(TEMPLATE.replace("Timeout: 20 }", "Timeout: 1 }")), ..options(Data::Memory) }
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_killed_and_replaced() {
    let stack = Stack::start(one_second()).await.unwrap();
    let response = http().get(format!("{}/sleep", stack.url())).send().await.unwrap();
    assert_eq!(response.status(), 500);
    logged(&stack, "Task timed out after 1.00 seconds").await;
    logged(&stack, "the process has ended: it was killed").await;
    let response = http().get(format!("{}/x", stack.url())).send().await.unwrap();
    assert_eq!(response.status(), 201);
    stack.stop().await;
}

#[tokio::test]
async fn a_function_that_does_not_start_says_why() {
    let text = TEMPLATE.replace("Variables: {", "Variables: { ECHO_START: fail,");
    let stack = Stack::start(StackOptions { template: TemplateSource::Text(text), ..options(Data::Memory) }).await.unwrap();
    let response = http().get(format!("{}/x", stack.url())).timeout(LONG).send().await.unwrap();
    assert_eq!(response.status(), 500);
    logged(&stack, "it was told not to start").await;
    stack.stop().await;

    let nowhere = StackOptions { functions_dir: "/nowhere".into(), ..options(Data::Memory) };
    let stack = Stack::start(nowhere).await.unwrap();
    let response = http().get(format!("{}/x", stack.url())).timeout(LONG).send().await.unwrap();
    assert_eq!(response.status(), 500);
    logged(&stack, "does not start: /nowhere/echo").await;
    stack.stop().await;
}
