//! The reconciliation finds every difference, names it, and finds nothing where there is none.

use crate::support::{World, money};
use chrono::Duration;
use edge::events::Schedule;
use ledger::Rail;
use programme::payout::{Payout, PayoutStatus, Sighting};
use rails::{
    Rail as _, RailPayment, Rails,
    testing::{Fate, Fault, Op},
};
use std::collections::BTreeSet;
use store::records::reconciliation::{Finding, FindingKind, Reconciliation};

/// How many differences of each kind are made.
const EACH: usize = 50;

async fn reconcile(world: &World) -> Reconciliation {
    let app = reconcile::App {
        store: world.store.clone(),
        rails: Rails::of(vec![world.stripe.clone(), world.paypal.clone(), world.wise.clone()]),
        queue: world.queue.clone(),
    };
    reconcile::handle(&app, Schedule { now: world.now, job_id: "daily".into() }).await.unwrap();
    world.store.reconciliation(world.now.date_naive()).await.unwrap().unwrap()
}

/// A payout that is paid, here and there.
async fn paid(world: &World, number: usize) -> Payout {
    let rail = Rail::ALL[number % 3];
    let payout = world.sent(&format!("account{number:04}"), rail, "30").await;
    if rail != Rail::StripeConnect {
        world.rail(rail).advance(&payout.id, &Fate::Paid);
    }
    world.look(&payout).await
}

fn stranger(reference: &str, payout: Option<String>, world: &World) -> RailPayment {
    RailPayment {
        reference: reference.into(),
        payout,
        amount: money("30"),
        currency: "USD".parse().unwrap(),
        at: world.now,
        state: Sighting::Paid { reference: reference.into(), returned: money("0") },
        destination: None,
    }
}

#[tokio::test]
async fn every_injected_difference_is_found_and_named() {
    let mut world = World::new();
    let mut expected: BTreeSet<(FindingKind, String)> = BTreeSet::new();
    let mut number = 0;
    for kind in FindingKind::ALL {
        for _ in 0..EACH {
            number += 1;
            let reference = format!("odd_{number}");
            if kind == FindingKind::UnknownToUs {
                world.rail(Rail::ALL[number % 3]).stranger(stranger(&reference, None, &world));
                expected.insert((kind, reference));
                continue;
            }
            let payout = if kind == FindingKind::Late { unseen(&world, number).await } else { paid(&world, number).await };
            let rail = world.rail(payout.destination.rail);
            match kind {
                // Long before anything that is listed.
                FindingKind::Missing => drop(rail.alter(&payout.id, |payment| payment.at -= Duration::days(400))),
                FindingKind::Double => rail.stranger(stranger(&reference, Some(rail.mark(&payout.id)), &world)),
                FindingKind::WrongAmount => drop(rail.alter(&payout.id, |payment| payment.amount = money("31"))),
                FindingKind::Contradiction => drop(rail.alter(&payout.id, |payment| payment.destination = "elsewhere".into())),
                FindingKind::Late | FindingKind::UnknownToUs => {}
            }
            expected.insert((kind, payout.id.to_string()));
        }
    }
    for clean in 0..EACH {
        paid(&world, 5_000 + clean).await;
    }
    world.now += Duration::days(3);
    let report = reconcile(&world).await;
    let name = |finding: &Finding| finding.payout_id.as_ref().map(ToString::to_string).or(finding.reference.clone()).unwrap();
    let found: BTreeSet<(FindingKind, String)> = report.findings.iter().map(|finding| (finding.kind, name(finding))).collect();
    let missed: Vec<_> = expected.difference(&found).collect();
    let false_ones: Vec<_> = found.difference(&expected).collect();
    assert!(missed.is_empty() && false_ones.is_empty(), "missed {missed:?}\nfalse {false_ones:?}");
    assert_eq!(report.findings.len(), 6 * EACH);
    for kind in FindingKind::ALL {
        assert_eq!(report.findings.iter().filter(|finding| finding.kind == kind).count(), EACH, "{kind:?}");
    }
    // What the rail only knew better is mended by the look that the finding asked for.
    world.settle().await;
    let again = reconcile(&world).await;
    assert!(again.findings.iter().all(|finding| finding.kind != FindingKind::Late), "{again:?}");
}

