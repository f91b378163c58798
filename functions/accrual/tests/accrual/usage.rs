//! Rewards by usage: of what is spent, up to what is bought, in every order, at once, and through every fault.

use crate::{
    faults::{Fault, faulty},
    support::{World, at, captured, captured_at, dispute, id, money, plain, refund, world},
};
use programme::{
    account::Total,
    attribution::{AttributionReason, AttributionStatus},
    fact::{DisputeStatus, Fact, FactBody, RefundStatus},
    settings::{History, RewardBasis, RewardDuration, Settings, Version},
};
use store::{
    backend::{Backend, Write},
    keys, records,
};

fn spent_at(usage: &str, account: &str, amount: &str, time: &str) -> Fact {
    let (usage, account, amount) = (usage.to_owned(), id(account), money(amount));
    plain(FactBody::Spent { usage, account, amount, currency: "USD".parse().unwrap(), at: at(time) })
}
fn spent(usage: &str, account: &str, amount: &str) -> Fact {
    spent_at(usage, account, amount, "2026-02-01T12:30:00Z")
}
fn settle(account: &str) -> Fact {
    plain(FactBody::Settle { account: id(account) })
}

async fn by_usage() -> World {
    let world = world();
    world.by_usage().await;
    world
}

/// Alice's rewards, and what of them is in review.
async fn alice(world: &World) -> (String, String) {
    (world.total("alice", Total::Rewards).await, world.total("alice", Total::InReview).await)
}

/// Delivers until nothing fails any more, as the queue does.
async fn deliver_all(world: &World, facts: &[Fact]) {
    let mut rest = facts.to_vec();
    for _ in 0..50 {
        let failed = world.deliver(&rest).await;
        let again = |(place, fact): (usize, &Fact)| failed.contains(&format!("m{place}")).then(|| fact.clone());
        rest = rest.iter().enumerate().filter_map(again).collect();
        if rest.is_empty() {
            return;
        }
    }
    panic!("{rest:?} is never done");
}

#[tokio::test]
async fn what_is_spent_up_to_what_is_bought_earns_at_once() {
    let world = by_usage().await;
    world.sign_up("bob", Some("alice")).await;
    let steps: [(Fact, &str); 8] = [
        (captured("pi_1", "bob", "100"), "0.00"),
        (spent("u1", "bob", "40"), "1.20"),
        (spent("u2", "bob", "100"), "3.00"),
        (captured("pi_2", "bob", "20"), "3.60"),
        (refund("pi_1", "re_1", "30", RefundStatus::Succeeded), "2.70"),
        (refund("pi_1", "re_1", "30", RefundStatus::Failed), "3.60"),
        (dispute("pi_1", "100", DisputeStatus::Open, 1), "0.60"),
        (dispute("pi_1", "100", DisputeStatus::Won, 2), "3.60"),
    ];
    for (fact, rewards) in steps {
        assert!(world.deliver(std::slice::from_ref(&fact)).await.is_empty());
        assert_eq!(world.total("alice", Total::Rewards).await, rewards, "{fact:?}");
        assert_eq!(world.total("bob", Total::Generated).await, rewards);
        world.audit().await;
    }
    assert!(world.account("alice").await.holds.is_empty(), "there is no hold");
    assert_eq!((world.total("bob", Total::Purchased).await, world.total("bob", Total::Spent).await), ("120.00".into(), "140.00".into()));
}

