#![allow(clippy::unwrap_used)]
use super::*;
use serde_json::{Value, json};

async fn reply(event: Value, handler: impl AsyncFn(Call) -> Result<Reply, Problem>) -> Value {
    serde_json::to_value(answer(&handler, serde_json::from_value(event).unwrap(), "invocation").await).unwrap()
}

fn event(method: &str) -> Value {
    json!({ "routeKey": format!("{method} /x"), "requestContext": { "requestId": "req-1", "timeEpoch": 1, "http": { "method": method } } })
}

#[tokio::test]
async fn a_reply_goes_out_and_head_has_no_body() {
    let prefix = "hello".to_owned();
    let handler = async |call: Call| Ok(Reply::text(StatusCode::OK, format!("{prefix} {}", call.method)));
    assert_eq!(reply(event("GET"), handler).await["body"], "hello GET");
    let head = reply(event("HEAD"), handler).await;
    assert_eq!((&head["statusCode"], &head["body"]), (&json!(200), &json!("")));
}

#[tokio::test]
async fn a_problem_is_told_with_the_request_id_and_without_its_cause() {
    let failed = reply(event("GET"), async |_| Err(Problem::internal("table ledger-prod"))).await;
    assert_eq!(failed["statusCode"], 500);
    assert_eq!(failed["headers"]["content-type"], "application/problem+json");
    let body: Value = serde_json::from_str(failed["body"].as_str().unwrap()).unwrap();
    assert_eq!((&body["type"], &body["request_id"]), (&json!("/problems/internal"), &json!("req-1")));
    assert!(!failed.to_string().contains("ledger-prod"));
}

#[tokio::test]
async fn what_can_not_be_read_never_reaches_the_handler() {
    let mut broken = event("POST");
    broken["body"] = json!("%");
    broken["isBase64Encoded"] = json!(true);
    let answered = reply(broken, async |_| Ok(Reply::empty(StatusCode::NO_CONTENT))).await;
    assert_eq!(answered["statusCode"], 400);
}
