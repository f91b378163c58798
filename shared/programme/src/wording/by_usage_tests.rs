#![allow(clippy::unwrap_used)]
use super::super::statement;
use crate::{
    attribution::{Attribution, AttributionReason, AttributionStatus, Receipt, Signals, decide},
    plan::{BuyerView, Line, Plan, PostedUsage, Subject, Views},
    reward::{Counted, Referrer},
    settings::{History, Programme, RewardBasis, Settings, Version},
};
use chrono::{DateTime, Utc};
use ledger::AccountId;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}
fn step(on: &str, bought: &str, spent: &str) -> Counted {
    Counted { line: "usage#use_secret/0".into(), day: on.parse().unwrap(), bought: bought.parse().unwrap(), spent: spent.parse().unwrap() }
}

struct Story {
    views: Views,
    attribution: Attribution,
}

impl Story {
    fn new() -> Self {
        let settings = Settings { reward_basis: RewardBasis::Usage, ..Settings::default() };
        let programme =
            Programme::new(History::from_versions(vec![Version { number: 2, from: at("2026-01-01T00:00:00Z"), value: settings }]));
        let receipt = Receipt { click: "clk_a".into(), code: "AAAA".into(), template: None, at: at("2026-11-01T00:00:00Z") };
        let signed_up = at("2026-11-02T00:00:00Z");
        let attribution =
            decide(&id("bob_secret"), Some((&receipt, &id("alice"))), &Signals::default(), signed_up, programme.at(signed_up));
        Self { views: Views { programme, ..Views::default() }, attribution }
    }

    fn take(&mut self, counted: Vec<Counted>) -> Line {
        self.views.buyers.insert(id("bob_secret"), BuyerView { attribution: Some(self.attribution.clone()) });
        let mut plan = Plan { counted: [(id("bob_secret"), counted)].into(), ..Plan::default() };
        plan.reward_usage(&self.views, at("2026-11-22T00:00:00Z"));
        let line = plan.lines.remove(0);
        if let crate::plan::Body::UsageReward { posting, .. } = &line.body {
            let posted = PostedUsage { number: line.number, posting: (**posting).clone() };
            self.views.usage.insert(id("bob_secret"), posted);
        }
        line
    }

    #[track_caller]
    fn is(&mut self, counted: Vec<Counted>, amount: &str, cause: &str) {
        let line = self.take(counted);
        let told = statement(&line, &id("alice"));
        assert_eq!((told.amount.to_string().as_str(), told.cause.as_str(), told.rule), (amount, cause, "by_usage"));
        assert_eq!(line.subject, Subject::UsageReward(id("bob_secret")));
    }
}

#[test]
fn each_change_tells_its_cause_and_what_stands() {
    let mut story = Story::new();
    let of = |part: &str| format!("3 % of {part}, settings version 2 as at the signup");
    let stands = of("0.00 spent by a referred account, of 100.00 bought");
    story.is(
        vec![step("2026-11-10", "100", "0")],
        "0.00",
        &format!("100.00 more of credits bought; the reward stays, since only what is spent earns; now {stands}"),
    );
    let stands = of("40.00 spent by a referred account, of 100.00 bought");
    story.is(vec![step("2026-11-11", "0", "40")], "1.20", &format!("40.00 of credits spent on 2026-11-11; now {stands}"));
    let stands = of("100.00 bought by a referred account, which spent 110.00");
    story.is(
        vec![step("2026-11-12", "0", "30"), step("2026-11-14", "0", "40")],
        "1.80",
        &format!("70.00 of credits spent from 2026-11-12 to 2026-11-14; now {stands}"),
    );
    let stands = of("100.00 bought by a referred account, which spent 115.00");
    story.is(
        vec![step("2026-11-15", "0", "5")],
        "0.00",
        &format!("5.00 of credits spent on 2026-11-15; the reward stays, since no more than what was bought earns; now {stands}"),
    );
    let stands = of("60.00 bought by a referred account, which spent 115.00");
    story.is(vec![step("2026-11-10", "-40", "0")], "-1.20", &format!("taken back: 40.00 less of credits bought; now {stands}"));
    let stands = of("55.00 spent by a referred account, of 60.00 bought");
    story.is(
        vec![step("2026-11-12", "0", "-60")],
        "-0.15",
        &format!("taken back: 60.00 of credits spent on 2026-11-12 no longer count; now {stands}"),
    );
}

/// What was bought falls to what was spent: no more was earned by it before.
#[test]
fn the_reward_stays_down_to_what_was_spent() {
    let mut story = Story::new();
    story.take(vec![step("2026-11-10", "100", "40")]);
    let stays = "60.00 less of credits bought; the reward stays, since only what is spent earns; now ";
    let stands = "3 % of 40.00 spent by a referred account, of 40.00 bought, settings version 2 as at the signup";
    story.is(vec![step("2026-11-11", "-60", "0")], "0.00", &format!("{stays}{stands}"));
}

#[test]
fn a_review_tells_itself_and_a_confirmed_one_why_nothing_is_earned() {
    let mut story = Story::new();
    story.take(vec![step("2026-11-10", "100", "40")]);
    story.attribution.status = AttributionStatus::InReview;
    let stands = "3 % of 40.00 spent by a referred account, of 100.00 bought, settings version 2 as at the signup";
    story.is(vec![], "0.00", &format!("the referral went into review; now {stands}, in review"));
    story.attribution.status = AttributionStatus::Attributed;
    story.is(vec![], "0.00", &format!("the referral's review was cleared; now {stands}"));
    story.attribution.status = AttributionStatus::Refused;
    story.attribution.reason = Some(AttributionReason::Confirmed);
    story.is(vec![], "-1.20", "taken back: something about the referral changed; now earns nothing: the referral was refused");
    story.is(
        vec![step("2026-11-23", "0", "5")],
        "0.00",
        "5.00 of credits spent on 2026-11-23; it earns nothing; now earns nothing: the referral was refused",
    );
}

#[test]
fn an_own_rate_is_named_and_another_is_told_nothing_of_it() {
    let mut story = Story::new();
    let rates = History::from_versions(vec![Version { number: 4, from: at("2026-11-01T00:00:00Z"), value: "0.055".parse().unwrap() }]);
    story.views.referrers.insert(id("alice"), Referrer { rates, closed_at: None });
    let line = story.take(vec![step("2026-11-10", "100", "40")]);
    let told = statement(&line, &id("alice"));
    assert_eq!(
        told.cause,
        "40.00 of credits spent on 2026-11-10; 100.00 more of credits bought; now 5.5 % of 40.00 spent by a referred account, of 100.00 bought, \
         settings version 2 as at the signup, own rate version 4"
    );
    let reward = told.reward.unwrap();
    assert_eq!((reward.rate.to_string(), reward.rate_version, reward.matures_on), ("0.055".into(), Some(4), None));
    assert_eq!(statement(&line, &id("mallory")).reward, None);
}
