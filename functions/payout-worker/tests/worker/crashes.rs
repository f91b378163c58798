//! A fault at every call to the tables, and a worker that ends at any moment: one transfer, one payment in the ledger.

use crate::support::{World, money};
use chrono::Duration;
use ledger::Rail;
use programme::{
    account::Total,
    payout::{Errand, PayoutStatus},
};
use rails::testing::Fate;
use store::backend::faulty::Fault;

/// How many calls to the tables a payout takes at most; the test finds that it is enough.
const CALLS_MAX: u32 = 60;

#[tokio::test]
async fn a_fault_at_any_call_ends_in_one_payment() {
    for rail in Rail::ALL {
        for fault in Fault::ALL {
            let mut reached = 0;
            for call in 0..CALLS_MAX {
                let mut world = World::new();
                let payout = world.approved("alice", rail, "30").await;
                let run = world.order(std::slice::from_ref(&payout)).await;
                world.faulty.fail_after(call, fault);
                let errand = Errand::Pay { run, payout: payout.id.clone() };
                for errand in [errand, Errand::Look { payout: payout.id.clone() }] {
                    // What is not done comes again after its visibility timeout, which is longer than the lease.
                    while !world.hand(std::slice::from_ref(&errand)).await[0] {
                        world.now += Duration::seconds(360);
                    }
                    world.settle().await;
                    world.rail(rail).advance(&payout.id, &Fate::Paid);
                    world.now += Duration::minutes(10);
                }
                if world.faulty.is_pending() {
                    break;
                }
                reached = call;
                let (head, told) = (world.head(&payout).await, format!("{rail} {fault:?} at call {call}"));
                assert_eq!((head.status, world.rail(rail).books().len()), (PayoutStatus::Paid, 1), "{told}");
                assert_eq!(world.account("alice").await.total(Total::Paid), money("30"), "{told}");
                assert_eq!(head.invoice.unwrap().to_string(), "INV-2026-000001", "{told}");
                let steps = world.steps(&payout).await;
                assert_eq!(steps.iter().filter(|step| **step == "paid").count(), 1, "{told}: {steps:?}");
            }
            assert!((5..CALLS_MAX - 1).contains(&reached), "{rail} {fault:?}: {reached} calls");
        }
    }
}

/// A worker that is killed at its n-th turn, wherever that is: the next one ends what it began.
#[tokio::test]
async fn a_worker_that_ends_at_any_turn_is_followed_by_the_next() {
    use std::{
        future::Future,
        task::{Context, Poll, Waker},
    };
    for rail in Rail::ALL {
        for turns in 0..40 {
            let mut world = World::new();
            let payout = world.approved("alice", rail, "30").await;
            let run = world.order(std::slice::from_ref(&payout)).await;
            let errand = Errand::Pay { run, payout: payout.id.clone() };
            {
                let errands = [errand.clone()];
                let mut work = Box::pin(world.hand(&errands));
                let mut context = Context::from_waker(Waker::noop());
                // Dropped in the midst of it: what was written stays, what was held in memory is gone.
                let _ = (0..turns).any(|_| matches!(work.as_mut().poll(&mut context), Poll::Ready(_)));
            }
            world.now += Duration::seconds(360);
            world.hand(&[errand]).await;
            world.settle().await;
            world.rail(rail).advance(&payout.id, &Fate::Paid);
            world.look(&payout).await;
            let head = world.head(&payout).await;
            assert_eq!((head.status, world.rail(rail).books().len()), (PayoutStatus::Paid, 1), "{rail} {turns}");
        }
    }
}
