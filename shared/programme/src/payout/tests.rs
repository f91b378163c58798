#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::{
    account::{Account, Total},
    plan::{Body, Guard, Moves, Subject},
    settings::Settings,
};
use chrono::{DateTime, Utc};
use ledger::{AccountId, Money, Rail, TransferKind};

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
    at("2026-03-10T12:00:00Z")
}
fn destination(changed_at: &str) -> PayoutAccount {
    let masked = "a…@example.com".to_owned();
    PayoutAccount { rail: Rail::Paypal, digest: "k1.00".into(), masked, version: 1, changed_at: at(changed_at), changed_by: id("alice") }
}
fn figures(totals: &[(Total, &str)]) -> Account {
    Account { totals: totals.iter().map(|(total, amount)| (*total, money(amount))).collect(), cash_version: 7, ..Account::default() }
}

struct Case {
    amount: &'static str,
    figures: Account,
    destination: Option<PayoutAccount>,
    requested_today: &'static str,
    settings: Settings,
}

impl Default for Case {
    fn default() -> Self {
        // 0.75 × 1000 + 100 = 850 can be cashed.
        let figures = figures(&[(Total::Rewards, "1000"), (Total::Rental, "100")]);
        Self {
            amount: "50",
            figures,
            destination: Some(destination("2026-03-01T00:00:00Z")),
            requested_today: "0",
            settings: Settings::default(),
        }
    }
}

impl Case {
    fn decide(&self) -> Result<Change, RequestRefusal> {
        let alice = id("alice");
        let payout = PayoutId::of_request(&alice, &IdempotencyKey::try_new("k").unwrap());
        request(&Request {
            id: &payout,
            account: &alice,
            amount: money(self.amount),
            now: now(),
            settings: (3, &self.settings),
            figures: &self.figures,
            destination: self.destination.as_ref(),
            requested_today: money(self.requested_today),
        })
    }
}

fn requested(amount: &'static str) -> Payout {
    Case { amount, ..Case::default() }.decide().unwrap().payout
}

#[test]
fn each_rule_of_a_request_has_its_row() {
    use RequestRefusal::{AccountDailyLimit, Cashable, Debt, DestinationCooldown, Maximum, Minimum, NoPayoutAccount, RailPrecision};
    let small = Settings { payout_maximum: money("60"), account_daily_limit: money("70"), ..Settings::default() };
    let fresh = || Some(destination("2026-03-09T12:00:00Z"));
    let cases = [
        (Case::default(), None),
        (Case { destination: None, amount: "0.01", ..Case::default() }, Some(NoPayoutAccount)),
        (Case { destination: fresh(), ..Case::default() }, Some(DestinationCooldown { opens_at: at("2026-03-12T12:00:00Z") })),
        (Case { destination: Some(destination("2026-03-07T12:00:00Z")), ..Case::default() }, None),
        (
            Case { destination: Some(destination("2026-03-07T12:00:01Z")), ..Case::default() },
            Some(DestinationCooldown { opens_at: at("2026-03-10T12:00:01Z") }),
        ),
        (Case { amount: "50.001", ..Case::default() }, Some(RailPrecision { places: 2 })),
        (Case { amount: "50.010", ..Case::default() }, None),
        (Case { amount: "19.99", ..Case::default() }, Some(Minimum { minimum: money("20") })),
        (Case { amount: "20", ..Case::default() }, None),
        (Case { amount: "60.01", settings: small.clone(), ..Case::default() }, Some(Maximum { maximum: money("60") })),
        (Case { amount: "60", settings: small.clone(), ..Case::default() }, None),
        (
            Case { amount: "40.01", settings: small.clone(), requested_today: "30", ..Case::default() },
            Some(AccountDailyLimit { left: money("40") }),
        ),
        (Case { amount: "40", settings: small.clone(), requested_today: "30", ..Case::default() }, None),
        (Case { amount: "20", settings: small, requested_today: "90", ..Case::default() }, Some(AccountDailyLimit { left: money("0") })),
        (Case { amount: "850", ..Case::default() }, None),
        (Case { amount: "850.01", ..Case::default() }, Some(Cashable { cashable: money("850") })),
        (Case { figures: figures(&[]), ..Case::default() }, Some(Cashable { cashable: money("0") })),
        (
            Case { figures: figures(&[(Total::Rewards, "18"), (Total::ReferralCash, "22.5")]), ..Case::default() },
            Some(Debt { debt: money("9") }),
        ),
    ];
    for (index, (case, refusal)) in cases.into_iter().enumerate() {
        assert_eq!(case.decide().err(), refusal, "case {index}");
    }
}

