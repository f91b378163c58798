//! What an ordered payout goes through, where nothing fails.

use crate::support::{World, id, money};
use futures::future::join_all;
use ledger::Rail;
use programme::{
    account::Total,
    payout::{Errand, PayoutStatus, Sighting},
};
use rails::testing::{Fate, Op};

#[tokio::test]
async fn a_payout_is_paid_by_each_rail_and_invoiced_without_a_gap() {
    let world = World::new();
    let stripe = world.sent("alice", Rail::StripeConnect, "30").await;
    assert_eq!(world.steps(&stripe).await, ["requested", "approval_given", "submitting", "paid"], "a transfer is the payment");
    let (paypal, wise) = (world.sent("bob", Rail::Paypal, "40").await, world.sent("carol", Rail::Wise, "600").await);
    for payout in [&paypal, &wise] {
        assert_eq!(payout.status, PayoutStatus::Submitted);
        world.rail(payout.destination.rail).advance(&payout.id, &Fate::Paid);
        assert_eq!(world.look(payout).await.status, PayoutStatus::Paid);
    }
    assert_eq!(world.steps(&wise).await, ["requested", "approval_given", "approval_given", "submitting", "submitted", "paid"]);
    let mut numbers = Vec::new();
    for payout in [&stripe, &paypal, &wise] {
        numbers.push(world.head(payout).await.invoice.unwrap().to_string());
        let books = world.rail(payout.destination.rail).books();
        assert_eq!((books.len(), books[0].amount, &books[0].payout), (1, payout.amount, &payout.id));
        let figures = world.account(payout.account.as_str()).await;
        assert_eq!((figures.total(Total::Paid), figures.in_payout()), (payout.amount, money("0")));
    }
    assert_eq!(numbers, ["INV-2026-000001", "INV-2026-000002", "INV-2026-000003"]);
}

/// The same errand in many workers at once, and again later: one transfer.
#[tokio::test]
async fn forty_workers_at_once_send_one_transfer() {
    for rail in Rail::ALL {
        let world = World::new();
        let payout = world.approved("alice", rail, "30").await;
        let run = world.order(std::slice::from_ref(&payout)).await;
        let errand = [Errand::Pay { run: run.clone(), payout: payout.id.clone() }];
        join_all((0..40).map(|_| world.hand(&errand))).await;
        world.hand(&errand).await;
        world.hand(&[Errand::Run { run }]).await;
        assert_eq!(world.rail(rail).books().len(), 1, "{rail}");
        assert_eq!(world.rail(rail).submissions(&payout.id), 1, "{rail}");
        let submitting = world.steps(&payout).await.iter().filter(|step| **step == "submitting").count();
        assert_eq!(submitting, 1, "{rail}");
    }
}

#[tokio::test]
async fn a_run_becomes_an_errand_a_payout_and_one_that_fails_stops_no_other() {
    let mut world = World::new();
    let mut payouts = Vec::new();
    for number in 0..30 {
        payouts.push(world.approved(&format!("account{number:02}"), Rail::StripeConnect, "25").await);
    }
    let run = world.order(&payouts).await;
    world.stripe.fail_next(rails::testing::Fault::Refused("account_closed".into()));
    assert_eq!(world.hand(&[Errand::Run { run: run.clone() }]).await, [true]);
    world.settle().await;
    let mut failed = 0;
    for payout in &payouts {
        let status = world.head(payout).await.status;
        assert!(matches!(status, PayoutStatus::Paid | PayoutStatus::Failed), "{status}");
        failed += usize::from(status == PayoutStatus::Failed);
    }
    assert_eq!((failed, world.stripe.books().len()), (1, 29));
    // The same run once more finds nothing to do.
    world.hand(&[Errand::Run { run }]).await;
    assert!(world.queue.taken().is_empty());
}

#[tokio::test]
async fn a_definite_refusal_gives_the_reserve_back_once() {
    for rail in Rail::ALL {
        let world = World::new();
        world.rail(rail).fail_next(rails::testing::Fault::Refused("account_closed".into()));
        let payout = world.sent("alice", rail, "30").await;
        assert_eq!((payout.status, payout.reason.as_deref()), (PayoutStatus::Failed, Some("account_closed")), "{rail}");
        let figures = world.account("alice").await;
        assert_eq!(figures.total(Total::ReferralCash), money("0"), "{rail}");
        world.look(&payout).await;
        assert_eq!(world.account("alice").await, figures, "{rail}");
    }
}

