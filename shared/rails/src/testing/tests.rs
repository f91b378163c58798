#![allow(clippy::unwrap_used)]
use super::*;
use crate::{Capabilities, NewAccount, OnboardError, Onboarding, Order, Rail, RailError, RailPayment, testserver::order};
use chrono::TimeDelta;
use ledger::{Money, Rail as Kind};
use programme::payout::{PayoutId, RailDoubt, Sighting};
use std::{future::Future, pin::pin, task::Waker};

/// Drives a future as the model does: without a runtime. How often it gave others a turn comes back too.
fn drive<F: Future>(future: F) -> (F::Output, usize) {
    let mut future = pin!(future);
    let mut turns = 0;
    loop {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => return (output, turns),
            Poll::Pending => turns += 1,
        }
    }
}

fn submit(rail: &FakeRail, order: &Order) -> Result<Sighting, RailError> {
    drive(rail.submit(order, &Always)).0
}

fn look_up(rail: &FakeRail, order: &Order) -> Result<Sighting, RailError> {
    drive(rail.look_up(order)).0
}

fn again(kind: Kind) -> Order {
    Order { attempted: true, now: order(kind).now + TimeDelta::hours(1), ..order(kind) }
}

fn other(kind: Kind) -> Order {
    let payout = PayoutId::try_new("pay_00000000000000000000000000").unwrap();
    Order { key: payout.to_string(), payout, ..order(kind) }
}

fn unknown<T>(doubt: RailDoubt) -> Result<T, RailError> {
    Err(RailError::Unknown(doubt))
}

#[test]
fn a_key_pays_once_and_another_pays_again() {
    for kind in Kind::ALL {
        let rail = FakeRail::new(kind);
        assert_eq!(rail.rail(), kind);
        let first = submit(&rail, &order(kind)).unwrap();
        assert!(matches!(
            (&first, kind),
            (Sighting::Paid { .. }, Kind::StripeConnect) | (Sighting::Underway { .. }, Kind::Paypal | Kind::Wise)
        ));
        assert_eq!(submit(&rail, &again(kind)), Ok(first.clone()));
        let reference = first.reference().map(str::to_owned);
        assert_eq!(look_up(&rail, &Order { reference, ..again(kind) }), Ok(first));
        assert_eq!((rail.books().len(), rail.submissions(&order(kind).payout), rail.calls(Op::Submit)), (1, 2, 2));
        let book = &rail.books()[0];
        assert_eq!((book.amount, &book.destination), (order(kind).amount, &order(kind).destination.identity()));
        let mistaken = Order { key: "another".to_owned(), ..again(kind) };
        assert_eq!(submit(&rail, &mistaken), Err(RailError::Conflict), "the payout has two payments now");
        assert_eq!(rail.books().len(), 2);
    }
}

#[test]
fn a_known_key_is_deaf_to_other_parameters() {
    for kind in Kind::ALL {
        let rail = FakeRail::new(kind);
        submit(&rail, &order(kind)).unwrap();
        let more = Order { amount: "22.51".parse().unwrap(), ..again(kind) };
        let stolen = Order { payout: other(kind).payout, ..again(kind) };
        for order in [more, stolen] {
            assert_eq!(submit(&rail, &order), Err(RailError::Conflict));
        }
        assert_eq!(rail.books().len(), 1);
    }
}

#[test]
fn every_fault_does_what_it_says() {
    for kind in Kind::ALL {
        for (fault, told, done) in [
            (Fault::LostRequest, RailError::Unknown(RailDoubt::NoAnswer), 0),
            (Fault::LostAnswer, RailError::Unknown(RailDoubt::NoAnswer), 1),
            (Fault::UnreadableAnswer, RailError::Unknown(RailDoubt::Unreadable), 1),
            (Fault::ServerError { done: false }, RailError::Unknown(RailDoubt::ServerError), 0),
            (Fault::ServerError { done: true }, RailError::Unknown(RailDoubt::ServerError), 1),
            (Fault::Closed, RailError::Closed, 0),
            (Fault::Busy, RailError::Busy, 0),
            (Fault::Misconfigured, RailError::Misconfigured("made to fail".to_owned()), 0),
        ] {
            let rail = FakeRail::new(kind);
            rail.fail_next(fault.clone());
            assert_eq!(submit(&rail, &order(kind)), Err(told.clone()), "{kind:?} {fault:?}");
            assert_eq!(rail.books().len(), done, "{kind:?} {fault:?}");
            let sticks = kind == Kind::StripeConnect && matches!(fault, Fault::ServerError { .. });
            let repeated = submit(&rail, &again(kind));
            assert_eq!(repeated == Err(told), sticks, "{kind:?} {fault:?}: {repeated:?}");
            assert_eq!(rail.books().len(), if sticks { done } else { 1 }, "paid once");
            // A known key meets faults, too.
            rail.fail_next(Fault::LostAnswer);
            assert_eq!(submit(&rail, &again(kind)), unknown(RailDoubt::NoAnswer));
        }
    }
}

