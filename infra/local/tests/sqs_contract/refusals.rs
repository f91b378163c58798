//! What is refused, and with which code: senders and pollers decide by these whether to try again.

use std::collections::HashMap;

use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, MessageAttributeValue, QueueAttributeName as Queue, SendMessageBatchRequestEntry,
};

use crate::target::{Target, code, everywhere};

const MIB: usize = 1_048_576;
const NO_QUEUE: &str = "AWS.SimpleQueueService.NonExistentQueue";

#[tokio::test]
async fn an_unknown_queue_is_refused_by_every_operation() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[]).await + "-missing";
        let client = &target.client;
        let name = url.rsplit('/').next().unwrap();
        assert_eq!(code(client.get_queue_url().queue_name(name).send().await), NO_QUEUE);
        assert_eq!(code(client.send_message().queue_url(&url).message_body("a").send().await), NO_QUEUE);
        assert_eq!(code(client.receive_message().queue_url(&url).send().await), NO_QUEUE);
        assert_eq!(code(client.receive_message().queue_url(&url).wait_time_seconds(20).send().await), NO_QUEUE);
        assert_eq!(code(client.delete_message().queue_url(&url).receipt_handle("a").send().await), NO_QUEUE);
        assert_eq!(code(client.purge_queue().queue_url(&url).send().await), NO_QUEUE);
        let request = client.get_queue_attributes().queue_url(&url);
        assert_eq!(code(request.attribute_names(Queue::All).send().await), NO_QUEUE);
        let request = client.set_queue_attributes().queue_url(&url);
        assert_eq!(code(request.attributes(Queue::DelaySeconds, "1").send().await), NO_QUEUE);
        let request = client.change_message_visibility().queue_url(&url);
        assert_eq!(code(request.receipt_handle("a").visibility_timeout(1).send().await), NO_QUEUE);
        let refused = client.send_message().queue_url(&url).message_body("a").send().await;
        assert!(refused.unwrap_err().into_service_error().is_queue_does_not_exist());
    })
    .await;
}

#[tokio::test]
async fn a_queue_needs_a_good_name_and_good_settings() {
    everywhere(async |target: &Target| {
        let create = |name: &str| target.client.create_queue().queue_name(name);
        for bad in ["a b", "é", &"x".repeat(81)] {
            assert_eq!(code(create(bad).send().await), "InvalidParameterValue", "{bad}");
        }
        let other = create("other").attributes(Queue::MaximumMessageSize, "1023");
        assert_eq!(code(other.send().await), "InvalidAttributeValue");
        let url = target.queue(&[(Queue::VisibilityTimeout, "60")]).await;
        let name = url.rsplit('/').next().unwrap();
        let again = create(name).attributes(Queue::VisibilityTimeout, "60").send().await.unwrap();
        assert_eq!(again.queue_url(), Some(url.as_str()));
        let other = create(name).attributes(Queue::VisibilityTimeout, "61");
        assert_eq!(code(other.send().await), "QueueAlreadyExists");
        let request = target.client.get_queue_attributes().queue_url(&url);
        assert_eq!(code(request.attribute_names("Nonsense".into()).send().await), "InvalidAttributeName");
        if !target.is_strict("moto keeps any setting, and answers a missing dead-letter queue with NonExistentQueue") {
            return;
        }
        let request = target.client.set_queue_attributes().queue_url(&url);
        let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none","maxReceiveCount":5}"#;
        assert_eq!(code(request.attributes(Queue::RedrivePolicy, policy).send().await), "InvalidParameterValue");
        for (name, value) in [(Queue::VisibilityTimeout, "43201"), (Queue::DelaySeconds, "901"), (Queue::MessageRetentionPeriod, "59")] {
            let request = target.client.set_queue_attributes().queue_url(&url);
            assert_eq!(code(request.attributes(name, value).send().await), "InvalidAttributeValue");
        }
    })
    .await;
}