#[tokio::test]
async fn every_order_repetition_and_concurrency_ends_in_the_same_books() {
    let story = [
        captured("pi_1", "bob", "100"),
        refund("pi_1", "re_1", "40", RefundStatus::Succeeded),
        captured("pi_2", "bob", "10.99"),
        dispute("pi_2", "10.99", DisputeStatus::Open, 1),
        dispute("pi_2", "10.99", DisputeStatus::Won, 2),
        spent("u1", "bob", "33.33"),
        spent("u2", "bob", "21.010001"),
        spent("u3", "carol", "7"),
        captured("pi_3", "carol", "3.5"),
        settle("bob"),
    ];
    for seed in 0..30_usize {
        let world = by_usage().await;
        world.sign_up("carol", Some("alice")).await;
        // Half of the time, all of it waits for the signup.
        if seed % 2 == 0 {
            world.sign_up("bob", Some("alice")).await;
        }
        let mut order: Vec<Fact> = story.iter().cycle().take(story.len() * 4).cloned().collect();
        order.sort_by_key(|fact| {
            serde_json::to_string(fact).unwrap().bytes().fold(seed * 31 + 7, |sum, byte| sum.rotate_left(5) ^ usize::from(byte))
        });
        order.rotate_left(seed);
        let batches: Vec<&[Fact]> = order.chunks(seed % 7 + 1).collect();
        for round in batches.chunks(10) {
            futures::future::join_all(round.iter().map(|facts| deliver_all(&world, facts))).await;
        }
        if seed % 2 == 1 {
            world.sign_up("bob", Some("alice")).await;
            deliver_all(&world, &[settle("bob")]).await;
        }
        world.drain().await;
        // 3 % of min(54.340001, 70.99), and of min(7, 3.5).
        assert_eq!(world.total("bob", Total::Generated).await, "1.6302", "seed {seed}");
        assert_eq!(world.total("alice", Total::Rewards).await, "1.7352", "seed {seed}");
        assert_eq!(world.account("bob").await.waiting, 0);
        world.audit().await;
    }
}

#[tokio::test]
async fn forty_at_once_are_counted_once_each() {
    let world = by_usage().await;
    world.sign_up("bob", Some("alice")).await;
    deliver_all(&world, &[captured("pi_1", "bob", "1000")]).await;
    let facts: Vec<Fact> = (0..40).map(|n| spent(&format!("u{}", n % 10), "bob", "10")).collect();
    let refunds = [refund("pi_1", "re_1", "940", RefundStatus::Succeeded)];
    let spending = facts.iter().map(|fact| deliver_all(&world, std::slice::from_ref(fact)));
    futures::future::join(futures::future::join_all(spending), deliver_all(&world, &refunds)).await;
    assert_eq!((world.total("bob", Total::Spent).await, world.total("bob", Total::Purchased).await), ("100.00".into(), "60.00".into()));
    assert_eq!(alice(&world).await.0, "1.80");
    world.audit().await;
}

#[tokio::test]
async fn a_batch_of_one_referee_is_few_transactions() {
    let world = by_usage().await;
    world.sign_up("bob", Some("alice")).await;
    let facts: Vec<Fact> = (0..40).map(|n| spent(&format!("u{n}"), "bob", "1")).chain([captured("pi_1", "bob", "100")]).collect();
    assert!(world.deliver(&facts).await.is_empty());
    assert_eq!(alice(&world).await.0, "1.20");
    let rewards = world.plain().posted_usage(&id("bob")).await.unwrap().unwrap();
    assert_eq!(rewards.number, 0, "forty usages and a purchase changed the reward once");
    // More than fit into one transaction.
    let more: Vec<Fact> = (40..190).map(|n| spent(&format!("u{n}"), "bob", "1")).collect();
    assert!(world.deliver(&more).await.is_empty());
    assert_eq!(alice(&world).await.0, "3.00");
    world.audit().await;
}

#[tokio::test]
async fn what_waited_for_a_signup_counts_then() {
    let world = by_usage().await;
    deliver_all(&world, &[spent("u1", "bob", "30"), captured("pi_1", "bob", "20"), spent("u2", "bob", "5")]).await;
    assert_eq!((world.account("bob").await.waiting, alice(&world).await.0), (3, "0.00".into()));
    world.audit().await;
    world.sign_up("bob", Some("alice")).await;
    deliver_all(&world, &[settle("bob")]).await;
    assert_eq!((world.account("bob").await.waiting, alice(&world).await.0), (0, "0.60".into()));
    world.audit().await;
    // Of one who came by no link, it is only counted off.
    deliver_all(&world, &[spent("u3", "dave", "30")]).await;
    world.sign_up("dave", None).await;
    deliver_all(&world, &[settle("dave")]).await;
    assert_eq!((world.account("dave").await.waiting, world.total("dave", Total::Spent).await), (0, "30.00".into()));
    world.audit().await;
}

