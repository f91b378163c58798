//! Runs of one.

use crate::{
    support::{Ask, World},
    worker::paid,
};
use programme::payout::{Errand, RunId};
use serde_json::json;
use store::backend::faulty::Fault;

#[tokio::test]
async fn a_payout_is_ordered_once_by_whoever() {
    let world = World::new();
    let payout = world.approved("alice", "50").await;
    let first = world.send("fin1", Ask::pay(payout.id.as_str(), 2)).await;
    assert_eq!((first.0, &first.1["status"], &first.1["version"]), (202, &json!("approved"), &json!(2)), "{}", first.1);
    let run: RunId = first.1["run_id"].as_str().unwrap().parse().unwrap();
    let errand = Errand::Pay { run: run.clone(), payout: payout.id.clone() };
    assert_eq!(world.sent(), std::slice::from_ref(&errand));
    assert_eq!(world.send("fin2", Ask::pay(payout.id.as_str(), 2)).await, first);
    assert_eq!(world.sent(), [errand], "the first message may have been lost");
    let acts = world.send("fin1", Ask::get("/finance/acts")).await.1;
    let details = json!({ "count": 1, "amount": "50.00", "currency": "USD", "left_out": 0, "payout_id": payout.id });
    assert_eq!((&acts["acts"][0]["act"], &acts["acts"][0]["details"]), (&json!("payout_run_ordered"), &details));
    assert_eq!(world.trail().await.len(), 2, "the approval and one order");
    let kept = world.store.run(&run).await.unwrap().unwrap();
    assert_eq!((kept.head.by.as_str(), kept.payouts.len()), ("fin1", 1));

    world.sent_in(&run, &payout, &[paid("R1", "0")]).await;
    let (status, after) = world.send("fin2", Ask::pay(payout.id.as_str(), 2)).await;
    assert_eq!((status, &after["status"], &after["run_id"], &after["reference"]), (202, &json!("paid"), &json!(run), &json!("R1")));
    assert!(world.sent().is_empty(), "there is nothing left to send");
}

#[tokio::test]
async fn each_bad_order_gets_its_answer() {
    let world = World::new();
    let (requested, own) = (world.payout("alice", "50").await, world.approved("fin1", "20").await);
    let approved = world.approved("bob", "30").await;
    let before = world.memory.dump();
    for (name, ask, status, member, told) in [
        ("own", Ask::pay(own.id.as_str(), 2), 403, "status", json!(403)),
        ("not approved", Ask::pay(requested.id.as_str(), 1), 409, "payout_status", json!("requested")),
        ("an old version", Ask::pay(approved.id.as_str(), 1), 409, "version", json!(2)),
        ("a version ahead", Ask::pay(approved.id.as_str(), 3), 409, "version", json!(2)),
        ("unknown", Ask::pay("pay_00000000000000000000000000", 1), 404, "status", json!(404)),
        ("no id", Ask::pay("run_00000000000000000000000000", 1), 404, "status", json!(404)),
    ] {
        let (answered, problem) = world.send("fin1", ask).await;
        assert_eq!((answered, &problem[member]), (status, &told), "{name}: {problem}");
    }
    assert!(world.memory.dump() == before && world.sent().is_empty());
    assert_eq!(world.send("fin2", Ask::pay(own.id.as_str(), 2)).await.0, 202, "somebody else's");
    let run = world.send("fin2", Ask::run("k", json!({ "payout_ids": [approved.id] }))).await.1["run_id"].clone();
    let (status, problem) = world.send("fin1", Ask::pay(approved.id.as_str(), 2)).await;
    assert_eq!((status, &problem["run_id"]), (409, &run), "it waits in a run");
}

#[tokio::test]
async fn a_message_that_is_lost_loses_no_order() {
    let world = World::new();
    let payout = world.approved("alice", "50").await;
    world.errands.fail_next(0);
    let (status, answer) = world.send("fin1", Ask::pay(payout.id.as_str(), 2)).await;
    assert_eq!(status, 202, "{answer}");
    assert!(world.sent().is_empty());
    assert_eq!(world.store.runs(true, None, 10).await.unwrap().entries.len(), 1, "the worker's look at open runs finds it");
    let other = world.approved("bob", "30").await;
    world.errands.fail_next(0);
    assert_eq!(world.send("fin1", Ask::run("k", json!({ "payout_ids": [other.id] }))).await.0, 202);
    assert_eq!(world.store.runs(true, None, 10).await.unwrap().entries.len(), 2);
}

#[tokio::test]
async fn an_order_that_was_not_written_is_not_told_as_one() {
    for calls in 0.. {
        let world = World::new();
        let payout = world.approved("alice", "50").await;
        world.faulty.fail_after(calls, Fault::FailBefore);
        let (status, _) = world.send("fin1", Ask::pay(payout.id.as_str(), 2)).await;
        if world.faulty.is_pending() {
            assert!(calls >= 5, "only {calls} calls");
            break;
        }
        let runs = world.store.runs(true, None, 10).await.unwrap().entries.len();
        match status {
            202 => assert_eq!((runs, world.sent().len()), (1, 1)),
            503 => assert_eq!((runs, world.sent().len()), (0, 0), "after {calls} calls"),
            other => panic!("{other} after {calls} calls"),
        }
    }
}
