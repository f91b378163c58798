#![allow(clippy::unwrap_used)]
use super::*;
use crate::{
    attribution::{Receipt, Signals, decide},
    fact::{Buyer, DisputeStatus, Naming, PurchaseFact, RefundStatus},
    settings::{RewardDuration, Version},
};
use ledger::Currency;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
fn id(name: &str) -> AccountId {
    AccountId::try_new(name).unwrap()
}
fn money(text: &str) -> Money {
    text.parse().unwrap()
}
fn currency(text: &str) -> Currency {
    Currency::try_new(text).unwrap()
}
fn captured(amount: &str, time: &str) -> PurchaseFact {
    let buyer = Some(Buyer { by: Naming::Payment, account: id("bob") });
    PurchaseFact::Captured { amount: money(amount), currency: currency("USD"), at: at(time), credits: None, buyer }
}
fn state(facts: &[PurchaseFact]) -> PurchaseState {
    let mut state = PurchaseState::default();
    facts.iter().for_each(|fact| state.merge(fact));
    state
}
fn attributed(clicked_at: &str, signed_up_at: &str) -> Attribution {
    let receipt = Receipt { click: "clk_a".into(), code: "AAAA".into(), template: None, at: at(clicked_at) };
    decide(&id("bob"), Some((&receipt, &id("alice"))), &Signals::default(), at(signed_up_at), (0, &Settings::default()))
}
fn usual() -> Attribution {
    attributed("2026-01-01T10:00:00.900Z", "2026-01-01T11:00:00Z")
}

#[test]
fn a_rate_holds_for_every_later_fact_of_the_purchase() {
    let raised = Settings { reward_rate: "0.10".parse().unwrap(), ..Settings::default() };
    let programme = Programme::new(History::from_versions(vec![Version { number: 1, from: at("2026-02-01T00:00:00Z"), value: raised }]));
    let refund = PurchaseFact::Refund { id: "r".into(), amount: money("40"), currency: currency("USD"), status: RefundStatus::Succeeded };
    let posting = target(&state(&[captured("100", "2026-01-31T23:59:59Z"), refund]), Some(&usual()), &Referrer::default(), &programme);
    assert_eq!(posting.reward_amount(), money("1.80"));
    assert_eq!(posting.purchased, money("60"));
    let later = target(&state(&[captured("100", "2026-02-01T00:00:00Z")]), Some(&usual()), &Referrer::default(), &programme);
    let reward = later.reward.unwrap();
    assert_eq!((reward.amount, reward.settings_version, reward.rate_version), (money("10"), 1, None));
}

#[test]
fn an_account_s_own_rate_goes_before_the_programme_s() {
    let rates = History::from_versions(vec![Version { number: 1, from: at("2026-02-01T00:00:00Z"), value: "0.05".parse().unwrap() }]);
    let referrer = Referrer { rates, closed_at: None };
    let amount = |time| {
        let reward = target(&state(&[captured("100", time)]), Some(&usual()), &referrer, &Programme::default()).reward.unwrap();
        (reward.amount, reward.rate_version)
    };
    assert_eq!(amount("2026-01-31T00:00:00Z"), (money("3"), None));
    assert_eq!(amount("2026-02-01T00:00:00Z"), (money("5"), Some(1)));
}

