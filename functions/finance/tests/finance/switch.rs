//! The kill switch.

use crate::support::{Ask, World};
use edge::http::Method;
use futures::future::join_all;
use serde_json::json;

#[tokio::test]
async fn it_holds_at_once_with_who_when_and_why() {
    let world = World::new();
    let never = json!({ "payouts_enabled": true, "settings_enabled": true, "version": 0 });
    assert_eq!(world.send("fin1", Ask::get("/finance/switch")).await, (200, never.clone()));
    assert_eq!(world.send("fin1", Ask::switch(true, "why not")).await, (200, never), "it stands so already");
    assert!(world.trail().await.is_empty());
    let off = world.send("fin1", Ask::switch(false, " a rail misbehaves ")).await;
    let turned = json!({ "by": "fin1", "at": "2026-03-10T12:00:00.000Z", "reason": "a rail misbehaves" });
    assert_eq!(off, (200, json!({ "payouts_enabled": false, "settings_enabled": true, "version": 1, "turned": turned })));
    assert_eq!(world.send("fin2", Ask::get("/finance/switch")).await, off);
    assert_eq!(world.send("fin2", Ask::switch(false, "me too")).await, off, "the first reason counts");
    assert!(!world.store.switch().await.unwrap().payouts_enabled);
    let on = world.send("fin2", Ask::switch(true, "mended")).await.1;
    assert_eq!((&on["payouts_enabled"], &on["version"], &on["turned"]["by"]), (&json!(true), &json!(2), &json!("fin2")));
    let acts = world.send("fin1", Ask::get("/finance/acts")).await.1;
    let told: Vec<_> = acts["acts"].as_array().unwrap().iter().map(|act| (&act["act"], &act["reason"], &act["details"])).collect();
    assert!(told.contains(&(&json!("payouts_switched"), &json!("mended"), &json!({ "payouts_enabled": true }))), "{acts}");
    assert_eq!(told.len(), 2);
}

#[tokio::test]
async fn it_is_not_turned_without_a_reason() {
    let world = World::new();
    let put = |body| Ask { method: Method::PUT, body: Some(body), ..Ask::get("/finance/switch") };
    for body in [
        json!({ "payouts_enabled": false }),
        json!({ "payouts_enabled": false, "reason": " " }),
        json!({ "payouts_enabled": false, "reason": "a\nb" }),
        json!({ "payouts_enabled": "no", "reason": "x" }),
        json!({ "reason": "x" }),
        json!({ "payouts_enabled": false, "reason": "x", "until": "tomorrow" }),
    ] {
        assert_eq!(world.send("fin1", put(body.clone())).await.0, 400, "{body}");
    }
    assert!(world.memory.dump().is_empty());
}

#[tokio::test]
async fn many_at_once_turn_it_once() {
    let world = World::new();
    let people: Vec<String> = (0..10).map(|number| format!("fin{number}")).collect();
    let answers = join_all(people.iter().map(|who| world.send(who, Ask::switch(false, "quick")))).await;
    assert!(answers.iter().all(|answer| answer.0 == 200 && answer.1 == answers[0].1), "{answers:?}");
    assert_eq!((world.trail().await.len(), world.store.switch().await.unwrap().version), (1, 1));
}
