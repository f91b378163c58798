//! A function for the stack's own tests: it answers with the event that it was given, and misbehaves on request.
#![allow(
    clippy::print_stdout,
    clippy::exit,
    clippy::disallowed_methods,
    reason = "a test's function: its output is what the test looks at"
)]

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var("ECHO_START").is_ok_and(|how| how == "fail") {
        return Err("it was told not to start".into());
    }
    run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let (event, context) = (event.payload, event.context);
    if let Some(records) = event["Records"].as_array() {
        return Ok(batch(records).await);
    }
    if event["detail-type"] == "Scheduled Event" {
        println!("tick at {}", context.deadline);
        return Ok(json!({ "ticked": event["time"] }));
    }
    match event["rawPath"].as_str().unwrap_or_default() {
        "/fail" => Err("it was told to fail".into()),
        "/exit" => std::process::exit(3),
        "/sleep" => {
            println!("sleeping");
            std::future::pending().await
        }
        "/wait" => {
            tokio::time::sleep(Duration::from_millis(200)).await;
            Ok(json!({ "statusCode": 200, "body": std::process::id().to_string() }))
        }
        "/binary" => Ok(json!({ "statusCode": 200, "headers": { "content-type": "image/png" }, "body": "/wAB", "isBase64Encoded": true })),
        "/split" => Ok(json!({ "statusCode": 200, "headers": { "x-a": "1\r\nset-cookie: evil=1" } })),
        "/plain" => Ok(json!({ "hello": "world" })),
        "/large" => Ok(json!({ "statusCode": 200, "body": "x".repeat(7 << 20) })),
        _ => Ok(json!({
            "statusCode": 201,
            "headers": { "x-one": "1", "content-type": "application/json" },
            "multiValueHeaders": { "x-many": ["a", "b"] },
            "cookies": ["c=1; HttpOnly", "d=2"],
            "body": json!({ "event": event, "deadline": context.deadline, "variables": variables() }).to_string(),
        })),
    }
}

/// The names of its environment, and what the template says of it.
fn variables() -> Value {
    let names: Vec<String> = std::env::vars().map(|(name, _)| name).collect();
    let value = |name: &str| std::env::var(name).unwrap_or_default();
    let of_rails = |name: &&String| ["STRIPE_", "PAYPAL_", "WISE_"].iter().any(|rail| name.starts_with(rail));
    let rails: BTreeMap<&str, String> = names.iter().filter(of_rails).map(|name| (name.as_str(), value(name))).collect();
    json!({ "names": names, "rails": rails, "AWS_ENDPOINT_URL_DYNAMODB": value("AWS_ENDPOINT_URL_DYNAMODB"), "TABLE": value("TABLE"), "QUEUE": value("QUEUE"), "KEY": value("KEY") })
}

async fn batch(records: &[Value]) -> Value {
    println!("batch of {}", records.len());
    let failed: Vec<Value> = records
        .iter()
        .filter(|record| {
            println!("message {}", record["body"].as_str().unwrap_or_default());
            record["body"].as_str().is_some_and(|body| body.starts_with("bad"))
        })
        .map(|record| json!({ "itemIdentifier": record["messageId"] }))
        .collect();
    for held in records.iter().filter_map(|record| record["body"].as_str()?.strip_prefix("until ")) {
        while !std::path::Path::new(held).exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    if records.iter().any(|record| record["body"] == "exit") {
        std::process::exit(3);
    }
    json!({ "batchItemFailures": failed })
}