#[tokio::test]
async fn a_signup_at_the_same_moment_is_never_overlooked() {
    for _ in 0..20 {
        let world = by_usage().await;
        let facts = [captured("pi_1", "bob", "100"), spent("u1", "bob", "50"), spent("u2", "bob", "10")];
        let (failed, _) = tokio::join!(world.deliver(&facts), world.sign_up("bob", Some("alice")));
        assert!(failed.is_empty());
        deliver_all(&world, &[settle("bob")]).await;
        assert_eq!(alice(&world).await.0, "1.80");
        world.audit().await;
    }
}

#[tokio::test]
async fn a_review_moves_the_reward_and_a_confirmed_one_takes_it_back() {
    let world = by_usage().await;
    let mut attribution = world.sign_up("bob", Some("alice")).await;
    deliver_all(&world, &[captured("pi_1", "bob", "100"), spent("u1", "bob", "40")]).await;
    for (status, rewards, in_review) in [
        (AttributionStatus::InReview, "1.20", "1.20"),
        (AttributionStatus::Attributed, "1.20", "0.00"),
        (AttributionStatus::InReview, "1.20", "1.20"),
        (AttributionStatus::Refused, "0.00", "0.00"),
    ] {
        attribution.version += 1;
        attribution.status = status;
        attribution.reason = Some(AttributionReason::Confirmed);
        world.attribute("bob", &attribution).await;
        deliver_all(&world, &[settle("bob")]).await;
        world.drain().await;
        assert_eq!(alice(&world).await, (rewards.into(), in_review.into()), "{status:?}");
        world.audit().await;
    }
    deliver_all(&world, &[captured("pi_2", "bob", "100"), spent("u2", "bob", "40")]).await;
    assert_eq!(alice(&world).await.0, "0.00", "refused is refused");
    world.audit().await;
}

#[tokio::test]
async fn a_review_is_seen_by_the_next_fact_too() {
    let world = by_usage().await;
    let mut attribution = world.sign_up("bob", Some("alice")).await;
    deliver_all(&world, &[captured("pi_1", "bob", "100"), spent("u1", "bob", "40")]).await;
    attribution.version += 1;
    attribution.status = AttributionStatus::InReview;
    world.attribute("bob", &attribution).await;
    // The settling has not come yet.
    deliver_all(&world, &[spent("u2", "bob", "10")]).await;
    assert_eq!(alice(&world).await, ("1.50".into(), "1.50".into()));
    world.audit().await;
}

#[tokio::test]
async fn a_closed_referrer_earns_nothing_by_what_comes_later() {
    let world = by_usage().await;
    world.sign_up("bob", Some("alice")).await;
    let on = |day: u32| format!("2026-01-{day:02}T12:00:00Z");
    let facts = [
        captured_at("pi_1", "bob", "100", at(&on(10))),
        spent_at("u1", "bob", "40", &on(11)),
        spent_at("u2", "bob", "10", &on(20)),
        captured_at("pi_2", "bob", "100", at(&on(20))),
    ];
    deliver_all(&world, &facts).await;
    assert_eq!(alice(&world).await.0, "1.50");
    let closed = plain(FactBody::Closed { account: id("alice"), at: at(&on(15)) });
    deliver_all(&world, &[closed.clone(), closed]).await;
    world.drain().await;
    assert_eq!(alice(&world).await.0, "1.20", "what was spent before stays, what was spent later counts no more");
    deliver_all(&world, &[spent_at("u3", "bob", "10", &on(21))]).await;
    assert_eq!(alice(&world).await.0, "1.20");
    world.audit().await;
}

