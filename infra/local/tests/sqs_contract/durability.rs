//! What a 2xx promises: no message is lost or doubled, whoever sends and receives at once and whatever is killed.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use aws_sdk_sqs::{
    Client,
    types::{DeleteMessageBatchRequestEntry, MessageSystemAttributeName as System, QueueAttributeName as Queue},
};
use local::sqs::SqsLocation;

use crate::target::{self, Standalone, Target, everywhere, system};

/// Tells the child its file; without it the child's test does nothing.
const CHILD_FILE: &str = "SQS_CONTRACT_CHILD_FILE";
const CHILD_TEST: &str = "durability::a_server_that_waits_to_be_killed";
const SENDERS: usize = 4;
const RECEIVERS: usize = 4;
const MESSAGES_OF_A_SENDER: usize = 50;

#[tokio::test]
async fn a_message_in_flight_survives_a_server_that_just_goes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queues.sqlite");
    let server = start(&file).await;
    let request = server.client.create_queue().queue_name("q");
    let url = request.attributes(Queue::VisibilityTimeout, "43200").send().await.unwrap();
    let url = url.queue_url.unwrap();
    server.client.send_message().queue_url(&url).message_body("a").send().await.unwrap();
    let taken = server.client.receive_message().queue_url(&url).send().await.unwrap();
    assert_eq!(taken.messages().len(), 1);
    drop(server);

    let server = start(&file).await;
    let request = server.client.receive_message().queue_url(&url);
    let again = request.message_system_attribute_names(System::All).send().await.unwrap();
    assert_eq!(again.messages()[0].message_id(), taken.messages()[0].message_id());
    assert_eq!(system(&again.messages()[0], &System::ApproximateReceiveCount), "2");
}

/// On a thread of its own, as a runtime is not started inside another.
async fn start(file: &Path) -> Standalone {
    let file = file.to_owned();
    tokio::task::spawn_blocking(move || Standalone::start(&file)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_send_that_was_answered_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queues.sqlite");
    let (mut child, endpoint) = spawn_child(&file);
    let client = target::client(&endpoint);
    let url = client.create_queue().queue_name("q").send().await.unwrap().queue_url.unwrap();
    let answered = Arc::new(Mutex::new(BTreeSet::new()));
    let senders: Vec<_> =
        (0..SENDERS).map(|sender| tokio::spawn(send_until_refused(client.clone(), url.clone(), sender, Arc::clone(&answered)))).collect();
    while answered.lock().unwrap().len() < 200 {
        tokio::task::yield_now().await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for sender in senders {
        sender.await.unwrap();
    }

    let (server, _) = target::open(SqsLocation::File(file));
    let kept = server.peek("q", u32::MAX).await.unwrap();
    let kept: BTreeSet<String> = kept.into_iter().map(|message| message.body).collect();
    let answered = answered.lock().unwrap();
    let lost: Vec<_> = answered.difference(&kept).collect();
    assert!(lost.is_empty(), "{} of {} lost", lost.len(), answered.len());
}

async fn send_until_refused(client: Client, url: String, sender: usize, answered: Arc<Mutex<BTreeSet<String>>>) {
    for number in 0.. {
        let body = format!("{sender}-{number}");
        let request = client.send_message().queue_url(&url).message_body(&body);
        if request.send().await.is_err() {
            return;
        }
        answered.lock().unwrap().insert(body);
    }
}

/// This test program again, running only the server below.
fn spawn_child(file: &Path) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", CHILD_TEST, "--ignored", "--nocapture"])
        .env(CHILD_FILE, file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let endpoint = lines.map_while(Result::ok).find_map(|line| {
        let at = line.find("http://")?;
        Some(line[at..].to_owned())
    });
    (child, endpoint.expect("the child says where it listens"))
}

#[tokio::test]
#[ignore = "the child of every_send_that_was_answered_survives_kill_9"]
async fn a_server_that_waits_to_be_killed() {
    let Some(file) = std::env::var_os(CHILD_FILE) else {
        return;
    };
    let (server, _) = target::open(SqsLocation::File(file.into()));
    println!("{}", target::serve(server).await);
    // The parent's end closes with the parent: a child that is not killed does not outlive it.
    let wait = || std::io::stdin().read_line(&mut String::new());
    tokio::task::spawn_blocking(wait).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn senders_and_receivers_at_once_lose_and_double_nothing() {
    everywhere(async |target: &Target| {
        // Long enough that nobody gets a message which another has not deleted yet.
        let url = target.queue(&[(Queue::VisibilityTimeout, "600")]).await;
        let deleted = Arc::new(AtomicUsize::new(0));
        let senders: Vec<_> = (0..SENDERS).map(|sender| tokio::spawn(send_all(target.client.clone(), url.clone(), sender))).collect();
        let receivers: Vec<_> = (0..RECEIVERS)
            .map(|receiver| {
                let deleted = Arc::clone(&deleted);
                tokio::spawn(receive_all(target.client.clone(), url.clone(), receiver, deleted))
            })
            .collect();
        let mut sent = BTreeMap::new();
        for sender in senders {
            sent.extend(sender.await.unwrap());
        }
        let mut received = Vec::new();
        for receiver in receivers {
            received.extend(receiver.await.unwrap());
        }
        assert_eq!(sent.len(), SENDERS * MESSAGES_OF_A_SENDER, "ids are distinct");
        assert_eq!(received.len(), sent.len());
        assert_eq!(received.into_iter().collect::<BTreeMap<_, _>>(), sent);
        for count in
            [Queue::ApproximateNumberOfMessages, Queue::ApproximateNumberOfMessagesNotVisible, Queue::ApproximateNumberOfMessagesDelayed]
        {
            assert_eq!(target.attribute(&url, count).await, "0");
        }
    })
    .await;
}

/// Message ids with their bodies.
async fn send_all(client: Client, url: String, sender: usize) -> Vec<(String, String)> {
    let mut sent = Vec::new();
    for number in 0..MESSAGES_OF_A_SENDER {
        let body = format!("{sender}-{number}");
        let request = client.send_message().queue_url(&url).message_body(&body);
        sent.push((request.send().await.unwrap().message_id.unwrap(), body));
    }
    sent
}

/// Receives and deletes until all is deleted, in batches of every size.
async fn receive_all(client: Client, url: String, receiver: usize, deleted: Arc<AtomicUsize>) -> Vec<(String, String)> {
    let mut received = Vec::new();
    for turn in receiver.. {
        if deleted.load(Ordering::SeqCst) >= SENDERS * MESSAGES_OF_A_SENDER {
            break;
        }
        let limit = i32::try_from(turn % 10 + 1).unwrap();
        let request = client.receive_message().queue_url(&url).max_number_of_messages(limit);
        let reply = request.wait_time_seconds(1).send().await.unwrap();
        let messages = reply.messages.unwrap_or_default();
        if messages.is_empty() {
            continue;
        }
        let entry = |n: usize| DeleteMessageBatchRequestEntry::builder().id(format!("e{n}"));
        let entries =
            messages.iter().enumerate().map(|(n, message)| entry(n).set_receipt_handle(message.receipt_handle.clone()).build().unwrap());
        let request = client.delete_message_batch().queue_url(&url);
        let reply = request.set_entries(Some(entries.collect())).send().await.unwrap();
        deleted.fetch_add(reply.successful().len(), Ordering::SeqCst);
        received.extend(messages.into_iter().map(|m| (m.message_id.unwrap(), m.body.unwrap())));
    }
    received
}