#[test]
fn a_refusal_is_definite_where_it_can_be() {
    let refused = Fault::Refused("no_funds".to_owned());
    let failed = Ok(Sighting::Failed { reference: None, reason: "no_funds".to_owned() });
    for kind in Kind::ALL {
        let rail = FakeRail::new(kind);
        rail.fail_next(refused.clone());
        assert_eq!(submit(&rail, &order(kind)), failed);
        assert!(rail.books().is_empty());
        // Stripe tells a key the same for ever; the others think again.
        assert_eq!(submit(&rail, &order(kind)) == failed, kind == Kind::StripeConnect);
        // What was paid is not refused afterwards, and PayPal can't say which it was.
        let rail = FakeRail::new(kind);
        rail.fail_next(Fault::LostAnswer);
        rail.fail_next(refused.clone());
        submit(&rail, &order(kind)).unwrap_err();
        let told = submit(&rail, &again(kind));
        assert_eq!(told == unknown(RailDoubt::NoAnswer), kind == Kind::Paypal, "{told:?}");
        assert_ne!(told, failed);
    }
    let rail = FakeRail::new(Kind::Paypal);
    rail.fail_next(refused);
    assert_eq!(submit(&rail, &again(Kind::Paypal)), unknown(RailDoubt::NoAnswer), "an earlier attempt may have gone through");
}

#[test]
fn a_closed_window_sends_nothing_and_paypal_can_be_asked_again() {
    for kind in Kind::ALL {
        let rail = FakeRail::new(kind);
        let late = Order { now: order(kind).now + TimeDelta::days(25), ..again(kind) };
        assert_eq!(submit(&rail, &late), Err(RailError::Closed));
        assert!(rail.books().is_empty());
        assert_eq!(rail.can_look_up(&again(kind)), kind != Kind::Paypal);
        assert_eq!(look_up(&rail, &again(kind)).is_err(), kind == Kind::Paypal);
        assert!(rail.can_look_up(&late));
        assert_eq!(look_up(&rail, &late), Ok(Sighting::Absent));
    }
}

#[test]
fn what_becomes_of_a_payment_is_told() {
    let kind = Kind::StripeConnect;
    let rail = FakeRail::new(kind);
    let payout = order(kind).payout;
    assert!(!rail.advance(&payout, &Fate::Paid), "there is none yet");
    submit(&rail, &order(kind)).unwrap();
    let reference = || "tr_1".to_owned();
    let some: Money = "10".parse().unwrap();
    let all = order(kind).amount;
    for (fate, expected) in [
        (Fate::Underway("UNCLAIMED".to_owned()), Sighting::Underway { reference: reference(), note: Some("UNCLAIMED".to_owned()) }),
        (Fate::Paid, Sighting::Paid { reference: reference(), returned: Money::ZERO }),
        (Fate::Returned(some), Sighting::Paid { reference: reference(), returned: some }),
        (Fate::Returned(all), Sighting::Returned { reference: reference(), returned: all, note: None }),
        (Fate::Failed("no".to_owned()), Sighting::Failed { reference: Some(reference()), reason: "no".to_owned() }),
    ] {
        assert!(rail.advance(&payout, &fate));
        assert_eq!(look_up(&rail, &again(kind)), Ok(expected));
    }
    assert!(rail.alter(&payout, |payment| payment.amount = some));
    assert_eq!(look_up(&rail, &again(kind)), Err(RailError::Conflict));
}

