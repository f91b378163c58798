#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::{
    attribution::{Attribution, AttributionStatus, Receipt, Signals, decide},
    fact::{Buyer, Naming, PurchaseId, Source},
    plan::{BuyerView, PostedPurchase, Views, purchase_line, rental_line, spending_line},
    reward::Referrer,
    settings::{History, Programme, Settings, Version},
};
use chrono::{DateTime, Utc};
use ledger::{Rail, Transfer};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}
fn usd() -> Currency {
    "USD".parse().unwrap()
}
fn purchase() -> PurchaseId {
    "stripe:pi_secret".parse().unwrap()
}
fn captured(amount: &str) -> PurchaseFact {
    let buyer = Some(Buyer { by: Naming::Payment, account: id("bob_secret") });
    PurchaseFact::Captured { amount: amount.parse().unwrap(), currency: usd(), at: at("2026-11-21T12:00:00Z"), credits: None, buyer }
}
fn refund(amount: &str, status: RefundStatus) -> PurchaseFact {
    PurchaseFact::Refund { id: "re_secret".into(), amount: amount.parse().unwrap(), currency: usd(), status }
}
fn dispute(amount: &str, status: DisputeStatus, time: &str) -> PurchaseFact {
    PurchaseFact::Dispute { id: "dp_secret".into(), amount: amount.parse().unwrap(), currency: usd(), status, at: at(time) }
}
fn attribution(status: AttributionStatus) -> Attribution {
    let receipt = Receipt { click: "clk_a".into(), code: "AAAA".into(), template: None, at: at("2026-11-01T00:00:00Z") };
    let made = decide(
        &id("bob_secret"),
        Some((&receipt, &id("alice"))),
        &Signals::default(),
        at("2026-11-02T00:00:00Z"),
        (0, &Settings::default()),
    );
    Attribution { status, ..made }
}
fn views(attribution: Attribution) -> Views {
    let version = Version { number: 2, from: at("2026-01-01T00:00:00Z"), value: Settings::default() };
    let buyers = [(id("bob_secret"), BuyerView { attribution: Some(attribution) })].into();
    Views { buyers, programme: Programme::new(History::from_versions(vec![version])), ..Views::default() }
}

/// A purchase that takes in one group of facts after the other.
struct Story {
    views: Views,
    posted: Option<PostedPurchase>,
}

impl Story {
    fn new(views: Views) -> Self {
        Self { views, posted: None }
    }

    fn take(&mut self, facts: &[PurchaseFact]) -> Line {
        let fact = |fact: &PurchaseFact| Fact {
            source: Source::Stripe,
            event: "evt_secret".into(),
            body: FactBody::Purchase { purchase: purchase(), fact: fact.clone() },
        };
        let facts: Vec<Fact> = facts.iter().map(fact).collect();
        let line =
            purchase_line(&purchase(), self.posted.as_ref(), &facts, &self.views, at("2026-11-22T00:00:00Z")).unwrap().lines.remove(0);
        let Body::Purchase { state, posting, .. } = &line.body else { panic!("a purchase") };
        self.posted = Some(PostedPurchase { number: line.number, state: (**state).clone(), posting: (**posting).clone() });
        line
    }

    /// Amount and cause of the line, for the referrer.
    fn told(&mut self, facts: &[PurchaseFact]) -> (String, String) {
        let line = self.take(facts);
        let statement = statement(&line, &id("alice"));
        assert!(!statement.cause.contains("secret"), "{}", statement.cause);
        (statement.amount.to_string(), statement.cause)
    }
}

#[track_caller]
fn is(told: (String, String), amount: &str, cause: &str) {
    assert_eq!((told.0.as_str(), told.1.as_str()), (amount, cause));
}

#[test]
fn a_reward_and_what_takes_it_back_and_gives_it_back() {
    let mut story = Story::new(views(attribution(AttributionStatus::Attributed)));
    is(story.told(&[captured("100")]), "3.00", "3 % of 100.00 bought by a referred account on 2026-11-21, settings version 2");
    let left = |left: &str| format!("3 % of the {left} left of 100.00 bought by a referred account on 2026-11-21, settings version 2");
    let whole = "3 % of 100.00 bought by a referred account on 2026-11-21, settings version 2";
    is(
        story.told(&[refund("40", RefundStatus::Pending)]),
        "-1.20",
        &format!("taken back: a refund of 40.00 was asked for; now {}", left("60.00")),
    );
    is(story.told(&[refund("40", RefundStatus::Succeeded)]), "0.00", &format!("a refund of 40.00 went through; now {}", left("60.00")));
    is(story.told(&[refund("40", RefundStatus::Failed)]), "1.20", &format!("a refund of 40.00 failed; now {whole}"));
    is(
        story.told(&[dispute("100", DisputeStatus::Inquiry, "2026-11-22T00:00:00Z")]),
        "0.00",
        &format!("a dispute over 100.00 is asked about; now {whole}"),
    );
    is(
        story.told(&[dispute("100", DisputeStatus::Open, "2026-11-23T00:00:00Z")]),
        "-3.00",
        &format!("taken back: a dispute over 100.00 was opened; now {}", left("0.00")),
    );
    is(
        story.told(&[dispute("100", DisputeStatus::Won, "2026-11-24T00:00:00Z")]),
        "3.00",
        &format!("a dispute over 100.00 was decided for the seller; now {whole}"),
    );
    let total = PurchaseFact::RefundedTotal { amount: "50".parse().unwrap(), currency: usd() };
    let lost = dispute("10", DisputeStatus::Lost, "2026-11-25T00:00:00Z");
    let both = format!("taken back: 50.00 was refunded in all; a dispute over 10.00 was decided for the buyer; now {}", left("80.00"));
    // Of the sum of 50.00, the 40.00 that failed are no refund.
    is(story.told(&[total, lost]), "-0.60", &both);
    let fewer = "taken back: the processor told the purchase otherwise; now 3 % of the 70.00 left of 90.00 bought by a referred account on 2026-11-21, settings version 2";
    is(story.told(&[captured("90")]), "-0.30", fewer);
    let instrument = PurchaseFact::Instrument { digest: "k1.secret".into() };
    let unchanged = "3 % of the 70.00 left of 90.00 bought by a referred account on 2026-11-21, settings version 2";
    is(story.told(&[instrument]), "0.00", unchanged);
}

