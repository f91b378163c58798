//! The door itself: one row for each kind of request, with the answer and what is kept of it.

use crate::support::{
    NOW, PLATFORM, PLATFORM_OLD, STRIPE, STRIPE_OLD, bare, changed, fixture, now, platform_call, signed, sources, stripe_call, stripe_v1,
    with_secrets,
};
use edge::{
    http::{Call, StatusCode},
    testing::MemoryQueue,
};
use futures::future::BoxFuture;
use ledger::KeyRing;
use programme::fact::{Fact, FactBody, PurchaseFact};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{
    Quarantined, Store, StoreError,
    backend::{Backend, Item, Key, Page, Query, Scan, Write, WriteError, memory::Memory},
    records::quarantine::read,
};
use webhook::{App, BODY_BYTES_MAX, Queues, handle, sources::Sources};

const SEAL_KEYS: &str = "k1:000102030405060708090a0b0c0d0e0f";

/// A function with queues and tables that can be looked into.
pub(crate) struct Door {
    pub(crate) app: App,
    queue: Arc<MemoryQueue>,
    pub(crate) payouts: Arc<MemoryQueue>,
    tables: Arc<Memory>,
}

/// What came of a request: the status, the body's `status` or the problem's `type`, messages, items stored.
pub(crate) type Outcome = (u16, String, usize, usize);

pub(crate) fn door(sources: Sources) -> Door {
    let (queue, payouts) = (Arc::new(MemoryQueue::default()), Arc::new(MemoryQueue::default()));
    let (store, tables) = Store::in_memory(KeyRing::parse(SEAL_KEYS).unwrap());
    let app = App::new(sources, Queues { facts: queue.clone(), payouts: payouts.clone() }, store);
    Door { app, queue, payouts, tables }
}

impl Door {
    pub(crate) async fn answer(&self, call: Call) -> Outcome {
        self.answer_apart(call).await.0
    }

    /// The answer, and how many messages each queue has got of it: facts, errands.
    pub(crate) async fn answer_apart(&self, call: Call) -> (Outcome, usize, usize) {
        let before = self.tables.dump().len();
        let (status, said) = match handle(&self.app, call).await {
            Ok(reply) => (reply.status, reply.body_json::<Value>().unwrap()["status"].as_str().unwrap().to_owned()),
            Err(problem) => (problem.status(), problem.kind().to_owned()),
        };
        let (facts, errands) = (self.queue.taken().len(), self.payouts.taken().len());
        ((status.as_u16(), said, facts + errands, self.tables.dump().len() - before), facts, errands)
    }
}

pub(crate) fn outcome(status: u16, said: &str, messages: usize, stored: usize) -> Outcome {
    (status, said.to_owned(), messages, stored)
}

pub(crate) fn accepted(messages: usize) -> Outcome {
    outcome(200, "accepted", messages, 0)
}

pub(crate) fn quarantined() -> Outcome {
    outcome(200, "quarantined", 0, 1)
}

pub(crate) fn ignored() -> Outcome {
    outcome(200, "ignored", 0, 0)
}

pub(crate) fn refused() -> Outcome {
    outcome(401, "/problems/unauthorized", 0, 0)
}

fn bytes(event: &Value) -> Vec<u8> {
    event.to_string().into_bytes()
}

fn purchase() -> Value {
    fixture("stripe", "payment_intent.succeeded")
}

fn paid(field: &str, value: Value) -> Vec<u8> {
    bytes(&changed(purchase(), &[(&format!("/data/object/{field}"), Some(value))]))
}

/// The event as text, with its amount written as `amount`.
fn priced(amount: &str) -> Vec<u8> {
    purchase().to_string().replace("\"amount_received\":11900", &format!("\"amount_received\":{amount}")).into_bytes()
}

/// A signed body of exactly `size` bytes: JSON may end in blanks.
fn padded(size: usize) -> Vec<u8> {
    let mut body = bytes(&purchase());
    body.resize(size, b' ');
    body
}

