//! The life of a message that can't be posted: poison, dead letter, quarantine, replay, posted once.
#![allow(clippy::unwrap_used, missing_docs)]

use chrono::{DateTime, TimeDelta, Utc};
use edge::{
    config::Secret,
    events::{Batch, Record},
    http::{Call, Method},
    ids::SequenceIds,
    queue::Outgoing,
    testing::{MemoryQueue, TestIssuer},
};
use ledger::KeyRing;
use programme::{
    account::Total,
    fact::{Fact, FactBody, Source},
    plan::Subject,
};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{
    Quarantined, Store,
    backend::{
        faulty::{Fault, Faulty},
        memory::Memory,
    },
    keys,
};
use undeliverable::Queue;
use webhook::{
    Desk, Queues,
    sources::{Platform, Sources, Stripe},
};

const DELIVERIES: u32 = 5;

struct World {
    store: Store,
    memory: Arc<Memory>,
    faulty: Arc<Faulty>,
    queue: Arc<MemoryQueue>,
    payouts: Arc<MemoryQueue>,
    accrual: accrual::App,
    undeliverable: undeliverable::App,
    webhook: webhook::App,
    desk: Desk,
    issuer: TestIssuer,
    now: DateTime<Utc>,
}

fn ring() -> KeyRing {
    KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap()
}