#[tokio::test]
async fn a_message_has_a_size_a_delay_and_characters() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[]).await;
        let send = |body: String| target.client.send_message().queue_url(&url).message_body(body);
        send("x".repeat(MIB)).send().await.unwrap();
        assert_eq!(code(send("x".repeat(MIB + 1)).send().await), "InvalidParameterValue");
        // Attributes count, by name, type and value.
        let attribute = MessageAttributeValue::builder().data_type("String").string_value("v");
        let full = send("x".repeat(MIB - 8)).message_attributes("n", attribute.build().unwrap());
        full.clone().send().await.unwrap();
        if target.is_strict("moto does not count attributes") {
            assert_eq!(code(full.message_body("x".repeat(MIB - 7)).send().await), "InvalidParameterValue");
        }
        send("a".to_owned()).delay_seconds(900).send().await.unwrap();
        assert_eq!(code(send("a".to_owned()).delay_seconds(901).send().await), "InvalidParameterValue");
        if target.is_strict("moto takes a negative delay") {
            assert_eq!(code(send("a".to_owned()).delay_seconds(-1).send().await), "InvalidParameterValue");
        }
        if target.is_strict("moto takes any characters and an empty body") {
            for bad in ["\u{0}", "a\u{1F}", "\u{FFFE}"] {
                assert_eq!(code(send(bad.to_owned()).send().await), "InvalidMessageContents", "{bad:?}");
            }
            assert_eq!(code(send(String::new()).send().await), "MissingParameter");
        }
        for good in ["\t\r\n", "\u{FFFD}", "\u{10FFFF}"] {
            send(good.to_owned()).send().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn attributes_of_a_message_are_checked() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[]).await;
        let send = async |name: &str, kind: &str, value: &str| {
            let attribute = MessageAttributeValue::builder().data_type(kind).string_value(value);
            let request = target.client.send_message().queue_url(&url).message_body("a");
            code(request.message_attributes(name, attribute.build().unwrap()).send().await)
        };
        assert_eq!(send("a", "Nonsense", "x").await, "InvalidParameterValue");
        assert_eq!(send("a b", "String", "x").await, "InvalidParameterValue");
        if target.is_strict("moto checks neither values nor reserved names nor the number of attributes") {
            assert_eq!(send("a", "String", "").await, "InvalidParameterValue");
            assert_eq!(send("a", "Number", "x").await, "InvalidParameterValue");
            assert_eq!(send("AWS.a", "String", "x").await, "InvalidParameterValue");
            let attribute = MessageAttributeValue::builder().data_type("String").string_value("v");
            let attribute = attribute.build().unwrap();
            let many: HashMap<_, _> = (0..11).map(|n| (format!("a{n}"), attribute.clone())).collect();
            let request = target.client.send_message().queue_url(&url).message_body("a");
            let refused = request.set_message_attributes(Some(many)).send().await;
            assert_eq!(code(refused), "InvalidParameterValue");
        }
    })
    .await;
}