#[test]
fn a_review_and_its_end() {
    let mut story = Story::new(views(attribution(AttributionStatus::InReview)));
    let plain = "3 % of 100.00 bought by a referred account on 2026-11-21, settings version 2";
    is(story.told(&[captured("100")]), "3.00", &format!("{plain}, in review"));
    story.views = views(attribution(AttributionStatus::Attributed));
    let line = story.take(&[]);
    let cleared = statement(&line, &id("alice"));
    assert_eq!((cleared.kinds.as_slice(), cleared.amount), ([TransferKind::ReviewCleared].as_slice(), Money::ZERO));
    assert_eq!(cleared.cause, format!("the referral's review was cleared; now {plain}"));
    story.views = views(attribution(AttributionStatus::InReview));
    is(story.told(&[]), "0.00", &format!("the referral went into review; now {plain}, in review"));
    story.views = views(attribution(AttributionStatus::Refused));
    is(story.told(&[]), "-3.00", "taken back: something about the referral changed; now earns nothing: the referral was refused");
}

#[test]
fn the_account_s_own_rate_is_named() {
    let mut views = views(attribution(AttributionStatus::Attributed));
    let rates = History::from_versions(vec![Version { number: 4, from: at("2026-11-01T00:00:00Z"), value: "0.0525".parse().unwrap() }]);
    views.referrers.insert(id("alice"), Referrer { rates, closed_at: None });
    let line = Story::new(views).take(&[captured("100")]);
    let statement = statement(&line, &id("alice"));
    assert_eq!(statement.cause, "5.25 % of 100.00 bought by a referred account on 2026-11-21, settings version 2, own rate version 4");
    assert_eq!(statement.reward.map(|reward| (reward.rate.to_string(), reward.rate_version)), Some(("0.0525".into(), Some(4))));
    assert_eq!((statement.rule, statement.kinds.as_slice()), ("earns", [TransferKind::Reward].as_slice()));
}

#[test]
fn what_earns_nothing_says_why() {
    let euro = PurchaseFact::RefundedTotal { amount: "1".parse().unwrap(), currency: "EUR".parse().unwrap() };
    let mut story = Story::new(views(attribution(AttributionStatus::Attributed)));
    story.take(&[captured("100")]);
    let parked =
        "taken back: 1.00 EUR was refunded in all; now earns nothing: it is not in the programme's currency, and waits for a decision";
    is(story.told(&[euro]), "-3.00", parked);

    let mut early = attribution(AttributionStatus::Attributed);
    early.credit.as_mut().unwrap().clicked_at = at("2026-11-21T12:00:01Z");
    let line = Story::new(views(early)).take(&[captured("100")]);
    let told = statement(&line, &id("alice"));
    assert_eq!((told.kinds, told.amount, told.currency, told.rule), (vec![], Money::ZERO, None, "before_click"));
    assert_eq!(told.cause, "earns nothing: it was bought before the click that is credited");

    let all = [
        Outcome::Earns,
        Outcome::NotCaptured,
        Outcome::NoBuyer,
        Outcome::Parked,
        Outcome::Waiting,
        Outcome::NotAttributed,
        Outcome::Refused,
        Outcome::BeforeClick,
        Outcome::AfterDuration,
        Outcome::ReferrerClosed,
        Outcome::ByUsage,
        Outcome::ByPurchase,
    ];
    let different: std::collections::BTreeSet<&str> = all.into_iter().map(outcome_words).collect();
    assert_eq!(different.len(), all.len());
}

