//! The front door and the Runtime API, with a real process behind them.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{http, start};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Posts to the echo function and gives the event that it saw.
async fn echoed(request: reqwest::RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 201);
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_request_becomes_an_event_and_its_answer_a_reply() {
    let stack = start().await;
    let request = http()
        .post(format!("{}/items/a%2Fb%20c?x=1&y=%C3%A9&x=2&z", stack.url()))
        .header("cookie", "a=1; b=2")
        .header("x-forwarded-for", "8.8.8.8")
        .header("X-Thing", "one")
        .header("x-thing", "two")
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "test")
        .body(r#"{"é":1}"#);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["x-one"], "1");
    let many: Vec<_> = response.headers().get_all("x-many").iter().collect();
    assert_eq!(many, ["a", "b"]);
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["c=1; HttpOnly", "d=2"]);

    let body: Value = response.json().await.unwrap();
    let event = &body["event"];
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "POST /items/{id}");
    assert_eq!(event["rawPath"], "/items/a%2Fb%20c");
    assert_eq!(event["pathParameters"]["id"], "a/b c");
    assert_eq!(event["rawQueryString"], "x=1&y=%C3%A9&x=2&z");
    assert_eq!(event["queryStringParameters"], serde_json::json!({ "x": "1,2", "y": "é", "z": "" }));
    assert_eq!(event["cookies"], serde_json::json!(["a=1", "b=2"]));
    assert_eq!(event["headers"]["x-thing"], "one,two");
    assert!(event["headers"].get("cookie").is_none());
    assert_eq!(event["headers"]["x-forwarded-for"], "8.8.8.8, 127.0.0.1");
    assert_eq!(event["body"], r#"{"é":1}"#);
    assert_eq!(event["isBase64Encoded"], false);
    let context = &event["requestContext"];
    assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
    assert_eq!(context["http"]["method"], "POST");
    assert_eq!(context["http"]["userAgent"], "test");
    assert_eq!(context["stage"], "$default");
    let epoch_ms = context["timeEpoch"].as_u64().unwrap();
    let deadline_ms = body["deadline"].as_u64().unwrap();
    assert!(deadline_ms >= epoch_ms + 20_000, "the deadline is the clock's time and the timeout");
    stack.stop().await;
}

#[tokio::test]
async fn a_function_sees_the_template_s_environment_and_lambda_s_alone() {
    let stack = start().await;
    let body = echoed(http().get(format!("{}/x", stack.url()))).await;
    let variables = &body["variables"];
    assert_eq!(variables["TABLE"], "t-local");
    assert_eq!(variables["QUEUE"], stack.queues().url("Queue").unwrap());
    assert_eq!(variables["KEY"], stack.secrets().get("cursor_keys").unwrap());
    let names: Vec<&str> = variables["names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(names.contains(&"AWS_LAMBDA_RUNTIME_API"));
    for own in ["HOME", "CARGO", "CARGO_MANIFEST_DIR", "USER"] {
        assert!(!names.contains(&own), "{own} is this process's");
    }
    stack.stop().await;
}

#[tokio::test]
async fn bodies_that_are_no_text_are_base64_in_both_directions() {
    let stack = start().await;
    let rows: [(&str, &[u8], &str, bool); 5] = [
        ("application/octet-stream", b"ab", "YWI=", true),
        ("application/json", &[0xff, 0x00], "/wA=", true),
        ("text/plain", b"ab", "ab", false),
        ("application/x-www-form-urlencoded", b"a=b", "a=b", false),
        ("application/problem+json", b"{}", "{}", false),
    ];
    for (kind, sent, seen, encoded) in rows {
        let body = echoed(http().post(format!("{}/x", stack.url())).header("content-type", kind).body(sent.to_vec())).await;
        assert_eq!((&body["event"]["body"], &body["event"]["isBase64Encoded"]), (&seen.into(), &encoded.into()), "{kind}");
    }
    let response = http().get(format!("{}/binary", stack.url())).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.bytes().await.unwrap().as_ref(), [0xff, 0x00, 0x01]);
    stack.stop().await;
}

