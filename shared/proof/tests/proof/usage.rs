//! Rewards by usage: books in order are clean, and each way in which such a reward can be wrong is named, although its seal holds.

use crate::desk::{at, id, seal_keys};
use chrono::{DateTime, Utc};
use ledger::Money;
use programme::{
    attribution::{Receipt, Signals, decide},
    fact::{Buyer, Fact, FactBody, Naming, PurchaseFact, RefundStatus, Source},
    plan::{Body, BuyerView, Line, Plan, Subject, Views, purchase_line, spending_line},
    reward::{Outcome, Referrer},
    settings::{RewardBasis, Settings, Version},
    signal::SignalKind,
};
use proof::{Report, audit};
use store::{NewSignal, Signup, SignupOutcome, Store, records};

fn now() -> DateTime<Utc> {
    at("2026-02-05T00:00:00Z")
}
fn money(text: &str) -> Money {
    text.parse().unwrap()
}
fn fact(body: FactBody) -> Fact {
    Fact { source: Source::Platform, event: "e".into(), body }
}
fn spent(usage: &str, amount: &str) -> Fact {
    let (usage, account, currency) = (usage.to_owned(), id("bob"), "USD".parse().unwrap());
    fact(FactBody::Spent { usage, account, amount: money(amount), currency, at: at("2026-02-03T00:00:00Z") })
}
fn of(fact_of: PurchaseFact) -> Fact {
    fact(FactBody::Purchase { purchase: "stripe:pi_1".parse().unwrap(), fact: fact_of })
}
fn bought(amount: &str) -> Fact {
    let (buyer, currency) = (Some(Buyer { by: Naming::Payment, account: id("bob") }), "USD".parse().unwrap());
    of(PurchaseFact::Captured { amount: money(amount), currency, at: at("2026-02-01T12:00:00Z"), credits: None, buyer })
}
fn refunded(amount: &str) -> Fact {
    of(PurchaseFact::Refund { id: "re".into(), amount: money(amount), currency: "USD".parse().unwrap(), status: RefundStatus::Succeeded })
}

async fn sign_up(store: &Store, name: &str, referrer: Option<&str>, time: &str) {
    let (account, referrer, time) = (id(name), referrer.map(id), at(time));
    let receipt = Receipt { click: format!("clk_{name}"), code: "C".into(), template: None, at: time };
    let programme = store.programme_fresh().await.unwrap();
    let chosen = referrer.as_ref().map(|referrer| (&receipt, referrer));
    let known = store.account(&account).await.unwrap().unwrap_or_default();
    let attribution = decide(&account, chosen, &Signals::default(), time, programme.at(time));
    let signals = [SignalKind::Email, SignalKind::Device].map(|kind| NewSignal { kind, digest: format!("k1.{name}") });
    let signup = Signup { account: &account, known: &known, attribution: &attribution, code: &format!("CODE{name}"), signals: &signals };
    assert_eq!(store.sign_up(&signup).await.unwrap(), SignupOutcome::Written);
}

async fn programme() -> Store {
    let (store, _) = Store::in_memory(seal_keys());
    let settings = Settings { reward_basis: RewardBasis::Usage, ..Settings::default() };
    store.add_programme_version(&Version { number: 1, from: at("2025-12-01T00:00:00Z"), value: settings }, &[]).await.unwrap();
    store
}

async fn referral() -> Store {
    let store = programme().await;
    sign_up(&store, "alice", None, "2026-01-01T00:00:00Z").await;
    sign_up(&store, "bob", Some("alice"), "2026-01-02T00:00:00Z").await;
    store
}

async fn views(store: &Store) -> Views {
    let mut views = Views { programme: store.programme_fresh().await.unwrap(), ..Views::default() };
    let attribution = store.account(&id("bob")).await.unwrap().and_then(|figures| figures.attribution);
    views.buyers.insert(id("bob"), BuyerView { attribution });
    views.referrers.insert(id("alice"), Referrer::default());
    views.usage.extend(store.posted_usage(&id("bob")).await.unwrap().map(|posted| (id("bob"), posted)));
    views
}

async fn decided(store: &Store, told: &Fact, views: &Views) -> Plan {
    match &told.body {
        FactBody::Purchase { purchase, .. } => {
            let known = store.posted(purchase).await.unwrap();
            purchase_line(purchase, known.as_ref(), std::slice::from_ref(told), views, now()).unwrap()
        }
        FactBody::Spent { .. } | FactBody::Rental { .. } | FactBody::Closed { .. } | FactBody::Settle { .. } => {
            spending_line(told, None, views, now()).unwrap()
        }
    }
}