/// Back in parts, told several times, by whichever way: each part is credited once, with its credit note.
#[tokio::test]
async fn what_comes_back_is_credited_back_once() {
    let world = World::new();
    world.figures("alice", &[("R", "40"), ("E", "100")]).await;
    let payout = world.sent("alice", Rail::StripeConnect, "50").await;
    assert_eq!((payout.split.referral, payout.split.rental), (money("30"), money("20")));
    world.stripe.advance(&payout.id, &Fate::Returned(money("25")));
    for _ in 0..3 {
        world.look(&payout).await;
    }
    let figures = world.account("alice").await;
    // In the reverse order of how it was taken: the rental money first.
    assert_eq!((figures.total(Total::RentalCash), figures.total(Total::ReferralCash)), (money("0"), money("25")));
    assert_eq!(figures.total(Total::Paid), money("25"));
    world.stripe.advance(&payout.id, &Fate::Returned(money("50")));
    let reference = payout.reference.clone().unwrap();
    world.hand(&[Errand::Hint { rail: Rail::StripeConnect, reference }, Errand::Look { payout: payout.id.clone() }]).await;
    let head = world.look(&payout).await;
    assert_eq!((head.status, head.returned), (PayoutStatus::Returned, money("50")));
    let notes: Vec<String> = head.credit_notes.iter().map(ToString::to_string).collect();
    assert_eq!(notes, ["CN-2026-000001", "CN-2026-000002"]);
    let figures = world.account("alice").await;
    assert_eq!((figures.total(Total::Paid), figures.in_payout(), figures.balance()), (money("0"), money("0"), money("140")));
}

/// UNCLAIMED stays reserved; what never was paid comes back without an invoice.
#[tokio::test]
async fn what_nobody_claims_comes_back_without_an_invoice() {
    let world = World::new();
    let payout = world.sent("alice", Rail::Paypal, "30").await;
    world.paypal.advance(&payout.id, &Fate::Underway("UNCLAIMED".into()));
    let waiting = world.look(&payout).await;
    assert_eq!((waiting.status, waiting.note.as_deref()), (PayoutStatus::Submitted, Some("UNCLAIMED")));
    world.look(&payout).await;
    assert_eq!(world.account("alice").await.in_payout(), money("30"));
    world.paypal.advance(&payout.id, &Fate::Returned(money("30")));
    let back = world.look(&payout).await;
    assert_eq!((back.status, back.invoice), (PayoutStatus::Returned, None));
    assert_eq!(world.steps(&payout).await[2..], ["submitting", "submitted", "noted", "returned"]);
    assert_eq!(world.account("alice").await.in_payout(), money("0"));
}

/// A state that rolls back, and a bounce weeks later.
#[tokio::test]
async fn a_rolled_back_state_takes_nothing_back_and_a_bounce_does() {
    let world = World::new();
    let payout = world.sent("alice", Rail::Wise, "30").await;
    for (fate, status) in [
        (Fate::Paid, PayoutStatus::Paid),
        (Fate::Underway("processing".into()), PayoutStatus::Paid),
        (Fate::Paid, PayoutStatus::Paid),
        (Fate::Returned(money("30")), PayoutStatus::Returned),
    ] {
        world.wise.advance(&payout.id, &fate);
        assert_eq!(world.look(&payout).await.status, status, "{fate:?}");
    }
    assert_eq!(world.steps(&payout).await.len(), 6);
}

#[tokio::test]
async fn only_what_is_ordered_and_approved_is_sent() {
    let world = World::new();
    let payout = world.approved("alice", Rail::Wise, "30").await;
    // Approved is not ordered.
    world.look(&payout).await;
    let nobodys = programme::payout::RunId::of_request(&id("x"), &programme::payout::IdempotencyKey::try_new("y").unwrap());
    assert_eq!(world.hand(&[Errand::Pay { run: nobodys, payout: payout.id.clone() }]).await, [false], "a run that nobody ordered");
    let run = world.order(std::slice::from_ref(&payout)).await;
    let cancel = programme::payout::cancel(
        &payout,
        programme::payout::Actor::Account(id("alice")),
        programme::payout::CancelReason::ByAccount,
        world.now,
    );
    world.store.commit_payouts(&[cancel.unwrap()], store::records::book::BookEdit::new(id("alice")), &[]).await.unwrap();
    world.hand(&[Errand::Pay { run, payout: payout.id.clone() }]).await;
    assert_eq!((world.wise.calls(Op::Submit), world.head(&payout).await.status), (0, PayoutStatus::Canceled));
    assert_eq!(world.hand(&[Errand::Hint { rail: Rail::Wise, reference: "123".into() }]).await, [true], "not ours");
}

/// A contradiction changes nothing.
#[tokio::test]
async fn a_rail_that_contradicts_the_ledger_changes_nothing() {
    let world = World::new();
    world.stripe.fail_next(rails::testing::Fault::Refused("account_closed".into()));
    let failed = world.sent("alice", Rail::StripeConnect, "30").await;
    let paid = world.sent("bob", Rail::StripeConnect, "30").await;
    world.stripe.alter(&paid.id, |payment| payment.state = Sighting::Failed { reference: None, reason: "odd".into() });
    let before = (world.head(&failed).await, world.head(&paid).await);
    world.look(&failed).await;
    world.look(&paid).await;
    assert_eq!((world.head(&failed).await, world.head(&paid).await), before);
}
