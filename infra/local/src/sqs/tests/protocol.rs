//! Queues and refusals over the wire.

use super::*;

#[tokio::test]
async fn a_client_may_purge_once_a_minute() {
    let rig = memory();
    let url = rig.queue("q", json!({})).await;
    rig.ok("PurgeQueue", json!({"QueueUrl": url})).await;
    rig.advance(59);
    let again = rig.call("PurgeQueue", json!({"QueueUrl": url})).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert_eq!(again.code, "AWS.SimpleQueueService.PurgeQueueInProgress;Sender");
    rig.advance(1);
    rig.ok("PurgeQueue", json!({"QueueUrl": url})).await;
}

#[tokio::test]
async fn a_queue_made_again_must_be_the_same() {
    let rig = memory();
    rig.queue("q", json!({"VisibilityTimeout": "60"})).await;
    rig.queue("q", json!({"VisibilityTimeout": "60"})).await;
    rig.queue("q", json!({})).await;
    let other = json!({"QueueName": "q", "Attributes": {"VisibilityTimeout": "61"}});
    let answer = rig.call("CreateQueue", other).await;
    assert_eq!(answer.body["__type"], "com.amazonaws.sqs#QueueNameExists");
    assert_eq!(answer.code, "QueueAlreadyExists;Sender");
}

#[tokio::test]
async fn queues_are_listed_by_prefix_and_in_pages() {
    let rig = memory();
    for name in ["a1", "a2", "a3", "b_"] {
        rig.queue(name, json!({})).await;
    }
    let names = |reply: &Value| -> Vec<String> {
        let urls = reply["QueueUrls"].as_array().unwrap().clone();
        urls.iter().map(|url| url.as_str().unwrap().rsplit('/').next().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&rig.ok("ListQueues", json!({})).await).len(), 4);
    // A prefix is a text, not a pattern.
    assert!(names(&rig.ok("ListQueues", json!({"QueueNamePrefix": "__"})).await).is_empty());
    let first = rig.ok("ListQueues", json!({"QueueNamePrefix": "a", "MaxResults": 2})).await;
    assert_eq!(names(&first), ["a1", "a2"]);
    let next = json!({"QueueNamePrefix": "a", "MaxResults": 2, "NextToken": first["NextToken"]});
    let second = rig.ok("ListQueues", next).await;
    assert_eq!(names(&second), ["a3"]);
    assert!(second.get("NextToken").is_none());
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_the_protocols_form() {
    let rig = memory();
    let deep = "[".repeat(10_000);
    for (target, body, status, code) in [
        ("AmazonSQS.Nonsense", "{}", 400, "InvalidAction"),
        ("SendMessage", "{}", 400, "InvalidAction"),
        ("", "{}", 400, "InvalidAction"),
        ("AmazonSQS.DeleteQueue", "{}", 400, "AWS.SimpleQueueService.UnsupportedOperation"),
        ("AmazonSQS.SendMessage", "{", 400, "MalformedInput"),
        ("AmazonSQS.SendMessage", "[]", 400, "MalformedInput"),
        ("AmazonSQS.SendMessage", "null", 400, "MalformedInput"),
        ("AmazonSQS.SendMessage", r#"{"QueueUrl":5}"#, 400, "MalformedInput"),
        ("AmazonSQS.SendMessage", &deep, 400, "MalformedInput"),
        ("AmazonSQS.ReceiveMessage", r#"{"QueueUrl":"x","MaxNumberOfMessages":1e400}"#, 400, "MalformedInput"),
        ("AmazonSQS.SendMessage", "", 400, "AWS.SimpleQueueService.NonExistentQueue"),
    ] {
        let answer = rig.raw(target, body.to_owned()).await;
        assert_eq!(answer.status.as_u16(), status, "{target}");
        assert_eq!(answer.code, format!("{code};Sender"), "{target} {:.40}", body);
        assert!(answer.body["message"].is_string());
        assert!(answer.body["__type"].as_str().unwrap().contains('#'));
    }
    let large = rig.raw("AmazonSQS.SendMessage", " ".repeat(8 * 1_048_576 + 1)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn an_entry_of_a_batch_fails_alone() {
    let rig = memory();
    let url = rig.queue("q", json!({"MaximumMessageSize": "1024"})).await;
    let batch = json!({"QueueUrl": url, "Entries": [
        {"Id": "good", "MessageBody": "a"},
        {"Id": "empty", "MessageBody": ""},
        {"Id": "bad", "MessageBody": "\u{1}"},
        {"Id": "late", "MessageBody": "a", "DelaySeconds": 901},
        {"Id": "large", "MessageBody": "x".repeat(1_025)},
        {"Id": "fifo", "MessageBody": "a", "MessageDeduplicationId": "d"},
    ]});
    let reply = rig.ok("SendMessageBatch", batch).await;
    assert_eq!(reply["Successful"].as_array().unwrap().len(), 1);
    let failed: Vec<_> = reply["Failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["Id"].as_str().unwrap(), line["Code"].as_str().unwrap(), line["SenderFault"] == true))
        .collect();
    assert_eq!(
        failed,
        [
            ("empty", "MissingParameter", true),
            ("bad", "InvalidMessageContents", true),
            ("late", "InvalidParameterValue", true),
            ("large", "InvalidParameterValue", true),
            ("fifo", "InvalidParameterValue", true),
        ]
    );
    assert_eq!(rig.depth("q").await, (1, 0, 0));
}
