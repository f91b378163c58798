#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::{cashable::Split, settings::Settings};
use chrono::{DateTime, Utc};
use ledger::{AccountId, Money, Rail, TransferKind};

mod orders;

fn money(text: &str) -> Money {
    text.parse().unwrap()
}
fn alice() -> AccountId {
    AccountId::try_new("alice").unwrap()
}
fn now() -> DateTime<Utc> {
    "2026-12-31T23:59:59Z".parse().unwrap()
}
fn numbers() -> Numbers {
    Numbers::after(2026, 41, 6)
}

/// 50.00, of 40.00 referral and 10.00 rental, with the intent written.
fn submitting() -> Payout {
    let to = Destination::paypal_email("alice@example.com").unwrap();
    let at = "2026-12-01T00:00:00Z".parse().unwrap();
    Payout {
        id: PayoutId::of_request(&alice(), &IdempotencyKey::try_new("k").unwrap()),
        account: alice(),
        amount: money("50"),
        currency: Settings::default().currency,
        split: Split { referral: money("40"), rental: money("10") },
        destination: PayoutAccount {
            rail: Rail::Paypal,
            digest: "k1.00".into(),
            masked: to.masked(),
            version: 1,
            changed_at: at,
            changed_by: alice(),
        },
        status: PayoutStatus::Submitting,
        requested_at: at,
        version: 3,
        approvals: vec![],
        reason: None,
        run: None,
        submitting_since: Some(at),
        to: Some(to),
        reference: None,
        note: None,
        paid_at: None,
        invoice: None,
        returned: Money::ZERO,
        credit_notes: vec![],
    }
}

fn underway(note: Option<&str>) -> Sighting {
    Sighting::Underway { reference: "r1".into(), note: note.map(str::to_owned) }
}
fn paid(returned: &str) -> Sighting {
    Sighting::Paid { reference: "r1".into(), returned: money(returned) }
}
fn back(returned: &str) -> Sighting {
    Sighting::Returned { reference: "r1".into(), returned: money(returned), note: Some("RETURNED".into()) }
}
fn failed() -> Sighting {
    Sighting::Failed { reference: None, reason: "RECEIVER_UNREGISTERED".into() }
}

/// Decides until there is no news: the head after it, and the changes on the way.
fn settle(payout: &Payout, sighting: &Sighting) -> (Payout, Vec<Change>, Option<Contradiction>) {
    let (mut payout, mut changes) = (payout.clone(), Vec::new());
    loop {
        assert!(changes.len() < 3, "it does not come to rest");
        match decide(&payout, sighting, now(), &numbers()) {
            Ok(Some(change)) => {
                assert_eq!((change.before, change.payout.version), (Some(payout.status), payout.version + 1));
                let crate::plan::Body::Payout { event } = &change.plan.lines[0].body else { panic!("a payout's record") };
                assert_eq!(serde_json::from_str::<PayoutEvent>(event).unwrap(), change.event, "a record reads as it was written");
                payout = change.payout.clone();
                changes.push(change);
            }
            Ok(None) => return (payout, changes, None),
            Err(contradiction) => return (payout, changes, Some(contradiction)),
        }
    }
}

/// A payout in a status, as the sightings of a rail bring it there.
fn standing(status: PayoutStatus) -> Payout {
    let via = |sightings: &[Sighting]| sightings.iter().fold(submitting(), |payout, sighting| settle(&payout, sighting).0);
    match status {
        PayoutStatus::Submitting => submitting(),
        PayoutStatus::Submitted => via(&[underway(Some("PENDING"))]),
        PayoutStatus::Paid => via(&[paid("0")]),
        PayoutStatus::Failed => via(&[failed()]),
        PayoutStatus::Unknown => doubt(&submitting(), RailDoubt::NoAnswer, now()).unwrap().payout,
        PayoutStatus::Returned => via(&[paid("20")]),
        PayoutStatus::Requested | PayoutStatus::Approved | PayoutStatus::Rejected | PayoutStatus::Canceled => {
            Payout { status, ..submitting() }
        }
    }
}