#[test]
fn a_request_reserves_referral_first_and_then_rental() {
    let change = Case { amount: "800", ..Case::default() }.decide().unwrap();
    let kinds: Vec<_> = change.plan.lines[0]
        .transfers
        .iter()
        .map(|t| (t.kind(), t.debit().to_string(), t.credit().to_string(), t.amount().to_string()))
        .collect();
    let expected = [("referral:alice", "750.00"), ("rental:alice", "50.00")];
    assert_eq!(
        kinds,
        expected.map(|(purse, amount)| (TransferKind::Reserve, purse.to_owned(), "in_payout:alice".to_owned(), amount.to_owned()))
    );
    let moved = &change.plan.moves.accounts[&id("alice")];
    assert_eq!((moved.totals[&Total::ReferralCash], moved.totals[&Total::RentalCash]), (money("750"), money("50")));
    assert_eq!(change.plan.guards[&id("alice")], Guard::CashVersion(7));
    assert_eq!((change.plan.lines[0].number, change.payout.version, change.before), (0, 1, None));
    assert_eq!(change.plan.lines[0].subject, Subject::Payout(change.payout.id.to_string()));
    let Body::Payout { event } = &change.plan.lines[0].body else { panic!("a payout's record") };
    let event: PayoutEvent = serde_json::from_str(event).unwrap();
    assert_eq!((event.by, event.status), (Actor::Account(id("alice")), PayoutStatus::Requested));
    assert!(matches!(event.step, Step::Requested { amount, settings_version: 3, .. } if amount == money("800")));
}

#[test]
fn what_is_reserved_is_released_to_the_last_digit() {
    let reserved = Case { amount: "800", ..Case::default() }.decide().unwrap();
    let payee = Actor::Account(id("alice"));
    let reason = Reason::try_new("no invoice").unwrap();
    let ends = [
        cancel(&reserved.payout, payee, CancelReason::ByAccount, now()).unwrap(),
        reject(&reserved.payout, &id("fin1"), &reason, now()).unwrap(),
    ];
    for end in ends {
        let mut both: Moves = reserved.plan.moves.clone();
        both.merge(end.plan.moves.clone());
        assert!(both.accounts.is_empty(), "{both:?}");
        let sides = |change: &Change, turned: bool| -> Vec<_> {
            let side = |t: &ledger::Transfer| {
                if turned {
                    (t.credit().clone(), t.debit().clone(), t.amount())
                } else {
                    (t.debit().clone(), t.credit().clone(), t.amount())
                }
            };
            change.plan.lines[0].transfers.iter().map(side).collect()
        };
        assert_eq!(sides(&reserved, false), sides(&end, true));
        assert!(end.plan.lines[0].transfers.iter().all(|t| t.kind() == TransferKind::Release));
        assert_eq!((end.plan.lines[0].number, end.payout.version), (1, 2));
        assert!(end.payout.reason.is_some() && !end.payout.status.is_reserved());
    }
}

#[test]
fn only_what_no_rail_has_can_be_ended() {
    for status in PayoutStatus::ALL {
        let payout = Payout { status, ..requested("50") };
        let canceled = cancel(&payout, Actor::System, CancelReason::ClawedBack, now());
        assert_eq!(canceled.is_ok(), [PayoutStatus::Requested, PayoutStatus::Approved].contains(&status), "cancel {status}");
        let rejected = reject(&payout, &id("fin1"), &Reason::try_new("x").unwrap(), now());
        assert_eq!(rejected.is_ok(), status == PayoutStatus::Requested, "reject {status}");
    }
}

