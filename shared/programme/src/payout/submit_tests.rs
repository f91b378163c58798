#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::{
    account::{Account, Total},
    cashable::Split,
    plan::Guard,
    settings::{History, Programme, Settings, Version},
};
use chrono::{DateTime, Utc};
use ledger::{AccountId, Money, Rail, Rate, TransferKind};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
fn money(text: &str) -> Money {
    text.parse().unwrap()
}
fn id(name: &str) -> AccountId {
    AccountId::try_new(name).unwrap()
}
fn now() -> DateTime<Utc> {
    at("2026-03-12T12:00:00Z")
}
fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::try_new(text).unwrap()
}
fn email() -> Destination {
    Destination::paypal_email("alice@example.com").unwrap()
}
fn approval(by: &str, amount: &str) -> Approval {
    Approval { by: id(by), at: at("2026-03-11T12:00:00Z"), amount: money(amount), destination: "k1.00".into(), destination_version: 1 }
}

/// 600.00 of 550.00 referral and 50.00 rental, approved by two.
fn approved() -> Payout {
    Payout {
        id: PayoutId::of_request(&id("alice"), &key("k")),
        account: id("alice"),
        amount: money("600"),
        currency: Settings::default().currency,
        split: Split { referral: money("550"), rental: money("50") },
        destination: PayoutAccount {
            rail: Rail::Paypal,
            digest: "k1.00".into(),
            masked: email().masked(),
            version: 1,
            changed_at: at("2026-03-01T00:00:00Z"),
            changed_by: id("alice"),
        },
        status: PayoutStatus::Approved,
        requested_at: at("2026-03-10T12:00:00Z"),
        version: 3,
        approvals: vec![approval("fin1", "600"), approval("fin2", "600")],
        reason: None,
        run: None,
        submitting_since: None,
        to: None,
        reference: None,
        note: None,
        paid_at: None,
        invoice: None,
        returned: Money::ZERO,
        credit_notes: vec![],
    }
}

struct Case {
    payout: Payout,
    switched_on: bool,
    current: Option<(PayoutAccount, Destination)>,
    figures: Account,
    settings: Vec<(&'static str, Settings)>,
}

impl Default for Case {
    fn default() -> Self {
        // 0.75 × 1000 − 550 + 50 − 50 = 200 are left beside the reserve.
        let totals = [(Total::Rewards, "1000"), (Total::ReferralCash, "550"), (Total::Rental, "50"), (Total::RentalCash, "50")];
        let totals = totals.map(|(total, amount)| (total, money(amount))).into();
        let payout = approved();
        Self {
            current: Some((payout.destination.clone(), email())),
            payout,
            switched_on: true,
            figures: Account { totals, cash_version: 9, ..Account::default() },
            settings: vec![],
        }
    }
}

impl Case {
    fn with(total: Total, amount: &str) -> Self {
        let mut case = Self::default();
        case.figures.totals.insert(total, money(amount));
        case
    }

