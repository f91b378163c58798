use crate::support::{Ask, World, id};
use programme::{
    attribution::{Attribution, AttributionReason, AttributionStatus, Credit},
    settings::{RewardBasis, RewardDuration},
};
use serde_json::json;
use store::{
    backend::{Change, Item, Write},
    keys,
    records::{account::attribution_changes, review::review_marker},
};

pub(crate) async fn in_review(world: &World, referee: &str, referrer: &str, reason: AttributionReason) {
    let at = "2026-02-01T00:00:00Z".parse().unwrap();
    let credit = Credit {
        referrer: id(referrer),
        click: "clk_1".into(),
        clicked_at: at,
        template: None,
        duration: RewardDuration::Lifetime,
        basis: RewardBasis::Purchase,
        settings_version: 0,
    };
    let attribution =
        Attribution { version: 1, status: AttributionStatus::InReview, reason: Some(reason), signed_up_at: at, credit: Some(credit) };
    let item: Item = attribution_changes(&attribution)
        .into_iter()
        .filter_map(|change| match change {
            Change::Set(name, value) => Some((name, value)),
            Change::SetOnce(..) | Change::Add(..) | Change::Remove(_) => None,
        })
        .collect();
    let marker = review_marker(&id(referee), &attribution, at);
    world.store.backend().write(&[Write::put(keys::figures(&id(referee)), item), marker]).await.unwrap();
}

async fn status(world: &World, referee: &str) -> (AttributionStatus, u32) {
    let attribution = world.store.account(&id(referee)).await.unwrap().unwrap().attribution.unwrap();
    (attribution.status, attribution.version)
}

#[tokio::test]
async fn a_verdict_changes_the_attribution_and_has_the_purchases_computed_again() {
    for (verdict, other, after, act) in [
        ("clear", "confirm", AttributionStatus::Attributed, "review_cleared"),
        ("confirm", "clear", AttributionStatus::Refused, "review_confirmed"),
    ] {
        let world = World::new();
        in_review(&world, "bob", "alice", AttributionReason::SameDevice).await;
        let listed = json!({ "reviews": [{ "account_id": "bob", "referrer": "alice", "reason": "same_device", "opened_at": "2026-02-01T00:00:00.000Z" }] });
        assert_eq!(world.send("fin1", Ask::get("/finance/reviews")).await, (200, listed));
        let body = Some(json!({ "reason": "looked at both" }));
        let first = world.send("fin1", Ask { body, ..Ask::review("bob", verdict) }).await;
        let expected =
            json!({ "account_id": "bob", "verdict": verdict, "status": after.as_str(), "by": "fin1", "at": "2026-03-10T12:00:00.000Z" });
        assert_eq!(first, (200, expected));
        assert_eq!(status(&world, "bob").await, (after, 2));
        let sent = world.queue.taken();
        assert_eq!(sent.iter().map(|message| message.delay_seconds).collect::<Vec<_>>(), [30, 0], "a safety net, then at once");
        assert!(sent.iter().all(|message| message.body.contains(r#""about":"settle","account":"bob""#)));
        assert_eq!(world.send("fin2", Ask::review("bob", verdict)).await, first, "the same again");
        assert_eq!(world.send("fin2", Ask::review("bob", other)).await.0, 409, "and not the other way");
        assert_eq!(world.send("fin1", Ask::get("/finance/reviews")).await.1, json!({ "reviews": [] }));
        assert_eq!(world.trail().await, [format!("fin1 {act} bob")]);
    }
}

#[tokio::test]
async fn nobody_decides_about_their_own_referral() {
    let world = World::new();
    in_review(&world, "fin1", "alice", AttributionReason::SameDevice).await;
    in_review(&world, "bob", "fin1", AttributionReason::SameDevice).await;
    for referee in ["fin1", "bob"] {
        assert_eq!(world.send("fin1", Ask::review(referee, "clear")).await.0, 403, "{referee}");
        assert_eq!(world.send("fin2", Ask::review(referee, "clear")).await.0, 200, "{referee}");
    }
}

#[tokio::test]
async fn a_cycle_is_never_cleared() {
    let world = World::new();
    in_review(&world, "bob", "alice", AttributionReason::Cycle).await;
    let (answered, problem) = world.send("fin1", Ask::review("bob", "clear")).await;
    assert_eq!((answered, &problem["rule"]), (422, &json!("cycle")));
    assert_eq!(world.send("fin1", Ask::review("bob", "confirm")).await.0, 200);
}

#[tokio::test]
async fn what_is_in_no_review_is_404() {
    let world = World::new();
    world.figures("carol", &[("R", "1")]).await;
    for name in ["nobody", "carol", "a b"] {
        assert_eq!(world.send("fin1", Ask::review(name, "clear")).await.0, 404, "{name}");
    }
    assert_eq!(world.send("fin1", Ask::review("carol", "forget")).await.0, 404);
    assert!(world.queue.taken().is_empty());
}

#[tokio::test]
async fn without_the_queue_nothing_is_decided() {
    let world = World::new();
    in_review(&world, "bob", "alice", AttributionReason::SameDevice).await;
    world.queue.fail_next(0);
    assert_eq!(world.send("fin1", Ask::review("bob", "clear")).await.0, 503);
    assert_eq!(status(&world, "bob").await, (AttributionStatus::InReview, 1));
    assert_eq!(world.send("fin1", Ask::review("bob", "clear")).await.0, 200);
}

#[tokio::test]
async fn two_verdicts_at_once_have_one_outcome() {
    for _ in 0..20 {
        let world = World::new();
        in_review(&world, "bob", "alice", AttributionReason::SameDevice).await;
        let (clear, confirm) =
            futures::join!(world.send("fin1", Ask::review("bob", "clear")), world.send("fin2", Ask::review("bob", "confirm")));
        let mut answered = [clear.0, confirm.0];
        answered.sort_unstable();
        assert_eq!(answered, [200, 409]);
        assert_eq!(world.trail().await.len(), 1);
        assert_eq!(status(&world, "bob").await.1, 2);
    }
}