#[test]
fn a_look_up_and_a_listing_meet_faults() {
    let kind = Kind::Wise;
    let rail = FakeRail::new(kind);
    submit(&rail, &order(kind)).unwrap();
    rail.fail_next_of(Op::LookUp, Fault::LostAnswer);
    rail.fail_next_of(Op::List, Fault::Busy);
    assert_eq!(look_up(&rail, &again(kind)), unknown(RailDoubt::NoAnswer));
    assert!(look_up(&rail, &again(kind)).is_ok());
    let (from, to) = (order(kind).now, again(kind).now);
    assert_eq!(drive(rail.list(from, to, None)).0, Err(RailError::Busy));
    assert!(drive(rail.list(from, to, None)).0.is_ok());
    assert_eq!((rail.calls(Op::LookUp), rail.calls(Op::List)), (2, 2));
}

#[test]
fn a_listing_has_pages_and_strangers() {
    let kind = Kind::Wise;
    let rail = FakeRail::new(kind).with_pages_of(2);
    submit(&rail, &order(kind)).unwrap();
    submit(&rail, &other(kind)).unwrap();
    let (from, to) = (order(kind).now, order(kind).now + TimeDelta::seconds(1));
    let stranger = RailPayment {
        reference: "1".to_owned(),
        payout: None,
        amount: Money::ZERO,
        currency: order(kind).currency,
        at: from,
        state: Sighting::Paid { reference: "1".to_owned(), returned: Money::ZERO },
        destination: None,
    };
    rail.stranger(stranger.clone());
    let first = drive(rail.list(from, to, None)).0.unwrap();
    assert_eq!(first.payments[0].payout, Some(rail.mark(&order(kind).payout)));
    let second = drive(rail.list(from, to, first.next.as_deref())).0.unwrap();
    assert_eq!((first.payments.len(), second.payments, second.next), (2, vec![stranger], None));
    assert!(drive(rail.list(to, to + TimeDelta::days(1), None)).0.unwrap().payments.is_empty());
}

#[test]
fn every_call_gives_others_a_turn_before_and_after_and_needs_no_runtime() {
    let rail = FakeRail::new(Kind::StripeConnect);
    assert_eq!(drive(rail.submit(&order(Kind::StripeConnect), &Always)).1, 2);
    assert_eq!(drive(rail.look_up(&order(Kind::StripeConnect))).1, 2);
    // The effect is between the two turns.
    let (rail, order) = (FakeRail::new(Kind::Wise), order(Kind::Wise));
    let mut call = pin!(rail.submit(&order, &Always));
    let mut poll = || call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
    assert!(!poll() && rail.books().is_empty());
    assert!(!poll() && rail.books().len() == 1);
    assert!(poll());
}

#[test]
fn weather_is_asked_where_nothing_was_told() {
    let rail = FakeRail::new(Kind::Wise).with_weather(|op| (op == Op::Submit).then_some(Fault::Busy));
    rail.fail_next(Fault::Misconfigured);
    assert!(matches!(submit(&rail, &order(Kind::Wise)), Err(RailError::Misconfigured(_))));
    assert_eq!(submit(&rail, &order(Kind::Wise)), Err(RailError::Busy));
    assert_eq!(look_up(&rail, &order(Kind::Wise)), Ok(Sighting::Absent));
}

#[test]
fn a_destination_of_another_rail_is_refused() {
    let rail = FakeRail::new(Kind::Wise);
    assert!(matches!(submit(&rail, &order(Kind::Paypal)), Err(RailError::Misconfigured(_))));
}

#[test]
fn a_payee_is_onboarded_in_memory() {
    let fake = FakeOnboarding::default();
    let account = order(Kind::Wise).account;
    let new = NewAccount { account: &account, email: None, country: None };
    let made = drive(fake.onboard(new)).0.unwrap();
    assert_eq!(drive(fake.onboard(new)).0, Ok(made.clone()));
    assert_eq!(fake.accounts(), 1);
    assert!(!drive(fake.capabilities(&made)).0.unwrap().usable());
    fake.set_capabilities(&made, Capabilities { details_submitted: true, payouts_enabled: true, transfers_active: true });
    assert!(drive(fake.capabilities(&made)).0.unwrap().usable());
    assert!(drive(fake.account_link(&made, "https://a.example", "https://a.example")).0.is_ok());
    assert_eq!(fake.links(), 1);
    let missing = Err(OnboardError::Refused("resource_missing".to_owned()));
    assert_eq!(drive(fake.capabilities("acct_other")).0, missing);
    fake.fail_next(OnboardError::Rail(RailError::Busy));
    assert_eq!(drive(fake.onboard(new)).0, Err(OnboardError::Rail(RailError::Busy)));
}
