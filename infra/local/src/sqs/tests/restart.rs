//! What stays when the server goes.

use super::*;
use crate::sqs::SqsError;

#[tokio::test]
async fn a_restart_makes_messages_in_flight_visible_and_keeps_counts_and_delays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queues.sqlite");
    let rig = file(&path);
    let url = rig.queue("q", json!({"VisibilityTimeout": "600"})).await;
    rig.send(&url, "in flight").await;
    let taken = rig.receive(&url).await;
    rig.send(&url, "waiting").await;
    let later = json!({"QueueUrl": url, "MessageBody": "later", "DelaySeconds": 900});
    rig.ok("SendMessage", later).await;
    drop(rig);

    let rig = file(&path);
    assert_eq!(rig.depth("q").await, (2, 0, 1));
    // A consumer that outlived the stack may delete what it has done.
    let receipt = json!({"QueueUrl": url, "ReceiptHandle": taken[0]["ReceiptHandle"]});
    let peeked = rig.server.peek("q", 10).await.unwrap();
    assert_eq!(peeked[0].receive_count, 1);
    rig.ok("DeleteMessage", receipt).await;
    assert_eq!(bodies(&rig.receive(&url).await), ["waiting"]);
    rig.advance(900);
    assert_eq!(rig.receive(&url).await.len(), 2);
}

#[tokio::test]
async fn a_clock_set_back_hides_nothing_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queues.sqlite");
    let rig = file(&path);
    let url = rig.queue("q", json!({})).await;
    rig.advance(1_000_000);
    rig.send(&url, "from the future").await;
    drop(rig);
    assert_eq!(bodies(&file(&path).receive(&url).await), ["from the future"]);
}

#[tokio::test]
async fn a_closed_server_frees_its_file_and_answers_503() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queues.sqlite");
    let rig = file(&path);
    let url = rig.queue("q", json!({})).await;
    let waiting = Arc::clone(&rig.server);
    let poll = json!({"QueueUrl": url, "WaitTimeSeconds": 20});
    let poll = async {
        let rig = Rig { server: waiting, now_ms: Arc::clone(&rig.now_ms) };
        rig.call("ReceiveMessage", poll).await
    };
    let (poll, ()) = tokio::join!(poll, async {
        // Until the poll listens there is nothing to end; it listens after its first look.
        while rig.server.writer.run(|_| Ok(())).await.is_ok() {
            rig.server.close();
        }
    });
    assert!(poll.body.get("Messages").is_none(), "{}", poll.body);
    let answer = rig.call("SendMessage", json!({"QueueUrl": url, "MessageBody": "a"})).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.code, "ServiceUnavailable;Receiver");
    assert!(matches!(rig.server.depths().await, Err(SqsError::Unavailable)));
    assert_eq!(file(&path).depth("q").await, (0, 0, 0));
}