#[tokio::test]
async fn every_kind_of_request_has_its_answer() {
    let stripe = bytes(&purchase());
    let platform = bytes(&fixture("platform", "purchase.captured"));
    let v1 = stripe_v1(STRIPE, NOW, &stripe);
    let header = |value: String| bare("stripe", &stripe).header("stripe-signature", &value).build();
    let reserialised = serde_json::to_vec_pretty(&purchase()).unwrap();
    let rows: Vec<(&str, Call, Outcome)> = vec![
        ("a signed event", signed("stripe", &stripe), accepted(1)),
        ("again", signed("stripe", &stripe), accepted(1)),
        ("the same id with another amount", signed("stripe", &priced("5")), accepted(1)),
        ("the platform's", signed("platform", &platform), accepted(1)),
        ("several facts", signed("stripe", &bytes(&fixture("stripe", "charge.refunded"))), accepted(3)),
        // Who.
        ("an unknown source", bare("shop", &stripe).build(), outcome(404, "/problems/not-found", 0, 0)),
        ("a source in capitals", signed_as("Stripe", &stripe), outcome(404, "/problems/not-found", 0, 0)),
        ("an unknown source, too large", bare("shop", &padded(BODY_BYTES_MAX + 1)).build(), outcome(404, "/problems/not-found", 0, 0)),
        // How large.
        ("256 KiB", signed("stripe", &padded(BODY_BYTES_MAX)), accepted(1)),
        ("one byte more", signed("stripe", &padded(BODY_BYTES_MAX + 1)), outcome(413, "/problems/too-large", 0, 0)),
        ("too large and unsigned", bare("stripe", &padded(BODY_BYTES_MAX + 1)).build(), outcome(413, "/problems/too-large", 0, 0)),
        // Signed by whom, over what, and when.
        ("no signature", bare("stripe", &stripe).build(), refused()),
        ("no signature of the platform", bare("platform", &platform).build(), refused()),
        ("a wrong signature", header(format!("t={NOW},v1={}", "0".repeat(64))), refused()),
        ("v0 alone", header(format!("t={NOW},v0={v1}")), refused()),
        ("two times", header(format!("t={NOW},t={NOW},v1={v1}")), refused()),
        ("another time than signed", header(format!("t={},v1={v1}", NOW - 1)), refused()),
        ("one right signature of two", header(format!("t={NOW},v1={},v1={v1}", "0".repeat(64))), accepted(1)),
        ("serialised again", bare("stripe", &reserialised).header("stripe-signature", &format!("t={NOW},v1={v1}")).build(), refused()),
        ("300 s old", stripe_call(STRIPE, NOW - 300, &stripe), accepted(1)),
        ("301 s old", stripe_call(STRIPE, NOW - 301, &stripe), refused()),
        ("300 s early", stripe_call(STRIPE, NOW + 300, &stripe), accepted(1)),
        ("301 s early", stripe_call(STRIPE, NOW + 301, &stripe), refused()),
        ("the platform, 301 s old", platform_call(PLATFORM, NOW - 301, &platform), refused()),
        ("the old secret in its grace time", stripe_call(STRIPE_OLD, NOW, &stripe), accepted(1)),
        ("the platform's old secret", platform_call(PLATFORM_OLD, NOW, &platform), accepted(1)),
        ("a stranger's secret", stripe_call("whsec_stranger", NOW, &stripe), refused()),
        ("the platform's secret at Stripe's door", stripe_call(PLATFORM, NOW, &stripe), refused()),
        ("Stripe's signature at the platform's door", crossed(&stripe), refused()),
        // What it says.
        ("an unknown type", signed("stripe", &bytes(&changed(purchase(), &[("/type", Some(json!("customer.created")))]))), ignored()),
        ("the platform's unknown type", signed("platform", br#"{"type":"ping","data":{}}"#), ignored()),
        ("zero", signed("stripe", &priced("0")), ignored()),
        (
            "live mode here, where test mode is taken",
            signed("stripe", &bytes(&changed(purchase(), &[("/livemode", Some(json!(true)))]))),
            quarantined(),
        ),
        ("negative", signed("stripe", &priced("-11900")), quarantined()),
        ("half a cent", signed("stripe", &priced("0.5")), quarantined()),
        ("a fraction that is whole", signed("stripe", &priced("10.0")), quarantined()),
        ("1e2", signed("stripe", &priced("1e2")), quarantined()),
        ("1e400", signed("stripe", &priced("1e400")), quarantined()),
        ("i64::MAX", signed("stripe", &priced("9223372036854775807")), quarantined()),
        ("an amount as text", signed("stripe", &priced("\"11900\"")), quarantined()),
        ("an amount twice", signed("stripe", &priced("11900,\"amount_received\":1")), quarantined()),
        (
            "an amount of the platform as number",
            signed("platform", &String::from_utf8(platform.clone()).unwrap().replace("\"100.00\"", "100.00").into_bytes()),
            quarantined(),
        ),
        ("from the future", signed("stripe", &bytes(&changed(purchase(), &[("/created", Some(json!(NOW + 301)))]))), quarantined()),
        ("an account that can't be one", signed("stripe", &paid("metadata", json!({"account_id": "no body"}))), quarantined()),
        ("not JSON", signed("stripe", b"hello"), quarantined()),
        ("nothing at all", signed("stripe", b""), quarantined()),
        ("not text", signed("platform", &[0xff, 0xfe, 0x00]), quarantined()),
        ("too deep", signed("platform", "[".repeat(1000).as_bytes()), quarantined()),
    ];
    let door = door(sources());
    for (name, call, expected) in rows {
        assert_eq!(door.answer(call).await, expected, "{name}");
    }
}

/// Stripe's headers under another name of the source.
fn signed_as(source: &str, body: &[u8]) -> Call {
    bare(source, body).header("stripe-signature", &format!("t={NOW},v1={}", stripe_v1(STRIPE, NOW, body))).build()
}

/// A signature in the platform's form, made with Stripe's scheme.
fn crossed(body: &[u8]) -> Call {
    let stripes = hex::decode(stripe_v1(STRIPE, NOW, body)).unwrap();
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, stripes);
    bare("platform", body)
        .header("webhook-id", "msg_1")
        .header("webhook-timestamp", &NOW.to_string())
        .header("webhook-signature", &format!("v1,{text}"))
        .build()
}

#[tokio::test]
async fn a_secret_that_was_taken_away_is_refused() {
    let door = door(with_secrets(&[STRIPE], &[PLATFORM]));
    let (stripe, platform) = (bytes(&purchase()), bytes(&fixture("platform", "account.closed")));
    assert_eq!(door.answer(stripe_call(STRIPE_OLD, NOW, &stripe)).await, refused());
    assert_eq!(door.answer(platform_call(PLATFORM_OLD, NOW, &platform)).await, refused());
    assert_eq!(door.answer(stripe_call(STRIPE, NOW, &stripe)).await, accepted(1));
    assert_eq!(door.answer(platform_call(PLATFORM, NOW, &platform)).await, accepted(1));
}

#[tokio::test]
async fn the_queue_gets_facts_with_exact_amounts_and_their_trail() {
    let door = door(sources());
    for (currency, amount) in [("usd", "119.00"), ("jpy", "11900.00"), ("kwd", "11.90")] {
        assert!(handle(&door.app, signed("stripe", &paid("currency", json!(currency)))).await.is_ok());
        let messages = door.queue.taken();
        let [message] = &messages[..] else { panic!("{messages:?}") };
        let fact: Fact = serde_json::from_str(&message.body).unwrap();
        assert_eq!((fact.source.as_str(), fact.event.as_str(), message.delay_seconds), ("stripe", "evt_plum_1", 0));
        let FactBody::Purchase { purchase, fact: PurchaseFact::Captured { amount: told, .. } } = fact.body else { panic!("{fact:?}") };
        assert_eq!((purchase.to_string().as_str(), told.to_string().as_str()), ("stripe:pi_plum", amount));
    }
    assert!(handle(&door.app, signed("platform", &bytes(&fixture("platform", "credits.spent")))).await.is_ok());
    let fact: Fact = serde_json::from_str(&door.queue.taken()[0].body).unwrap();
    assert_eq!((fact.source.as_str(), fact.event.as_str()), ("platform", "msg_plum"));
}

#[tokio::test]
async fn a_body_is_kept_once_however_often_it_comes() {
    let door = door(sources());
    let body = priced("-1");
    assert_eq!(door.answer(signed("stripe", &body)).await, quarantined());
    assert_eq!(door.answer(stripe_call(STRIPE, NOW - 5, &body)).await, outcome(200, "quarantined", 0, 0), "the same bytes");
    assert_eq!(door.answer(signed("platform", &body)).await, outcome(200, "ignored", 0, 0), "its type is none of the platform's");
    assert_eq!(door.answer(signed("stripe", &priced("-2"))).await, quarantined(), "other bytes");
    let kept: Vec<Quarantined> = door.tables.dump().iter().map(|(_, item)| read(item).unwrap()).collect();
    let first = kept.iter().find(|event| event.body == body).expect("the body, byte for byte");
    assert_eq!((first.source.as_str(), first.reason.as_str(), first.received_at), ("stripe", "amount_received is negative", now()));
    assert!(first.id.len() == 30 && first.id.starts_with("qua_"), "{}", first.id);
}

#[tokio::test]
async fn no_2xx_before_it_is_safe() {
    let door = door(sources());
    let refunded = bytes(&fixture("stripe", "charge.refunded"));
    for kept in [0, 2] {
        door.queue.fail_next(kept);
        assert_eq!(door.answer(signed("stripe", &refunded)).await, outcome(503, "/problems/unavailable", kept, 0));
    }
    assert_eq!(door.answer(signed("stripe", &refunded)).await, accepted(3), "all of them again");
    door.queue.fail_next(0);
    let problem = handle(&door.app, signed("stripe", &refunded)).await.unwrap_err();
    assert!(problem.render("r").headers.contains_key("retry-after"));
    assert_eq!(problem.status(), StatusCode::SERVICE_UNAVAILABLE);
}

/// Tables that are away.
struct Away;

impl Backend for Away {
    fn get<'a>(&'a self, _: &'a Key, _: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        Box::pin(async { Err(StoreError::Unavailable("away".into())) })
    }
    fn get_many<'a>(&'a self, _: &'a [Key], _: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        Box::pin(async { Err(StoreError::Unavailable("away".into())) })
    }
    fn query<'a>(&'a self, _: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(async { Err(StoreError::Unavailable("away".into())) })
    }
    fn write<'a>(&'a self, _: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        Box::pin(async { Err(WriteError::Unavailable("away".into())) })
    }
    fn scan<'a>(&'a self, _: &'a Scan) -> BoxFuture<'a, Result<(Vec<Item>, Option<Key>), StoreError>> {
        Box::pin(async { Err(StoreError::Unavailable("away".into())) })
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_answered_with_2xx() {
    let queue = Arc::new(MemoryQueue::default());
    let queues = Queues { facts: queue.clone(), payouts: queue };
    let app = App::new(sources(), queues, Store::new(Arc::new(Away), KeyRing::parse(SEAL_KEYS).unwrap()));
    let problem = handle(&app, signed("stripe", &priced("-1"))).await.unwrap_err();
    assert_eq!(problem.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(problem.render("r").headers.contains_key("retry-after"));
    assert!(handle(&app, signed("stripe", &priced("1"))).await.is_ok(), "facts need the queue alone");
}

#[tokio::test]
async fn a_refusal_tells_nothing_of_why() {
    let door = door(sources());
    let body = bytes(&purchase());
    let mut told = Vec::new();
    for call in [bare("stripe", &body).build(), stripe_call(STRIPE, NOW - 301, &body), stripe_call("whsec_stranger", NOW, &body)] {
        told.push(handle(&door.app, call).await.unwrap_err().render("r").body);
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]));
}