#[tokio::test]
async fn a_batch_has_one_to_ten_distinct_entries_of_one_mebibyte() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[]).await;
        let entry = |id: &str, bytes: usize| {
            let entry = SendMessageBatchRequestEntry::builder().id(id);
            entry.message_body("x".repeat(bytes)).build().unwrap()
        };
        let send = async |entries: Vec<SendMessageBatchRequestEntry>| {
            let request = target.client.send_message_batch().queue_url(&url);
            code(request.set_entries(Some(entries)).send().await)
        };
        let prefix = "AWS.SimpleQueueService";
        let eleven = (0..11).map(|n| entry(&format!("e{n}"), 1)).collect();
        assert_eq!(send(Vec::new()).await, format!("{prefix}.EmptyBatchRequest"));
        assert_eq!(send(eleven).await, format!("{prefix}.TooManyEntriesInBatchRequest"));
        assert_eq!(send(vec![entry("a", 1), entry("a", 1)]).await, format!("{prefix}.BatchEntryIdsNotDistinct"));
        assert_eq!(send(vec![entry("a b", 1)]).await, format!("{prefix}.InvalidBatchEntryId"));
        let halves = |more: usize| vec![entry("a", MIB / 2), entry("b", MIB / 2 + more)];
        assert_eq!(send(halves(1)).await, format!("{prefix}.BatchRequestTooLong"));
        let request = target.client.send_message_batch().queue_url(&url);
        let full = request.set_entries(Some(halves(0))).send().await.unwrap();
        assert_eq!(full.successful().len(), 2);

        let late = SendMessageBatchRequestEntry::builder().id("late").message_body("a");
        let late = late.delay_seconds(901).build().unwrap();
        let request = target.client.send_message_batch().queue_url(&url);
        let mixed = request.entries(late).entries(entry("good", 1)).send().await.unwrap();
        assert_eq!(mixed.successful()[0].id(), "good");
        assert_eq!(mixed.failed()[0].id(), "late");
        assert_eq!(mixed.failed()[0].code(), "InvalidParameterValue");
        let request = target.client.delete_message_batch().queue_url(&url);
        assert_eq!(code(request.set_entries(Some(Vec::new())).send().await), format!("{prefix}.EmptyBatchRequest"));
        if target.is_strict("moto does not look at the ids of batches that delete") {
            let entry = DeleteMessageBatchRequestEntry::builder().id("a").receipt_handle("x");
            let entry = entry.build().unwrap();
            let request = target.client.delete_message_batch().queue_url(&url);
            let doubled = request.entries(entry.clone()).entries(entry);
            assert_eq!(code(doubled.send().await), format!("{prefix}.BatchEntryIdsNotDistinct"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_receive_takes_one_to_ten_and_waits_20_seconds_at_most() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[]).await;
        let receive = || target.client.receive_message().queue_url(&url);
        let refused = "InvalidParameterValue";
        for bad in [-1, 0, 11] {
            assert_eq!(code(receive().max_number_of_messages(bad).send().await), refused, "{bad}");
        }
        for bad in [-1, 21] {
            assert_eq!(code(receive().wait_time_seconds(bad).send().await), refused, "{bad}");
        }
        assert_eq!(code(receive().visibility_timeout(43_201).send().await), refused);
        if target.is_strict("moto takes a negative timeout and any name") {
            assert_eq!(code(receive().visibility_timeout(-1).send().await), refused);
            let unknown = receive().message_system_attribute_names("Nonsense".into());
            assert_eq!(code(unknown.send().await), "InvalidAttributeName");
        }
    })
    .await;
}

#[tokio::test]
async fn a_receipt_handle_must_be_one() {
    everywhere(async |target: &Target| {
        let url = target.queue(&[]).await;
        let delete = target.client.delete_message().queue_url(&url);
        assert_eq!(code(delete.receipt_handle("nonsense").send().await), "ReceiptHandleIsInvalid");
        let hide = |handle: &str, seconds: i32| {
            let request = target.client.change_message_visibility().queue_url(&url);
            request.receipt_handle(handle).visibility_timeout(seconds)
        };
        assert_eq!(code(hide("nonsense", 1).send().await), "ReceiptHandleIsInvalid");
        target.send(&url, "a").await;
        let received = target.receive(&url).await;
        let handle = received[0].receipt_handle().unwrap();
        assert_eq!(code(hide(handle, 43_201).send().await), "InvalidParameterValue");
        let delete = target.client.delete_message().queue_url(&url);
        delete.receipt_handle(handle).send().await.unwrap();
        let other = target.queue(&[]).await;
        let delete = target.client.delete_message().queue_url(&other);
        assert_eq!(code(delete.receipt_handle(handle).send().await), "ReceiptHandleIsInvalid");
        if target.is_strict("moto forgets the handles of deleted messages and calls them invalid") {
            assert_eq!(code(hide(handle, 1).send().await), "InvalidParameterValue");
        }
    })
    .await;
}
