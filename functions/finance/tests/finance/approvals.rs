use crate::support::{Ask, World, id};
use chrono::Duration;
use futures::future::join_all;
use programme::{account::Total, payout::PayoutStatus};
use serde_json::json;

async fn cash(world: &World, account: &str) -> String {
    world.store.account(&id(account)).await.unwrap().unwrap().total(Total::ReferralCash).to_string()
}

#[tokio::test]
async fn an_approval_moves_no_money_and_is_the_same_again() {
    let world = World::new();
    let payout = world.payout("alice", "50").await;
    let first = world.send("fin1", Ask::approve(&payout, 1)).await;
    assert_eq!((first.0, &first.1["status"], &first.1["version"]), (200, &json!("approved"), &json!(2)), "{}", first.1);
    assert_eq!(first.1["approvals"], json!([{ "by": "fin1", "at": "2026-03-10T12:00:00.000Z" }]));
    assert_eq!(world.send("fin1", Ask::approve(&payout, 1)).await, first);
    assert_eq!(world.send("fin1", Ask::approve(&payout, 2)).await, first);
    assert_eq!(cash(&world, "alice").await, "50.00");
    assert_eq!(world.trail().await, [format!("fin1 payout_approved {}", payout.id)]);
    let (status, problem) = world.send("fin2", Ask::approve(&payout, 2)).await;
    assert_eq!((status, &problem["payout_status"]), (409, &json!("approved")), "there is nothing left to approve");
}

#[tokio::test]
async fn four_eyes_are_of_two_people() {
    let world = World::new();
    let payout = world.payout("alice", "500.01").await;
    let (status, first) = world.send("fin1", Ask::approve(&payout, 1)).await;
    assert_eq!((status, &first["status"], &first["approvals_needed"]), (200, &json!("requested"), &json!(2)));
    assert_eq!(world.send("fin1", Ask::approve(&payout, 2)).await.1, first, "the same person is no second");
    let (status, problem) = world.send("fin2", Ask::approve(&payout, 1)).await;
    assert_eq!((status, &problem["version"]), (409, &json!(2)), "fin2 has not seen the first approval");
    let (status, second) = world.send("fin2", Ask::approve(&payout, 2)).await;
    assert_eq!((status, &second["status"], second["approvals"].as_array().unwrap().len()), (200, &json!("approved"), 2));
    let who: Vec<_> = world.trail().await;
    assert_eq!(who.len(), 2);
}

#[tokio::test]
async fn nobody_decides_about_their_own_however_small() {
    let world = World::new();
    let payout = world.payout("fin1", "20").await;
    assert_eq!(world.send("fin1", Ask::approve(&payout, 1)).await.0, 403);
    let reject = |who| world.send(who, Ask::act(payout.id.as_str(), "reject", json!({ "version": 1, "reason": "x" })));
    assert_eq!(reject("fin1").await.0, 403);
    assert_eq!(world.send("fin2", Ask::approve(&payout, 1)).await.0, 200);
}

#[tokio::test]
async fn a_rejection_gives_everything_back() {
    let world = World::new();
    let payout = world.payout("alice", "50").await;
    let reject =
        |who, version| world.send(who, Ask::act(payout.id.as_str(), "reject", json!({ "version": version, "reason": " no invoice " })));
    let first = reject("fin1", 1).await;
    assert_eq!((first.0, &first.1["status"], &first.1["reason"]), (200, &json!("rejected"), &json!("no invoice")));
    assert_eq!(reject("fin1", 1).await, first);
    assert_eq!(reject("fin2", 2).await.0, 409);
    assert_eq!(world.send("fin2", Ask::approve(&payout, 2)).await.0, 409);
    assert_eq!(cash(&world, "alice").await, "0.00");
    assert!(world.store.payout_book(&id("alice")).await.unwrap().open.is_empty());
    assert_eq!(world.trail().await, [format!("fin1 payout_rejected {}", payout.id)]);
    let approved = world.payout("alice", "50").await;
    assert_eq!(world.send("fin1", Ask::approve(&approved, 1)).await.0, 200);
    let late = Ask::act(approved.id.as_str(), "reject", json!({ "version": 2, "reason": "x" }));
    assert_eq!(world.send("fin1", late).await.0, 409, "an approved one is not rejected");
}

