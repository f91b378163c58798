//! What facts become, one story each.

use crate::support::{at, batch, captured, captured_at, dispute, fact, id, money, now, plain, refund, world};
use programme::{
    account::Total,
    attribution::AttributionStatus,
    fact::{Buyer, DisputeStatus, Fact, FactBody, Naming, PurchaseFact, RefundStatus},
};

fn shuffled(facts: &[Fact], seed: u64) -> Vec<Fact> {
    let mut order: Vec<(u64, Fact)> = facts
        .iter()
        .enumerate()
        .map(|(place, fact)| {
            (
                seed.wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(u64::try_from(place).unwrap())
                    .wrapping_mul(1_442_695_040_888_963_407)
                    >> 7,
                fact.clone(),
            )
        })
        .collect();
    order.sort_by_key(|(key, _)| *key);
    order.into_iter().map(|(_, fact)| fact).collect()
}

#[tokio::test]
async fn every_order_repetition_and_concurrency_ends_in_the_same_books() {
    let story = [
        captured("pi_1", "bob", "100"),
        refund("pi_1", "re_1", "40", RefundStatus::Pending),
        refund("pi_1", "re_1", "40", RefundStatus::Succeeded),
        captured("pi_2", "bob", "10.99"),
        dispute("pi_2", "10.99", DisputeStatus::Open, 1),
        dispute("pi_2", "10.99", DisputeStatus::Won, 2),
        captured("pi_3", "carol", "33.33"),
        refund("pi_3", "re_3", "33.33", RefundStatus::Succeeded),
        refund("pi_3", "re_3", "33.33", RefundStatus::Failed),
    ];
    for seed in 0..40 {
        let world = world();
        world.sign_up("bob", Some("alice")).await;
        world.sign_up("carol", Some("alice")).await;
        // Each fact five times, in batches of every size, eight workers at once.
        let repeated: Vec<Fact> = story.iter().cycle().take(story.len() * 5).cloned().collect();
        let order = shuffled(&repeated, seed);
        let size = usize::try_from(seed % 9).unwrap() + 1;
        let batches: Vec<Vec<Fact>> = order.chunks(size).map(<[Fact]>::to_vec).collect();
        for round in batches.chunks(8) {
            let workers = round.iter().map(|facts| accrual::handle(&world.app, batch(facts, now(), 1)));
            for (facts, failed) in round.iter().zip(futures::future::join_all(workers).await) {
                assert!(failed.is_empty() || world.deliver(facts).await.is_empty(), "seed {seed}");
            }
        }
        // 3 % of 60 + 10.99 + 33.33, each floored by itself.
        assert_eq!(world.total("alice", Total::Rewards).await, "3.1296", "seed {seed}");
        assert_eq!(world.total("bob", Total::Purchased).await, "70.99", "seed {seed}");
        assert_eq!(world.total("carol", Total::Purchased).await, "33.33", "seed {seed}");
        world.audit().await;
    }
}

#[tokio::test]
async fn many_purchases_of_one_referrer_share_transactions() {
    let world = world();
    world.sign_up("bob", Some("alice")).await;
    let facts: Vec<Fact> = (0..100).map(|n| captured(&format!("pi_{n}"), "bob", "10")).collect();
    assert!(world.deliver(&facts).await.is_empty());
    assert_eq!(world.total("alice", Total::Rewards).await, "30.00");
    world.audit().await;
}

#[tokio::test]
async fn a_purchase_before_the_signup_waits_and_then_earns() {
    let world = world();
    assert!(world.deliver(&[captured("pi_1", "bob", "100")]).await.is_empty());
    assert_eq!((world.account("bob").await.waiting, world.total("alice", Total::Rewards).await), (1, "0.00".into()));
    world.audit().await;
    world.sign_up("bob", Some("alice")).await;
    assert!(world.deliver(&[plain(FactBody::Settle { account: id("bob") })]).await.is_empty());
    assert_eq!((world.account("bob").await.waiting, world.total("alice", Total::Rewards).await), (0, "3.00".into()));
    world.audit().await;
}

