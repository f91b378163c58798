//! The last look before a rail is called: is the money still there, is the destination still the one, may anything go out.

use crate::support::{World, money};
use chrono::Duration;
use ledger::Rail;
use programme::{
    account::Total,
    payout::{Errand, PayoutStatus},
};
use rails::testing::{Fault, Op};
use store::{
    backend::{Change, Write},
    keys,
};

/// A clawback after the approval took the money: canceled, the reserve given back, no rail called.
#[tokio::test]
async fn a_clawback_before_the_rail_cancels() {
    let world = World::new();
    world.figures("alice", &[("R", "40")]).await;
    let payout = world.approved("alice", Rail::StripeConnect, "30").await;
    let run = world.order(std::slice::from_ref(&payout)).await;
    let clawback = vec![Change::Add("R".into(), (-20).into()), Change::Add("cv".into(), 1.into())];
    world.store.backend().write(&[Write::update(keys::figures(&payout.account), vec![], clawback)]).await.unwrap();
    world.hand(&[Errand::Pay { run, payout: payout.id.clone() }]).await;
    let head = world.head(&payout).await;
    assert_eq!((head.status, head.reason.as_deref()), (PayoutStatus::Canceled, Some("clawed_back")));
    assert_eq!((world.stripe.calls(Op::Submit), world.account("alice").await.total(Total::ReferralCash)), (0, money("0")));
}

/// A clawback at the very moment of the intent: the intent's claim is lost, and decided anew.
#[tokio::test]
async fn the_intent_holds_only_on_the_figures_it_was_decided_on() {
    let world = World::new();
    let payout = world.approved("alice", Rail::StripeConnect, "30").await;
    let stale = world.account("alice").await;
    let run = world.order(std::slice::from_ref(&payout)).await;
    let moved = vec![Change::Add("cv".into(), 1.into())];
    world.store.backend().write(&[Write::update(keys::figures(&payout.account), vec![], moved)]).await.unwrap();
    world.hand(&[Errand::Pay { run, payout: payout.id.clone() }]).await;
    assert_eq!(world.head(&payout).await.status, PayoutStatus::Paid);
    assert_ne!(world.account("alice").await.cash_version, stale.cash_version);
}

#[tokio::test]
async fn a_changed_destination_cancels() {
    let world = World::new();
    let payout = world.approved("alice", Rail::Wise, "30").await;
    let run = world.order(std::slice::from_ref(&payout)).await;
    let mut other = world.store.payout_account(&payout.account, Rail::Wise).await.unwrap().unwrap();
    other.account.version = 2;
    other.account.digest = "k1.11".into();
    world.store.backend().write(&[other.write(&payout.account)]).await.unwrap();
    world.hand(&[Errand::Pay { run, payout: payout.id.clone() }]).await;
    let head = world.head(&payout).await;
    assert_eq!((head.status, head.reason.as_deref()), (PayoutStatus::Canceled, Some("destination_changed")));
    assert_eq!(world.wise.calls(Op::Submit), 0);
}

/// Switched off nothing goes out, neither the first time nor again; what is out can still be asked for.
#[tokio::test]
async fn the_kill_switch_holds_each_call_that_moves_money() {
    let mut world = World::new();
    let payout = world.approved("alice", Rail::Paypal, "30").await;
    let run = world.order(std::slice::from_ref(&payout)).await;
    world.turn(false).await;
    world.hand(&[Errand::Pay { run: run.clone(), payout: payout.id.clone() }]).await;
    assert_eq!((world.head(&payout).await.status, world.paypal.calls(Op::Submit)), (PayoutStatus::Approved, 0));
    assert!(world.queue.taken().is_empty(), "its run is open: the sweep sends it again");
    world.turn(true).await;
    world.paypal.fail_next(Fault::LostRequest);
    world.hand(&[Errand::Pay { run, payout: payout.id.clone() }]).await;
    assert_eq!(world.head(&payout).await.status, PayoutStatus::Unknown);
    // Without a reference PayPal can be asked by sending again alone.
    world.turn(false).await;
    let submitted = world.paypal.calls(Op::Submit);
    world.now += Duration::minutes(10);
    world.look(&payout).await;
    assert_eq!(world.paypal.calls(Op::Submit), submitted);
    world.turn(true).await;
    world.look(&payout).await;
    assert_eq!((world.head(&payout).await.status, world.paypal.books().len()), (PayoutStatus::Submitted, 1));
}

/// Switched off between the intent and the call: nothing goes out, and nothing counts as being sent for as long as that lasts.
#[tokio::test]
async fn what_the_switch_holds_after_the_intent_is_unknown_until_it_is_on() {
    let mut world = World::new();
    let payout = world.approved("alice", Rail::Wise, "30").await;
    let run = world.order(std::slice::from_ref(&payout)).await;
    world.wise.fail_next(Fault::Busy);
    world.hand(&[Errand::Pay { run, payout: payout.id.clone() }]).await;
    assert_eq!((world.head(&payout).await.status, world.queue.taken().len()), (PayoutStatus::Submitting, 1));
    world.turn(false).await;
    assert_eq!(world.look(&payout).await.status, PayoutStatus::Unknown);
    assert_eq!((world.wise.calls(Op::Submit), world.account("alice").await.in_payout()), (1, money("30")));
    world.turn(true).await;
    world.now += Duration::minutes(10);
    assert_eq!((world.look(&payout).await.status, world.wise.books().len()), (PayoutStatus::Submitted, 1));
}