struct Act {
    amount: &'static str,
    by: &'static str,
    version: u32,
    approved_today: &'static str,
    earlier: Vec<&'static str>,
    status: PayoutStatus,
    change: fn(&mut Payout, &mut Option<PayoutAccount>, &mut Settings),
}

impl Default for Act {
    fn default() -> Self {
        Self {
            amount: "50",
            by: "fin1",
            version: 1,
            approved_today: "0",
            earlier: vec![],
            status: PayoutStatus::Requested,
            change: |_, _, _| {},
        }
    }
}

/// The status after it, `already`, or the refusal.
fn outcome(act: &Act) -> Result<String, ApprovalRefusal> {
    let mut payout = requested(act.amount);
    let mut settings = Settings::default();
    for by in &act.earlier {
        payout.approvals.push(Approval {
            by: id(by),
            at: now(),
            amount: payout.amount,
            destination: payout.destination.digest.clone(),
            destination_version: 1,
        });
    }
    payout.version += u32::try_from(act.earlier.len()).unwrap();
    payout.status = act.status;
    let mut current = Some(payout.destination.clone());
    (act.change)(&mut payout, &mut current, &mut settings);
    let by = id(act.by);
    let asked = Approve {
        payout: &payout,
        by: &by,
        version: act.version,
        now: now(),
        settings: (0, &settings),
        current: current.as_ref(),
        approved_today: money(act.approved_today),
    };
    match approve(&asked)? {
        Approved::Already => Ok("already".into()),
        Approved::Now(change) => {
            assert!(change.plan.moves.accounts.is_empty() && change.plan.lines[0].transfers.is_empty(), "an approval moves no money");
            assert_eq!(change.payout.approvals.last().unwrap().by, by);
            Ok(change.payout.status.to_string())
        }
    }
}

#[test]
fn who_may_approve_what() {
    use ApprovalRefusal as No;
    let ok = |text: &str| Ok(text.to_owned());
    let cases: Vec<(&str, Act, Result<String, No>)> = vec![
        ("one is enough below the limit", Act::default(), ok("approved")),
        ("and at it", Act { amount: "500", ..Act::default() }, ok("approved")),
        ("above it the first is not enough", Act { amount: "500.01", ..Act::default() }, ok("requested")),
        (
            "a second, different person is",
            Act { amount: "500.01", by: "fin2", earlier: vec!["fin1"], version: 2, ..Act::default() },
            ok("approved"),
        ),
        (
            "the same person again is no second",
            Act { amount: "500.01", earlier: vec!["fin1"], version: 2, ..Act::default() },
            ok("already"),
        ),
        ("the same call again is the same", Act { earlier: vec!["fin1"], status: PayoutStatus::Approved, ..Act::default() }, ok("already")),
        ("the payee never", Act { by: "alice", ..Act::default() }, Err(No::OwnPayout)),
        (
            "the payee never, nor as the second",
            Act { amount: "500.01", by: "alice", earlier: vec!["fin1"], version: 2, ..Act::default() },
            Err(No::OwnPayout),
        ),
        (
            "nor who changed the destination",
            Act { change: |payout, _, _| payout.destination.changed_by = id("fin1"), ..Act::default() },
            Err(No::OwnDestination),
        ),
        ("an old version", Act { version: 0, ..Act::default() }, Err(No::Stale)),
        ("a version to come", Act { version: 2, ..Act::default() }, Err(No::Stale)),
        (
            "a destination that was changed",
            Act { change: |_, current, _| current.as_mut().unwrap().version = 2, ..Act::default() },
            Err(No::DestinationChanged),
        ),
        (
            "another destination",
            Act { change: |_, current, _| current.as_mut().unwrap().digest = "k1.01".into(), ..Act::default() },
            Err(No::DestinationChanged),
        ),
        ("no destination", Act { change: |_, current, _| *current = None, ..Act::default() }, Err(No::DestinationChanged)),
        (
            "a longer cool-down since",
            Act { change: |_, _, settings| settings.destination_cooldown_hours = 2160, ..Act::default() },
            Err(No::DestinationCooldown { opens_at: at("2026-05-30T00:00:00Z") }),
        ),
        (
            "the very moment at which it opens",
            Act { change: |_, _, settings| settings.destination_cooldown_hours = 228, ..Act::default() },
            ok("approved"),
        ),
        (
            "an hour before",
            Act { change: |_, _, settings| settings.destination_cooldown_hours = 229, ..Act::default() },
            Err(No::DestinationCooldown { opens_at: at("2026-03-10T13:00:00Z") }),
        ),
        ("the limit of the day", Act { approved_today: "249950", ..Act::default() }, ok("approved")),
        ("above it", Act { approved_today: "249950.01", ..Act::default() }, Err(No::GlobalDailyLimit { left: money("49.99") })),
        ("the first of two does not use it", Act { amount: "500.01", approved_today: "250000", ..Act::default() }, ok("requested")),
        (
            "an approval of another amount does not count",
            Act {
                amount: "500.01",
                by: "fin2",
                earlier: vec!["fin1"],
                version: 2,
                change: |payout, _, _| payout.approvals[0].amount = money("1"),
                ..Act::default()
            },
            ok("requested"),
        ),
        (
            "nor one of another destination",
            Act {
                amount: "500.01",
                by: "fin2",
                earlier: vec!["fin1"],
                version: 2,
                change: |payout, _, _| payout.approvals[0].destination_version = 9,
                ..Act::default()
            },
            ok("requested"),
        ),
    ];
    for (name, act, expected) in cases {
        assert_eq!(outcome(&act), expected, "{name}");
    }
}

