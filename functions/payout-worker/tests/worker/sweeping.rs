//! Nothing stays open because a message was lost.

use crate::support::World;
use chrono::Duration;
use ledger::Rail;
use payout_worker::sweep;
use programme::payout::{Errand, PayoutStatus};
use rails::testing::{Fate, Fault, Op};

#[tokio::test]
async fn a_run_whose_errands_were_lost_is_sent_again_and_closed_when_done() {
    let mut world = World::new();
    let payout = world.approved("alice", Rail::StripeConnect, "30").await;
    let run = world.order(std::slice::from_ref(&payout)).await;
    sweep(&world.app, world.now).await.unwrap();
    assert!(world.queue.taken().is_empty(), "somebody may be at it");
    world.now += Duration::minutes(5);
    sweep(&world.app, world.now).await.unwrap();
    let sent = world.queue.taken();
    assert_eq!(serde_json::from_str::<Errand>(&sent[0].body).unwrap(), Errand::Pay { run: run.clone(), payout: payout.id.clone() });
    world.hand(&[Errand::Pay { run: run.clone(), payout: payout.id.clone() }]).await;
    world.now += Duration::minutes(5);
    sweep(&world.app, world.now).await.unwrap();
    assert!(world.store.run_head(&run).await.unwrap().unwrap().closed_at.is_some());
    assert!(world.store.runs(true, None, 10).await.unwrap().entries.is_empty());
}

/// Whatever a crash or a lost webhook left: the sweep brings it on.
#[tokio::test]
async fn what_is_open_is_looked_at() {
    let mut world = World::new();
    world.wise.fail_next(Fault::LostAnswer);
    let (unknown, submitted) = (world.sent("alice", Rail::Wise, "30").await, world.sent("bob", Rail::Paypal, "30").await);
    world.paypal.advance(&submitted.id, &Fate::Paid);
    world.wise.advance(&unknown.id, &Fate::Paid);
    drop(world.queue.taken());
    world.now += Duration::minutes(5);
    sweep(&world.app, world.now).await.unwrap();
    world.settle().await;
    for payout in [&unknown, &submitted] {
        assert_eq!(world.head(payout).await.status, PayoutStatus::Paid);
    }
    world.now += Duration::minutes(5);
    sweep(&world.app, world.now).await.unwrap();
    assert!(world.queue.taken().is_empty(), "nothing is open");
}

#[tokio::test]
async fn a_store_or_a_queue_that_is_away_fails_the_sweep() {
    let mut world = World::new();
    world.sent("bob", Rail::Paypal, "30").await;
    world.now += Duration::minutes(5);
    world.faulty.fail_after(0, store::backend::faulty::Fault::FailBefore);
    assert_eq!(sweep(&world.app, world.now).await.unwrap_err().status(), 503);
    world.queue.fail_next(0);
    assert_eq!(sweep(&world.app, world.now).await.unwrap_err().status(), 503);
    sweep(&world.app, world.now).await.unwrap();
}

/// For as long as a rail takes nothing, or payouts are off, each sweep looks; what it sends does not stay and add up.
#[tokio::test]
async fn errands_do_not_add_up_while_nothing_can_be_done() {
    for held in [None, Some(Fault::Busy), Some(Fault::Misconfigured)] {
        let mut world = World::new();
        let payout = world.approved("alice", Rail::Wise, "30").await;
        let run = world.order(std::slice::from_ref(&payout)).await;
        if let Some(fault) = &held {
            world.wise.fail_next(fault.clone());
            world.hand(&[Errand::Pay { run, payout: payout.id.clone() }]).await;
            assert_eq!(world.queue.taken().len(), 1, "it waits for the rail: {held:?}");
        } else {
            world.turn(false).await;
        }
        for _ in 0..12 {
            world.now += Duration::minutes(5);
            sweep(&world.app, world.now).await.unwrap();
            let sent = world.queue.taken();
            assert_eq!(sent.len(), 1, "{held:?}");
            for op in [Op::Submit, Op::LookUp] {
                held.iter().for_each(|fault| world.wise.fail_next_of(op, fault.clone()));
            }
            let errands: Vec<Errand> = sent.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect();
            world.hand(&errands).await;
            assert!(world.queue.taken().is_empty(), "{held:?}");
        }
    }
}
