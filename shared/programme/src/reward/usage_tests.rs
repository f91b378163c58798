#![allow(clippy::unwrap_used)]
use super::*;
use crate::{
    attribution::{AttributionReason, Receipt, Signals, decide},
    settings::{History, RewardDuration, Settings, Version},
};
use ledger::AccountId;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}
fn money(text: &str) -> Money {
    text.parse().unwrap()
}
fn version(number: u32, from: &str, rate: &str, basis: RewardBasis) -> Version<Settings> {
    Version { number, from: at(from), value: Settings { reward_rate: rate.parse().unwrap(), reward_basis: basis, ..Settings::default() } }
}
/// By usage since New Year's Day of 2026.
fn programme() -> Programme {
    Programme::new(History::from_versions(vec![
        version(1, "2026-01-01T00:00:00Z", "0.03", RewardBasis::Usage),
        version(2, "2026-02-01T00:00:00Z", "0.10", RewardBasis::Usage),
    ]))
}
/// Clicked on 5 January at 10:00:00.900, signed up an hour later.
fn attribution() -> Attribution {
    let receipt = Receipt { click: "clk_a".into(), code: "AAAA".into(), template: None, at: at("2026-01-05T10:00:00.900Z") };
    let (programme, signed_up_at) = (programme(), at("2026-01-05T11:00:00Z"));
    decide(&id("bob"), Some((&receipt, &id("alice"))), &Signals::default(), signed_up_at, programme.at(signed_up_at))
}
fn changed(change: impl FnOnce(&mut Attribution)) -> Attribution {
    let mut attribution = attribution();
    change(&mut attribution);
    attribution
}
fn step(on: &str, bought: &str, spent: &str) -> Counted {
    Counted { line: "usage#u/0".into(), day: day(on), bought: money(bought), spent: money(spent) }
}
fn after(old: Option<&UsagePosting>, counted: &[Counted], attribution: &Attribution, referrer: &Referrer) -> UsagePosting {
    usage_target(old, counted, attribution, referrer, &programme(), day("2026-06-01"))
}

#[test]
fn what_is_spent_counts_in_the_time_of_the_referral() {
    let none = changed(|a| {
        a.status = AttributionStatus::None;
        a.credit = None;
    });
    let refused = |reason| {
        changed(|a| {
            a.status = AttributionStatus::Refused;
            a.reason = Some(reason);
        })
    };
    let by_purchase = changed(|a| a.credit.as_mut().unwrap().basis = RewardBasis::Purchase);
    let month = changed(|a| a.credit.as_mut().unwrap().duration = RewardDuration::Months(1));
    let review = changed(|a| a.status = AttributionStatus::InReview);
    let closed = Referrer { closed_at: Some(at("2026-01-20T00:00:00Z")), ..Referrer::default() };
    let plain = Referrer::default();
    let cases: Vec<(&str, &str, Option<Attribution>, &Referrer, Outcome)> = vec![
        ("plain", "2026-01-10T00:00:00Z", Some(attribution()), &plain, Outcome::ByUsage),
        ("in the second of the click", "2026-01-05T10:00:00Z", Some(attribution()), &plain, Outcome::ByUsage),
        ("before the click", "2026-01-05T09:59:59Z", Some(attribution()), &plain, Outcome::BeforeClick),
        ("last second of the duration", "2026-02-05T10:59:59Z", Some(month.clone()), &plain, Outcome::ByUsage),
        ("end of the duration", "2026-02-05T11:00:00Z", Some(month), &plain, Outcome::AfterDuration),
        ("at the closing", "2026-01-20T00:00:00Z", Some(attribution()), &closed, Outcome::ByUsage),
        ("after the closing", "2026-01-20T00:00:01Z", Some(attribution()), &closed, Outcome::ReferrerClosed),
        ("in review", "2026-01-10T00:00:00Z", Some(review), &plain, Outcome::ByUsage),
        ("taken back by a review", "2026-01-10T00:00:00Z", Some(refused(AttributionReason::Confirmed)), &plain, Outcome::ByUsage),
        ("refused at the signup", "2026-01-10T00:00:00Z", Some(refused(AttributionReason::SameEmail)), &plain, Outcome::Refused),
        ("no link", "2026-01-10T00:00:00Z", Some(none), &plain, Outcome::NotAttributed),
        ("by purchase", "2026-01-10T00:00:00Z", Some(by_purchase), &plain, Outcome::ByPurchase),
        ("not signed up", "2026-01-10T00:00:00Z", None, &plain, Outcome::Waiting),
        ("at the first version by usage", "2026-01-01T00:00:00Z", None, &plain, Outcome::Waiting),
        ("before the first version by usage", "2025-12-31T23:59:59Z", None, &plain, Outcome::ByPurchase),
    ];
    for (name, time, attribution, referrer, outcome) in cases {
        assert_eq!(spending_outcome(at(time), attribution.as_ref(), referrer, &programme()), outcome, "{name}");
    }
    assert_eq!(spending_outcome(at("2026-01-10T00:00:00Z"), None, &plain, &Programme::default()), Outcome::ByPurchase);
}

#[test]
fn the_lesser_of_bought_and_spent_earns_rounded_down_once() {
    for (bought, spent, reward) in [
        ("100", "40", "1.20"),
        ("100", "100", "3.00"),
        ("100", "250", "3.00"),
        ("0", "40", "0.00"),
        ("40", "0", "0.00"),
        ("0.01", "5", "0.0003"),
        ("0.00004", "5", "0.000001"),
        ("0.000033", "5", "0.00"),
        ("33.333333", "33.333333", "0.999999"),
    ] {
        let posting = after(None, &[step("2026-01-10", bought, spent)], &attribution(), &Referrer::default());
        assert_eq!(posting.reward_amount().to_string(), reward, "{bought} bought, {spent} spent");
    }
}