/// The first step: its name, `-` for none, `!` for a contradiction.
fn told(payout: &Payout, sighting: &Sighting) -> &'static str {
    match decide(payout, sighting, now(), &numbers()) {
        Ok(Some(change)) => {
            assert_eq!(change.event.by, Actor::System);
            assert_eq!((change.event.status, change.plan.lines.len()), (change.payout.status, 1));
            change.event.step.name()
        }
        Ok(None) => "-",
        Err(_) => "!",
    }
}

#[test]
fn every_status_and_sighting_has_its_place() {
    let sightings = [
        Sighting::Absent,
        underway(Some("PENDING")),
        underway(Some("UNCLAIMED")),
        underway(None),
        paid("0"),
        paid("20"),
        paid("50"),
        back("20"),
        back("30"),
        back("50"),
        failed(),
    ];
    let never = ["-", "!", "!", "!", "!", "!", "!", "!", "!", "!", "!"];
    let rows: [(PayoutStatus, [&str; 11]); 10] = [
        (PayoutStatus::Requested, never),
        (PayoutStatus::Approved, never),
        (PayoutStatus::Rejected, never),
        (PayoutStatus::Canceled, never),
        (
            PayoutStatus::Submitting,
            ["-", "submitted", "submitted", "submitted", "paid", "paid", "paid", "paid", "paid", "submitted", "failed"],
        ),
        (PayoutStatus::Submitted, ["!", "-", "noted", "noted", "paid", "paid", "paid", "paid", "paid", "returned", "failed"]),
        (PayoutStatus::Paid, ["!", "-", "-", "-", "-", "returned", "returned", "returned", "returned", "returned", "!"]),
        (PayoutStatus::Failed, ["-", "!", "!", "!", "!", "!", "!", "!", "!", "!", "-"]),
        (PayoutStatus::Unknown, ["-", "submitted", "submitted", "submitted", "paid", "paid", "paid", "paid", "paid", "returned", "failed"]),
        (PayoutStatus::Returned, ["!", "-", "-", "-", "!", "-", "returned", "-", "returned", "returned", "!"]),
    ];
    for ((status, row), listed) in rows.into_iter().zip(PayoutStatus::ALL) {
        assert_eq!(status, listed, "the rows are in the order of the list");
        let payout = standing(status);
        assert_eq!(payout.status, status);
        for (sighting, expected) in sightings.iter().zip(row) {
            assert_eq!(told(&payout, sighting), expected, "{status}: {sighting:?}");
        }
    }
    let whole = settle(&submitting(), &back("50")).0;
    let row = ["!", "!", "!", "!", "!", "!", "-", "!", "!", "-", "!"];
    for (sighting, expected) in sightings.iter().zip(row) {
        assert_eq!(told(&whole, sighting), expected, "returned whole: {sighting:?}");
    }
}

#[test]
fn a_contradiction_says_what_is_wrong() {
    let words = |payout: &Payout, sighting: &Sighting| decide(payout, sighting, now(), &numbers()).unwrap_err().to_string();
    assert_eq!(words(&standing(PayoutStatus::Paid), &failed()), "the rail says failed of a payout that is paid");
    assert_eq!(words(&standing(PayoutStatus::Paid), &Sighting::Absent), "the rail says absent of a payout that is paid");
    assert_eq!(words(&standing(PayoutStatus::Returned), &back("19.99")), "19.99 came back in all, says the rail; 20.00 had, of 50.00");
    for amount in ["50.01", "-0.01"] {
        for status in [PayoutStatus::Submitting, PayoutStatus::Submitted, PayoutStatus::Paid, PayoutStatus::Returned] {
            for sighting in [paid(amount), back(amount)] {
                assert!(matches!(decide(&standing(status), &sighting, now(), &numbers()), Err(Contradiction::Amount { .. })), "{status}");
            }
        }
    }
    assert!(matches!(decide(&standing(PayoutStatus::Submitted), &back("0"), now(), &numbers()), Err(Contradiction::Amount { .. })));
}

