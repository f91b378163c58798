//! What was kept is read again: once, for finance alone, with its trail, whatever fails meanwhile.

use crate::support::{NOW, bare, changed, fixture, signed, sources};
use chrono::{DateTime, TimeDelta, Utc};
use edge::{
    http::{Call, Method},
    ids::SequenceIds,
    queue::Outgoing,
    testing::{MemoryQueue, TestIssuer},
};
use ledger::KeyRing;
use programme::fact::{Fact, FactBody, Source};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{
    Quarantined, Store,
    backend::{faulty::Faulty, memory::Memory},
};
use webhook::{App, Desk, Queues, answer};

const ONE: &str = "/finance/quarantine/{id}/replay";
const ALL: &str = "/finance/dead-letters/replay";

pub(crate) struct World {
    app: App,
    desk: Desk,
    store: Store,
    pub(crate) memory: Arc<Memory>,
    pub(crate) faulty: Arc<Faulty>,
    pub(crate) queue: Arc<MemoryQueue>,
    pub(crate) payouts: Arc<MemoryQueue>,
    issuer: TestIssuer,
    pub(crate) now: DateTime<Utc>,
}

/// An hour after the requests of the other tests.
pub(crate) fn world() -> World {
    let memory = Arc::new(Memory::new());
    let faulty = Arc::new(Faulty::new(memory.clone()));
    let store = Store::new(faulty.clone(), KeyRing::none());
    let (queue, payouts) = (Arc::new(MemoryQueue::default()), Arc::new(MemoryQueue::default()));
    let issuer = TestIssuer::new("https://id.example.com", "referral");
    let app = App::new(sources(), Queues { facts: queue.clone(), payouts: payouts.clone() }, store.clone());
    let desk = Desk::new(issuer.verifier(), Arc::new(SequenceIds::new(1)));
    World { app, desk, store, memory, faulty, queue, payouts, issuer, now: at(3600) }
}

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(NOW + seconds, 0).unwrap()
}

impl World {
    fn call(&self, who: Option<(&str, &[&str])>, route: &str, id: &str, body: Option<Value>) -> Call {
        let mut call = Call::builder(Method::POST, route, self.now).param("id", id);
        if let Some((who, groups)) = who {
            call = call.bearer(&self.issuer.token(who, groups, None, self.now));
        }
        if let Some(body) = body {
            call = call.json(&body);
        }
        call.build()
    }

    pub(crate) async fn send(&self, call: Call) -> (u16, Value) {
        let reply = answer(&self.app, &self.desk, call).await.unwrap_or_else(|problem| problem.render("r"));
        (reply.status.as_u16(), reply.body_json().unwrap())
    }

    pub(crate) async fn replay(&self, who: &str, id: &str) -> (u16, Value) {
        self.send(self.call(Some((who, &["finance"])), ONE, id, None)).await
    }

    pub(crate) async fn replay_all(&self, who: &str) -> (u16, Value) {
        self.send(self.call(Some((who, &["finance"])), ALL, "", None)).await
    }

    pub(crate) async fn keep(&self, source: &str, body: impl Into<Vec<u8>>) -> Quarantined {
        let event = Quarantined::new(source, "made so".into(), body.into(), at(0));
        self.store.quarantine(&event).await.unwrap();
        event
    }

    pub(crate) async fn open(&self) -> usize {
        self.store.quarantined(None, 1000).await.unwrap().entries.len()
    }

    /// Who did what to what, and why, newest first.
    pub(crate) async fn trail(&self) -> Vec<String> {
        let acts = self.store.acts(DateTime::UNIX_EPOCH.date_naive(), at(0).date_naive() + TimeDelta::days(2), None, 100).await.unwrap();
        let told = |act: &store::records::act::Act| {
            let reason = act.reason.as_deref().unwrap_or("-");
            format!("{} {} {} {} {reason} {}", act.by, act.kind.as_str(), act.subject, act.version, act.details)
        };
        acts.entries.iter().map(|listed| told(&listed.entry)).collect()
    }
}

/// A capture that was dated ahead when it came in.
pub(crate) fn ahead() -> Vec<u8> {
    changed(fixture("stripe", "payment_intent.succeeded"), &[("/created", Some(json!(NOW + 1_000)))]).to_string().into_bytes()
}