#[test]
fn the_rate_is_frozen_at_the_signup() {
    let told = |referrer: &Referrer| {
        let reward = after(None, &[step("2026-03-01", "100", "100")], &attribution(), referrer).reward.unwrap();
        (reward.amount.to_string(), reward.settings_version, reward.rate_version, reward.matures_on)
    };
    let own = |from: &str| {
        let rates = History::from_versions(vec![Version { number: 1, from: at(from), value: "0.05".parse().unwrap() }]);
        Referrer { rates, closed_at: None }
    };
    // The settings of the usage's own time say 10 %.
    assert_eq!(told(&Referrer::default()), ("3.00".into(), 1, None, None));
    assert_eq!(told(&own("2026-01-05T11:00:00Z")), ("5.00".into(), 1, Some(1), None));
    assert_eq!(told(&own("2026-01-05T11:00:01Z")), ("3.00".into(), 1, None, None));
}

/// Amount, and what was added to which day.
fn told(posting: &UsagePosting) -> (String, Vec<(String, String)>) {
    (posting.reward_amount().to_string(), posting.days.iter().map(|(day, amount)| (day.to_string(), amount.to_string())).collect())
}
fn days(entries: &[(&str, &str)]) -> Vec<(String, String)> {
    entries.iter().map(|(day, amount)| ((*day).to_owned(), (*amount).to_owned())).collect()
}

#[test]
fn each_share_stands_on_the_day_of_what_brought_it() {
    let steps = [
        step("2026-01-10", "100", "0"),
        step("2026-01-11", "0", "40"),
        step("2026-01-12", "0", "30"),
        step("2026-01-13", "0", "50"),
        step("2026-01-14", "20", "0"),
    ];
    let posting = after(None, &steps, &attribution(), &Referrer::default());
    let expected = days(&[("2026-01-11", "1.20"), ("2026-01-12", "0.90"), ("2026-01-13", "0.90"), ("2026-01-14", "0.60")]);
    assert_eq!(told(&posting), ("3.60".into(), expected));
    assert_eq!((posting.bought, posting.spent), (money("120"), money("120")));
    // A refund takes back on the day of its purchase.
    let refunded = after(Some(&posting), &[step("2026-01-10", "-70", "0")], &attribution(), &Referrer::default());
    assert_eq!(told(&refunded), ("1.50".into(), days(&[("2026-01-10", "-2.10")])));
    let reward = refunded.reward.unwrap();
    assert_eq!((reward.day, reward.in_review), (day("2026-01-10"), false));
}

#[test]
fn a_step_is_kept_without_its_zeros() {
    for (counted, kept) in [
        (step("2026-02-01", "0", "5"), r#"{"line":"l","day":"2026-02-01","spent":"5.00"}"#),
        (step("2026-02-01", "-7", "0"), r#"{"line":"l","day":"2026-02-01","bought":"-7.00"}"#),
        (step("2026-02-01", "7", "5"), r#"{"line":"l","day":"2026-02-01","bought":"7.00","spent":"5.00"}"#),
    ] {
        let counted = Counted { line: "l".into(), ..counted };
        assert_eq!(serde_json::to_string(&counted).unwrap(), kept);
        assert_eq!(serde_json::from_str::<Counted>(kept).unwrap(), counted);
    }
}

#[test]
fn a_review_changes_the_purse_and_a_confirmed_one_takes_all_back() {
    let steps = [step("2026-01-10", "100", "0"), step("2026-01-11", "0", "40")];
    let posting = after(None, &steps, &attribution(), &Referrer::default());
    let review = changed(|a| a.status = AttributionStatus::InReview);
    let held = after(Some(&posting), &[], &review, &Referrer::default());
    assert_eq!(told(&held), ("1.20".into(), vec![]));
    assert!(held.reward.as_ref().unwrap().in_review);
    assert_eq!(held.reward.as_ref().unwrap().day, day("2026-01-11"));
    let confirmed = changed(|a| {
        a.status = AttributionStatus::Refused;
        a.reason = Some(AttributionReason::Confirmed);
    });
    // Where its purchases come along, on their days; what is left, on the day of the write.
    let back = after(Some(&held), &[step("2026-01-10", "-80", "0")], &confirmed, &Referrer::default());
    assert_eq!(told(&back), ("0.00".into(), days(&[("2026-01-10", "-0.60"), ("2026-06-01", "-0.60")])));
    assert_eq!(back.reward, None);
    // What is spent later counts on, and gives nothing, not even for a moment.
    let later = after(Some(&back), &[step("2026-06-02", "0", "10"), step("2026-06-02", "50", "0")], &confirmed, &Referrer::default());
    assert_eq!(told(&later), ("0.00".into(), vec![]));
    assert_eq!((later.bought, later.spent), (money("70"), money("50")));
}

#[test]
fn another_basis_and_nobody_s_referral_earn_nothing_by_usage() {
    let by_purchase = changed(|a| a.credit.as_mut().unwrap().basis = RewardBasis::Purchase);
    let none = changed(|a| a.credit = None);
    for attribution in [by_purchase, none] {
        let posting = after(None, &[step("2026-01-10", "100", "100")], &attribution, &Referrer::default());
        assert_eq!((posting.reward, posting.days.len()), (None, 0));
    }
}
