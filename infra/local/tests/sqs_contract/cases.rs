//! What works: each case is a way in which this system uses its queues.

use aws_sdk_sqs::{
    primitives::Blob,
    types::{
        ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, MessageAttributeValue,
        MessageSystemAttributeName as System, MessageSystemAttributeNameForSends, MessageSystemAttributeValue, QueueAttributeName as Queue,
        SendMessageBatchRequestEntry,
    },
};

use crate::target::{Target, WAIT_SECONDS, code, dead_letters_to, everywhere, system};

#[tokio::test]
async fn a_message_is_sent_received_and_deleted() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[]).await;
        let body = "grüße, \u{1F980}";
        let request = target.client.send_message().queue_url(&url).message_body(body);
        let sent = request.send().await.unwrap();
        assert_eq!(sent.md5_of_message_body().unwrap(), "0e6a61de4f3c35ee2ad5c9925fb0160f");
        assert_eq!(sent.md5_of_message_attributes(), None);
        let received = target.receive(&url).await;
        let message = &received[0];
        assert_eq!(received.len(), 1);
        assert_eq!(message.body().unwrap(), body);
        assert_eq!(message.message_id(), sent.message_id());
        assert_eq!(message.md5_of_body(), sent.md5_of_message_body());
        assert_eq!(system(message, &System::ApproximateReceiveCount), "1");
        assert!(!system(message, &System::SenderId).is_empty());
        let sent_ms: i64 = system(message, &System::SentTimestamp).parse().unwrap();
        let first_ms: i64 = system(message, &System::ApproximateFirstReceiveTimestamp).parse().unwrap();
        assert!(sent_ms > 1_600_000_000_000 && first_ms >= sent_ms);
        let handle = message.receipt_handle().unwrap();
        for _ in 0..2 {
            let delete = target.client.delete_message().queue_url(&url);
            delete.receipt_handle(handle).send().await.unwrap();
        }
        assert!(target.receive(&url).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn attributes_arrive_as_asked_for_with_their_checksum() {
    let value = |kind: &str| MessageAttributeValue::builder().data_type(kind);
    everywhere(async |target: &Target| {
        let url = target.queue(&[("VisibilityTimeout".into(), "0")]).await;
        let request = target.client.send_message().queue_url(&url).message_body("a");
        let sent = request
            .message_attributes("trace.id", value("String").string_value("abc").build().unwrap())
            .message_attributes("amount", value("Number.money").string_value("-10.25").build().unwrap())
            .message_attributes("Raw", value("Binary").binary_value(Blob::new([0_u8, 255, 7])).build().unwrap())
            .send()
            .await
            .unwrap();
        assert_eq!(sent.md5_of_message_attributes().unwrap(), "4ff13c574c29c547c530925d72272011");
        let received = target.receive(&url).await;
        let attributes = received[0].message_attributes().unwrap();
        assert_eq!(attributes.len(), 3);
        assert_eq!(attributes["amount"].data_type(), "Number.money");
        assert_eq!(attributes["amount"].string_value(), Some("-10.25"));
        assert_eq!(attributes["Raw"].binary_value().unwrap().as_ref(), [0_u8, 255, 7]);
        assert_eq!(received[0].md5_of_message_attributes(), sent.md5_of_message_attributes());
        let request = target.client.receive_message().queue_url(&url);
        let some = request.message_attribute_names("trace.*").send().await.unwrap();
        let some = &some.messages()[0];
        assert_eq!(some.message_attributes().unwrap().len(), 1);
        assert_ne!(some.md5_of_message_attributes(), sent.md5_of_message_attributes());
        assert!(some.attributes().is_none());
        let none = target.client.receive_message().queue_url(&url).send().await.unwrap();
        assert!(none.messages()[0].message_attributes().is_none());
        assert_eq!(none.messages()[0].md5_of_message_attributes(), None);
    })
    .await;
}

#[tokio::test]
async fn a_trace_header_travels_as_a_system_attribute() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[]).await;
        let header = MessageSystemAttributeValue::builder().data_type("String").string_value("Root=1-2");
        let request = target.client.send_message().queue_url(&url).message_body("a");
        let request = request.message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, header.build().unwrap());
        let sent = request.send().await.unwrap();
        if target.is_strict("moto gives no MD5OfMessageSystemAttributes") {
            assert_eq!(sent.md5_of_message_system_attributes().unwrap(), "eea8f494e51df9c126b8b85f54ccabf7");
        }
        let received = target.receive(&url).await;
        assert_eq!(system(&received[0], &System::AwsTraceHeader), "Root=1-2");
    })
    .await;
}

