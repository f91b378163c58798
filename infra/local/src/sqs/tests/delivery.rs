//! Hiding, delaying and keeping messages, on the clock.

use super::*;
use crate::sqs::{MessageState, SqsError};

#[tokio::test]
async fn a_message_is_hidden_until_its_timeout_ends_on_the_stacks_clock() {
    let rig = memory();
    let url = rig.queue("q", json!({"VisibilityTimeout": "60"})).await;
    rig.send(&url, "a").await;
    let first = rig.receive(&url).await;
    assert_eq!(first[0]["Attributes"]["ApproximateReceiveCount"], "1");
    rig.advance(59);
    assert!(rig.receive(&url).await.is_empty());
    assert_eq!(rig.depth("q").await, (0, 1, 0));
    rig.advance(1);
    let second = rig.receive(&url).await;
    let attributes = &second[0]["Attributes"];
    assert_eq!(attributes["ApproximateReceiveCount"], "2");
    assert_eq!(attributes["SentTimestamp"], START_MS.to_string());
    assert_eq!(attributes["ApproximateFirstReceiveTimestamp"], START_MS.to_string());
    assert_eq!(first[0]["MessageId"], second[0]["MessageId"]);
    assert_ne!(first[0]["ReceiptHandle"], second[0]["ReceiptHandle"]);
}

#[tokio::test]
async fn a_delay_counts_from_the_send_and_the_message_wins_over_the_queue() {
    let rig = memory();
    let url = rig.queue("q", json!({"DelaySeconds": "10"})).await;
    rig.send(&url, "queue's").await;
    let own = json!({"QueueUrl": url, "MessageBody": "own", "DelaySeconds": 5});
    rig.ok("SendMessage", own).await;
    assert_eq!(rig.depth("q").await, (0, 0, 2));
    rig.advance(5);
    assert_eq!(bodies(&rig.receive(&url).await), ["own"]);
    rig.advance(5);
    assert_eq!(bodies(&rig.receive(&url).await), ["queue's"]);
}

#[tokio::test]
async fn a_message_is_kept_for_the_retention_and_no_longer() {
    let rig = memory();
    let url = rig.queue("q", json!({"MessageRetentionPeriod": "60"})).await;
    rig.send(&url, "old").await;
    rig.receive(&url).await;
    rig.advance(30);
    rig.send(&url, "young").await;
    rig.advance(29);
    assert_eq!(rig.depth("q").await, (2, 0, 0));
    rig.advance(1);
    assert_eq!(rig.depth("q").await, (1, 0, 0));
    assert_eq!(bodies(&rig.receive(&url).await), ["young"]);
}

#[tokio::test]
async fn a_long_poll_ends_when_the_clock_makes_a_message_visible() {
    let rig = memory();
    let url = rig.queue("q", json!({})).await;
    rig.send(&url, "a").await;
    rig.receive(&url).await;
    let poll = json!({"QueueUrl": url, "WaitTimeSeconds": 20});
    let (reply, ()) = tokio::join!(rig.ok("ReceiveMessage", poll), async {
        rig.server.depths().await.unwrap();
        rig.advance(30);
    });
    assert_eq!(bodies(reply["Messages"].as_array().unwrap()), ["a"]);
}

#[tokio::test]
async fn a_peek_touches_nothing_and_a_purge_leaves_nothing() {
    let rig = memory();
    let url = rig.queue("q", json!({})).await;
    rig.send(&url, "a").await;
    rig.receive(&url).await;
    rig.send(&url, "b").await;
    for _ in 0..2 {
        let peeked = rig.server.peek("q", 10).await.unwrap();
        let states: Vec<_> = peeked.iter().map(|message| (message.body.as_str(), message.state)).collect();
        assert_eq!(states, [("a", MessageState::InFlight), ("b", MessageState::Visible)]);
    }
    assert_eq!(rig.server.peek("q", 1).await.unwrap().len(), 1);
    rig.server.purge("q").await.unwrap();
    rig.server.purge("q").await.unwrap();
    assert_eq!(rig.depth("q").await, (0, 0, 0));
    assert!(matches!(rig.server.peek("x", 1).await, Err(SqsError::NoSuchQueue(_))));
    assert!(matches!(rig.server.purge("x").await, Err(SqsError::NoSuchQueue(_))));
}