#[test]
fn a_payment_keeps_its_name() {
    let other = |reference: &str| {
        let reference = reference.to_owned();
        [
            Sighting::Underway { reference: reference.clone(), note: None },
            Sighting::Paid { reference: reference.clone(), returned: Money::ZERO },
            Sighting::Returned { reference: reference.clone(), returned: money("50"), note: None },
            Sighting::Failed { reference: Some(reference), reason: "no".into() },
        ]
    };
    let refused =
        |payout: &Payout, sighting: &Sighting| matches!(decide(payout, sighting, now(), &numbers()), Err(Contradiction::Reference { .. }));
    for status in [PayoutStatus::Submitted, PayoutStatus::Paid, PayoutStatus::Returned] {
        assert_eq!(standing(status).reference.as_deref(), Some("r1"));
        assert!(other("r2").iter().all(|sighting| refused(&standing(status), sighting)), "{status}");
    }
    for reference in ["", "a b", "é"] {
        assert!(other(reference).iter().all(|sighting| refused(&submitting(), sighting)), "{reference:?} is no name");
    }
    let (named, ..) = settle(&standing(PayoutStatus::Submitted), &failed());
    assert_eq!((named.status, named.reference.as_deref()), (PayoutStatus::Failed, Some("r1")), "a name that is known stays");
    let (named, ..) = settle(&submitting(), &other("r9")[3]);
    assert_eq!((named.reference.as_deref(), named.reason.as_deref()), (Some("r9"), Some("no")));
}

#[test]
fn only_what_is_being_sent_can_be_doubted() {
    for status in PayoutStatus::ALL {
        let doubted = doubt(&standing(status), RailDoubt::ServerError, now());
        assert_eq!(doubted.is_some(), status == PayoutStatus::Submitting, "{status}");
    }
    let change = doubt(&submitting(), RailDoubt::NoAnswer, now()).unwrap();
    assert_eq!(change.event.step, Step::Unknown { doubt: RailDoubt::NoAnswer });
    assert!(change.plan.moves.accounts.is_empty() && change.payout.status.is_reserved());
    assert_eq!(change.payout, Payout { status: PayoutStatus::Unknown, version: 4, ..submitting() });
}

/// What each change moves: kind, from, to, amount.
fn moved(change: &Change) -> Vec<(TransferKind, String, String, String)> {
    let told = |t: &ledger::Transfer| (t.kind(), t.debit().to_string(), t.credit().to_string(), t.amount().to_string());
    change.plan.lines[0].transfers.iter().map(told).collect()
}

fn row(kind: TransferKind, debit: &str, credit: &str, amount: &str) -> (TransferKind, String, String, String) {
    (kind, format!("{debit}:alice"), format!("{credit}:alice"), amount.to_owned())
}