/// The rail knows better, and nobody has looked: paid at PayPal and Wise, back in part at Stripe.
async fn unseen(world: &World, number: usize) -> Payout {
    let rail = Rail::ALL[number % 3];
    let payout = world.sent(&format!("account{number:04}"), rail, "30").await;
    let fate = if rail == Rail::StripeConnect { Fate::Returned(money("10")) } else { Fate::Paid };
    world.rail(rail).advance(&payout.id, &fate);
    payout
}

#[tokio::test]
async fn what_is_young_is_not_judged_and_what_is_late_is() {
    let mut world = World::new();
    world.wise.fail_next(Fault::LostRequest);
    let lost = world.sent("alice", Rail::Wise, "30").await;
    let waiting = world.sent("bob", Rail::Paypal, "30").await;
    assert!(reconcile(&world).await.findings.is_empty(), "just sent");
    world.now += Duration::hours(25);
    let report = reconcile(&world).await;
    assert_eq!(report.findings.len(), 1, "{report:?}");
    assert_eq!((report.findings[0].kind, report.findings[0].payout_id.as_ref()), (FindingKind::Late, Some(&lost.id)));
    assert_eq!(world.head(&waiting).await.status, PayoutStatus::Submitted);
    assert_eq!((report.head.ours, report.head.theirs), (2, 1));
}

/// The first attempt was lost, and the payout sent again long after its intent: the rail's list may not show it yet.
#[tokio::test]
async fn what_was_sent_late_is_not_missed_at_once() {
    let mut world = World::new();
    world.wise.fail_next(Fault::LostRequest);
    let payout = world.sent("alice", Rail::Wise, "30").await;
    world.now += Duration::hours(10);
    assert_eq!(world.look(&payout).await.status, PayoutStatus::Submitted);
    let unlisted = |payment: &mut rails::testing::Payment| payment.at -= Duration::days(400);
    assert!(world.wise.alter(&payout.id, unlisted));
    assert!(reconcile(&world).await.findings.is_empty(), "a moment ago");
    world.now += Duration::hours(7);
    let found = reconcile(&world).await.findings;
    assert_eq!(found.iter().map(|finding| finding.kind).collect::<Vec<_>>(), [FindingKind::Missing]);
}

/// A payment for a payout that was never sent: by another hand, under our name.
#[tokio::test]
async fn a_payment_for_what_was_never_sent_is_a_contradiction() {
    let mut world = World::new();
    let payout = world.approved("alice", Rail::StripeConnect, "30").await;
    world.stripe.stranger(stranger("tr_odd", Some(payout.id.to_string()), &world));
    world.now += Duration::days(1);
    let report = reconcile(&world).await;
    assert_eq!(report.findings.len(), 1);
    assert_eq!((report.findings[0].kind, report.findings[0].payout_id.as_ref()), (FindingKind::Contradiction, Some(&payout.id)));
}

#[tokio::test]
async fn a_list_that_cant_be_read_fails_the_run_and_keeps_the_others_findings() {
    let mut world = World::new();
    world.wise.stranger(stranger("odd", None, &world));
    world.stripe.fail_next_of(Op::List, Fault::LostAnswer);
    world.now += Duration::days(1);
    let app = reconcile::App {
        store: world.store.clone(),
        rails: Rails::of(vec![world.stripe.clone(), world.paypal.clone(), world.wise.clone()]),
        queue: world.queue.clone(),
    };
    let failed = reconcile::handle(&app, Schedule { now: world.now, job_id: "daily".into() }).await;
    assert_eq!(failed.unwrap_err().status(), 503);
    let report = world.store.reconciliation(world.now.date_naive()).await.unwrap().unwrap();
    assert_eq!(report.findings.len(), 1);
    assert_eq!(reconcile(&world).await.findings.len(), 1, "the next run");
}
