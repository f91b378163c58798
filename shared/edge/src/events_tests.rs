#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::http::StatusCode;
use serde_json::{Value, json};

const TIMEOUT: Duration = Duration::from_secs(30);

fn context(deadline: u64) -> Context {
    let mut context = Context::default();
    context.deadline = deadline;
    context.request_id = "invocation".to_owned();
    context
}

fn batch_event() -> QueueEvent {
    let record = |id: &str, sent: &str| {
        json!({
            "messageId": id, "receiptHandle": "h", "body": format!("body {id}"), "md5OfBody": "", "messageAttributes": {}, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:1:plums",
            "attributes": { "ApproximateReceiveCount": "3", "SentTimestamp": sent, "SenderId": "s", "ApproximateFirstReceiveTimestamp": sent },
        })
    };
    serde_json::from_value(json!({ "Records": [record("m1", "60000"), record("m2", "80000"), { "messageId": "m3" }] })).unwrap()
}

#[tokio::test]
async fn only_what_failed_comes_again() {
    let handler = async |queue: &str, batch: Batch| {
        assert_eq!(queue, "plums");
        assert_eq!(batch.now.timestamp(), 80, "not before the newest message was sent");
        let first = &batch.records[0];
        assert_eq!((first.body.as_str(), first.receive_count, first.sent_at.unwrap().timestamp()), ("body m1", 3, 60));
        assert_eq!((batch.records[2].receive_count, batch.records[2].sent_at), (1, None));
        assert_eq!(batch.all_ids(), ["m1", "m2", "m3"]);
        vec!["m2".to_owned()]
    };
    let reply = run_batch(&handler, batch_event(), &context(100_000), TIMEOUT).await.unwrap();
    assert_eq!(serde_json::to_value(reply).unwrap(), json!({ "batchItemFailures": [{ "itemIdentifier": "m2" }] }));
    let fine = run_batch(&async |_: &str, _: Batch| Vec::new(), batch_event(), &context(200_000), TIMEOUT).await.unwrap();
    assert_eq!(serde_json::to_value(fine).unwrap(), json!({ "batchItemFailures": [] }));
}

#[tokio::test]
async fn a_queue_without_a_name_has_none() {
    let handler = async |queue: &str, batch: Batch| if queue.is_empty() { Vec::new() } else { batch.all_ids() };
    let event = |record: Value| serde_json::from_value(json!({ "Records": [record] })).unwrap();
    for (arn, failed) in [(json!({ "messageId": "m" }), 0), (json!({ "messageId": "m", "eventSourceARN": "plums" }), 1)] {
        let reply = run_batch(&handler, event(arn), &context(100_000), TIMEOUT).await.unwrap();
        assert_eq!(reply.batch_item_failures.len(), failed);
    }
}

#[tokio::test]
async fn without_a_time_nothing_is_done() {
    let handler = async |_: &str, _: Batch| -> Vec<String> { panic!("must not run") };
    assert!(run_batch(&handler, batch_event(), &context(0), TIMEOUT).await.is_err());
}

#[tokio::test]
async fn a_job_has_its_time_from_the_deadline_and_its_id_from_the_event() {
    let at = |time: Option<&str>| time.map(str::to_owned);
    let expect = |job_id: &'static str| {
        async move |run: Schedule| {
            assert_eq!((run.now.timestamp(), run.job_id.as_str()), (70, job_id));
            Ok(())
        }
    };
    run_job(&expect("2026-11-24T00:00:00Z"), at(Some("2026-11-24T00:00:00Z")), &context(100_000), TIMEOUT).await.unwrap();
    run_job(&expect("invocation"), None, &context(100_000), TIMEOUT).await.unwrap();
    run_job(&expect("invocation"), at(Some("")), &context(100_000), TIMEOUT).await.unwrap();
}

#[tokio::test]
async fn a_problem_fails_the_job_without_telling_why() {
    let handler = async |_: Schedule| Err(Problem::unavailable("table ledger-prod"));
    let failed = run_job(&handler, None, &context(100_000), TIMEOUT).await.unwrap_err();
    assert_eq!(Diagnostic::from(failed).error_message, "the scheduled job failed");
}

#[tokio::test]
async fn a_function_can_have_both_doors() {
    let http = async |_: Call| Ok(Reply::text(StatusCode::OK, "http"));
    let schedule = async |run: Schedule| if run.job_id == "bad" { Err(Problem::internal("x")) } else { Ok(()) };
    let run = async |event: Value| {
        let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), context(100_000));
        run_either(&http, &schedule, event, TIMEOUT).await.map(|reply| serde_json::to_value(reply).unwrap())
    };
    let call = json!({ "routeKey": "GET /finance/audit", "requestContext": { "timeEpoch": 1, "http": { "method": "GET" } } });
    assert_eq!(run(call).await.unwrap()["body"], "http");
    assert_eq!(run(json!({ "id": "e", "detail-type": "Scheduled Event", "time": "good" })).await.unwrap(), Value::Null);
    assert_eq!(run(json!({})).await.unwrap(), Value::Null);
    assert!(run(json!({ "time": "bad" })).await.is_err());
}

#[tokio::test]
async fn the_timeout_must_be_known() {
    let env = Env::from_pairs([("FUNCTION_TIMEOUT_SECONDS", "soon")]);
    assert!(serve_batch(&env, async |_| Vec::new()).await.is_err());
    assert!(serve_schedule(&env, async |_| Ok(())).await.is_err());
}