/// Takes a fact in, with a hand in what is seen and in what is written.
async fn forged(store: &Store, told: Fact, see: impl FnOnce(&mut Views), write: impl FnOnce(&mut Plan)) {
    let mut views = views(store).await;
    see(&mut views);
    let mut plan = decided(store, &told, &views).await;
    plan.reward_usage(&views, now());
    write(&mut plan);
    store.commit(&plan).await.unwrap();
}

async fn take(store: &Store, told: Fact) {
    forged(store, told, |_| (), |_| ()).await;
}

fn violated(report: &Report) -> Vec<&str> {
    report.figures.iter().filter(|(_, figure)| figure.violations > 0).map(|(name, _)| name.as_str()).collect()
}

fn reward(plan: &mut Plan) -> &mut Line {
    plan.lines.iter_mut().find(|line| matches!(line.subject, Subject::UsageReward(_))).unwrap()
}

#[tokio::test]
async fn books_in_order_are_all_zeros() {
    let store = programme().await;
    sign_up(&store, "alice", None, "2026-01-01T00:00:00Z").await;
    // One waits for the signup.
    take(&store, spent("u1", "10")).await;
    let report = audit(&store, now()).await.unwrap();
    assert!(report.is_clean(), "{report}");
    sign_up(&store, "bob", Some("alice"), "2026-02-02T00:00:00Z").await;
    let known = match store.newest_line(&Subject::Usage("u1".into())).await.unwrap().unwrap() {
        Line { number, body: Body::Spent { fact, outcome }, .. } => programme::plan::PostedSpending { number, fact, outcome },
        other => panic!("{other:?}"),
    };
    let views = views(&store).await;
    let mut plan = spending_line(&known.fact, Some(&known), &views, now()).unwrap();
    plan.reward_usage(&views, now());
    store.commit(&plan).await.unwrap();
    for told in [bought("100"), spent("u2", "40"), refunded("60"), spent("u3", "1")] {
        take(&store, told).await;
    }
    let report = audit(&store, now()).await.unwrap();
    assert!(report.is_clean(), "{report}");
    for name in [
        "usage_counts_equal_lines",
        "usage_counts_when_it_should_and_only_then",
        "usage_reward_follows_the_rule",
        "usage_rewards_follow_what_counts",
    ] {
        assert!(report.figures[name].checked > 0, "nothing to look at for {name}: {report}");
    }
}

#[tokio::test]
async fn another_rate_is_named() {
    let store = referral().await;
    let early = |views: &mut Views| {
        let rates = vec![Version { number: 1, from: at("2025-12-01T00:00:00Z"), value: "0.05".parse().unwrap() }];
        let rates = programme::settings::History::from_versions(rates);
        views.referrers.insert(id("alice"), Referrer { rates, closed_at: None });
    };
    take(&store, bought("100")).await;
    forged(&store, spent("u1", "40"), early, |_| ()).await;
    let report = audit(&store, now()).await.unwrap();
    assert_eq!(violated(&report), ["usage_reward_follows_the_rule"], "{report}");
    assert!(report.figures["usage_reward_follows_the_rule"].examples[0].starts_with("usage_reward#bob"), "{report}");
}

#[tokio::test]
async fn a_usage_that_should_count_and_does_not_is_named_and_the_other_way_round() {
    let store = referral().await;
    take(&store, bought("100")).await;
    forged(&store, spent("u1", "40"), |views| views.programme = programme::settings::Programme::default(), |_| ()).await;
    let report = audit(&store, now()).await.unwrap();
    assert_eq!(violated(&report), ["usage_counts_when_it_should_and_only_then"], "{report}");

    let store = programme().await;
    sign_up(&store, "alice", None, "2026-01-01T00:00:00Z").await;
    sign_up(&store, "bob", Some("alice"), "2026-01-02T00:00:00Z").await;
    // Before its click.
    let mut early = spent("u1", "40");
    if let FactBody::Spent { at: time, .. } = &mut early.body {
        *time = at("2026-01-01T12:00:00Z");
    }
    let seen_later = |views: &mut Views| {
        let made = views.buyers.get_mut(&id("bob")).and_then(|buyer| buyer.attribution.as_mut()).unwrap();
        made.credit.as_mut().unwrap().clicked_at = at("2025-12-31T00:00:00Z");
    };
    forged(&store, early, seen_later, |_| ()).await;
    let report = audit(&store, now()).await.unwrap();
    assert_eq!(violated(&report), ["usage_counts_when_it_should_and_only_then"], "{report}");
}