#[tokio::test]
async fn rate_duration_and_basis_are_those_of_the_signup() {
    let world = world();
    let of = |basis, rate: &str| Settings {
        reward_basis: basis,
        reward_rate: rate.parse().unwrap(),
        reward_duration: RewardDuration::Months(1),
        ..Settings::default()
    };
    world.set(1, "2025-12-01T00:00:00Z", of(RewardBasis::Usage, "0.04")).await;
    world.set(2, "2026-01-03T00:00:00Z", of(RewardBasis::Purchase, "0.50")).await;
    let own = |from: &str| History::from_versions(vec![Version { number: 1, from: at(from), value: "0.05".parse().unwrap() }]);
    let write = |name: &str, rates| Write::put(keys::rates(&id(name)), records::settings::write_rates(&rates));
    world.memory.write(&[write("alice", own("2026-01-01T00:00:00Z")), write("zoe", own("2026-01-10T00:00:00Z"))]).await.unwrap();
    for (referee, referrer) in [("bob", "alice"), ("carol", "zoe")] {
        world.sign_up(referee, Some(referrer)).await;
        let facts = [
            captured_at(&format!("pi_{referee}"), referee, "100", at("2026-01-05T00:00:00Z")),
            spent_at(&format!("u1_{referee}"), referee, "40", "2026-02-01T23:59:59Z"),
            spent_at(&format!("u2_{referee}"), referee, "40", "2026-02-02T00:00:00Z"),
        ];
        deliver_all(&world, &facts).await;
    }
    // The account's own 5 % was set before the signup of bob, and after that of carol; the last usage is out of the month.
    assert_eq!((world.total("alice", Total::Rewards).await, world.total("zoe", Total::Rewards).await), ("2.00".into(), "1.60".into()));
    world.audit().await;
}

#[tokio::test]
async fn of_two_figures_of_one_usage_one_stands_and_the_other_is_kept() {
    let world = by_usage().await;
    world.sign_up("bob", Some("alice")).await;
    let euros = |usage: &str| {
        let (usage, currency) = (usage.to_owned(), "EUR".parse().unwrap());
        plain(FactBody::Spent { usage, account: id("bob"), amount: money("9"), currency, at: at("2026-02-01T12:30:00Z") })
    };
    deliver_all(&world, &[captured("pi_1", "bob", "100"), spent("u1", "bob", "5"), spent("u1", "bob", "6"), euros("u1"), euros("u2")])
        .await;
    deliver_all(&world, &[spent("u1", "bob", "7"), spent("u1", "bob", "5")]).await;
    assert_eq!((world.total("bob", Total::Spent).await, alice(&world).await.0), ("5.00".into(), "0.15".into()));
    let kept = world.plain().quarantined(None, 10).await.unwrap().entries;
    let mut reasons: Vec<String> = kept.into_iter().map(|listed| listed.entry.event.reason).collect();
    reasons.sort_unstable();
    let (contradicts, foreign) = ("it contradicts what is posted as usage#u1", "it is in EUR, not in the programme's currency");
    assert_eq!(reasons, [contradicts, contradicts, foreign, foreign]);
    world.audit().await;
}

fn story() -> Vec<Fact> {
    vec![
        captured("pi_1", "bob", "100"),
        spent("u1", "bob", "40"),
        refund("pi_1", "re_1", "70", RefundStatus::Succeeded),
        spent("u2", "carol", "5"),
        spent("u3", "dave", "7"),
        captured("pi_2", "carol", "50"),
    ]
}

async fn in_weather(fault: Fault, from: u64, to: u64) -> World {
    let world = faulty(fault, from, to);
    world.by_usage().await;
    for (referee, referrer) in [("bob", Some("alice")), ("carol", Some("alice")), ("dave", None)] {
        world.sign_up(referee, referrer).await;
    }
    world
}

async fn ended_well(world: &World, name: &str) {
    // 3 % of min(40, 30) and of min(5, 50).
    assert_eq!(alice(world).await.0, "1.05", "{name}");
    assert_eq!(world.total("dave", Total::Spent).await, "7.00", "{name}");
    world.audit().await;
}

#[tokio::test]
async fn one_fault_at_each_call_is_got_over() {
    for fault in Fault::ALL {
        for call in 0..20 {
            let world = in_weather(fault, call, call + 1).await;
            assert!(world.deliver(&story()).await.is_empty(), "{fault:?} at {call} is got over within the invocation");
            ended_well(&world, &format!("{fault:?} at {call}")).await;
        }
    }
}

/// A worker that dies at any call is one whose every later call fails; its messages come again, also those that it did.
#[tokio::test]
async fn a_crash_at_any_call_loses_nothing_and_doubles_nothing() {
    for fault in [Fault::FailBefore, Fault::LoseAnswer] {
        for from in 0..20 {
            let world = in_weather(fault, from, from + 80).await;
            deliver_all(&world, &story()).await;
            deliver_all(&world, &story()).await;
            ended_well(&world, &format!("{fault:?} from {from}")).await;
        }
    }
}