#[tokio::test]
async fn an_unfinished_message_comes_again_and_only_its_latest_handle_counts() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[(Queue::VisibilityTimeout, "1")]).await;
        target.send(&url, "a").await;
        let first = target.receive(&url).await;
        target.pass(1);
        let second = target.await_messages(&url).await;
        assert_eq!(first[0].message_id(), second[0].message_id());
        assert_ne!(first[0].receipt_handle(), second[0].receipt_handle());
        assert_eq!(system(&second[0], &System::ApproximateReceiveCount), "2");
        assert_eq!(
            system(&first[0], &System::ApproximateFirstReceiveTimestamp),
            system(&second[0], &System::ApproximateFirstReceiveTimestamp)
        );
        if target.is_strict("moto deletes by any handle it ever gave") {
            let delete = target.client.delete_message().queue_url(&url);
            delete.receipt_handle(first[0].receipt_handle().unwrap()).send().await.unwrap();
            target.pass(1);
            assert_eq!(target.await_messages(&url).await.len(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_receive_may_bring_its_own_visibility_and_a_change_end_it() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[(Queue::VisibilityTimeout, "0")]).await;
        target.send(&url, "a").await;
        let request = target.client.receive_message().queue_url(&url).visibility_timeout(600);
        let taken = request.send().await.unwrap();
        let handle = taken.messages()[0].receipt_handle().unwrap();
        assert!(target.receive(&url).await.is_empty());
        assert_eq!(target.attribute(&url, Queue::ApproximateNumberOfMessagesNotVisible).await, "1");
        let show = target.client.change_message_visibility().queue_url(&url);
        show.receipt_handle(handle).visibility_timeout(0).send().await.unwrap();
        let again = target.await_messages(&url).await;
        assert_eq!(system(&again[0], &System::ApproximateReceiveCount), "2");
    })
    .await;
}

#[tokio::test]
async fn a_delayed_message_is_counted_apart_until_its_time() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[(Queue::DelaySeconds, "900")]).await;
        target.send(&url, "queue's delay").await;
        let request = target.client.send_message().queue_url(&url).message_body("own delay");
        request.delay_seconds(1).send().await.unwrap();
        assert!(target.receive(&url).await.is_empty());
        target.pass(1);
        let received = target.await_messages(&url).await;
        assert_eq!(received.len(), 1);
        assert_eq!(received[0].body(), Some("own delay"));
        assert_eq!(target.attribute(&url, Queue::ApproximateNumberOfMessagesDelayed).await, "1");
    })
    .await;
}

#[tokio::test]
async fn a_message_received_too_often_goes_to_the_dead_letter_queue() {
    everywhere(async |target: &Target| {
        let dead = target.queue(&[]).await;
        let arn = target.attribute(&dead, Queue::QueueArn).await;
        let policy = dead_letters_to(&arn, 2);
        let settings = [(Queue::VisibilityTimeout, "0"), (Queue::RedrivePolicy, policy.as_str())];
        let url = target.queue(&settings).await;
        target.send(&url, "poison").await;
        let first = target.receive(&url).await;
        assert_eq!(target.await_messages(&url).await.len(), 1);
        assert!(target.receive(&url).await.is_empty());
        let moved = target.await_messages(&dead).await;
        assert_eq!(moved[0].body(), Some("poison"));
        assert_eq!(moved[0].message_id(), first[0].message_id());
        assert_eq!(system(&moved[0], &System::ApproximateReceiveCount), "3");
        assert_eq!(system(&moved[0], &System::SentTimestamp), system(&first[0], &System::SentTimestamp));
        if !target.is_strict("moto has neither DeadLetterQueueSourceArn nor StartMessageMoveTask") {
            return;
        }
        assert_eq!(system(&moved[0], &System::DeadLetterQueueSourceArn), target.attribute(&url, Queue::QueueArn).await);
        target.pass(30);
        let task = target.client.start_message_move_task().source_arn(&arn).send().await.unwrap();
        assert!(task.task_handle().is_some());
        let back = target.await_messages(&url).await;
        assert_eq!(back[0].body(), Some("poison"));
        assert_eq!(system(&back[0], &System::ApproximateReceiveCount), "1");
    })
    .await;
}