#[tokio::test]
async fn routes_go_from_fixed_to_variable() {
    let stack = start().await;
    for (method, path, key) in [
        ("GET", "/items/fixed", "GET /items/fixed"),
        ("GET", "/items/other", "GET /items/{id}"),
        ("POST", "/items/fixed", "POST /items/{id}"),
        ("DELETE", "/anything", "ANY /{one}"),
    ] {
        let method = method.parse().unwrap();
        let body = echoed(http().request(method, format!("{}{path}", stack.url()))).await;
        assert_eq!(body["event"]["routeKey"], key);
    }
    for (method, path) in [("PUT", "/items/fixed"), ("GET", "/"), ("GET", "/items/"), ("GET", "/a/b/c"), ("GET", "/items")] {
        let method: reqwest::Method = method.parse().unwrap();
        let response = http().request(method, format!("{}{path}", stack.url())).send().await.unwrap();
        // `/items` and so is taken by the route of one segment.
        if path == "/items" {
            assert_eq!(response.status(), 201);
            continue;
        }
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(response.text().await.unwrap(), r#"{"message":"Not Found"}"#);
    }
    stack.stop().await;
}

#[tokio::test]
async fn what_a_function_does_wrong_is_500_and_no_more() {
    let stack = start().await;
    for path in ["/fail", "/exit", "/split", "/large"] {
        let response = http().get(format!("{}{path}", stack.url())).send().await.unwrap();
        assert_eq!(response.status(), 500, "{path}");
        assert!(response.headers().get("set-cookie").is_none());
        assert_eq!(response.text().await.unwrap(), r#"{"message":"Internal Server Error"}"#, "{path}");
        // The next request has a function again.
        echoed(http().get(format!("{}/x", stack.url()))).await;
    }
    let response = http().get(format!("{}/plain", stack.url())).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (200, r#"{"hello":"world"}"#));
    stack.stop().await;
}

#[tokio::test]
async fn limits_are_refused_before_a_function_sees_them() {
    let stack = start().await;
    let url = format!("{}/x", stack.url());
    let status = |request: reqwest::RequestBuilder| async { request.send().await.unwrap().status().as_u16() };
    assert_eq!(status(http().post(&url).body(vec![b'x'; (10 << 20) + 1])).await, 413);
    // It fits the door, but not an event: base64 makes it larger.
    assert_eq!(status(http().post(&url).body(vec![b'x'; 5 << 20])).await, 413);
    assert_eq!(status(http().get(&url).header("x-long", "x".repeat(11_000))).await, 431);
    assert_eq!(status(http().get(format!("{}/{}", stack.url(), "x".repeat(10_000)))).await, 201);
    stack.stop().await;
}

/// What no client library sends.
#[tokio::test]
async fn odd_paths_never_break_the_door() {
    let stack = start().await;
    let address = stack.url().trim_start_matches("http://").to_owned();
    for (path, status) in [
        ("/%00", "201"),
        ("/..", "201"),
        ("/../x", "404"),
        ("/%2e%2e%2fx", "201"),
        ("/%ff", "400"),
        ("/%zz", "201"),
        ("/%", "201"),
        ("//evil", "404"),
        ("/x?%ff=%&=&&a", "201"),
        ("*", "404"),
        ("http://other.example/x", "201"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {reply}");
    }
    stack.stop().await;
}

#[tokio::test]
async fn more_copies_come_where_requests_wait() {
    let stack = start().await;
    let url = format!("{}/wait", stack.url());
    let requests = (0..12).map(|_| async { http().get(&url).send().await.unwrap().text().await.unwrap() });
    let mut processes = futures::future::join_all(requests).await;
    processes.sort();
    processes.dedup();
    assert!((2..=4).contains(&processes.len()), "{processes:?}");
    assert_eq!(stack.functions().status()["echo"].waiting, 0);
    stack.stop().await;
}

#[tokio::test]
async fn head_is_a_method_of_its_own() {
    let stack = start().await;
    let response = http().head(format!("{}/x", stack.url())).send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert!(response.bytes().await.unwrap().is_empty());
    stack.stop().await;
}
