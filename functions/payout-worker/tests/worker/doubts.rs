//! Answers that say nothing: the reserve stays, the rail is asked, and nothing is ever sent under another key.

use crate::support::{World, money};
use chrono::Duration;
use ledger::Rail;
use programme::payout::{Errand, PayoutStatus};
use rails::testing::{Fate, Fault, Op};

/// Every way in which an answer can be lost, on every rail: in the end one transfer, and the ledger says so.
#[tokio::test]
async fn a_lost_answer_ends_in_one_transfer() {
    let faults = || {
        [
            Fault::LostRequest,
            Fault::LostAnswer,
            Fault::UnreadableAnswer,
            Fault::ServerError { done: true },
            Fault::ServerError { done: false },
            Fault::Busy,
        ]
    };
    for rail in Rail::ALL {
        for fault in faults() {
            let mut world = World::new();
            world.rail(rail).fail_next(fault.clone());
            let payout = world.sent("alice", rail, "30").await;
            let told = format!("{rail} {fault:?}");
            assert!(!payout.status.is_reserved() || world.account("alice").await.in_payout() == money("30"), "{told}");
            world.settle().await;
            for _ in 0..3 {
                world.now += Duration::minutes(20);
                world.look(&payout).await;
            }
            let (books, head) = (world.rail(rail).books(), world.head(&payout).await);
            assert!(books.len() <= 1, "{told}: {books:?}");
            let paid = matches!(head.status, PayoutStatus::Paid | PayoutStatus::Submitted);
            assert_eq!(paid, books.len() == 1, "{told}: {}", head.status);
            assert!(books.iter().all(|payment| payment.key == head.key() && payment.amount == head.amount), "{told}");
            // Stripe gives its 500 again for the key: then it is found by looking, or never was.
            assert!(paid || head.status == PayoutStatus::Unknown, "{told}: {}", head.status);
        }
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_kept_and_looked_at_soon() {
    let world = World::new();
    world.wise.fail_next(Fault::LostAnswer);
    let payout = world.sent("alice", Rail::Wise, "30").await;
    assert_eq!(payout.status, PayoutStatus::Unknown);
    assert_eq!(world.account("alice").await.in_payout(), money("30"), "reserved");
    let sent = world.queue.taken();
    assert_eq!(sent.len(), 1);
    assert_eq!(serde_json::from_str::<Errand>(&sent[0].body).unwrap(), Errand::Look { payout: payout.id.clone() });
    world.wise.fail_next_of(Op::LookUp, Fault::LostAnswer);
    assert_eq!(world.look(&payout).await.status, PayoutStatus::Unknown, "still");
    assert_eq!(world.look(&payout).await.status, PayoutStatus::Submitted);
    assert_eq!(world.steps(&payout).await[2..], ["submitting", "unknown", "submitted"]);
}

/// After the rail's memory of the key nothing is sent any more.
#[tokio::test]
async fn after_the_window_it_is_only_looked_at() {
    for (rail, window) in
        [(Rail::StripeConnect, Duration::hours(20)), (Rail::Paypal, Duration::days(25)), (Rail::Wise, Duration::hours(20))]
    {
        let mut world = World::new();
        world.rail(rail).fail_next(Fault::LostRequest);
        let payout = world.sent("alice", rail, "30").await;
        world.now += window + Duration::hours(1);
        let head = world.look(&payout).await;
        assert_eq!((head.status, world.rail(rail).books().len()), (PayoutStatus::Unknown, 0), "{rail}");
        assert_eq!(world.account("alice").await.in_payout(), money("30"), "{rail}: reserved until somebody knows");
    }
}

/// Whoever was sending it is gone for longer than the rail remembers: it is no longer being sent.
#[tokio::test]
async fn after_the_window_nothing_is_left_being_sent() {
    for rail in Rail::ALL {
        for asked in [None, Some(Fault::LostAnswer)] {
            let mut world = World::new();
            world.rail(rail).fail_next(Fault::Misconfigured);
            let payout = world.sent("alice", rail, "30").await;
            assert_eq!(payout.status, PayoutStatus::Submitting, "{rail}");
            world.now += Duration::days(26);
            asked.iter().for_each(|fault| world.rail(rail).fail_next_of(Op::LookUp, fault.clone()));
            assert_eq!(world.look(&payout).await.status, PayoutStatus::Unknown, "{rail} {asked:?}");
            assert_eq!((world.rail(rail).books().len(), world.account("alice").await.in_payout()), (0, money("30")), "{rail}");
        }
    }
}

/// A webhook tells of a return once, and no sweep comes to what was paid: whatever the look at it meets, it is made again.
#[tokio::test]
async fn what_became_of_a_paid_one_is_not_forgotten() {
    for fault in [Fault::LostAnswer, Fault::UnreadableAnswer, Fault::ServerError { done: true }, Fault::Busy, Fault::Misconfigured] {
        let mut world = World::new();
        let payout = world.sent("alice", Rail::StripeConnect, "30").await;
        world.stripe.advance(&payout.id, &Fate::Returned(money("30")));
        world.stripe.fail_next_of(Op::LookUp, fault.clone());
        assert_eq!(world.look(&payout).await.status, PayoutStatus::Paid, "{fault:?}");
        world.settle().await;
        assert_eq!(world.head(&payout).await.status, PayoutStatus::Returned, "{fault:?}");
    }
}

#[tokio::test]
async fn a_rail_without_access_does_nothing_and_says_so_later() {
    let mut world = World::new();
    world.stripe.fail_next(Fault::Misconfigured);
    let payout = world.sent("alice", Rail::StripeConnect, "30").await;
    assert_eq!(payout.status, PayoutStatus::Submitting);
    assert_eq!(world.queue.taken()[0].delay_seconds, 900);
    world.now += Duration::minutes(15);
    assert_eq!(world.look(&payout).await.status, PayoutStatus::Paid);
}

#[tokio::test]
async fn nonsense_ends_among_the_dead_letters_and_an_outage_does_not() {
    let world = World::new();
    let payout = world.approved("alice", Rail::Wise, "30").await;
    let run = world.order(std::slice::from_ref(&payout)).await;
    let nobody = "pay_00000000000000000000000000".parse().unwrap();
    assert_eq!(world.hand_over(&[Errand::Look { payout: nobody }], 5).await, [false]);
    let errand = [Errand::Pay { run, payout: payout.id.clone() }];
    world.faulty.fail_after(0, store::backend::faulty::Fault::FailBefore);
    assert_eq!(world.hand(&errand).await, [false], "given back");
    world.faulty.fail_after(0, store::backend::faulty::Fault::FailBefore);
    assert_eq!(world.hand_over(&errand, 4).await, [true], "sent anew, before its deliveries are used up");
    assert_eq!(world.queue.taken().len(), 1);
}

/// Stripe pays at once, and takes it back before we have written the transfer's id: the webhook leads nowhere. The look that
/// follows such a payment finds it.
#[tokio::test]
async fn what_comes_back_before_its_id_stands_is_found() {
    let mut world = World::new();
    let payout = world.sent("alice", Rail::StripeConnect, "30").await;
    assert_eq!(payout.status, PayoutStatus::Paid);
    world.rail(Rail::StripeConnect).advance(&payout.id, &Fate::Returned(money("30")));
    world.settle().await;
    assert_eq!(world.head(&payout).await.status, PayoutStatus::Returned);
}
