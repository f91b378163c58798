use crate::support::{Ask, World, id};
use chrono::Duration;
use programme::settings::Settings;
use serde_json::{Value as Json, json};

fn settings(change: impl FnOnce(&mut Json)) -> Json {
    let mut settings = serde_json::to_value(Settings::default()).unwrap();
    change(&mut settings);
    settings
}

#[tokio::test]
async fn the_defaults_are_version_0_and_a_new_version_starts_ahead() {
    let world = World::new();
    let (status, shown) = world.send("fin1", Ask::get("/finance/programme")).await;
    assert_eq!(
        (status, &shown["version"], &shown["settings"]["reward_rate"], &shown["versions"]),
        (200, &json!(0), &json!("0.03"), &json!([]))
    );
    let wanted = settings(|settings| settings["hold_days"] = json!(7));
    let put = |from: &str| world.send("fin1", Ask::programme(json!({ "from": from, "settings": wanted, "reason": "shorter" })));
    let (status, problem) = put("2026-03-10T12:04:59Z").await;
    assert_eq!((status, &problem["rule"]), (422, &json!("version_lead")));
    let first = put("2026-03-10T12:05:00Z").await;
    assert_eq!(
        (first.0, &first.1["version"], &first.1["from"], &first.1["settings"]["hold_days"]),
        (200, &json!(1), &json!("2026-03-10T12:05:00.000Z"), &json!(7))
    );
    assert_eq!(put("2026-03-10T12:05:00Z").await, first, "the same again");
    assert_eq!(put("2026-03-10T12:05:00Z").await.0, 200);
    let other = settings(|settings| settings["hold_days"] = json!(8));
    let (status, problem) = world.send("fin1", Ask::programme(json!({ "from": "2026-03-10T12:05:00Z", "settings": other }))).await;
    assert_eq!((status, &problem["rule"]), (422, &json!("version_order")));
    let shown = world.send("fin1", Ask::get("/finance/programme")).await.1;
    assert_eq!((&shown["version"], shown["versions"].as_array().unwrap().len()), (&json!(0), 1), "not in force yet");
    assert_eq!(world.trail().await, ["fin1 programme_set programme"]);
    let by_usage = settings(|settings| {
        settings["reward_basis"] = json!("usage");
        settings["reward_duration"] = json!({ "months": 6 });
    });
    let (status, answer) = world.send("fin1", Ask::programme(json!({ "from": "2026-03-10T12:06:00Z", "settings": by_usage }))).await;
    assert_eq!((status, &answer["settings"]["reward_basis"]), (200, &json!("usage")), "{answer}");
}

#[tokio::test]
async fn each_bad_setting_gets_its_answer() {
    let world = World::new();
    let form = |settings: Json| json!({ "from": "2026-04-01T00:00:00Z", "settings": settings });
    let cases = [
        (form(settings(|s| s["hold_days"] = json!(31))), 422, Some("hold_days")),
        (form(settings(|s| s["payout_minimum"] = json!("0"))), 422, Some("payout_minimum")),
        (form(settings(|s| s["currency"] = json!("EUR"))), 422, Some("currency")),
        (form(settings(|s| s["reward_rate"] = json!("1.01"))), 400, None),
        (form(settings(|s| s["reward_rate"] = json!("0.03001"))), 400, None),
        (form(settings(|s| s["reward_rate"] = json!(0.03))), 400, None),
        (form(settings(|s| s["bonus"] = json!(1))), 400, None),
        (form(settings(|s| drop(s.as_object_mut().unwrap().remove("hold_days")))), 400, None),
        (json!({ "settings": settings(|_| {}) }), 400, None),
        (json!({ "from": "tomorrow", "settings": settings(|_| {}) }), 400, None),
    ];
    for (index, (body, expected, rule)) in cases.into_iter().enumerate() {
        let (status, problem) = world.send("fin1", Ask::programme(body)).await;
        assert_eq!((status, problem["rule"].as_str()), (expected, rule), "case {index}: {problem}");
    }
    assert!(world.memory.dump().is_empty());
}

#[tokio::test]
async fn an_account_gets_a_rate_of_its_own_and_nobody_their_own() {
    let mut world = World::new();
    world.figures("alice", &[("R", "1")]).await;
    world.figures("fin1", &[("R", "1")]).await;
    let body = |rate: &str, from: &str| json!({ "rate": rate, "from": from });
    let good = || body("0.05", "2026-03-10T12:05:00Z");
    assert_eq!(world.send("fin1", Ask::rate("fin1", good())).await.0, 403);
    assert_eq!(world.send("fin1", Ask::rate("nobody", good())).await.0, 404);
    for (bad, status) in [
        (body("1.5", "2026-04-01T00:00:00Z"), 400),
        (body("0.05", "now"), 400),
        (json!({ "rate": "0.05" }), 400),
        (body("0.05", "2026-03-10T12:04:59.999Z"), 422),
    ] {
        assert_eq!(world.send("fin1", Ask::rate("alice", bad.clone())).await.0, status, "{bad}");
    }
    let first = world.send("fin1", Ask::rate("alice", good())).await;
    assert_eq!(
        first,
        (200, json!({ "account_id": "alice", "rate": { "version": 1, "rate": "0.05", "from": "2026-03-10T12:05:00.000Z" } }))
    );
    assert_eq!(world.send("fin2", Ask::rate("alice", good())).await, first, "the same again");
    assert_eq!(world.send("fin2", Ask::rate("fin1", good())).await.0, 200, "by somebody else");
    let show = async |world: &World| {
        world.send("fin1", Ask { params: vec![("id", "alice")], ..Ask::get("/finance/accounts/{id}") }).await.1["rate"].clone()
    };
    assert_eq!(show(&world).await, "0.03");
    world.now += Duration::minutes(5);
    assert_eq!(show(&world).await, "0.05");
    assert_eq!(world.store.rates(&id("alice")).await.unwrap().versions().len(), 1);
}

#[tokio::test]
async fn two_new_versions_at_once_are_one_after_the_other() {
    let world = World::new();
    let put =
        |who: &'static str, from: &'static str| world.send(who, Ask::programme(json!({ "from": from, "settings": settings(|_| {}) })));
    let (a, b) = futures::join!(put("fin1", "2026-04-01T00:00:00Z"), put("fin2", "2026-05-01T00:00:00Z"));
    let stored = world.store.programme_fresh().await.unwrap();
    let answered = [a.0, b.0].iter().filter(|status| **status == 200).count();
    assert_eq!(stored.history.versions().len(), answered);
    assert!(answered >= 1 && [a.0, b.0].iter().all(|status| [200, 422].contains(status)));
    assert_eq!(world.trail().await.len(), answered);
}