#[test]
fn why_a_purchase_earns_or_does_not() {
    let programme = Programme::default();
    let plain = Referrer::default();
    let closed = Referrer { closed_at: Some(at("2026-03-01T00:00:00Z")), ..Referrer::default() };
    let with = |change: fn(&mut Attribution)| {
        let mut attribution = usual();
        change(&mut attribution);
        Some(attribution)
    };
    let year = with(|a| a.credit.as_mut().unwrap().duration = RewardDuration::Months(12));
    let usage = with(|a| a.credit.as_mut().unwrap().basis = RewardBasis::Usage);
    let refused = with(|a| a.status = AttributionStatus::Refused);
    let none = with(|a| {
        a.status = AttributionStatus::None;
        a.credit = None;
    });
    let review = with(|a| a.status = AttributionStatus::InReview);
    let euro = PurchaseFact::RefundedTotal { amount: money("1"), currency: currency("EUR") };
    let nobody = PurchaseFact::Captured {
        amount: money("100"),
        currency: currency("USD"),
        at: at("2026-02-01T00:00:00Z"),
        credits: None,
        buyer: None,
    };
    type Case<'a> = (&'a str, Vec<PurchaseFact>, Option<Attribution>, &'a Referrer, Outcome, &'a str);
    let cases: Vec<Case<'_>> = vec![
        ("plain", vec![captured("100", "2026-02-01T00:00:00Z")], Some(usual()), &plain, Outcome::Earns, "3"),
        ("in the second of the click", vec![captured("100", "2026-01-01T10:00:00Z")], Some(usual()), &plain, Outcome::Earns, "3"),
        ("before the click", vec![captured("100", "2026-01-01T09:59:59Z")], Some(usual()), &plain, Outcome::BeforeClick, "0"),
        ("between click and signup", vec![captured("100", "2026-01-01T10:30:00Z")], Some(usual()), &plain, Outcome::Earns, "3"),
        ("last second of the duration", vec![captured("100", "2027-01-01T10:59:59Z")], year.clone(), &plain, Outcome::Earns, "3"),
        ("end of the duration", vec![captured("100", "2027-01-01T11:00:00Z")], year, &plain, Outcome::AfterDuration, "0"),
        ("at the closing", vec![captured("100", "2026-03-01T00:00:00Z")], Some(usual()), &closed, Outcome::Earns, "3"),
        ("after the closing", vec![captured("100", "2026-03-01T00:00:01Z")], Some(usual()), &closed, Outcome::ReferrerClosed, "0"),
        ("not signed up", vec![captured("100", "2026-02-01T00:00:00Z")], None, &plain, Outcome::Waiting, "0"),
        ("refused", vec![captured("100", "2026-02-01T00:00:00Z")], refused, &plain, Outcome::Refused, "0"),
        ("no link", vec![captured("100", "2026-02-01T00:00:00Z")], none, &plain, Outcome::NotAttributed, "0"),
        ("in review", vec![captured("100", "2026-02-01T00:00:00Z")], review, &plain, Outcome::Earns, "3"),
        ("by usage", vec![captured("100", "2026-02-01T00:00:00Z")], usage, &plain, Outcome::ByUsage, "0"),
        ("another currency", vec![captured("100", "2026-02-01T00:00:00Z"), euro], Some(usual()), &plain, Outcome::Parked, "0"),
        ("nobody", vec![nobody], Some(usual()), &plain, Outcome::NoBuyer, "0"),
        ("nothing", vec![], Some(usual()), &plain, Outcome::NotCaptured, "0"),
    ];
    for (name, facts, attribution, referrer, outcome, amount) in cases {
        let posting = target(&state(&facts), attribution.as_ref(), referrer, &programme);
        assert_eq!((posting.outcome, posting.reward_amount()), (outcome, money(amount)), "{name}");
        assert_eq!(posting.reward.is_some(), outcome == Outcome::Earns, "{name}");
        let credited = !matches!(outcome, Outcome::Parked | Outcome::NoBuyer | Outcome::NotCaptured);
        assert_eq!(posting.purchased, money(if credited { "100" } else { "0" }), "{name}");
    }
}

#[test]
fn credits_without_tax_are_the_base_and_refunds_count_in_proportion() {
    let taxed = |refunded: &str| {
        let buyer = Some(Buyer { by: Naming::Payment, account: id("bob") });
        let capture = PurchaseFact::Captured {
            amount: money("119"),
            currency: currency("USD"),
            at: at("2026-02-01T00:00:00Z"),
            credits: Some(money("100")),
            buyer,
        };
        let dispute = PurchaseFact::Dispute {
            id: "d".into(),
            amount: money(refunded),
            currency: currency("USD"),
            status: DisputeStatus::Lost,
            at: at("2026-02-02T00:00:00Z"),
        };
        let posting = target(&state(&[capture, dispute]), Some(&usual()), &Referrer::default(), &Programme::default());
        (posting.purchased.to_string(), posting.reward_amount().to_string())
    };
    assert_eq!(taxed("0"), ("100.00".into(), "3.00".into()));
    assert_eq!(taxed("59.5"), ("50.00".into(), "1.50".into()));
    assert_eq!(taxed("17"), ("85.714285".into(), "2.571428".into()));
    assert_eq!(taxed("119"), ("0.00".into(), "0.00".into()));
    assert_eq!(taxed("500"), ("0.00".into(), "0.00".into()));
}

#[test]
fn a_reward_matures_at_the_first_midnight_not_before_the_hold_s_end() {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    for (time, hold, matures) in [
        ("2026-02-01T00:00:00Z", 14, day("2026-02-15")),
        ("2026-02-01T00:00:00.000000001Z", 14, day("2026-02-16")),
        ("2026-02-01T00:00:01Z", 14, day("2026-02-16")),
        ("2026-02-01T23:59:59Z", 1, day("2026-02-03")),
        ("2026-02-01T23:59:59Z", 0, None),
    ] {
        assert_eq!(matures_on(at(time), hold), matures, "{time} {hold}");
    }
}

#[test]
fn outcomes_read_back() {
    for outcome in Outcome::ALL {
        assert_eq!(Outcome::named(outcome.as_str()), Some(outcome));
        assert_eq!(serde_json::to_string(&outcome).unwrap(), format!("\"{}\"", outcome.as_str()));
    }
    assert_eq!(Outcome::named("paid"), None);
}

#[test]
fn the_credit_names_the_click_and_its_settings() {
    let credit: Credit = usual().credit.unwrap();
    assert_eq!((credit.click.as_str(), credit.referrer, credit.settings_version), ("clk_a", id("alice"), 0));
}
