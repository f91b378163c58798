#![allow(clippy::unwrap_used)]
use super::*;
use crate::problem::Problem;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What a stand-in of SQS does with the nth request (from 0).
type Script = fn(usize, &Value) -> (u16, Value);

/// Serves the script over HTTP on this machine and keeps every request's body.
async fn stand_in(script: Script) -> (SqsQueue, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let requests: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&requests);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            serve_one(stream, script, &kept).await;
        }
    });
    let pairs = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "key"),
        ("AWS_ENDPOINT_URL_SQS", &endpoint),
    ];
    let env = Env::from_pairs(pairs.into_iter().chain([("FACTS_QUEUE_URL", format!("{endpoint}/1/facts").as_str())]));
    (SqsQueue::from_env(&env, "FACTS_QUEUE_URL").unwrap(), requests)
}

async fn serve_one(mut stream: TcpStream, script: Script, requests: &Mutex<Vec<Value>>) {
    let mut bytes = Vec::new();
    let body = loop {
        let mut chunk = vec![0; 65_536];
        let read = stream.read(&mut chunk).await.unwrap();
        if read == 0 {
            return;
        }
        bytes.extend_from_slice(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
        if bytes.len() >= end + 4 + length {
            break serde_json::from_slice::<Value>(&bytes[end + 4..]).unwrap();
        }
    };
    let (status, answer) = {
        let mut requests = requests.lock().unwrap();
        let answer = script(requests.len(), &body);
        requests.push(body);
        answer
    };
    let answer = answer.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(answer.as_bytes()).await.unwrap();
}

/// Takes every entry for which `takes` holds; the others fail with that fault.
fn taking(request: &Value, takes: impl Fn(&str) -> bool, sender_fault: bool) -> (u16, Value) {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in request["Entries"].as_array().unwrap() {
        if takes(entry["MessageBody"].as_str().unwrap()) {
            successful.push(json!({ "Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0" }));
        } else {
            failed.push(json!({ "Id": entry["Id"], "Code": "InternalError", "SenderFault": sender_fault }));
        }
    }
    (200, json!({ "Successful": successful, "Failed": failed }))
}

fn bodies(request: &Value) -> Vec<&str> {
    request["Entries"].as_array().unwrap().iter().map(|entry| entry["MessageBody"].as_str().unwrap()).collect()
}

fn messages(count: usize) -> Vec<Outgoing> {
    (0..count).map(|place| Outgoing::new(format!("m{place}"))).collect()
}

#[tokio::test]
async fn all_messages_are_sent_ten_at_a_time() {
    let (queue, requests) = stand_in(|_, request| taking(request, |_| true, false)).await;
    let mut sent = messages(23);
    sent[3].delay_seconds = 7;
    queue.send(sent).await.unwrap();
    let requests = requests.lock().unwrap();
    assert_eq!(requests.iter().map(|request| bodies(request).len()).collect::<Vec<_>>(), [10, 10, 3]);
    assert_eq!((&requests[0]["Entries"][3]["DelaySeconds"], &requests[0]["Entries"][4]["DelaySeconds"]), (&json!(7), &Value::Null));
    assert!(requests[0]["QueueUrl"].as_str().unwrap().ends_with("/1/facts"));
}

#[tokio::test]
async fn what_a_batch_refuses_is_sent_again_and_nothing_else() {
    let (queue, requests) = stand_in(|attempt, request| taking(request, |body| attempt > 1 || body == "m0", false)).await;
    queue.send(messages(3)).await.unwrap();
    let requests = requests.lock().unwrap();
    assert_eq!(requests.iter().map(bodies).collect::<Vec<_>>(), [vec!["m0", "m1", "m2"], vec!["m1", "m2"], vec!["m1", "m2"]]);
}

#[tokio::test]
async fn an_entry_that_the_answer_forgets_is_not_taken_for_sent() {
    let (queue, requests) =
        stand_in(
            |attempt, request| {
                if attempt == 0 { (200, json!({ "Successful": [], "Failed": [] })) } else { taking(request, |_| true, false) }
            },
        )
        .await;
    queue.send(messages(1)).await.unwrap();
    assert_eq!(requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_batch_that_never_gets_through_is_an_error_with_what_is_left() {
    let (queue, requests) = stand_in(|_, request| taking(request, |body| body != "m1", false)).await;
    let error = queue.send(messages(12)).await.unwrap_err();
    assert!(matches!(error, QueueError::Unavailable { unsent: 3, .. }), "{error:?}: one of the first batch, and the second was not tried");
    assert_eq!(requests.lock().unwrap().len(), 4);
    assert_eq!(Problem::from(error).status(), 503);
}

#[tokio::test]
async fn our_own_mistake_is_not_tried_again() {
    let (queue, requests) = stand_in(|_, request| taking(request, |_| false, true)).await;
    assert!(matches!(queue.send(messages(2)).await, Err(QueueError::Unavailable { unsent: 2, .. })));
    assert_eq!(requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_outage_is_an_error_and_a_short_one_is_ridden_out() {
    let (queue, _) = stand_in(|_, _| (503, json!({ "__type": "com.amazonaws.sqs#ServiceUnavailable" }))).await;
    let error = queue.send(messages(1)).await.unwrap_err();
    assert!(matches!(error, QueueError::Unavailable { unsent: 1, .. }));
    assert!(Problem::from(error).private_half().unwrap().contains("503"), "the log says what happened");
    let (queue, _) = stand_in(|attempt, request| if attempt == 0 { (503, json!({})) } else { taking(request, |_| true, false) }).await;
    queue.send(messages(1)).await.unwrap();
}

#[tokio::test]
async fn what_no_queue_takes_is_not_sent_at_all() {
    let (queue, requests) = stand_in(|_, request| taking(request, |_| true, false)).await;
    let error = queue.send(vec![Outgoing::new("fine"), Outgoing::new("")]).await.unwrap_err();
    assert_eq!(Problem::from(error).status(), 500);
    queue.send(Vec::new()).await.unwrap();
    assert!(requests.lock().unwrap().is_empty());
}

#[test]
fn configuration_is_required() {
    assert!(SqsQueue::from_env(&Env::from_pairs([("FACTS_QUEUE_URL", "u")]), "FACTS_QUEUE_URL").is_err());
}
