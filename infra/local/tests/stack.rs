//! The stack as a whole: what it keeps, whom it lets in, how it ends.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use aws_sdk_dynamodb::types::AttributeValue;
use common::{TEMPLATE, eventually, http, in_dir, options, start};
use local::{
    dynamo,
    faults::{Fault, Plan, Rule, Service, When},
    stack::{Data, Stack, StackError, StackOptions, TemplateSource},
};
use serde_json::{Value, json};

#[tokio::test]
async fn tables_queues_secrets_keys_and_clock_outlive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let first = Stack::start(in_dir(dir.path())).await.unwrap();
    let item = AttributeValue::S("kept".into());
    dynamo::client(first.dynamodb_url()).put_item().table_name("t-local").item("pk", item.clone()).send().await.unwrap();
    let dead = first.queues().url("Dead").unwrap();
    first.queues().client().send_message().queue_url(dead).message_body("kept").send().await.unwrap();
    let now = first.clock().advance(std::time::Duration::from_secs(86_400)).await.unwrap();
    let (secrets, token) = (first.secrets().clone(), first.token_for("alice").unwrap());
    first.stop().await;

    let second = Stack::start(in_dir(dir.path())).await.unwrap();
    let found = dynamo::client(second.dynamodb_url()).get_item().table_name("t-local").key("pk", item).send().await.unwrap();
    assert!(found.item.is_some());
    assert_eq!(second.queues().depths().await.unwrap()["dead"].visible, 1);
    assert!(second.clock().now_ms() >= now);
    assert!(second.secrets() == &secrets);
    assert_ne!(token, second.token_for("alice").unwrap());
    second.stop().await;
}

#[tokio::test]
async fn one_stack_at_a_time_has_a_directory_and_a_port() {
    let dir = tempfile::tempdir().unwrap();
    let stack = Stack::start(in_dir(dir.path())).await.unwrap();
    let again = Stack::start(in_dir(dir.path())).await.err().unwrap();
    assert!(matches!(again, StackError::DataInUse(_)), "{again}");
    let port = stack.url().rsplit(':').next().unwrap().parse().unwrap();
    let taken = Stack::start(StackOptions { port, ..options(Data::Memory) }).await.err().unwrap();
    assert!(matches!(taken, StackError::PortTaken(_)), "{taken}");
    stack.stop().await;
    Stack::start(in_dir(dir.path())).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_template_beyond_the_stack_starts_nothing() {
    let text = TEMPLATE.replace("Type: SQS", "Type: Kinesis");
    let error = Stack::start(StackOptions { template: TemplateSource::Text(text), ..options(Data::Memory) }).await.err().unwrap();
    assert!(error.to_string().contains("no event type `Kinesis`"), "{error}");
}

#[tokio::test]
async fn the_stack_s_own_door_asks_for_the_token_of_the_run() {
    let stack = start().await;
    for (method, path) in
        [("GET", "status"), ("POST", "clock"), ("GET", "secrets"), ("POST", "drain"), ("POST", "token"), ("POST", "run/echo")]
    {
        for token in [None, Some("wrong")] {
            let mut request = http().request(method.parse().unwrap(), format!("{}/_local/{path}", stack.url()));
            if let Some(token) = token {
                request = request.header("x-local-token", token);
            }
            assert_eq!(request.send().await.unwrap().status(), 403, "{path}");
        }
    }
    // Identity and the landing page are for browsers.
    for path in ["oidc/.well-known/openid-configuration", "landing"] {
        assert_eq!(http().get(format!("{}/_local/{path}", stack.url())).send().await.unwrap().status(), 200, "{path}");
    }
    stack.stop().await;
}

#[tokio::test]
async fn the_stack_s_own_door_moves_the_clock_drains_and_tells() {
    let stack = start().await;
    let call = |method: &str, path: &str, body: Value| {
        let request = http().request(method.parse().unwrap(), format!("{}/_local/{path}", stack.url()));
        let request = request.header("x-local-token", stack.run_token());
        let request = if body.is_null() { request } else { request.json(&body) };
        async move {
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.json::<Value>().await.unwrap_or_default())
        }
    };
    let before = stack.clock().now_ms();
    let (status, body) = call("POST", "clock", json!({ "advance_seconds": 3600 })).await;
    assert_eq!(status, 200);
    assert!(body["now_ms"].as_i64().unwrap() >= before + 3_600_000);
    assert_eq!(call("POST", "clock", json!({ "set_ms": before })).await.0, 409);
    assert_eq!(call("POST", "clock", json!({ "advance_hours": 1 })).await.0, 422);
    assert_eq!(call("POST", "drain", Value::Null).await, (200, json!({ "drained": true })));
    let (_, status) = call("GET", "status", Value::Null).await;
    assert_eq!(status["queues"]["q"], json!({ "visible": 0, "in_flight": 0, "delayed": 0 }));
    assert_eq!(status["schedules"], json!(["echo"]));
    let (_, secrets) = call("GET", "secrets", Value::Null).await;
    assert_eq!(secrets["stripe"], stack.secrets().stripe());
    assert!(secrets["accounts"]["alice"].is_string());
    assert_eq!(call("POST", "run/echo", Value::Null).await.0, 200);
    assert_eq!(call("POST", "run/nothing", Value::Null).await.0, 404);
    assert_eq!(call("POST", "faults", json!({ "rules": [] })).await.0, 409);
    assert_eq!(call("GET", "nothing", Value::Null).await.0, 404);
    stack.stop().await;
}

