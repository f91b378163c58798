//! Deciding about flagged purchases.

use crate::support::{Ask, World};
use chrono::Duration;
use edge::http::Method;
use programme::{
    fact::{Buyer, Fact, FactBody, Naming, PurchaseFact, PurchaseId, Source},
    plan::{Views, purchase_line},
    purchase::Flag,
};
use serde_json::{Value as Json, json};
use store::records::flag::{self, Flagged};

const PURCHASE: &str = "stripe:pi_1";

pub(crate) fn decide(purchase: &str, body: Json) -> Ask<'_> {
    Ask { method: Method::POST, params: vec![("id", purchase)], body: Some(body), ..Ask::get("/finance/flags/{id}/decide") }
}

fn accept() -> Ask<'static> {
    decide(PURCHASE, json!({ "decision": "accept", "reason": "The bank was asked." }))
}

/// Marks the purchase, as the accrual does with this line of it.
pub(crate) async fn flagged(world: &World, line: u32) {
    let (purchase, flags) = (PURCHASE.parse().unwrap(), [Flag::OverRefunded].into());
    let flagged = Flagged { purchase, flags, line, at: world.now, decided: None };
    world.store.backend().write(&[flag::write(&flagged)]).await.unwrap();
}

async fn open(world: &World) -> usize {
    world.send("fin1", Ask::get("/finance/flags")).await.1["flags"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_decided_flag_leaves_the_list_until_it_is_raised_anew() {
    let mut world = World::new();
    flagged(&world, 2).await;
    let decided = json!({ "purchase": PURCHASE, "line": 2, "decision": "accept", "reason": "The bank was asked.", "by": "fin1",
        "at": "2026-03-10T12:00:00.000Z" });
    assert_eq!(world.send("fin1", accept()).await, (200, decided.clone()));
    assert_eq!(open(&world).await, 0);
    // Again, by somebody else, later, for another reason: it stands as it was decided.
    world.now += Duration::hours(1);
    let again = decide(PURCHASE, json!({ "decision": "accept", "reason": "Me too.", "line": 2 }));
    assert_eq!(world.send("fin2", again).await, (200, decided));
    assert_eq!(world.trail().await, ["fin1 flag_accepted stripe:pi_1"]);

    flagged(&world, 5).await;
    assert_eq!(open(&world).await, 1);
    let late = decide(PURCHASE, json!({ "decision": "accept", "reason": "The bank was asked.", "line": 2 }));
    let (status, problem) = world.send("fin1", late).await;
    assert_eq!((status, problem["line"].as_u64()), (409, Some(5)), "{problem}");
    let seen = decide(PURCHASE, json!({ "decision": "accept", "reason": "Asked again.", "line": 5 }));
    assert_eq!(world.send("fin2", seen).await.1["by"], "fin2");
    assert_eq!((open(&world).await, world.trail().await.len()), (0, 2));
    let acts = world.send("fin1", Ask::get("/finance/acts")).await.1;
    let expected = json!({ "at": "2026-03-10T13:00:00.000Z", "by": "fin2", "act": "flag_accepted", "subject": PURCHASE, "version": 5,
        "reason": "Asked again.", "details": { "flags": ["over_refunded"] } });
    assert_eq!(acts["acts"][0], expected);
}

#[tokio::test]
async fn each_bad_decision_gets_its_answer() {
    let world = World::new();
    flagged(&world, 0).await;
    let before = world.memory.dump();
    for (name, ask, expected) in [
        ("a purchase that is not flagged", decide("stripe:pi_2", json!({ "decision": "accept", "reason": "x" })), 404),
        ("no purchase", decide("pi_1", json!({ "decision": "accept", "reason": "x" })), 404),
        ("a way up", decide("..", json!({ "decision": "accept", "reason": "x" })), 404),
        ("no decision", decide(PURCHASE, json!({ "reason": "x" })), 400),
        ("another decision", decide(PURCHASE, json!({ "decision": "burn", "reason": "x" })), 400),
        ("no reason", decide(PURCHASE, json!({ "decision": "accept" })), 400),
        ("a blank reason", decide(PURCHASE, json!({ "decision": "accept", "reason": " " })), 400),
        ("a reason of lines", decide(PURCHASE, json!({ "decision": "accept", "reason": "a\nb" })), 400),
        ("another field", decide(PURCHASE, json!({ "decision": "accept", "reason": "x", "amount": "1" })), 400),
        ("a line that is none", decide(PURCHASE, json!({ "decision": "accept", "reason": "x", "line": -1 })), 400),
        ("another line", decide(PURCHASE, json!({ "decision": "accept", "reason": "x", "line": 1 })), 409),
        ("no body", Ask { body: None, ..accept() }, 415),
    ] {
        let (status, problem) = world.send("fin1", ask).await;
        assert_eq!(status, expected, "{name}: {problem}");
    }
    assert!(world.memory.dump() == before, "none of them changed anything");
}

#[tokio::test]
async fn nobody_decides_about_a_purchase_of_their_own() {
    let world = World::new();
    flagged(&world, 0).await;
    let purchase: PurchaseId = PURCHASE.parse().unwrap();
    let buyer = Buyer { by: Naming::Payment, account: "fin1".parse().unwrap() };
    let fact = PurchaseFact::Captured {
        amount: "50".parse().unwrap(),
        currency: "USD".parse().unwrap(),
        at: world.now,
        credits: None,
        buyer: Some(buyer),
    };
    let fact = Fact { source: Source::Stripe, event: "e".into(), body: FactBody::Purchase { purchase: purchase.clone(), fact } };
    let plan = purchase_line(&purchase, None, &[fact], &Views::default(), world.now).unwrap();
    world.store.commit(&plan).await.unwrap();
    assert_eq!(world.send("fin1", accept()).await.0, 403);
    assert_eq!(open(&world).await, 1);
    assert_eq!(world.send("fin2", accept()).await.0, 200);
}

#[tokio::test]
async fn two_at_once_decide_once() {
    let world = World::new();
    flagged(&world, 0).await;
    let (one, other) = futures::join!(world.send("fin1", accept()), world.send("fin2", accept()));
    assert_eq!((one.0, &one), (200, &other), "both are told who it was");
    assert_eq!(world.trail().await.len(), 1);
}
