//! The doors of a function, driven as Lambda drives them: a child process (this test binary, told to be a function)
//! asks a stand-in of the runtime interface for its next event and posts what it made of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

use edge::{
    config::Env,
    events::{Batch, Schedule, serve_batch, serve_either},
    http::{Call, Reply, StatusCode, serve},
    problem::Problem,
};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    time::{Duration, timeout},
};

/// 2026-11-24T00:00:30Z: with a timeout of 30 s the invocation began at midnight.
const DEADLINE_MS: u64 = 1_795_478_430_000;

/// The function: run by the other tests in a process of its own, and nothing by itself.
#[test]
fn function() {
    let Ok(door) = std::env::var("TEST_DOOR") else { return };
    edge::telemetry::init();
    let env = Env::process();
    let http = async |call: Call| match call.path.as_str() {
        "/panic" => panic!("a bug with ann@example.com in it"),
        "/away" => Err(Problem::unavailable("table ledger-prod")),
        _ => Ok(Reply::text(StatusCode::OK, format!("{} {} {}", call.method, call.route, call.now))),
    };
    let job = async |run: Schedule| if run.now.timestamp() == 1_795_478_400 { Ok(()) } else { Err(Problem::internal("another time")) };
    let batch =
        async |batch: Batch| batch.records.into_iter().filter(|record| record.body == "bad").map(|record| record.message_id).collect();
    edge::block_on(async {
        match door.as_str() {
            "http" => serve(http).await,
            "batch" => serve_batch(&env, batch).await,
            "either" => serve_either(&env, http, job).await,
            other => panic!("no door {other}"),
        }
    })
    .unwrap();
}

/// Starts the function and hands it the events, one after the other. Gives what it posted for each, `Err` for a failed
/// invocation, and its log.
async fn run(door: &str, events: &[Value]) -> (Vec<Result<Value, Value>>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut child = start(door, &listener);
    let mut answers = Vec::new();
    timeout(Duration::from_secs(60), async {
        while answers.len() < events.len() {
            let (stream, _) = listener.accept().await.unwrap();
            serve_connection(stream, events, &mut answers).await;
        }
    })
    .await
    .expect("the function answers");
    child.kill().await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    (answers, String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
}

fn start(door: &str, listener: &TcpListener) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "function", "--nocapture"])
        .env_clear()
        .env("TEST_DOOR", door)
        .env("FUNCTION_TIMEOUT_SECONDS", "30")
        .env("RUST_LOG", "trace")
        .env("AWS_LAMBDA_RUNTIME_API", format!("http://{}/{door}", listener.local_addr().unwrap()))
        .env("AWS_LAMBDA_FUNCTION_NAME", "test")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Serves one kept-alive connection until every event is answered or the connection ends.
async fn serve_connection(mut stream: TcpStream, events: &[Value], answers: &mut Vec<Result<Value, Value>>) {
    let mut left = Vec::new();
    while answers.len() < events.len() {
        let Some((path, body)) = read_request(&mut stream, &mut left).await else { return };
        if path.ends_with("/invocation/next") {
            let event = events[answers.len()].to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: id-{}\r\nlambda-runtime-deadline-ms: {DEADLINE_MS}\r\ncontent-length: {}\r\n\r\n",
                answers.len(),
                event.len()
            );
            stream.write_all((head + &event).as_bytes()).await.unwrap();
        } else {
            let value = serde_json::from_slice(&body).unwrap_or(Value::Null);
            answers.push(if path.ends_with("/response") { Ok(value) } else { Err(value) });
            stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        }
    }
}

async fn read_request(stream: &mut TcpStream, left: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    loop {
        if let Some(end) = left.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&left[..end]).into_owned();
            let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            let length: usize = length.map_or(0, |text| text.parse().unwrap());
            if left.len() >= end + 4 + length {
                let body = left[end + 4..end + 4 + length].to_vec();
                left.drain(..end + 4 + length);
                return Some((head.split(' ').nth(1)?.to_owned(), body));
            }
        }
        let mut chunk = vec![0; 65_536];
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        left.extend_from_slice(&chunk[..read]);
    }
}

fn call(path: &str) -> Value {
    json!({
        "routeKey": "GET /r/{code}", "rawPath": path, "rawQueryString": "email=ann%40example.com", "headers": { "authorization": "Bearer hush" },
        "requestContext": { "requestId": "req-1", "timeEpoch": 1_795_478_400_000_i64, "http": { "method": "GET", "sourceIp": "203.0.113.7" } },
        "body": "hush", "isBase64Encoded": false,
    })
}

#[tokio::test]
async fn calls_are_answered_and_a_panic_ends_one_of_them_alone() {
    let (answers, log) = run("http", &[call("/r/a"), call("/panic"), call("/away"), json!({ "odd": true }), call("/r/a")]).await;
    let status = |place: usize| answers[place].as_ref().unwrap()["statusCode"].as_u64();
    assert_eq!(answers[0].as_ref().unwrap()["body"], "GET /r/{code} 2026-11-24 00:00:00 UTC");
    assert!(answers[1].is_err(), "the gateway makes a 500 of it");
    assert_eq!((status(2), status(3), status(4)), (Some(503), Some(500), Some(200)));
    assert!(log.contains(r#""kind":"/problems/unavailable""#) && log.contains("table ledger-prod"), "{log}");
    assert!(log.contains(r#""message":"panic""#), "{log}");
    for told in ["hush", "example.com", "203.0.113.7"] {
        assert!(!log.contains(told), "{told} in {log}");
    }
}

#[tokio::test]
async fn a_batch_reports_what_failed() {
    let record = |id: &str, body: &str| json!({ "messageId": id, "body": body, "attributes": {} });
    let (answers, _) = run("batch", &[json!({ "Records": [record("m1", "good"), record("m2", "bad")] })]).await;
    assert_eq!(answers, [Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "m2" }] }))]);
}

#[tokio::test]
async fn one_function_takes_calls_and_its_schedule() {
    let (answers, _) = run("either", &[call("/r/a"), json!({ "time": "2026-11-24T00:00:00Z" }), json!({})]).await;
    assert_eq!(answers[0].as_ref().unwrap()["statusCode"], 200);
    assert_eq!(answers[1..], [Ok(Value::Null), Ok(Value::Null)]);
}