#[tokio::test]
async fn an_approval_is_of_the_destination_that_stands() {
    let world = World::new();
    let payout = world.payout("alice", "50").await;
    let changed = |version: u32, days: i64| {
        let key = store::keys::destination(&id("alice"), ledger::Rail::Paypal);
        let at = store::records::time(world.now - Duration::days(days));
        world.memory.tamper(&key, |item| {
            let item = item.as_mut().unwrap();
            item.insert("ver".into(), version.into());
            item.insert("at".into(), at.into());
        });
    };
    changed(2, 10);
    assert_eq!(world.send("fin1", Ask::approve(&payout, 1)).await.0, 409, "another version");
    changed(1, 2);
    let (status, problem) = world.send("fin1", Ask::approve(&payout, 1)).await;
    assert_eq!((status, &problem["rule"], &problem["opens_at"]), (422, &json!("destination_cooldown"), &json!("2026-03-11T12:00:00.000Z")));
    changed(1, 3);
    assert_eq!(world.send("fin1", Ask::approve(&payout, 1)).await.0, 200);
}

#[tokio::test]
async fn a_destination_changed_in_between_is_not_approved() {
    let mut seen = [0, 0];
    for step in 0..30 {
        let world = World::new();
        let payout = world.payout("alice", "50").await;
        let change = async {
            for _ in 0..step {
                tokio::task::yield_now().await;
            }
            let approved = world.memory.dump().iter().any(|(_, item)| item.get("st").is_some_and(|status| *status == "approved".into()));
            world.memory.tamper(&store::keys::destination(&id("alice"), ledger::Rail::Paypal), |item| {
                item.as_mut().unwrap().insert("ver".into(), 2_u32.into());
            });
            approved
        };
        let (answer, approved_before) = futures::join!(world.send("fin1", Ask::approve(&payout, 1)), change);
        assert_eq!(answer.0, if approved_before { 200 } else { 409 }, "step {step}: {}", answer.1);
        seen[usize::from(approved_before)] += 1;
    }
    assert!(seen[0] > 2 && seen[1] > 2, "both orders happened: {seen:?}");
}

#[tokio::test]
async fn the_limit_of_the_day_is_of_all_accounts_and_holds_at_once() {
    let world = World::new();
    let mut payouts = Vec::new();
    for name in ["alice", "bob", "carol"] {
        payouts.push(world.payout(name, "100000").await);
    }
    for payout in &payouts {
        assert_eq!(world.send("fin1", Ask::approve(payout, 1)).await.1["status"], "requested");
    }
    let answers = join_all(payouts.iter().map(|payout| world.send("fin2", Ask::approve(payout, 2)))).await;
    let refused: Vec<_> = answers.iter().filter(|(status, _)| *status != 200).collect();
    assert_eq!(refused.len(), 1, "{answers:?}");
    assert_eq!((refused[0].0, &refused[0].1["rule"], &refused[0].1["left"]), (422, &json!("global_daily_limit"), &json!("50000.00")));
    let approved = world.store.payouts_in(PayoutStatus::Approved, None, 10).await.unwrap();
    assert_eq!(approved.entries.len(), 2);
    assert_eq!(world.store.approved_on(world.now.date_naive()).await.unwrap().amount.to_string(), "200000.00");
}

#[tokio::test]
async fn approve_and_reject_at_once_have_one_outcome() {
    for _ in 0..20 {
        let world = World::new();
        let payout = world.payout("alice", "50").await;
        let reject = Ask::act(payout.id.as_str(), "reject", json!({ "version": 1, "reason": "x" }));
        let (approved, rejected) = futures::join!(world.send("fin1", Ask::approve(&payout, 1)), world.send("fin2", reject));
        let mut statuses = [approved.0, rejected.0];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{approved:?} {rejected:?}");
        let expected = if approved.0 == 200 { "50.00" } else { "0.00" };
        assert_eq!(cash(&world, "alice").await, expected);
        assert_eq!(world.trail().await.len(), 1, "the one that lost left no act");
    }
}

#[tokio::test]
async fn one_approval_twenty_times_at_once_is_one() {
    let world = World::new();
    let payout = world.payout("alice", "50").await;
    let answers = join_all((0..20).map(|_| world.send("fin1", Ask::approve(&payout, 1)))).await;
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == 200), "{answers:?}");
    assert_eq!(world.store.payout_steps(&payout.id).await.unwrap().len(), 2);
    assert_eq!(world.store.approved_on(world.now.date_naive()).await.unwrap().amount.to_string(), "50.00");
}