/// An amount is told with its currency wherever that could be another one than the programme's.
#[test]
fn a_currency_is_named_where_it_is_in_doubt() {
    let euro: Currency = "EUR".parse().unwrap();
    let asked = |currency: &Currency| PurchaseFact::Refund {
        id: format!("re_secret_{currency}"),
        amount: "4".parse().unwrap(),
        currency: currency.clone(),
        status: RefundStatus::Pending,
    };
    let buyer = Some(Buyer { by: Naming::Payment, account: id("bob_secret") });
    let in_euro = PurchaseFact::Captured {
        amount: "100".parse().unwrap(),
        currency: euro.clone(),
        at: at("2026-11-21T12:00:00Z"),
        credits: None,
        buyer,
    };
    let uncaptured = "now earns nothing: nothing was captured yet";
    let parked = "now earns nothing: it is not in the programme's currency, and waits for a decision";
    for (facts, cause) in [
        (vec![asked(&usd())], format!("a refund of 4.00 was asked for; {uncaptured}")),
        (
            vec![asked(&usd()), asked(&euro)],
            format!("a refund of 4.00 USD was asked for; a refund of 4.00 EUR was asked for; {uncaptured}"),
        ),
        (vec![in_euro, asked(&euro)], format!("a refund of 4.00 EUR was asked for; {parked}")),
    ] {
        is(Story::new(views(attribution(AttributionStatus::Attributed))).told(&facts), "0.00", &cause);
    }
}

#[test]
fn another_s_reward_is_not_told() {
    let line = Story::new(views(attribution(AttributionStatus::Attributed))).take(&[captured("100")]);
    let told = statement(&line, &id("mallory"));
    assert_eq!((told.amount, told.reward, told.kinds.len()), (Money::ZERO, None, 0));
    assert_eq!(told.cause, "it is credited to another account");
    let buyer = statement(&line, &id("bob_secret"));
    assert_eq!((buyer.amount.to_string().as_str(), buyer.kinds.as_slice()), ("100.00", [TransferKind::Purchase].as_slice()));
}

#[test]
fn usage_rent_and_payouts() {
    let time = at("2026-11-21T12:00:00Z");
    let fact = |body| Fact { source: Source::Platform, event: "e".into(), body };
    let spent = fact(FactBody::Spent { usage: "u1".into(), account: id("alice"), amount: "5".parse().unwrap(), currency: usd(), at: time });
    let spent = spending_line(&spent, None, &Views::default(), time).unwrap().lines.remove(0);
    let rented = fact(FactBody::Rental {
        earning: "r1".into(),
        account: id("alice"),
        machine: "m-7".into(),
        amount: "7".parse().unwrap(),
        currency: usd(),
        at: time,
    });
    let rented = rental_line(&rented, time).unwrap().lines.remove(0);
    let told = |line: &Line, account: &str| {
        let statement = statement(line, &id(account));
        (statement.amount.to_string(), statement.rule, statement.cause)
    };
    assert_eq!(told(&spent, "alice"), ("-5.00".into(), "usage", "5.00 of credits spent on 2026-11-21".into()));
    assert_eq!(told(&spent, "carol"), ("0.00".into(), "usage", "5.00 of credits spent by a referred account on 2026-11-21".into()));
    assert_eq!(told(&rented, "alice"), ("7.00".into(), "rental", "rent of the machine m-7 on 2026-11-21".into()));

    let (referral, reserved, paid) =
        (LedgerAccount::Referral(id("alice")), LedgerAccount::InPayout(id("alice")), LedgerAccount::Paid(id("alice"), Rail::Wise));
    let step = |event: &str, moves: &[(TransferKind, &LedgerAccount, &LedgerAccount)]| {
        let transfer = |(kind, debit, credit): &(TransferKind, &LedgerAccount, &LedgerAccount)| {
            Transfer::try_new(*kind, (*debit).clone(), (*credit).clone(), "20".parse().unwrap(), usd()).unwrap()
        };
        let transfers = moves.iter().map(transfer).collect();
        let body = Body::Payout { event: event.into() };
        Line { subject: Subject::Payout("pay_1".into()), number: 0, at: time, transfers, listed_for: Some(id("alice")), body }
    };
    for (event, moves, amount, cause) in [
        (
            r#"{"status":"approved","by":{"role":"finance","id":"fin_secret"}}"#,
            vec![],
            "0.00",
            "a step of a payout that moved no money; the payout is approved",
        ),
        ("{}", vec![], "0.00", "a step of a payout that moved no money"),
        (
            r#"{"status":"requested"}"#,
            vec![(TransferKind::Reserve, &referral, &reserved)],
            "-20.00",
            "reserved for a payout; the payout is requested",
        ),
        (
            r#"{"status":"failed"}"#,
            vec![(TransferKind::Release, &reserved, &referral)],
            "20.00",
            "given back by a payout that did not go out; the payout is failed",
        ),
        ("", vec![(TransferKind::Payout, &reserved, &paid)], "0.00", "a payout was paid out of what was reserved for it"),
        ("", vec![(TransferKind::Return, &paid, &referral)], "20.00", "given back by a payout that was returned"),
    ] {
        assert_eq!(told(&step(event, &moves), "alice"), (amount.into(), "payout", cause.into()));
    }
}