    fn decide(&self) -> Result<Submitted, SubmitRefusal> {
        let versions =
            self.settings.iter().zip(1..).map(|((from, value), number)| Version { number, from: at(from), value: value.clone() });
        submit(&Submit {
            payout: &self.payout,
            run: &RunId::of_request(&id("fin3"), &key("r")),
            ordered_by: &id("fin3"),
            now: now(),
            programme: &Programme::new(History::from_versions(versions.collect())),
            switched_on: self.switched_on,
            current: self.current.as_ref().map(|(account, to)| (account, to)),
            figures: &self.figures,
        })
    }
}

/// `submitting`, `canceled`, or the refusal.
fn outcome(case: &Case) -> Result<PayoutStatus, SubmitRefusal> {
    match case.decide()? {
        Submitted::Intended(change) | Submitted::ClawedBack(change) => Ok(change.payout.status),
    }
}

#[test]
fn the_intent_freezes_everything_and_moves_nothing() {
    let Submitted::Intended(change) = Case::default().decide().unwrap() else { panic!("an intent") };
    let payout = approved();
    let run = RunId::of_request(&id("fin3"), &key("r"));
    assert!(change.plan.moves.accounts.is_empty() && change.plan.lines[0].transfers.is_empty());
    assert_eq!(change.plan.guards[&id("alice")], Guard::CashVersion(9));
    assert_eq!(
        change.event,
        PayoutEvent {
            by: Actor::System,
            status: PayoutStatus::Submitting,
            step: Step::Submitting {
                run: run.clone(),
                ordered_by: id("fin3"),
                key: payout.id.to_string(),
                destination: "k1.00".into(),
                destination_version: 1,
                settings_version: 0,
            },
        }
    );
    let after =
        Payout { status: PayoutStatus::Submitting, version: 4, run: Some(run), submitting_since: Some(now()), to: Some(email()), ..payout };
    assert_eq!(change.payout, after);
    assert_eq!((change.payout.key(), change.plan.lines[0].number), (after.id.to_string(), 3));
    assert!(!format!("{change:?}").contains("alice@"), "the destination is in no print");
    let crate::plan::Body::Payout { event } = &change.plan.lines[0].body else { panic!("a payout's record") };
    assert!(!event.contains("example.com"), "nor in the record");
}

#[test]
fn each_rule_of_sending_has_its_row() {
    use PayoutStatus::{Canceled, Submitting};
    use SubmitRefusal as No;
    let off = Settings { payouts_enabled: false, ..Settings::default() };
    let strict = Settings { four_eyes_above: money("100"), ..Settings::default() };
    let lower_share = Settings { cashable_share: Rate::ZERO, ..Settings::default() };
    let bent = |change: fn(&mut Payout)| {
        let mut case = Case::default();
        change(&mut case.payout);
        case
    };
    let current = |change: fn(&mut PayoutAccount)| {
        let mut case = Case::default();
        change(&mut case.current.as_mut().unwrap().0);
        case
    };
    let small = |approvals: Vec<Approval>| {
        let mut case = Case::default();
        (case.payout.amount, case.payout.split) = (money("300"), Split { referral: money("300"), rental: Money::ZERO });
        case.payout.approvals = approvals;
        case
    };
    let cases: Vec<(&str, Case, Result<PayoutStatus, No>)> = vec![
        ("all is well", Case::default(), Ok(Submitting)),
        ("the switch", Case { switched_on: false, ..Case::default() }, Err(No::Disabled)),
        ("the settings", Case { settings: vec![("2026-03-12T11:00:00Z", off.clone())], ..Case::default() }, Err(No::Disabled)),
        ("settings to come", Case { settings: vec![("2026-03-12T13:00:00Z", off)], ..Case::default() }, Ok(Submitting)),
        ("no payout account", Case { current: None, ..Case::default() }, Err(No::DestinationChanged)),
        ("another version of it", current(|account| account.version = 2), Err(No::DestinationChanged)),
        ("another digest", current(|account| account.digest = "k1.01".into()), Err(No::DestinationChanged)),
        (
            "what another rail pays to",
            Case { current: Some((approved().destination, Destination::stripe("acct_1").unwrap())), ..Case::default() },
            Err(No::DestinationChanged),
        ),
        ("no approval", bent(|payout| payout.approvals.clear()), Err(No::ApprovalsMissing)),
        ("one of two", bent(|payout| drop(payout.approvals.pop())), Err(No::ApprovalsMissing)),
        ("one person twice", bent(|payout| payout.approvals[1].by = id("fin1")), Err(No::ApprovalsMissing)),
        ("one of another amount", bent(|payout| payout.approvals[1].amount = money("1")), Err(No::ApprovalsMissing)),
        ("one of another destination", bent(|payout| payout.approvals[1].destination_version = 2), Err(No::ApprovalsMissing)),
        ("the payee's own", bent(|payout| payout.approvals[1].by = id("alice")), Err(No::ApprovalsMissing)),
        ("who changed the destination", bent(|payout| payout.destination.changed_by = id("fin2")), Err(No::ApprovalsMissing)),
        ("one for a small amount", small(vec![approval("fin1", "300")]), Ok(Submitting)),
        ("none for a small amount", small(vec![]), Err(No::ApprovalsMissing)),
        (
            "a lower limit since the approval",
            Case { settings: vec![("2026-03-12T00:00:00Z", strict.clone())], ..small(vec![approval("fin1", "300")]) },
            Ok(Submitting),
        ),
        (
            "a lower limit at the approval",
            Case { settings: vec![("2026-03-11T00:00:00Z", strict)], ..small(vec![approval("fin1", "300")]) },
            Err(No::ApprovalsMissing),
        ),
        ("a clawback that leaves enough", Case::with(Total::Rewards, "733.333334"), Ok(Submitting)),
        ("a clawback that does not", Case::with(Total::Rewards, "733.333332"), Ok(Canceled)),
        ("rent that fills the gap", Case { figures: Case::with(Total::Rental, "600").figures, ..Case::default() }, Ok(Submitting)),
        ("credits spent", Case::with(Total::Spent, "450.01"), Ok(Canceled)),
        ("credits spent up to what is left", Case::with(Total::Spent, "450"), Ok(Submitting)),
        ("purchased credits hold nothing back that is reserved", Case::with(Total::Purchased, "50"), Ok(Submitting)),
        ("rewards that went into review", Case::with(Total::InReview, "300"), Ok(Canceled)),
        (
            "a lower share since the request",
            Case { settings: vec![("2026-03-11T00:00:00Z", lower_share)], ..Case::default() },
            Ok(Submitting),
        ),
    ];
    for (name, case, expected) in cases {
        assert_eq!(outcome(&case), expected, "{name}");
    }
    for status in PayoutStatus::ALL {
        let expected = if status == PayoutStatus::Approved { Ok(Submitting) } else { Err(No::NotApproved { status }) };
        assert_eq!(outcome(&Case { payout: Payout { status, ..approved() }, ..Case::default() }), expected, "{status}");
    }
}

#[test]
fn what_was_clawed_back_is_released_and_no_rail_is_called() {
    let Submitted::ClawedBack(change) = Case::with(Total::Rewards, "0").decide().unwrap() else { panic!("canceled") };
    assert_eq!(change.event.step, Step::Canceled { reason: CancelReason::ClawedBack });
    assert_eq!((change.event.by, change.payout.reason.as_deref()), (Actor::System, Some("clawed_back")));
    assert_eq!(change.plan.guards[&id("alice")], Guard::CashVersion(9));
    let moved = &change.plan.moves.accounts[&id("alice")];
    assert_eq!((moved.totals[&Total::ReferralCash], moved.totals[&Total::RentalCash]), (money("-550"), money("-50")));
    assert!(change.plan.lines[0].transfers.iter().all(|transfer| transfer.kind() == TransferKind::Release));
    assert!(change.payout.to.is_none() && change.payout.run.is_none());
}

#[cfg(feature = "bugs")]
#[test]
fn a_planted_bug_sends_what_is_not_there() {
    let gone = Case::with(Total::Rewards, "0");
    assert_eq!(outcome(&gone), Ok(PayoutStatus::Canceled));
    let sent = crate::bug::with(Some(crate::bug::Bug::SubmitWithoutMoneyCheck), || outcome(&gone));
    assert_eq!(sent, Ok(PayoutStatus::Submitting));
}