pub(crate) fn letter(number: usize) -> String {
    let account = format!("acct_{number}").parse().unwrap();
    serde_json::to_string(&Fact { source: Source::Platform, event: "e".into(), body: FactBody::Settle { account } }).unwrap()
}

fn facts(messages: &[Outgoing]) -> Vec<Fact> {
    messages.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect()
}

#[tokio::test]
async fn the_doors_are_for_finance_alone() {
    let world = world();
    let event = world.keep("stripe", ahead()).await;
    let before = world.memory.dump();
    for route in [ONE, ALL] {
        for (who, expected) in [(None, 401), (Some(("alice", &[][..])), 403), (Some(("shop", &["platform"][..])), 403)] {
            assert_eq!(world.send(world.call(who, route, &event.id, None)).await.0, expected, "{route} {who:?}");
        }
    }
    let get = Call::builder(Method::GET, ONE, world.now).param("id", &event.id).build();
    assert_eq!(world.send(get).await.0, 404);
    assert!(world.memory.dump() == before && world.queue.taken().is_empty());
    assert_eq!(world.send(bare("stripe", b"{}").build()).await.0, 401, "a webhook needs its signature, not a token");
}

#[tokio::test]
async fn what_cannot_be_replayed_stays_open() {
    let world = world();
    let kept = |source: &'static str, body: &'static [u8]| world.keep(source, body);
    let rows = [
        ("it is no JSON yet", kept("stripe", b"hello").await.id, None, 422),
        ("it is of the other mode", kept("stripe", br#"{"id":"e","type":"charge.refunded","livemode":true}"#).await.id, None, 422),
        ("nobody reads its source", kept("shop", b"{}").await.id, None, 422),
        ("a letter that is no fact", kept("facts", br#"{"about":"nothing"}"#).await.id, None, 422),
        ("a letter that is no text", kept("facts", &[0xff]).await.id, None, 422),
        ("a letter that is no errand", kept("payouts", br#"{"type":"cash"}"#).await.id, None, 422),
        (
            "a fact among the errands",
            kept("payouts", br#"{"source":"stripe","event":"e","about":"settle","account":"a"}"#).await.id,
            None,
            422,
        ),
        ("an errand among the facts", kept("facts", br#"{"type":"look","payout":"pay_4YGQGXK5VRGSQN7XQD252HFMW1"}"#).await.id, None, 422),
        ("a rail's that does not read", kept("wise", br#"{"event_type":"transfers#refund"}"#).await.id, None, 422),
        ("nobody knows it", "qua_0".to_owned(), None, 404),
        ("that is no id", "../x".to_owned(), None, 404),
        ("a reason of lines", kept("stripe", b"x").await.id, Some(json!({ "reason": "a\nb" })), 400),
        ("another field", kept("stripe", b"x").await.id, Some(json!({ "force": true })), 400),
    ];
    let before = world.memory.dump();
    for (name, id, body, expected) in rows {
        let (status, problem) = world.send(world.call(Some(("fin1", &["finance"])), ONE, &id, body)).await;
        assert_eq!(status, expected, "{name}: {problem}");
        if status == 422 {
            assert_eq!(problem["rule"], "unreadable", "{name}: {problem}");
        }
    }
    assert!(world.memory.dump() == before && world.queue.taken().is_empty());
}

#[tokio::test]
async fn a_replay_is_done_once_and_answered_the_same() {
    let mut world = world();
    let ahead = ahead();
    assert_eq!(world.send(signed("stripe", &ahead)).await, (200, json!({ "status": "quarantined" })));
    let id = Quarantined::new("stripe", String::new(), ahead, at(0)).id;

    world.now = at(600);
    let (status, problem) = world.replay("fin1", &id).await;
    assert_eq!((status, problem["detail"].as_str().unwrap()), (422, "It still can't be read: it is from the future."));

    world.now = at(3600);
    let call = world.call(Some(("fin1", &["finance"])), ONE, &id, Some(json!({ "reason": "the clock was wrong" })));
    let first = world.send(call).await;
    assert_eq!(first, (200, json!({ "id": id, "status": "replayed", "facts": 1, "by": "fin1", "at": "2026-11-18T12:06:40.000Z" })));
    let sent = world.queue.taken();
    assert_eq!((sent.len(), sent[0].delay_seconds, facts(&sent)[0].event.as_str()), (1, 20, "evt_plum_1"));

    world.now = at(7200);
    assert_eq!(world.replay("fin2", &id).await, first, "the answer of the first");
    assert_eq!((world.queue.taken().len(), world.open().await), (0, 0));
    let act = format!("fin1 quarantine_replayed {id} 1 the clock was wrong {}", json!({ "source": "stripe", "facts": 1 }));
    assert_eq!(world.trail().await, [act]);
    assert_eq!(world.memory.dump().len(), 2, "the event and the act");
}

#[tokio::test]
async fn every_source_is_read_by_its_own_translation() {
    let world = world();
    let platform = world.keep("platform", fixture("platform", "credits.spent").to_string()).await;
    let stripe = world.keep("stripe", fixture("stripe", "charge.refunded").to_string()).await;
    let unknown = world.keep("stripe", r#"{"id":"evt_1","type":"customer.created"}"#).await;
    let letter = world.keep("facts", letter(1)).await;
    for (event, expected) in [(&platform, 1), (&stripe, 3), (&unknown, 0), (&letter, 1)] {
        let (status, answer) = world.replay("fin1", &event.id).await;
        assert_eq!((status, answer["facts"].as_u64()), (200, Some(expected)), "{answer}");
    }
    let sent = world.queue.taken();
    // The id that was signed beside the body is not kept: the event's own stands for it.
    assert_eq!((facts(&sent)[0].source, facts(&sent)[0].event.as_str()), (Source::Platform, platform.id.as_str()));
    assert_eq!(sent[4].body.as_bytes(), letter.body, "a letter goes back as it was");
    assert!(sent.iter().all(|message| message.delay_seconds == 20));
}

#[tokio::test]
async fn what_a_rail_told_goes_to_the_queue_of_payouts() {
    let world = world();
    let look = r#"{"type":"look","payout":"pay_4YGQGXK5VRGSQN7XQD252HFMW1"}"#;
    let wise = world.keep("wise", fixture("wise", "transfers.refund").to_string()).await;
    let stripe = world.keep("stripe", fixture("stripe", "transfer.reversed").to_string()).await;
    let paypal = world.keep("paypal", fixture("paypal", "PAYMENT.PAYOUTSBATCH.SUCCESS").to_string()).await;
    let letter = world.keep("payouts", look).await;
    let bank = world.keep("stripe", fixture("stripe", "payout.failed").to_string()).await;
    for (event, expected) in [(&wise, 1), (&stripe, 1), (&paypal, 1), (&letter, 1), (&bank, 0)] {
        let (status, answer) = world.replay("fin1", &event.id).await;
        assert_eq!((status, answer["facts"].as_u64()), (200, Some(expected)), "{answer}");
    }
    let sent = world.payouts.taken();
    let bodies: Vec<&str> = sent.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, [r#"{"type":"hint","rail":"wise","reference":"111"}"#, look, look, look]);
    assert!(sent.iter().all(|message| message.delay_seconds == 20) && world.queue.taken().is_empty());
    // Without the queue nothing is marked.
    let other = world.keep("payouts", r#"{"type":"hint","rail":"wise","reference":"7"}"#).await;
    world.payouts.fail_next(0);
    assert_eq!(world.replay("fin1", &other.id).await.0, 503);
    assert_eq!(world.open().await, 1);
}

#[tokio::test]
async fn what_fails_again_is_open_again() {
    let world = world();
    let event = world.keep("facts", letter(1)).await;
    for number in 1..=2 {
        assert_eq!(world.replay("fin1", &event.id).await.0, 200);
        assert_eq!((world.open().await, world.queue.taken().len()), (0, 1));
        world.keep("facts", letter(1)).await;
        assert_eq!((world.open().await, world.trail().await.len()), (1, number));
    }
}

#[tokio::test]
async fn without_the_queue_nothing_is_marked() {
    let world = world();
    let stripe = world.keep("stripe", fixture("stripe", "charge.refunded").to_string()).await;
    world.keep("facts", letter(1)).await;
    for kept in [0, 2] {
        world.queue.fail_next(kept);
        assert_eq!(world.replay("fin1", &stripe.id).await.0, 503);
    }
    world.queue.fail_next(0);
    assert_eq!(world.replay_all("fin1").await.0, 503);
    assert_eq!((world.open().await, world.trail().await.len()), (2, 0));
}
