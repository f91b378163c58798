//! Messages received too often, and their way back.

use super::*;

#[tokio::test]
async fn a_message_received_too_often_moves_with_its_count_and_send_time() {
    let rig = memory();
    let dead = rig.queue("dead", json!({})).await;
    let url = rig.queue("q", dead_letters("dead", 2)).await;
    rig.send(&url, "poison").await;
    let id = rig.receive(&url).await[0]["MessageId"].clone();
    rig.advance(30);
    let last = rig.receive(&url).await;
    rig.advance(30);
    rig.send(&url, "good").await;
    // One receive takes the poison away and still returns what is behind it.
    assert_eq!(bodies(&rig.receive(&url).await), ["good"]);
    // The old handle has no power over the moved message.
    let stale = json!({"QueueUrl": url, "ReceiptHandle": last[0]["ReceiptHandle"]});
    rig.ok("DeleteMessage", stale).await;
    let moved = rig.receive(&dead).await;
    let attributes = &moved[0]["Attributes"];
    assert_eq!(moved[0]["MessageId"], id);
    assert_eq!(attributes["ApproximateReceiveCount"], "3");
    assert_eq!(attributes["SentTimestamp"], START_MS.to_string());
    assert_eq!(attributes["DeadLetterQueueSourceArn"], "arn:aws:sqs:us-east-1:000000000000:q");
}

#[tokio::test]
async fn a_queue_full_of_poison_is_emptied_into_its_dead_letter_queue() {
    let rig = memory();
    rig.queue("dead", json!({})).await;
    let url = rig.queue("q", dead_letters("dead", 1)).await;
    for number in 0..25 {
        rig.send(&url, &number.to_string()).await;
    }
    for _ in 0..3 {
        rig.receive(&url).await;
    }
    rig.advance(30);
    rig.send(&url, "good").await;
    assert_eq!(bodies(&rig.receive(&url).await), ["good"]);
    assert_eq!(rig.depth("dead").await, (25, 0, 0));
}

#[tokio::test]
async fn a_move_task_sends_dead_letters_back_as_new_messages() {
    let rig = memory();
    let dead = rig.queue("dead", json!({})).await;
    let url = rig.queue("q", dead_letters("dead", 1)).await;
    rig.send(&url, "a").await;
    let id = rig.receive(&url).await[0]["MessageId"].clone();
    rig.advance(30);
    assert!(rig.receive(&url).await.is_empty());
    rig.send(&dead, "of unknown origin").await;
    let arn = "arn:aws:sqs:us-east-1:000000000000:dead";
    let reply = rig.ok("StartMessageMoveTask", json!({"SourceArn": arn})).await;
    assert!(reply["TaskHandle"].is_string());
    assert_eq!(rig.depth("dead").await, (1, 0, 0));
    let again = rig.receive(&url).await;
    let sent_ms = (START_MS + 30_000).to_string();
    assert_eq!(bodies(&again), ["a"]);
    assert_eq!(again[0]["Attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(again[0]["Attributes"]["SentTimestamp"], sent_ms);
    assert_ne!(again[0]["MessageId"], id);
    // With a destination the origin does not matter.
    rig.queue("other", json!({})).await;
    let other = "arn:aws:sqs:us-east-1:000000000000:other";
    let task = json!({"SourceArn": arn, "DestinationArn": other});
    rig.ok("StartMessageMoveTask", task).await;
    assert_eq!(rig.depth("other").await, (1, 0, 0));
}

#[tokio::test]
async fn a_move_task_needs_a_dead_letter_queue_and_an_existing_destination() {
    let rig = memory();
    rig.queue("dead", json!({})).await;
    rig.queue("q", dead_letters("dead", 1)).await;
    let arn = |name: &str| format!("arn:aws:sqs:us-east-1:000000000000:{name}");
    for (body, code) in [
        (json!({}), "MissingParameter"),
        (json!({"SourceArn": arn("none")}), "ResourceNotFoundException"),
        (json!({"SourceArn": "nonsense"}), "ResourceNotFoundException"),
        (json!({"SourceArn": arn("q")}), "InvalidParameterValue"),
        (json!({"SourceArn": arn("dead"), "DestinationArn": arn("none")}), "ResourceNotFoundException"),
        (json!({"SourceArn": arn("dead"), "DestinationArn": arn("dead")}), "InvalidParameterValue"),
        (json!({"SourceArn": arn("dead"), "MaxNumberOfMessagesPerSecond": 501}), "InvalidParameterValue"),
    ] {
        let answer = rig.call("StartMessageMoveTask", body.clone()).await;
        assert_eq!(answer.code, format!("{code};Sender"), "{body}");
    }
}

#[tokio::test]
async fn a_long_poll_on_a_dead_letter_queue_ends_when_poison_arrives() {
    let rig = memory();
    let dead = rig.queue("dead", json!({})).await;
    let url = rig.queue("q", dead_letters("dead", 1)).await;
    rig.send(&url, "poison").await;
    rig.receive(&url).await;
    rig.advance(30);
    let poll = json!({"QueueUrl": dead, "WaitTimeSeconds": 20});
    let (reply, messages) = tokio::join!(rig.ok("ReceiveMessage", poll), rig.receive(&url));
    assert!(messages.is_empty());
    assert_eq!(bodies(reply["Messages"].as_array().unwrap()), ["poison"]);
}

#[tokio::test]
async fn one_receive_returns_a_message_once_even_if_it_hides_nothing() {
    let rig = memory();
    rig.queue("dead", json!({})).await;
    let url = rig.queue("q", dead_letters("dead", 1)).await;
    rig.send(&url, "poison").await;
    rig.receive(&url).await;
    rig.advance(30);
    rig.send(&url, "good").await;
    let receive = json!({"QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0});
    let reply = rig.ok("ReceiveMessage", receive).await;
    assert_eq!(bodies(reply["Messages"].as_array().unwrap()), ["good"]);
    assert_eq!(rig.depth("dead").await, (1, 0, 0));
}