#[tokio::test]
async fn a_signup_at_the_same_moment_is_never_overlooked() {
    for _ in 0..20 {
        let world = world();
        let facts = [captured("pi_1", "bob", "100"), captured("pi_2", "bob", "50")];
        let (failed, _) = tokio::join!(world.deliver(&facts), world.sign_up("bob", Some("alice")));
        assert!(failed.is_empty());
        assert!(world.deliver(&[plain(FactBody::Settle { account: id("bob") })]).await.is_empty());
        assert_eq!(world.total("alice", Total::Rewards).await, "4.50");
        world.audit().await;
    }
}

#[tokio::test]
async fn a_buyer_named_late_earns_late() {
    let world = world();
    world.sign_up("bob", Some("alice")).await;
    let nameless = fact(
        "pi_1",
        PurchaseFact::Captured {
            amount: money("100"),
            currency: "USD".parse().unwrap(),
            at: at("2026-02-01T12:00:00Z"),
            credits: None,
            buyer: None,
        },
    );
    assert!(world.deliver(&[nameless]).await.is_empty());
    assert_eq!(world.total("alice", Total::Rewards).await, "0.00");
    let named =
        fact("pi_1", PurchaseFact::Named { buyer: Some(Buyer { by: Naming::Checkout, account: id("bob") }), credits: Some(money("90")) });
    assert!(world.deliver(&[named]).await.is_empty());
    assert_eq!(world.total("alice", Total::Rewards).await, "2.70");
    world.audit().await;
}

#[tokio::test]
async fn a_review_moves_rewards_and_a_confirmed_one_takes_them_back() {
    let world = world();
    let mut attribution = world.sign_up("bob", Some("alice")).await;
    assert!(world.deliver(&[captured("pi_1", "bob", "100"), captured("pi_2", "bob", "50")]).await.is_empty());
    for (status, rewards, in_review) in [
        (AttributionStatus::InReview, "4.50", "4.50"),
        (AttributionStatus::Attributed, "4.50", "0.00"),
        (AttributionStatus::InReview, "4.50", "4.50"),
        (AttributionStatus::Refused, "0.00", "0.00"),
    ] {
        attribution.version += 1;
        attribution.status = status;
        attribution.reason = Some(programme::attribution::AttributionReason::Confirmed);
        world.attribute("bob", &attribution).await;
        assert!(world.deliver(&[plain(FactBody::Settle { account: id("bob") })]).await.is_empty());
        world.drain().await;
        assert_eq!(
            (world.total("alice", Total::Rewards).await.as_str(), world.total("alice", Total::InReview).await.as_str()),
            (rewards, in_review),
            "{status:?}"
        );
        world.audit().await;
    }
}

#[tokio::test]
async fn what_a_closed_account_would_earn_later_is_nothing() {
    let world = world();
    world.sign_up("bob", Some("alice")).await;
    let facts =
        [captured_at("pi_1", "bob", "100", at("2026-01-10T00:00:00Z")), captured_at("pi_2", "bob", "50", at("2026-01-20T00:00:00Z"))];
    assert!(world.deliver(&facts).await.is_empty());
    let closed = plain(FactBody::Closed { account: id("alice"), at: at("2026-01-15T00:00:00Z") });
    assert!(world.deliver(&[closed.clone(), closed]).await.is_empty());
    world.drain().await;
    assert_eq!(world.total("alice", Total::Rewards).await, "3.00");
    world.audit().await;
}

#[tokio::test]
async fn usage_and_rent_count_once_and_a_contradiction_is_kept() {
    let world = world();
    let spent = |amount: &str| {
        plain(FactBody::Spent {
            usage: "u1".into(),
            account: id("bob"),
            amount: money(amount),
            currency: "USD".parse().unwrap(),
            at: at("2026-02-01T12:00:00Z"),
        })
    };
    let rent = plain(FactBody::Rental {
        earning: "r1".into(),
        account: id("hana"),
        machine: "m1".into(),
        amount: money("7.5"),
        currency: "USD".parse().unwrap(),
        at: at("2026-02-01T12:00:00Z"),
    });
    assert!(world.deliver(&[spent("5"), rent.clone(), spent("5"), rent]).await.is_empty());
    assert!(world.deliver(&[spent("6")]).await.is_empty());
    let euros = plain(FactBody::Spent {
        usage: "u2".into(),
        account: id("bob"),
        amount: money("5"),
        currency: "EUR".parse().unwrap(),
        at: at("2026-02-01T12:00:00Z"),
    });
    assert!(world.deliver(&[euros]).await.is_empty());
    assert_eq!((world.total("bob", Total::Spent).await, world.total("hana", Total::Rental).await), ("5.00".into(), "7.50".into()));
    let kept =
        world.memory.dump().into_iter().filter(|(_, item)| item.get("src").is_some_and(|src| src.as_text() == Some("facts"))).count();
    assert_eq!(kept, 2, "the contradiction and the euros are kept for finance");
    world.audit().await;
}

