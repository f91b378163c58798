//! A story of Stripe events in any order, each five times and eight at once, ends in the same earnings.

use e2e::{World, assert_audit, captured, event, stack};
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

/// Events of one payment each, and what its purchase earns at the end, by hand: 3 % of what is left.
fn story(account: &str, at: i64) -> (Vec<Value>, &'static str) {
    let refund = |id: &str, payment: &str, cents: i64, status: &str, kind: &str| {
        event(
            kind,
            &format!("evt_{id}_{status}"),
            at,
            json!({ "id": id, "object": "refund", "amount": cents, "currency": "usd", "status": status, "payment_intent": payment }),
        )
    };
    let dispute = |kind: &str, payment: &str, cents: i64, status: &str, at: i64| {
        event(
            &format!("charge.dispute.{kind}"),
            &format!("evt_dp_{payment}_{status}"),
            at,
            json!({ "id": format!("dp_{payment}"), "object": "dispute", "amount": cents, "currency": "usd", "status": status, "payment_intent": payment, "livemode": false }),
        )
    };
    let unnamed = event(
        "payment_intent.succeeded",
        "evt_unnamed",
        at,
        json!({ "id": "pi_e", "object": "payment_intent", "status": "succeeded", "amount_received": 3_333, "currency": "usd", "created": at, "livemode": false, "metadata": {} }),
    );
    let checkout = event(
        "checkout.session.completed",
        "evt_checkout",
        at,
        json!({ "id": "cs_e", "object": "checkout.session", "payment_status": "paid", "payment_intent": "pi_e", "client_reference_id": account, "livemode": false, "metadata": {} }),
    );
    let events = vec![
        captured("pi_a", account, 10_000, at),
        refund("re_a", "pi_a", 4_000, "pending", "refund.created"),
        refund("re_a", "pi_a", 4_000, "succeeded", "refund.updated"),
        captured("pi_b", account, 1_099, at),
        refund("re_b", "pi_b", 1_099, "pending", "refund.created"),
        refund("re_b", "pi_b", 1_099, "failed", "refund.failed"),
        captured("pi_c", account, 5_000, at),
        dispute("created", "pi_c", 5_000, "needs_response", at + 1),
        dispute("closed", "pi_c", 5_000, "won", at + 2),
        captured("pi_d", account, 7_700, at),
        dispute("created", "pi_d", 7_700, "needs_response", at + 1),
        dispute("closed", "pi_d", 7_700, "lost", at + 2),
        unnamed,
        checkout,
    ];
    // 0.03 × (60 + 10.99 + 50 + 0 + 33.33), each purchase floored by itself: 1.80 + 0.3297 + 1.50 + 0.9999
    (events, "4.6296")
}

fn shuffled(mut events: Vec<Value>, mut seed: u64) -> Vec<Value> {
    for place in (1..events.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(seed >> 33).unwrap() % (place + 1);
        events.swap(place, other);
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn any_order_five_times_and_eight_at_once() {
    for seed in [1, 2] {
        let stack = stack(&format!("s{seed}")).await;
        let world = World::of(&stack);
        let (alice, bob) = (stack.token_for("alice").unwrap(), stack.token_for("bob").unwrap());
        let code = world.sign_up(&alice, None).await["code"].as_str().unwrap().to_owned();
        let receipt = world.click(&code).await;
        let at = stack.clock().now_ms() / 1000;
        let (events, expected) = story("acct_bob", at);
        let events = shuffled(events.iter().cycle().take(events.len() * 5).cloned().collect(), seed);
        let (before, after) = events.split_at(events.len() / 2);
        // The buyer signs up in the middle of it all.
        for half in [before, after] {
            let posts = half.iter().map(|event| world.stripe(event, at));
            let answers: Vec<_> = stream::iter(posts).buffer_unordered(8).collect().await;
            assert!(answers.iter().all(|status| *status == Some(200)), "{answers:?}");
            let signup = world.sign_up(&bob, Some(&receipt)).await;
            assert_eq!(signup["referral"]["status"], "attributed", "{signup}");
        }
        assert_audit(&stack).await;
        let earnings = world.earnings(&alice).await;
        assert_eq!(
            (earnings["total_referral_earnings"].as_str(), earnings["referral_count"].as_u64()),
            (Some(expected), Some(1)),
            "seed {seed}: {earnings}"
        );
        stack.stop().await;
    }
}