#[test]
fn each_step_moves_what_it_says() {
    use TransferKind::{Payout as Pay, Release, Return};
    let (head, changes, _) = settle(&submitting(), &paid("0"));
    assert_eq!(moved(&changes[0]), [row(Pay, "in_payout", "paid:paypal", "50.00")]);
    let invoice = InvoiceNumber { year: 2026, number: 42 };
    assert_eq!(changes[0].event.step, Step::Paid { reference: "r1".into(), invoice });
    assert_eq!((head.invoice, head.paid_at, &head.note), (Some(invoice), Some(now()), &None));

    let (head, changes, _) = settle(&head, &back("12.5"));
    assert_eq!(moved(&changes[0]), [row(Return, "paid:paypal", "referral", "2.50"), row(Return, "paid:paypal", "rental", "10.00")]);
    let credit_note = Some(CreditNoteNumber { year: 2026, number: 7 });
    let reason = Some("RETURNED".to_owned());
    let step = Step::Returned { reference: "r1".into(), amount: money("12.5"), total: money("12.5"), reason, credit_note };
    assert_eq!(changes[0].event.step, step);
    assert_eq!((head.returned, head.reason.as_deref(), head.credit_notes.len()), (money("12.5"), Some("RETURNED"), 1));
    let (head, changes, _) = settle(&head, &paid("20"));
    assert_eq!(moved(&changes[0]), [row(Return, "paid:paypal", "referral", "7.50")]);
    assert_eq!((head.status, head.returned, head.reason.as_deref()), (PayoutStatus::Returned, money("20"), Some("RETURNED")));
    let step = Step::Returned { reference: "r1".into(), amount: money("7.5"), total: money("20"), reason: None, credit_note };
    assert_eq!((&changes[0].event.step, head.credit_notes.len()), (&step, 2), "what came back with this step, and in all");

    let (head, changes, _) = settle(&submitting(), &failed());
    assert_eq!(moved(&changes[0]), [row(Release, "in_payout", "referral", "40.00"), row(Release, "in_payout", "rental", "10.00")]);
    assert_eq!((head.reason.as_deref(), head.reference), (Some("RECEIVER_UNREGISTERED"), None));

    let (head, changes, _) = settle(&submitting(), &back("50"));
    assert_eq!(changes.iter().map(|change| change.event.step.name()).collect::<Vec<_>>(), ["submitted", "returned"]);
    assert!(moved(&changes[0]).is_empty());
    assert_eq!(moved(&changes[1]), [row(Return, "in_payout", "referral", "40.00"), row(Return, "in_payout", "rental", "10.00")]);
    assert_eq!((head.invoice, head.credit_notes.len(), head.returned), (None, 0, money("50")), "what never arrived has no invoice");

    let (head, changes, _) = settle(&submitting(), &back("20"));
    assert_eq!(changes.iter().map(|change| change.event.step.name()).collect::<Vec<_>>(), ["paid", "returned"]);
    assert!(head.invoice.is_some() && head.returned == money("20"), "of what came back in part the rest was paid");
}

#[test]
fn the_rails_word_is_kept_while_it_has_it() {
    let (head, ..) = settle(&submitting(), &underway(Some("PENDING")));
    assert_eq!(head.note.as_deref(), Some("PENDING"));
    let (head, changes, _) = settle(&head, &underway(Some("UNCLAIMED")));
    assert_eq!((head.status, head.note.as_deref(), changes.len()), (PayoutStatus::Submitted, Some("UNCLAIMED"), 1));
    assert_eq!(changes[0].event.step, Step::Noted { note: Some("UNCLAIMED".into()) });
    assert!(moved(&changes[0]).is_empty() && changes[0].plan.moves.accounts.is_empty());
    assert_eq!(settle(&head, &underway(None)).0.note, None);
    assert_eq!(settle(&head, &paid("0")).0.note, None);
}

