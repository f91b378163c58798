//! A function over tables in memory whose writes can be made to fail, and an issuer of tokens.

use chrono::{DateTime, Duration, Utc};
use edge::{
    http::{Call, CallBuilder, Method},
    ids::SequenceIds,
    testing::{MemoryQueue, TestIssuer},
};
use futures::future::BoxFuture;
use ledger::{AccountId, KeyRing, TemplateId};
use programme::attribution::Receipt;
use serde_json::Value as Json;
use signup::{App, Parts, handle};
use std::sync::{Arc, Mutex};
use store::{
    Store, StoreError,
    backend::{Backend, Item, Key, Page, Query, Scan, Value, Write, WriteError, memory::Memory},
    keys,
};

pub(crate) const PUBLIC: &str = "https://go.example.com";
pub(crate) const KEYS: &str = "k1:000102030405060708090a0b0c0d0e0f";
pub(crate) const BOTH_KEYS: &str = "k2:ff0102030405060708090a0b0c0d0e0f k1:000102030405060708090a0b0c0d0e0f";

/// What happens to a coming write.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// It does not happen.
    Before,
    /// It happens, and nobody hears of it.
    After,
    /// Just before, a purchase of this account is merged, which waits for its signup.
    Purchase(&'static str),
}

/// Tables that fail as told.
pub(crate) struct Tables {
    pub(crate) memory: Arc<Memory>,
    /// The next writes' faults, the last one first.
    pub(crate) faults: Mutex<Vec<Fault>>,
    /// Keys that can't be read.
    pub(crate) unreadable: Mutex<Vec<Key>>,
}

impl Backend for Tables {
    fn get<'a>(&'a self, key: &'a Key, consistent: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        if self.unreadable.lock().unwrap().contains(key) {
            return Box::pin(async { Err(StoreError::Unavailable("made to fail".into())) });
        }
        self.memory.get(key, consistent)
    }
    fn get_many<'a>(&'a self, keys: &'a [Key], consistent: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        self.memory.get_many(keys, consistent)
    }
    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        self.memory.query(query)
    }
    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        let fault = self.faults.lock().unwrap().pop();
        Box::pin(async move {
            let lost = || Err(WriteError::Unavailable("made to fail".into()));
            match fault {
                None => self.memory.write(writes).await,
                Some(Fault::Before) => lost(),
                Some(Fault::After) => self.memory.write(writes).await.and_then(|()| lost()),
                Some(Fault::Purchase(account)) => {
                    merge_purchase(&self.memory, account, "2026-11-21T09:00:00.000Z");
                    self.memory.write(writes).await
                }
            }
        })
    }
    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<(Vec<Item>, Option<Key>), StoreError>> {
        self.memory.scan(scan)
    }
}

/// What the accrual leaves of a purchase whose buyer has not signed up.
pub(crate) fn merge_purchase(memory: &Memory, account: &str, at: &str) {
    memory.tamper(&keys::figures(&id(account)), |item| {
        let item =
            item.get_or_insert_with(|| [("pk".to_owned(), format!("account#{account}").into()), ("sk".to_owned(), "n".into())].into());
        let waiting = item.get("wt").and_then(Value::as_number).map_or(1_u64, |count| count.to_string().parse::<u64>().unwrap() + 1);
        item.insert("wt".into(), waiting.into());
        item.entry("ft".into()).or_insert_with(|| at.into());
    });
}

pub(crate) struct Door {
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) tables: Arc<Tables>,
    pub(crate) queue: Arc<MemoryQueue>,
    pub(crate) issuer: TestIssuer,
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

pub(crate) fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}

pub(crate) fn keys_of(text: &str) -> KeyRing {
    KeyRing::parse(text).unwrap()
}

/// A receipt of a click on a code, `minutes` ago.
pub(crate) fn receipt(code: &str, minutes: i64) -> Receipt {
    Receipt { click: format!("clk_{code}_{minutes}"), code: code.into(), template: None, at: now() - Duration::minutes(minutes) }
}

pub(crate) fn with_template(receipt: Receipt) -> Receipt {
    Receipt { template: TemplateId::try_new("tpl_1").ok(), ..receipt }
}

pub(crate) fn signed(receipt: &Receipt) -> String {
    receipt.to_text(&keys_of(KEYS))
}

pub(crate) fn door() -> Door {
    door_with(KEYS, Arc::new(Memory::new()))
}

/// A function with these signal keys over these tables.
pub(crate) fn door_with(signal_keys: &str, memory: Arc<Memory>) -> Door {
    let tables = Arc::new(Tables { memory, faults: Mutex::default(), unreadable: Mutex::default() });
    let store = Store::new(Arc::<Tables>::clone(&tables), KeyRing::none());
    let (queue, issuer) = (Arc::new(MemoryQueue::default()), TestIssuer::new("https://issuer.example.com", "referral"));
    let app = App::new(Parts {
        verifier: issuer.verifier().with_sessions(vec![PUBLIC.into()], TestIssuer::session_keys()),
        store: store.clone(),
        facts: Arc::<MemoryQueue>::clone(&queue),
        receipt_keys: keys_of(KEYS),
        signal_keys: keys_of(signal_keys),
        public_url: PUBLIC.into(),
        ids: Arc::new(SequenceIds::new(1)),
    });
    Door { app, store, tables, queue, issuer }
}

impl Door {
    pub(crate) fn call(&self, account: &str, email: Option<&str>) -> CallBuilder {
        self.call_at(account, email, now())
    }

    pub(crate) fn call_at(&self, account: &str, email: Option<&str>, at: DateTime<Utc>) -> CallBuilder {
        Call::builder(Method::POST, "/signups", at).bearer(&self.issuer.token(account, &[], email, at))
    }

    /// Status and body: of a refusal, its `type`.
    pub(crate) async fn answer(&self, call: CallBuilder) -> (u16, Json) {
        match handle(&self.app, call.build()).await {
            Ok(reply) => (reply.status.as_u16(), reply.body_json().unwrap()),
            Err(problem) => (problem.status().as_u16(), problem.kind().into()),
        }
    }

    /// Signs an account up by the plain way, and tells its code.
    pub(crate) async fn member(&self, account: &str, email: Option<&str>) -> String {
        let (status, body) = self.answer(self.call(account, email)).await;
        assert_eq!(status, 201, "{body}");
        body["code"].as_str().unwrap().to_owned()
    }

    /// How a referral came out: `attributed`, or `refused same_email`.
    pub(crate) async fn referral(&self, call: CallBuilder) -> String {
        let (status, body) = self.answer(call).await;
        assert_eq!(status, 201, "{body}");
        told(&body)
    }

    pub(crate) async fn referrals_of(&self, account: &str) -> u64 {
        self.store.account(&id(account)).await.unwrap().unwrap().referrals
    }
}

pub(crate) fn told(body: &Json) -> String {
    let part = |name: &str| body["referral"][name].as_str().unwrap_or_default().to_owned();
    format!("{} {}", part("status"), part("reason")).trim().to_owned()
}