#[tokio::test]
async fn faults_strike_between_a_function_and_its_store() {
    let stack = Stack::start(StackOptions { faults: true, ..options(Data::Memory) }).await.unwrap();
    let proxied = http().get(format!("{}/x", stack.url())).send().await.unwrap().json::<Value>().await.unwrap();
    let endpoint = proxied["variables"]["AWS_ENDPOINT_URL_DYNAMODB"].as_str().unwrap().to_owned();
    assert!(endpoint.contains("/echo/"), "{endpoint}");
    let put = |id: &str| {
        let client = dynamo::client(&endpoint);
        let request = client.put_item().table_name("t-local").item("pk", AttributeValue::S(id.into()));
        let once = aws_sdk_dynamodb::config::Builder::new().retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled());
        request.customize().config_override(once).send()
    };
    let plan = |fault| Plan {
        seed: 1,
        rules: vec![Rule {
            service: Service::Dynamodb,
            operation: Some("PutItem".into()),
            function: Some("echo".into()),
            when: When::Calls(vec![1]),
            fault,
        }],
    };
    let direct = dynamo::client(stack.dynamodb_url());
    let faults = stack.faults().unwrap();
    for (id, fault, done) in [
        ("before", Fault::FailBefore, false),
        ("after", Fault::FailAfter, true),
        ("lost", Fault::LoseAnswer, true),
        ("throttled", Fault::Throttle, false),
        ("conflict", Fault::Conflict, false),
        ("killed-before", Fault::KillBefore, false),
        ("killed-after", Fault::KillAfter, true),
    ] {
        faults.set(plan(fault));
        assert!(put(id).await.is_err(), "{id}");
        let found = direct.get_item().table_name("t-local").key("pk", AttributeValue::S(id.into())).send().await.unwrap();
        assert_eq!(found.item.is_some(), done, "{id}");
        put(id).await.unwrap();
    }
    faults.set(plan(Fault::DelayMs(1)));
    put("delayed").await.unwrap();
    assert_eq!(faults.counts()[0].faults, 1);
    stack.stop().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn it_listens_on_the_loopback_address_only() {
    let stack = start().await;
    let pid = std::process::id();
    // Field 4 of /proc/net/tcp is the state (0A listens), field 10 the socket's inode, which this process must hold.
    let own: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut listeners = 0;
    for table in ["tcp", "tcp6"] {
        let text = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if fields[3] == "0A" && own.iter().any(|inode| inode == fields[9]) {
                listeners += 1;
                assert!(fields[1].starts_with("0100007F:"), "{line}");
            }
        }
    }
    assert!(listeners >= 4, "the door, the Runtime API, tables and queues");
    stack.stop().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn its_end_is_the_end_of_its_processes() {
    let stack = start().await;
    let process = http().get(format!("{}/wait", stack.url())).send().await.unwrap().text().await.unwrap();
    assert!(std::path::Path::new(&format!("/proc/{process}")).exists());
    stack.stop().await;
    assert!(!std::path::Path::new(&format!("/proc/{process}")).exists());

    // Dropped without a stop, they end too, a moment later.
    let stack = start().await;
    let process = http().get(format!("{}/wait", stack.url())).send().await.unwrap().text().await.unwrap();
    drop(stack);
    eventually("the process has ended", || async { !std::path::Path::new(&format!("/proc/{process}")).exists() }).await;
}
