use crate::support::{Ask, PAYPAL, STRIPE, World, id};
use futures::future::join_all;
use ledger::Money;
use programme::payout::PayoutStatus;
use serde_json::json;

fn count(answers: &[(u16, serde_json::Value)], status: u16) -> usize {
    answers.iter().filter(|(answered, _)| *answered == status).count()
}

#[tokio::test]
async fn of_two_for_the_whole_amount_one_passes() {
    for _ in 0..10 {
        let world = World::with_alice("100").await;
        let answers = join_all(["a", "b"].map(|key| world.send("alice", Ask::payout(key, "75")))).await;
        assert_eq!((count(&answers, 201), count(&answers, 422)), (1, 1), "{answers:?}");
        assert_eq!(world.taken("alice").await.0, "75.00");
    }
}

#[tokio::test]
async fn many_small_ones_never_pass_the_sum() {
    let world = World::with_alice("1000").await;
    let names: Vec<String> = (0..200).map(|number| format!("k{number}")).collect();
    let answers = join_all(names.iter().map(|key| world.send("alice", Ask::payout(key, "20")))).await;
    let passed = count(&answers, 201);
    assert_eq!(passed + count(&answers, 422) + count(&answers, 503), 200, "{answers:?}");
    assert!((1..=37).contains(&passed), "750.00 holds 37 payouts of 20.00, {passed} passed");
    let reserved: Money = world.payout_lines().iter().flat_map(|line| &line.transfers).map(ledger::Transfer::amount).sum();
    assert_eq!(reserved.to_string(), format!("{}.00", passed * 20));
    assert_eq!(world.taken("alice").await.0, reserved.to_string());
    let book = world.store.payout_book(&id("alice")).await.unwrap();
    assert_eq!((book.open.len(), book.requested_on(world.now.date_naive())), (passed, reserved));
    // Those that were only told to come back do, one by one: all that can pass does.
    for key in &names {
        world.send("alice", Ask::payout(key, "20")).await;
    }
    assert_eq!(world.taken("alice").await.0, "740.00");
}

#[tokio::test]
async fn one_key_twenty_times_at_once_is_one_payout() {
    let world = World::with_alice("1000").await;
    let answers = join_all((0..20).map(|_| world.send("alice", Ask::payout("k", "30")))).await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, 201);
    assert_eq!(world.payout_lines().len(), 1);
    assert_eq!(world.taken("alice").await.0, "30.00");
}

/// Changes alice's figures at the `step`th turn of whoever runs beside it; tells what was reserved just then.
async fn meanwhile(world: &World, step: usize, rewards: i64, lowers: bool) -> bool {
    for _ in 0..step {
        tokio::task::yield_now().await;
    }
    let mut reserved = false;
    world.memory.tamper(&store::keys::figures(&id("alice")), |item| {
        let item = item.as_mut().unwrap();
        reserved = item.get("C").is_some();
        item.insert("R".into(), rewards.into());
        if lowers {
            let before = item.get("cv").and_then(store::backend::Value::as_number).unwrap_or_default();
            item.insert("cv".into(), store::backend::Value::N(before + rust_decimal::Decimal::ONE));
        }
    });
    reserved
}

#[tokio::test]
async fn a_clawback_in_between_refuses_what_is_no_longer_there() {
    let mut seen = [0, 0];
    for step in 0..40 {
        let world = World::with_alice("100").await;
        let (answer, reserved_before) = futures::join!(world.send("alice", Ask::payout("k", "75")), meanwhile(&world, step, 80, true));
        let expected = if reserved_before { 201 } else { 422 };
        assert_eq!(answer.0, expected, "step {step}: {}", answer.1);
        seen[usize::from(reserved_before)] += 1;
    }
    assert!(seen[0] > 2 && seen[1] > 2, "both orders happened: {seen:?}");
}

#[tokio::test]
async fn a_reward_in_between_stops_no_request() {
    for step in 0..20 {
        let world = World::with_alice("100").await;
        let (answer, _) = futures::join!(world.send("alice", Ask::payout("k", "75")), meanwhile(&world, step, 120, false));
        assert_eq!(answer.0, 201, "step {step}");
        let calls = world.payout_lines().len();
        assert_eq!(calls, 1);
    }
}

#[tokio::test]
async fn a_change_of_the_destination_and_a_request_at_once_leave_no_payout_to_the_old_one() {
    for round in 0..40 {
        let world = World::with_alice("100").await;
        let later = async |steps: usize, ask: Ask<'static>| {
            for _ in 0..steps {
                tokio::task::yield_now().await;
            }
            world.send("alice", ask).await
        };
        // The one or the other begins later, by more and more steps.
        let (first, second) = if round % 2 == 0 { (round / 2, 0) } else { (0, round / 2) };
        let other = Ask::account(PAYPAL, json!({ "email": format!("new{round}@example.com") }));
        let (change, request) = futures::join!(later(first, other), later(second, Ask::payout("k", "50")));
        assert_eq!(change.0, 200);
        assert!([201, 422].contains(&request.0), "{request:?}");
        let book = world.store.payout_book(&id("alice")).await.unwrap();
        assert!(book.open.is_empty(), "round {round}: a payout to the old destination is open");
        assert_eq!(world.taken("alice").await.0, "0.00");
    }
}

#[tokio::test]
async fn a_change_cancels_however_many_are_open() {
    let mut world = World::with_alice("10000").await;
    for number in 0..90 {
        assert_eq!(world.send("alice", Ask::payout(&format!("k{number}"), "20")).await.0, 201);
    }
    world.now += chrono::Duration::days(1);
    assert_eq!(world.send("alice", Ask::account(STRIPE, json!({ "stripe_account": "acct_1" }))).await.0, 200);
    assert_eq!(world.taken("alice").await.0, "1800.00", "another rail's account cancels nothing");
    assert_eq!(world.send("alice", Ask::account(PAYPAL, json!({ "email": "new@example.com" }))).await.0, 200);
    assert_eq!(world.taken("alice").await.0, "0.00");
    let canceled = world.store.payouts_in(PayoutStatus::Canceled, None, 100).await.unwrap();
    assert_eq!(canceled.entries.len(), 90);
    assert!(canceled.entries.iter().all(|listed| listed.entry.reason.as_deref() == Some("destination_changed")));
}