#[test]
fn a_step_says_why_and_where_it_may_stay() {
    let (run, by) = (RunId::of_request(&alice(), &IdempotencyKey::try_new("r").unwrap()), alice());
    let to = || ("k1.00".to_owned(), 1, 0);
    let intent = |(destination, destination_version, settings_version)| Step::Submitting {
        run,
        ordered_by: by,
        key: "k".into(),
        destination,
        destination_version,
        settings_version,
    };
    let approval = |(destination, destination_version, settings_version)| Step::ApprovalGiven {
        amount: money("1"),
        destination,
        destination_version,
        needed: 2,
        settings_version,
    };
    let (reference, note) = (String::from("r1"), Some(String::from("why")));
    let returned = |reason| Step::Returned { reference: "r1".into(), amount: money("1"), total: money("1"), reason, credit_note: None };
    let invoice = numbers().invoice;
    let steps = [
        (approval(to()), None, Some(PayoutStatus::Requested)),
        (Step::Rejected { reason: "no".into() }, Some("no"), None),
        (Step::Canceled { reason: CancelReason::ClawedBack }, Some("clawed_back"), None),
        (intent(to()), None, None),
        (Step::Submitted { reference: reference.clone(), note: note.clone() }, None, None),
        (Step::Paid { reference, invoice }, None, None),
        (Step::Failed { reference: None, reason: "no".into() }, Some("no"), None),
        (Step::Unknown { doubt: RailDoubt::NoAnswer }, Some("no answer came"), None),
        (returned(note.clone()), Some("why"), Some(PayoutStatus::Returned)),
        (returned(None), None, Some(PayoutStatus::Returned)),
        (Step::Noted { note }, None, Some(PayoutStatus::Submitted)),
    ];
    for (step, reason, stays) in steps {
        assert_eq!(step.reason().as_deref(), reason, "{step:?}");
        let may: Vec<_> = PayoutStatus::ALL.into_iter().filter(|status| step.may_stay(*status)).collect();
        assert_eq!(may, stays.into_iter().collect::<Vec<_>>(), "{step:?}");
        let text = serde_json::to_string(&step).unwrap();
        assert!(text.contains(&format!(r#""type":"{}""#, step.name())), "{text}");
    }
}

#[test]
fn an_invoice_and_a_credit_note_are_of_the_year_of_their_record() {
    let later = "2027-01-01T00:00:00Z".parse().unwrap();
    let change = decide(&submitting(), &paid("0"), later, &Numbers::after(2027, 0, 0)).unwrap().unwrap();
    assert_eq!(change.payout.invoice.unwrap().to_string(), "INV-2027-000001");
    let stale = decide(&submitting(), &paid("0"), later, &numbers()).unwrap().unwrap();
    assert_eq!(stale.payout.invoice.unwrap().year, 2027, "with numbers of another year it loses its claim, but tells no wrong year");
    let stale = decide(&stale.payout, &back("20"), later, &numbers()).unwrap().unwrap();
    assert_eq!(stale.payout.credit_notes.last().unwrap().to_string(), "CN-2027-000007");
}

/// Each planted bug does what it says, so that whoever looks for it can find it.
#[cfg(feature = "bugs")]
#[test]
fn planted_bugs_show() {
    use crate::bug::{Bug, with};
    let later = now() + chrono::Duration::hours(1);
    let step = |payout: &Payout, sighting: &Sighting| decide(payout, sighting, later, &numbers()).unwrap();
    let once = standing(PayoutStatus::Paid);
    assert_eq!(step(&once, &paid("0")), None);
    let twice = with(Some(Bug::PaidTwice), || step(&once, &paid("0"))).unwrap();
    assert_eq!((twice.event.step.name(), twice.payout.status), ("paid", PayoutStatus::Paid));
    assert_eq!(with(Some(Bug::PaidTwice), || step(&twice.payout, &paid("0"))), None, "once for each time that it is looked at");

    let back_once = standing(PayoutStatus::Returned);
    assert_eq!(step(&back_once, &paid("20")), None);
    let back_twice = with(Some(Bug::ReturnPerSighting), || step(&back_once, &paid("20"))).unwrap();
    assert_eq!(back_twice.payout.returned, money("40"));
    assert!(with(Some(Bug::ReturnPerSighting), || decide(&back_twice.payout, &paid("20"), later, &numbers())).is_err());

    let lost = with(Some(Bug::ReserveLostOnFailure), || step(&submitting(), &failed())).unwrap();
    assert!(lost.payout.status == PayoutStatus::Failed && lost.plan.moves.accounts.is_empty());
    let keys = with(Some(Bug::SecondKey), || [submitting().key(), submitting().key()]);
    assert!(keys[0] != keys[1] && submitting().key() == submitting().id.as_str());
}
