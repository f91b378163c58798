//! A store or a queue that fails: the caller is told to try again, and nothing is lost or doubled.

use crate::support::{Door, Fault, door, id, merge_purchase, receipt, signed, told};
use edge::{http::CallBuilder, queue::Outgoing};
use serde_json::json;
use store::keys;

fn by(door: &Door, account: &str, code: &str) -> CallBuilder {
    door.call(account, None).json(&json!({ "receipt": signed(&receipt(code, 5)) }))
}

fn settles(messages: Vec<Outgoing>) -> Vec<u16> {
    for message in &messages {
        assert_eq!(message.body, r#"{"source":"platform","event":"signup","about":"settle","account":"bob"}"#);
    }
    messages.into_iter().map(|message| message.delay_seconds).collect()
}

#[tokio::test]
async fn a_busy_store_is_tried_again() {
    for (faults, status) in
        [(vec![Fault::Before], 201), (vec![Fault::After], 201), (vec![Fault::Before; 7], 201), (vec![Fault::Before; 8], 503)]
    {
        let door = door();
        let code = door.member("alice", None).await;
        let name = format!("{faults:?}");
        *door.tables.faults.lock().unwrap() = faults;
        assert_eq!(door.answer(by(&door, "bob", &code)).await.0, status, "{name}");
        assert_eq!(door.referrals_of("alice").await, u64::from(status == 201), "{name}");
        let (again, body) = door.answer(by(&door, "bob", &code)).await;
        assert_eq!((again, told(&body).as_str()), (if status == 201 { 200 } else { 201 }, "attributed"), "{name}");
        assert_eq!(door.referrals_of("alice").await, 1, "{name}");
    }
}

#[tokio::test]
async fn an_attribution_is_not_lost_because_its_code_could_not_be_read() {
    let door = door();
    let code = door.member("alice", None).await;
    *door.tables.unreadable.lock().unwrap() = vec![keys::code(&code)];
    assert_eq!(door.answer(by(&door, "bob", &code)).await.0, 503);
    assert!(door.store.account(&id("bob")).await.unwrap().is_none());
    door.tables.unreadable.lock().unwrap().clear();
    assert_eq!(door.referral(by(&door, "bob", &code)).await, "attributed");
}

#[tokio::test]
async fn waiting_purchases_are_announced_before_the_write_and_called_after_it() {
    let door = door();
    let code = door.member("alice", None).await;
    assert_eq!(settles(door.queue.taken()), [0_u16; 0], "nothing waits, nothing is sent");
    merge_purchase(&door.tables.memory, "bob", "2026-11-21T09:58:00.000Z");
    assert_eq!(door.referral(by(&door, "bob", &code)).await, "attributed");
    assert_eq!(settles(door.queue.taken()), [30, 0]);
    assert_eq!(door.answer(by(&door, "bob", &code)).await.0, 200);
    assert_eq!(settles(door.queue.taken()), [0], "while they wait, each call calls again");
}

/// The accrual merges a purchase between our read and our write: the write notices, and the purchase is not overlooked.
#[tokio::test]
async fn a_purchase_of_the_same_moment_is_seen() {
    let door = door();
    let code = door.member("alice", None).await;
    *door.tables.faults.lock().unwrap() = vec![Fault::Purchase("bob")];
    assert_eq!(door.referral(by(&door, "bob", &code)).await, "refused not_new", "it was bought before the click");
    assert_eq!(settles(door.queue.taken()), [30, 0]);
    *door.tables.faults.lock().unwrap() = vec![Fault::Purchase("dora"), Fault::Purchase("dora")];
    assert_eq!(door.referral(door.call("dora", None)).await, "none");
    assert_eq!(door.store.account(&id("dora")).await.unwrap().unwrap().waiting, 2);
    assert_eq!(door.queue.taken().len(), 2, "announced once, called once");
}

#[tokio::test]
async fn without_the_queue_nothing_is_written_where_purchases_wait() {
    let door = door();
    let code = door.member("alice", None).await;
    merge_purchase(&door.tables.memory, "bob", "2026-11-21T09:58:00.000Z");
    door.queue.fail_next(0);
    assert_eq!(door.answer(by(&door, "bob", &code)).await.0, 503);
    assert!(door.store.account(&id("bob")).await.unwrap().unwrap().attribution.is_none());
    assert_eq!(door.referral(by(&door, "bob", &code)).await, "attributed");
    assert_eq!(settles(door.queue.taken()), [30, 0]);
    door.queue.fail_next(0);
    assert_eq!(door.answer(by(&door, "bob", &code)).await.0, 200, "announced before, it is not missed");
}

#[tokio::test]
async fn a_record_that_does_not_read_is_our_failure() {
    let door = door();
    door.member("bob", None).await;
    door.tables.memory.tamper(&keys::profile(&id("bob")), |item| *item = None);
    assert_eq!(door.answer(door.call("bob", None)).await.0, 500);
}
