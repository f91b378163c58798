//! Orders that meet each other.

use crate::support::{Ask, World};
use futures::future::join_all;
use programme::payout::{self, Actor, CancelReason, Errand, PayoutStatus, RunId};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use store::records::book::BookEdit;

#[tokio::test]
async fn one_order_forty_times_at_once_is_one() {
    let world = World::new();
    world.approved("alice", "50").await;
    world.approved("bob", "30").await;
    let answers = join_all((0..40).map(|_| world.send("fin1", Ask::run_of_all("k")))).await;
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == 202), "{answers:?}");
    assert_eq!(orders(&world).await.len(), 1);
    let run: RunId = answers[0].1["run_id"].as_str().unwrap().parse().unwrap();
    assert!(world.sent().iter().all(|errand| *errand == Errand::Run { run: run.clone() }));
    assert_eq!(world.store.runs(true, None, 10).await.unwrap().entries.len(), 1);
}

async fn orders(world: &World) -> Vec<String> {
    world.trail().await.into_iter().filter(|act| act.contains("payout_run_ordered")).collect()
}

#[tokio::test]
async fn one_key_for_two_things_at_once_is_one_of_them() {
    let mut seen = BTreeSet::new();
    for _ in 0..10 {
        let world = World::new();
        let payout = world.approved("alice", "50").await;
        world.approved("bob", "30").await;
        let one = Ask::run("k", json!({ "payout_ids": [payout.id] }));
        let (all, one) = futures::join!(world.send("fin1", Ask::run_of_all("k")), world.send("fin1", one));
        let mut statuses = [all.0, one.0];
        statuses.sort_unstable();
        assert_eq!(statuses, [202, 409], "{all:?} {one:?}");
        let stands = world.store.runs(true, None, 10).await.unwrap();
        assert_eq!((stands.entries.len(), orders(&world).await.len()), (1, 1));
        assert_eq!(stands.entries[0].entry.count, if all.0 == 202 { 2 } else { 1 });
        seen.insert(all.0);
    }
    assert!(!seen.is_empty());
}

fn payouts(answer: &Json) -> BTreeSet<String> {
    answer["payouts"].as_array().into_iter().flatten().map(|one| one["payout_id"].as_str().unwrap().to_owned()).collect()
}

/// Two runs may both have a payout where they are ordered at the same moment: the worker sends it once. None is lost between them.
#[tokio::test]
async fn two_runs_at_once_lose_no_payout() {
    let world = World::new();
    let mut approved = BTreeSet::new();
    for name in ["alice", "bob", "carol", "dave"] {
        approved.insert(world.approved(name, "50").await.id.to_string());
    }
    let (one, other) = futures::join!(world.send("fin1", Ask::run_of_all("k1")), world.send("fin2", Ask::run_of_all("k2")));
    assert!([one.0, other.0].contains(&202), "{one:?} {other:?}");
    let both: BTreeSet<String> = payouts(&one.1).union(&payouts(&other.1)).cloned().collect();
    assert_eq!(both, approved);
    assert_eq!(world.send("fin1", Ask::run_of_all("k3")).await.1["rule"], "nothing_to_pay");
    let open = world.store.runs(true, None, 10).await.unwrap().entries.len();
    assert_eq!(open, usize::from(one.0 == 202) + usize::from(other.0 == 202));
}

#[tokio::test]
async fn one_payment_ordered_by_many_at_once_is_one_run() {
    let world = World::new();
    let payout = world.approved("alice", "50").await;
    let people: Vec<String> = (0..40).map(|number| format!("fin{}", number % 7)).collect();
    let answers = join_all(people.iter().map(|who| world.send(who, Ask::pay(payout.id.as_str(), 2)))).await;
    assert!(answers.iter().all(|answer| answer.0 == 202 && answer.1 == answers[0].1), "{answers:?}");
    let open = world.store.runs(true, None, 10).await.unwrap();
    assert_eq!((open.entries.len(), orders(&world).await.len()), (1, 1));
    let run: RunId = answers[0].1["run_id"].as_str().unwrap().parse().unwrap();
    let errand = Errand::Pay { run, payout: payout.id };
    assert!(world.sent().iter().all(|sent| *sent == errand));
}

/// The payee calls it off while it is ordered: it is canceled, whatever the run says; or it was, and is not ordered.
#[tokio::test]
async fn what_is_called_off_meanwhile_stays_called_off() {
    let mut seen = BTreeSet::new();
    for step in 0..30 {
        let world = World::new();
        let payout = world.approved("alice", "50").await;
        let cancel = async {
            for _ in 0..step {
                tokio::task::yield_now().await;
            }
            let by = Actor::Account(payout.account.clone());
            let change = payout::cancel(&payout, by, CancelReason::ByAccount, world.now).unwrap();
            world.store.commit_payouts(&[change], BookEdit::new(payout.account.clone()), &[]).await.unwrap();
        };
        let (answer, ()) = futures::join!(world.send("fin1", Ask::run_of_all("k")), cancel);
        assert!(answer.0 == 202 || (answer.0 == 422 && answer.1["rule"] == "nothing_to_pay"), "{answer:?}");
        assert_eq!(world.store.payout(&payout.id).await.unwrap().unwrap().status, PayoutStatus::Canceled);
        if answer.0 == 202 {
            let route = "/finance/payout-runs/{id}";
            let shown = world.send("fin1", Ask::one(route, answer.1["run_id"].as_str().unwrap())).await.1;
            assert_eq!((&shown["progress"]["canceled"], &shown["payouts"][0]["reason"]), (&json!(1), &json!("by_account")));
        }
        seen.insert(answer.0);
    }
    assert_eq!(seen, [202, 422].into(), "both orders happened");
}