#[tokio::test]
async fn batches_send_hide_and_delete_ten() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[]).await;
        let entry = |n: usize| SendMessageBatchRequestEntry::builder().id(format!("e{n}"));
        let entries = (0..10).map(|n| entry(n).message_body(n.to_string()).build().unwrap());
        let request = target.client.send_message_batch().queue_url(&url);
        let sent = request.set_entries(Some(entries.collect())).send().await.unwrap();
        assert_eq!((sent.successful().len(), sent.failed().len()), (10, 0));
        assert_eq!(sent.successful()[1].md5_of_message_body(), "c4ca4238a0b923820dcc509a6f75849b");
        let received = target.receive(&url).await;
        let mut bodies: Vec<_> = received.iter().map(|message| message.body().unwrap()).collect();
        bodies.sort_unstable();
        assert_eq!(bodies, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);

        let entry = |n: usize| ChangeMessageVisibilityBatchRequestEntry::builder().id(format!("e{n}"));
        let entries = received
            .iter()
            .enumerate()
            .map(|(n, message)| entry(n).set_receipt_handle(message.receipt_handle.clone()).visibility_timeout(0).build().unwrap());
        let request = target.client.change_message_visibility_batch().queue_url(&url);
        let shown = request.set_entries(Some(entries.collect())).send().await.unwrap();
        assert_eq!((shown.successful().len(), shown.failed().len()), (10, 0));

        let received = target.await_messages(&url).await;
        let entry = |n: usize| DeleteMessageBatchRequestEntry::builder().id(format!("e{n}"));
        let mut entries: Vec<_> = received
            .iter()
            .enumerate()
            .map(|(n, message)| entry(n).set_receipt_handle(message.receipt_handle.clone()).build().unwrap())
            .collect();
        entries[0] = entry(0).receipt_handle("nonsense").build().unwrap();
        let request = target.client.delete_message_batch().queue_url(&url);
        let deleted = request.set_entries(Some(entries)).send().await.unwrap();
        assert_eq!((deleted.successful().len(), deleted.failed().len()), (9, 1));
        assert_eq!(deleted.failed()[0].id(), "e0");
        assert_eq!(deleted.failed()[0].code(), "ReceiptHandleIsInvalid");
        assert!(deleted.failed()[0].sender_fault());
        assert_eq!(target.attribute(&url, Queue::ApproximateNumberOfMessagesNotVisible).await, "1");
    })
    .await;
}

#[tokio::test]
async fn a_long_poll_ends_with_the_message_that_arrives() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[]).await;
        let poll = target.await_messages(&url);
        // The poll is sent first; whichever reaches the server first, it must return the message.
        let (received, ()) = tokio::join!(poll, target.send(&url, "a"));
        assert_eq!(received[0].body(), Some("a"));
    })
    .await;
}

#[tokio::test]
async fn a_queue_can_be_found_described_changed_and_purged() {
    everywhere(async |target: &Target| {
        let wait = WAIT_SECONDS.to_string();
        let settings = [(Queue::ReceiveMessageWaitTimeSeconds, wait.as_str()), (Queue::MessageRetentionPeriod, "1209600")];
        let url = target.queue(&settings).await;
        let name = url.rsplit('/').next().unwrap();
        let found = target.client.get_queue_url().queue_name(name).send().await.unwrap();
        assert_eq!(found.queue_url(), Some(url.as_str()));
        let listed = target.client.list_queues().queue_name_prefix(name).send().await.unwrap();
        assert!(listed.queue_urls().contains(&url));
        assert!(target.attribute(&url, Queue::QueueArn).await.ends_with(name));
        let set = target.client.set_queue_attributes().queue_url(&url);
        set.attributes(Queue::VisibilityTimeout, "540").send().await.unwrap();
        target.send(&url, "a").await;
        let request = target.client.get_queue_attributes().queue_url(&url);
        let all = request.attribute_names(Queue::All).send().await.unwrap().attributes.unwrap();
        for (name, expected) in [
            (Queue::VisibilityTimeout, "540"),
            (Queue::DelaySeconds, "0"),
            (Queue::MaximumMessageSize, "1048576"),
            (Queue::MessageRetentionPeriod, "1209600"),
            (Queue::ReceiveMessageWaitTimeSeconds, wait.as_str()),
            (Queue::ApproximateNumberOfMessages, "1"),
            (Queue::ApproximateNumberOfMessagesNotVisible, "0"),
            (Queue::ApproximateNumberOfMessagesDelayed, "0"),
        ] {
            assert_eq!(all.get(&name).map(String::as_str), Some(expected), "{name}");
        }
        assert!(!all.contains_key(&Queue::RedrivePolicy));
        target.client.purge_queue().queue_url(&url).send().await.unwrap();
        assert_eq!(target.attribute(&url, Queue::ApproximateNumberOfMessages).await, "0");
        let again = target.client.purge_queue().queue_url(&url).send().await;
        assert_eq!(code(again), "AWS.SimpleQueueService.PurgeQueueInProgress");
    })
    .await;
}
