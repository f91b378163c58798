//! The letters of the queues, replayed together; and every fault on the way.

use crate::{
    replay::{ahead, letter, world},
    support::fixture,
};
use chrono::TimeDelta;
use serde_json::{Value, json};
use store::backend::{Item, Table, faulty::Fault};

#[tokio::test]
async fn dead_letters_are_replayed_as_many_as_a_transaction_marks() {
    let mut world = world();
    for number in 0..120 {
        world.keep("facts", letter(number)).await;
    }
    for body in ["{}", "no", "[]"] {
        world.keep("facts", body).await;
    }
    world.keep("stripe", ahead()).await;
    let mut bodies = Vec::new();
    for (second, replayed, left) in [(0, 99, 21), (1, 21, 0), (2, 0, 0)] {
        world.now += TimeDelta::seconds(second);
        let expected = json!({ "replayed": replayed, "left": left, "unreadable": 3 });
        assert_eq!(world.replay_all("fin1").await, (200, expected));
        let sent = world.queue.taken();
        assert!(sent.len() == replayed && sent.iter().all(|message| message.delay_seconds == 20));
        bodies.extend(sent.into_iter().map(|message| message.body));
    }
    bodies.sort();
    let mut expected: Vec<String> = (0..120).map(letter).collect();
    expected.sort();
    assert!(bodies == expected, "each of them once");
    assert_eq!(world.open().await, 4, "the unreadable ones, and what is not the queue's");
    let trail = world.trail().await;
    assert!(
        trail.len() == 2 && trail[0].starts_with("fin1 dead_letters_replayed facts 21 - ") && trail[1].contains("facts 99 - "),
        "{trail:?}"
    );
}

#[tokio::test]
async fn large_letters_share_the_bytes_of_a_transaction() {
    let world = world();
    for number in 0..15 {
        let mut body = letter(number);
        body.push_str(&" ".repeat(256 * 1024 - body.len()));
        world.keep("facts", body).await;
    }
    assert_eq!(world.replay_all("fin1").await.1, json!({ "replayed": 11, "left": 4, "unreadable": 0 }));
    assert_eq!(world.replay_all("fin2").await.1, json!({ "replayed": 4, "left": 0, "unreadable": 0 }));
}

#[tokio::test]
async fn each_letter_goes_back_to_its_own_queue() {
    let mut world = world();
    let errand = |number: u32| format!(r#"{{"type":"hint","rail":"wise","reference":"{number}"}}"#);
    for number in 0..3 {
        world.keep("payouts", errand(number)).await;
    }
    world.keep("payouts", "no errand").await;
    assert_eq!(world.replay_all("fin1").await, (200, json!({ "replayed": 3, "left": 0, "unreadable": 1 })));
    assert_eq!((world.queue.taken().len(), world.payouts.taken().len()), (0, 3));
    world.now += TimeDelta::seconds(1);
    world.keep("payouts", errand(4)).await;
    world.keep("facts", letter(1)).await;
    assert_eq!(world.replay_all("fin2").await.1["replayed"], 2);
    let (facts, errands) = (world.queue.taken(), world.payouts.taken());
    assert_eq!((facts[0].body.as_str(), errands[0].body.as_str()), (letter(1).as_str(), errand(4).as_str()));
    let trail = world.trail().await;
    assert!(
        trail[0].starts_with("fin2 dead_letters_replayed facts payouts 2 - ") && trail[1].contains("replayed payouts 3 - "),
        "{trail:?}"
    );
}

#[tokio::test]
async fn two_at_once_replay_each_letter_once() {
    let world = world();
    for number in 0..20 {
        world.keep("facts", letter(number)).await;
    }
    let event = world.keep("stripe", fixture("stripe", "charge.refunded").to_string()).await;
    let (first, second, one, other) =
        tokio::join!(world.replay_all("fin1"), world.replay_all("fin2"), world.replay("fin1", &event.id), world.replay("fin2", &event.id));
    let counted = |answer: &(u16, Value)| answer.1["replayed"].as_u64().unwrap();
    assert_eq!(counted(&first) + counted(&second), 20, "{first:?} {second:?}");
    assert_eq!(one, other, "one of them did it, both are told");
    assert_eq!((world.open().await, world.trail().await.len()), (0, 2));
}

/// The answer after coming back for every 503, and the tables.
async fn run(all: bool, fault: Option<(Fault, u32)>) -> ((u16, Value), Vec<(Table, Item)>, bool) {
    let world = world();
    let event = world.keep("stripe", fixture("stripe", "charge.refunded").to_string()).await;
    for number in 0..3 {
        world.keep("facts", letter(number)).await;
    }
    if let Some((fault, calls)) = fault {
        world.faulty.fail_after(calls, fault);
    }
    let ask = async || if all { world.replay_all("fin1").await } else { world.replay("fin1", &event.id).await };
    let first = ask().await;
    let answer = if first.0 == 503 { ask().await } else { first };
    assert!(world.queue.taken().len() >= 3, "sent before it is marked");
    (answer, world.memory.dump(), world.faulty.is_pending())
}

#[tokio::test]
async fn every_fault_of_the_store_at_every_call_ends_the_same() {
    for all in [false, true] {
        let (answer, tables, _) = run(all, None).await;
        assert_eq!(answer.0, 200, "{}", answer.1);
        let mut met = 0;
        for fault in Fault::ALL {
            for calls in 0..10 {
                let (faulted, after, pending) = run(all, Some((fault, calls))).await;
                if pending {
                    break;
                }
                met += 1;
                assert_eq!(faulted, answer, "{fault:?} after {calls} calls");
                assert!(after == tables, "{fault:?} after {calls} calls: the tables differ");
            }
        }
        assert!(met >= 8, "only {met} faults were met");
    }
}
