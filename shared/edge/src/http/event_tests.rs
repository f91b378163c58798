#![allow(clippy::unwrap_used)]
use super::*;
use serde_json::{Value, json};

fn event() -> Value {
    json!({
        "version": "2.0",
        "routeKey": "GET /r/{code}",
        "rawPath": "/r/alice",
        "rawQueryString": "utm_source=a%26b&utm_source=c",
        "cookies": ["a=1", "b=2"],
        "headers": { "content-type": "text/plain", "user-agent": "Not this one", "x-forwarded-for": "198.51.100.1", "x-name": "J\u{fc}rgen", "bad name": "x", "x-bad": "a\nb" },
        "queryStringParameters": { "utm_source": "a&b,c" },
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "requestId": "req-1", "routeKey": "GET /r/{code}", "stage": "$default",
            "time": "24/Nov/2026:00:00:00 +0000", "timeEpoch": 1_795_478_400_123_i64,
            "http": { "method": "GET", "path": "/r/alice", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "Browser" },
            "authorizer": { "unknown": [1, 2] }
        },
        "pathParameters": { "code": "alice" },
        "body": "aGVsbG8=",
        "isBase64Encoded": true,
        "new": { "field": 1 }
    })
}

fn call(event: Value) -> Result<Call, Problem> {
    serde_json::from_value::<GatewayEvent>(event).unwrap().into_call("invocation")
}

#[test]
fn an_event_is_decoded_once() {
    let call = call(event()).unwrap();
    assert_eq!(call.now.timestamp_millis(), 1_795_478_400_123);
    assert_eq!(
        (call.request_id.as_str(), call.method.as_str(), call.route.as_str(), call.path.as_str()),
        ("req-1", "GET", "/r/{code}", "/r/alice")
    );
    assert_eq!(call.param("code").unwrap(), "alice");
    assert_eq!(call.query, [("utm_source".to_owned(), "a&b".to_owned()), ("utm_source".to_owned(), "c".to_owned())]);
    assert_eq!(call.cookies, ["a=1", "b=2"]);
    assert_eq!(call.body, b"hello");
    assert_eq!(call.source_ip.unwrap().to_string(), "203.0.113.7", "never what the caller says of itself");
    assert_eq!(call.user_agent.as_deref(), Some("Browser"));
    assert_eq!(call.header("content-type"), Some("text/plain"));
    assert_eq!(call.header("x-bad"), None, "no header at all");
    assert!(call.headers.contains_key("x-name") && call.header("x-name").is_none(), "kept, and no text for us");
}

#[test]
fn a_body_that_is_not_encoded_is_taken_as_it_is() {
    let mut plain = event();
    plain["isBase64Encoded"] = json!(false);
    assert_eq!(call(plain).unwrap().body, b"aGVsbG8=", "not decoded because it could be");
    let mut twice = event();
    twice["body"] = json!(BASE64_STANDARD.encode("aGVsbG8="));
    assert_eq!(call(twice).unwrap().body, b"aGVsbG8=", "not decoded a second time");
    let mut broken = event();
    broken["body"] = json!("%%%");
    assert_eq!(call(broken).unwrap_err().status(), 400);
}

#[test]
fn a_bare_event_is_enough_and_one_without_time_is_not() {
    let bare = json!({ "requestContext": { "timeEpoch": 1, "http": { "method": "POST" } }, "routeKey": "$default", "headers": { "cookie": "a=1; b=2;" }, "cookies": null, "body": null });
    let call_of_bare = call(bare).unwrap();
    assert_eq!((call_of_bare.request_id.as_str(), call_of_bare.route.as_str(), call_of_bare.source_ip), ("invocation", "$default", None));
    assert_eq!(call_of_bare.cookies, ["a=1", "b=2"]);
    assert_eq!(call(json!({ "requestContext": { "http": { "method": "GET" } } })).unwrap_err().status(), 500);
    assert_eq!(call(json!({})).unwrap_err().status(), 500);
    assert_eq!(call(json!({ "requestContext": { "timeEpoch": 1, "http": { "method": "G T" } } })).unwrap_err().status(), 400);
}

#[test]
fn replies_travel_as_text_where_they_are_text() {
    let reply = Reply::text(http::StatusCode::OK, "h\u{e9}").cookie("a=1").unwrap().cookie("b=2").unwrap();
    let mut with_two = reply.clone();
    with_two.headers.append("vary", HeaderValue::from_static("a"));
    with_two.headers.append("vary", HeaderValue::from_static("b"));
    let sent = serde_json::to_value(gateway_reply(with_two, false)).unwrap();
    assert_eq!((&sent["statusCode"], &sent["body"], &sent["isBase64Encoded"]), (&json!(200), &json!("h\u{e9}"), &json!(false)));
    assert_eq!(sent["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(sent["headers"]["vary"], "a, b");
    let head = serde_json::to_value(gateway_reply(reply, true)).unwrap();
    assert_eq!((&head["body"], &head["headers"]["content-type"]), (&json!(""), &json!("text/plain; charset=utf-8")));
    let binary =
        serde_json::to_value(gateway_reply(Reply::bytes(http::StatusCode::OK, "application/pdf", vec![0xFF, 0x00]), false)).unwrap();
    assert_eq!((&binary["body"], &binary["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
}