#[tokio::test]
async fn what_counts_and_is_in_no_reward_is_named_by_its_referee() {
    for told in [bought("100"), spent("u1", "40")] {
        let store = referral().await;
        let (views, mut plan) = {
            let views = views(&store).await;
            let plan = decided(&store, &told, &views).await;
            (views, plan)
        };
        plan.counted.clear();
        plan.reward_usage(&views, now());
        store.commit(&plan).await.unwrap();
        let report = audit(&store, now()).await.unwrap();
        assert_eq!(violated(&report), ["usage_counts_equal_lines"], "{report}");
        assert!(report.figures["usage_counts_equal_lines"].examples[0].starts_with("usage_reward#bob"), "{report}");
    }
}

#[tokio::test]
async fn a_reward_counted_twice_is_named() {
    let store = referral().await;
    take(&store, bought("100")).await;
    let twice = |plan: &mut Plan| {
        let line = reward(plan);
        if let Body::UsageReward { counted, posting } = &mut line.body {
            counted.push(counted[0].clone());
            posting.spent += counted[0].spent;
        }
    };
    forged(&store, spent("u1", "40"), |_| (), twice).await;
    let report = audit(&store, now()).await.unwrap();
    // The reward of 40.00 does not fit the 80.00 that it says were spent.
    assert_eq!(
        violated(&report),
        ["usage_counts_equal_lines", "usage_reward_follows_the_rule", "usage_rewards_follow_what_counts"],
        "{report}"
    );
}

#[tokio::test]
async fn a_reward_that_its_counts_transfers_or_days_do_not_give_is_named() {
    type Hand = fn(&mut Line);
    let cases: [(Hand, &[&str]); 4] = [
        (
            |line| {
                if let Body::UsageReward { posting, .. } = &mut line.body {
                    posting.reward.as_mut().unwrap().amount += "0.01".parse().unwrap();
                }
            },
            &["balances_equal_lines", "transfers_equal_postings", "usage_reward_follows_the_rule", "usage_rewards_follow_what_counts"],
        ),
        (
            |line| {
                if let Body::UsageReward { posting, .. } = &mut line.body {
                    posting.bought += "1".parse().unwrap();
                }
            },
            &["usage_rewards_follow_what_counts"],
        ),
        (|line| line.transfers.clear(), &["balances_equal_lines", "transfers_equal_postings"]),
        (
            |line| {
                if let Body::UsageReward { posting, .. } = &mut line.body {
                    posting.days.clear();
                }
            },
            &["charts_equal_lines", "usage_rewards_follow_what_counts"],
        ),
    ];
    for (place, (hand, names)) in cases.into_iter().enumerate() {
        let store = referral().await;
        take(&store, bought("100")).await;
        forged(&store, spent("u1", "40"), |_| (), |plan| hand(reward(plan))).await;
        let report = audit(&store, now()).await.unwrap();
        assert_eq!(violated(&report), names, "case {place}: {report}");
    }
}

#[tokio::test]
async fn a_usage_that_moves_twice_or_tells_two_facts_is_named() {
    let store = referral().await;
    take(&store, spent("u1", "40")).await;
    let line = store.newest_line(&Subject::Usage("u1".into())).await.unwrap().unwrap();
    let other = spent("u1", "41");
    let again: [(Line, &[&str]); 2] = [
        (Line { number: 1, listed_for: None, ..line.clone() }, &["balances_equal_lines", "facts_move_money_once"]),
        (
            Line {
                number: 1,
                listed_for: None,
                transfers: Vec::new(),
                body: Body::Spent { fact: other, outcome: Outcome::ByUsage },
                ..line
            },
            &["facts_move_money_once"],
        ),
    ];
    for (line, names) in again {
        let store = referral().await;
        take(&store, spent("u1", "40")).await;
        store.commit(&Plan { lines: vec![line], ..Plan::default() }).await.unwrap();
        let report = audit(&store, now()).await.unwrap();
        assert_eq!(violated(&report), names, "{report}");
    }
    assert!(records::line::subject("usage_reward#bob").is_some());
}