fn world() -> World {
    let memory = Arc::new(Memory::new());
    let faulty = Arc::new(Faulty::new(memory.clone()));
    let store = Store::new(faulty.clone(), ring());
    let (queue, payouts) = (Arc::new(MemoryQueue::default()), Arc::new(MemoryQueue::default()));
    let issuer = TestIssuer::new("https://id.example.com", "referral");
    let ids = Arc::new(SequenceIds::new(1));
    let platform = Platform::try_new(&[Secret::new("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]).unwrap();
    let sources = Sources { stripe: Stripe::new(vec![Secret::new("whsec_x")], false, ring()), paypal: None, wise: None, platform };
    World {
        accrual: accrual::App { store: store.clone(), queue: queue.clone(), ids: ids.clone(), back_off_ms_max: 0 },
        undeliverable: undeliverable::App::new(store.clone(), "payouts-dead"),
        webhook: webhook::App::new(sources, Queues { facts: queue.clone(), payouts: payouts.clone() }, store.clone()),
        desk: Desk::new(issuer.verifier(), ids),
        store,
        memory,
        faulty,
        queue,
        payouts,
        issuer,
        now: "2026-11-21T10:00:00Z".parse().unwrap(),
    }
}

fn spent(usage: &str, amount: &str) -> String {
    let body = FactBody::Spent {
        usage: usage.into(),
        account: "bob".parse().unwrap(),
        amount: amount.parse().unwrap(),
        currency: "USD".parse().unwrap(),
        at: "2026-11-20T10:00:00Z".parse().unwrap(),
    };
    serde_json::to_string(&Fact { source: Source::Platform, event: "e".into(), body }).unwrap()
}

impl World {
    fn batch(&self, bodies: &[&str], receive_count: u32) -> Batch {
        let record = |(place, body): (usize, &&str)| Record {
            message_id: format!("m{place}"),
            body: (*body).to_owned(),
            receive_count,
            sent_at: Some(self.now - TimeDelta::minutes(20)),
        };
        Batch { now: self.now, records: bodies.iter().enumerate().map(record).collect() }
    }

    /// What the queue does with these messages; those that it gives up go to the function.
    async fn deliver(&self, bodies: &[&str]) {
        let mut rest: Vec<&str> = bodies.to_vec();
        for number in 1..=DELIVERIES {
            let failed = accrual::handle(&self.accrual, self.batch(&rest, number)).await;
            let place = |body: &&str| rest.iter().position(|other| other == body).unwrap();
            rest = rest.iter().filter(|body| failed.contains(&format!("m{}", place(body)))).copied().collect();
        }
        assert!(undeliverable::handle(&self.undeliverable, Queue::Facts, self.batch(&rest, DELIVERIES + 1)).await.is_empty());
    }

    async fn open(&self) -> Vec<Quarantined> {
        self.store.quarantined(None, 100).await.unwrap().entries.into_iter().map(|listed| listed.entry.event).collect()
    }

    async fn finance(&self, route: &str, id: &str) -> (u16, Value) {
        let token = self.issuer.token("fin1", &["finance"], None, self.now);
        let call = Call::builder(Method::POST, route, self.now).param("id", id).bearer(&token).build();
        let reply = webhook::answer(&self.webhook, &self.desk, call).await.unwrap_or_else(|problem| problem.render("r"));
        (reply.status.as_u16(), reply.body_json().unwrap())
    }

    async fn spent(&self) -> String {
        self.store.account(&"bob".parse().unwrap()).await.unwrap().unwrap_or_default().total(Total::Spent).to_string()
    }
}

#[tokio::test]
async fn poison_is_kept_with_its_reason_and_the_rest_is_posted() {
    let world = world();
    let good = [spent("u1", "1"), spent("u2", "2")];
    let poison = r#"{"about":"nothing"}"#;
    world.deliver(&[&good[0], poison, &good[1]]).await;
    assert_eq!(world.spent().await, "3.00");
    let open = world.open().await;
    let [event] = &open[..] else { panic!("{open:?}") };
    assert_eq!((event.source.as_str(), event.body.as_slice()), ("facts", poison.as_bytes()));
    assert!(event.reason.starts_with("no fact: "), "{}", event.reason);
    assert_eq!(event.received_at, world.now - TimeDelta::minutes(20), "when it was sent");
    assert_eq!(world.finance("/finance/quarantine/{id}/replay", &event.id).await.0, 422);
}

#[tokio::test]
async fn a_fact_that_died_is_posted_once_after_the_fix() {
    let mut world = world();
    let fact = spent("u1", "5");
    // The cause: a record stands under the fact's name that does not read.
    let place = keys::line(&Subject::Usage("u1".into()), 0);
    world.memory.tamper(&place, |item| *item = Some([("pk".into(), "usage#u1".into()), ("sk".into(), "00000000".into())].into()));
    world.deliver(&[&fact]).await;
    let open = world.open().await;
    let [event] = &open[..] else { panic!("{open:?}") };
    assert_eq!(event.reason, "delivered 5 times without success; see the log for message id m0");
    assert_eq!(event.body, fact.as_bytes());

    // Replayed before the fix, it dies again and is open again, once.
    assert_eq!(world.finance("/finance/dead-letters/replay", "").await, (200, json!({ "replayed": 1, "left": 0, "unreadable": 0 })));
    assert!(world.open().await.is_empty());
    let sent: Vec<Outgoing> = world.queue.taken();
    world.deliver(&sent.iter().map(|message| message.body.as_str()).collect::<Vec<_>>()).await;
    assert_eq!(world.open().await.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), [event.id.as_str()]);

    // The fix; then a replay, delivered twice.
    world.memory.tamper(&place, |item| *item = None);
    world.now += TimeDelta::hours(1);
    let (status, answer) = world.finance("/finance/quarantine/{id}/replay", &event.id).await;
    assert_eq!((status, answer["facts"].as_u64()), (200, Some(1)), "{answer}");
    let sent = world.queue.taken();
    for _ in 0..2 {
        world.deliver(&sent.iter().map(|message| message.body.as_str()).collect::<Vec<_>>()).await;
    }
    assert_eq!(world.spent().await, "5.00");
    assert!(world.open().await.is_empty());
    let report = proof::audit(&world.store, world.now).await.unwrap();
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn a_contradiction_that_is_replayed_too_soon_is_open_again() {
    let world = world();
    world.deliver(&[&spent("u1", "5"), &spent("u1", "6")]).await;
    let open = world.open().await;
    let [event] = &open[..] else { panic!("{open:?}") };
    assert_eq!(world.finance("/finance/quarantine/{id}/replay", &event.id).await.0, 200);
    assert!(world.open().await.is_empty());
    let sent = world.queue.taken();
    world.deliver(&sent.iter().map(|message| message.body.as_str()).collect::<Vec<_>>()).await;
    assert_eq!(world.open().await, open, "it still contradicts what is posted");
    assert_eq!(world.spent().await, "5.00");
}

#[tokio::test]
async fn what_cannot_be_kept_now_stays_a_dead_letter() {
    for fault in Fault::ALL {
        let world = world();
        world.faulty.fail_after(1, fault);
        let batch = || world.batch(&["one", "two", "three"], 6);
        assert_eq!(undeliverable::handle(&world.undeliverable, Queue::Facts, batch()).await, ["m1"], "{fault:?}");
        assert!(undeliverable::handle(&world.undeliverable, Queue::Facts, batch()).await.is_empty(), "{fault:?}");
        assert_eq!(world.open().await.len(), 3, "{fault:?}: each of them once");
    }
}

#[tokio::test]
async fn a_reader_s_complaint_is_not_the_whole_body() {
    let world = world();
    let body = json!({ "source": "x".repeat(5_000) }).to_string();
    assert!(undeliverable::handle(&world.undeliverable, Queue::Facts, world.batch(&[&body], 6)).await.is_empty());
    let open = world.open().await;
    assert!(open[0].reason.chars().count() <= 310 && open[0].body == body.as_bytes(), "{}", open[0].reason);
}

#[tokio::test]
async fn an_errand_that_died_goes_back_to_the_queue_of_payouts() {
    let world = world();
    let (look, poison) = (r#"{"type":"look","payout":"pay_4YGQGXK5VRGSQN7XQD252HFMW1"}"#, r#"{"type":"cash"}"#);
    let fact = spent("u1", "5");
    let batch = || world.batch(&[look, poison, &fact], 6);
    for _ in 0..2 {
        assert!(undeliverable::handle(&world.undeliverable, Queue::Payouts, batch()).await.is_empty());
    }
    let mut reasons: Vec<(String, String)> = world.open().await.into_iter().map(|event| (event.source, event.reason)).collect();
    reasons.sort();
    assert_eq!(reasons.len(), 3, "each of them once: {reasons:?}");
    assert!(reasons.iter().all(|(source, _)| source == "payouts"), "{reasons:?}");
    assert_eq!(reasons[0].1, "delivered 5 times without success; see the log for message id m0");
    // A fact in that queue is none of its errands.
    assert!(reasons[1].1.starts_with("no errand: ") && reasons[2].1.starts_with("no errand: "), "{reasons:?}");

    assert_eq!(world.finance("/finance/dead-letters/replay", "").await, (200, json!({ "replayed": 1, "left": 0, "unreadable": 2 })));
    let sent: Vec<String> = world.payouts.taken().into_iter().map(|message| message.body).collect();
    assert_eq!((sent, world.queue.taken().len(), world.open().await.len()), (vec![look.to_owned()], 0, 2));
    // It dies again: it is open again, once.
    assert!(undeliverable::handle(&world.undeliverable, Queue::Payouts, world.batch(&[look], 6)).await.is_empty());
    assert_eq!(world.open().await.len(), 3);
}

#[test]
fn a_batch_is_told_apart_by_the_name_of_its_queue() {
    let world = world();
    for (name, queue) in [("payouts-dead", Queue::Payouts), ("facts-dead", Queue::Facts), ("", Queue::Facts)] {
        assert_eq!(world.undeliverable.queue(name), queue, "{name}");
    }
}
