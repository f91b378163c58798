use crate::support::{Ask, World, id};
use edge::http::Method;
use serde_json::{Value as Json, json};

fn put(body: Json) -> Ask<'static> {
    Ask { method: Method::PUT, body: Some(body), ..Ask::get("/billing") }
}

fn details() -> Json {
    json!({ "name": "Ana Lovrić", "address": ["Ulica 12", "10000 Zagreb"], "country": "HR", "tax_id": "HR12345678901" })
}

#[tokio::test]
async fn details_are_kept_without_the_spaces_around_them_and_are_each_ones_own() {
    let world = World::new();
    assert_eq!(world.send("alice", Ask::get("/billing")).await, (200, json!({})));
    let typed = json!({ "name": "  Ana Lovrić ", "address": [" Ulica 12", "10000 Zagreb\t"], "country": "HR", "tax_id": "HR12345678901 " });
    assert_eq!(world.send("alice", put(typed)).await, (200, details()));
    assert_eq!(world.send("alice", put(details())).await, (200, details()), "the same again");
    assert_eq!(world.send("alice", Ask::get("/billing")).await, (200, details()));
    assert_eq!(world.send("bob", Ask::get("/billing")).await, (200, json!({})));
    assert_eq!(world.store.billing(&id("alice")).await.unwrap().map(|billing| billing.name), Some("Ana Lovrić".to_owned()));
    for tax_id in [json!(null), json!("")] {
        let mut bare = details();
        bare["tax_id"] = tax_id.clone();
        let (status, kept) = world.send("alice", put(bare)).await;
        assert_eq!((status, kept.get("tax_id")), if tax_id.is_null() { (200, None) } else { (400, None) }, "{tax_id}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_not_repeated() {
    let world = World::new();
    let long = "x".repeat(201);
    for (member, value, field) in [
        ("name", json!(""), Some("name")),
        ("name", json!("  "), Some("name")),
        ("name", json!(long), Some("name")),
        ("name", json!("Ana\u{0007}secretly"), Some("name")),
        ("name", json!("Ana \u{202e}secretly"), Some("name")),
        ("name", json!(7), None),
        ("name", json!(null), None),
        ("address", json!([]), Some("address")),
        ("address", json!(["a", " "]), Some("address")),
        ("address", json!(["1", "2", "3", "4", "5", "6", "secretly"]), Some("address")),
        ("address", json!(["one\nsecretly"]), Some("address")),
        ("address", json!("Ulica 12"), None),
        ("country", json!("hr"), Some("country")),
        ("country", json!("HRV"), Some("country")),
        ("country", json!("Hrvatska secretly"), Some("country")),
        ("tax_id", json!("1".repeat(41)), Some("tax_id")),
        ("account", json!("bob"), None),
    ] {
        let mut bent = details();
        bent[member] = value;
        let (status, problem) = world.send("alice", put(bent.clone())).await;
        assert_eq!((status, problem["field"].as_str()), (400, field), "{bent}");
        assert!(!problem.to_string().contains("secretly"), "{problem}");
    }
    for member in ["name", "address", "country"] {
        let mut bent = details();
        bent.as_object_mut().unwrap().remove(member);
        assert_eq!(world.send("alice", put(bent)).await.0, 400, "{member}");
    }
    assert_eq!(world.send("alice", Ask::get("/billing")).await, (200, json!({})), "nothing of it was kept");
}

#[tokio::test]
async fn nobody_is_nobody() {
    let world = World::new();
    for ask in [Ask::get("/billing"), put(details()), Ask::get("/payouts.csv")] {
        assert_eq!(world.send_call(world.call(None, &ask)).await.0, 401);
    }
}