#[tokio::test]
async fn poison_is_told_by_message_and_the_rest_is_posted() {
    let world = world();
    world.sign_up("bob", Some("alice")).await;
    let mut delivery = batch(&[captured("pi_1", "bob", "100"), captured("pi_2", "bob", "50"), captured("pi_3", "bob", "50")], now(), 1);
    delivery.records[1].body = "{\"about\":\"nothing\"}".into();
    assert_eq!(accrual::handle(&world.app, delivery).await, ["m1"]);
    assert_eq!(world.total("alice", Total::Rewards).await, "4.50");
    world.audit().await;
}

#[tokio::test]
async fn contradictions_are_marked_for_finance() {
    let world = world();
    world.sign_up("bob", Some("alice")).await;
    assert!(world.deliver(&[captured("pi_1", "bob", "100"), captured("pi_1", "bob", "90")]).await.is_empty());
    assert_eq!(world.total("alice", Total::Rewards).await, "2.70");
    assert!(world.memory.dump().iter().any(|(_, item)| item.get("g2pk").is_some_and(|pk| pk.as_text() == Some("flags"))));
    world.audit().await;
}

#[tokio::test]
async fn the_same_card_on_both_sides_of_a_referral_goes_to_review_once() {
    let card = |purchase: &str| fact(purchase, PurchaseFact::Instrument { digest: "k1.abcd".into() });
    for order in [false, true] {
        let world = world();
        let attribution = world.sign_up("bob", Some("alice")).await;
        world.sign_up("alice", None).await;
        world.sign_up("dave", None).await;
        let mut facts = [
            captured("pi_1", "alice", "10"),
            card("pi_1"),
            captured("pi_2", "bob", "100"),
            card("pi_2"),
            captured("pi_3", "dave", "5"),
            card("pi_3"),
        ];
        if order {
            facts.reverse();
        }
        for fact in facts.iter().chain(facts.iter()) {
            assert!(world.deliver(std::slice::from_ref(fact)).await.is_empty());
        }
        world.drain().await;
        assert_eq!(
            (world.total("alice", Total::Rewards).await, world.total("alice", Total::InReview).await),
            ("3.00".into(), "3.00".into())
        );
        let made = world.account("bob").await.attribution.unwrap();
        assert_eq!((made.status, made.version), (AttributionStatus::InReview, attribution.version + 1), "opened once");
        assert!(world.account("dave").await.attribution.unwrap().status == AttributionStatus::None);
        world.audit().await;
    }
}

#[tokio::test]
async fn matured_holds_are_dropped_along_the_way() {
    let world = world();
    world.sign_up("bob", Some("alice")).await;
    assert!(world.deliver(&[captured_at("pi_1", "bob", "100", at("2026-01-10T00:00:00Z"))]).await.is_empty());
    // Delivered in February, its hold had matured before it came: nothing is held. One that is held on its day …
    assert!(world.account("alice").await.holds.is_empty());
    let early = batch(&[captured_at("pi_2", "bob", "50", at("2026-01-10T00:00:00Z"))], at("2026-01-11T00:00:00Z"), 1);
    assert!(accrual::handle(&world.app, early).await.is_empty());
    assert_eq!(world.account("alice").await.holds.len(), 1);
    // … is dropped by the next write after it has matured.
    assert!(world.deliver(&[captured("pi_3", "bob", "10")]).await.is_empty());
    let days: Vec<String> = world.account("alice").await.holds.keys().map(ToString::to_string).collect();
    assert_eq!(days, ["2026-02-16"]);
    world.audit().await;
}