#[test]
fn only_a_requested_one_is_approved() {
    for status in PayoutStatus::ALL {
        let expected = if status == PayoutStatus::Requested { Ok("approved".to_owned()) } else { Err(ApprovalRefusal::NotRequested) };
        assert_eq!(outcome(&Act { status, ..Act::default() }), expected, "{status}");
    }
}

#[test]
fn reasons_are_words() {
    for (text, fits) in [("x", true), ("  no invoice ", true), ("", false), ("  ", false), ("a\nb", false)] {
        assert_eq!(Reason::try_new(text).is_ok(), fits, "{text:?}");
    }
    assert_eq!(Reason::try_new("  no invoice ").unwrap().as_str(), "no invoice");
    assert!(Reason::try_new(&"é".repeat(500)).is_ok() && Reason::try_new(&"é".repeat(501)).is_err());
}

/// The names in tables and answers are those in stored records.
#[test]
fn a_role_and_a_cancellation_have_one_name_each() {
    for by in [Actor::Account(id("alice")), Actor::Finance(id("fin1")), Actor::System] {
        assert_eq!(serde_json::to_value(&by).unwrap()["role"], by.role());
    }
    for reason in [CancelReason::ByAccount, CancelReason::DestinationChanged, CancelReason::ClawedBack] {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
}

/// Callers tell the rules apart by these names.
#[test]
fn each_refusal_of_a_request_names_its_rule() {
    use RequestRefusal::{AccountDailyLimit, Cashable, Debt, DestinationCooldown, Maximum, Minimum, NoPayoutAccount, RailPrecision};
    let some = money("1");
    for (refusal, rule) in [
        (NoPayoutAccount, "no_payout_account"),
        (DestinationCooldown { opens_at: now() }, "destination_cooldown"),
        (RailPrecision { places: 2 }, "rail_precision"),
        (Minimum { minimum: some }, "payout_minimum"),
        (Maximum { maximum: some }, "payout_maximum"),
        (AccountDailyLimit { left: some }, "account_daily_limit"),
        (Debt { debt: some }, "debt"),
        (Cashable { cashable: some }, "cashable"),
    ] {
        assert_eq!(refusal.rule(), rule);
    }
}
