//! A function over a store in memory, with an issuer of its own.

use chrono::{DateTime, Duration, Utc};
use edge::{
    http::{Call, Method},
    ids::SequenceIds,
    testing::{MemoryQueue, TestIssuer},
};
use ledger::{AccountId, KeyRing};
use payouts::{App, Keys, handle};
use programme::{
    account::{Account, Total},
    plan::Line,
};
use rails::{Rails, testing::FakeOnboarding};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use store::{
    Store,
    backend::{Item, Value, Write, faulty::Faulty, memory::Memory},
    keys,
    records::line,
};

pub(crate) const KEYS: &str = "k1:000102030405060708090a0b0c0d0e0f";

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) memory: Arc<Memory>,
    pub(crate) faulty: Arc<Faulty>,
    pub(crate) queue: Arc<MemoryQueue>,
    pub(crate) now: DateTime<Utc>,
    issuer: TestIssuer,
}

pub(crate) fn id(name: &str) -> AccountId {
    AccountId::try_new(name).unwrap()
}

pub(crate) fn keys() -> KeyRing {
    KeyRing::parse(KEYS).unwrap()
}

/// What was asked, in one value: method, route, the path's values, the body.
pub(crate) struct Ask<'a> {
    pub(crate) method: Method,
    pub(crate) route: &'a str,
    pub(crate) params: &'a [(&'a str, &'a str)],
    pub(crate) query: &'a str,
    pub(crate) key: Option<&'a str>,
    pub(crate) body: Option<Json>,
}

impl<'a> Ask<'a> {
    pub(crate) fn get(route: &'a str) -> Self {
        Self { method: Method::GET, route, params: &[], query: "", key: None, body: None }
    }

    pub(crate) fn payout(key: &'a str, amount: &str) -> Self {
        Self { method: Method::POST, route: "/payouts", params: &[], query: "", key: Some(key), body: Some(json!({ "amount": amount })) }
    }

    pub(crate) fn account(rail: &'a [(&'a str, &'a str)], body: Json) -> Self {
        Self { method: Method::PUT, route: "/payout-accounts/{rail}", params: rail, query: "", key: None, body: Some(body) }
    }
}

pub(crate) const PAYPAL: &[(&str, &str)] = &[("rail", "paypal")];
pub(crate) const WISE: &[(&str, &str)] = &[("rail", "wise")];
pub(crate) const STRIPE: &[(&str, &str)] = &[("rail", "stripe_connect")];

impl World {
    pub(crate) fn new() -> Self {
        let memory = Arc::new(Memory::new());
        let faulty = Arc::new(Faulty::new(memory.clone()));
        let store = Store::new(faulty.clone(), keys());
        let issuer = TestIssuer::new("https://id.example.com", "referral");
        let queue = Arc::new(MemoryQueue::default());
        let keys = Keys { cursors: keys(), signals: keys() };
        let app = App::new(store.clone(), issuer.verifier(), keys, queue.clone(), Arc::new(SequenceIds::new(1)));
        Self { app, store, memory, faulty, queue, now: "2026-03-10T12:00:00Z".parse().unwrap(), issuer }
    }

    /// The same with a Stripe to onboard at.
    pub(crate) fn with_stripe(self) -> (Self, Arc<FakeOnboarding>) {
        let stripe = Arc::new(FakeOnboarding::default());
        let app = self.app.with_rails(Rails::default().with_onboarding(stripe.clone()), "https://go.example.com/");
        (Self { app, ..self }, stripe)
    }

    /// A world in which alice can cash 75 % of `rewards`, to a PayPal account past its cool-down.
    pub(crate) async fn with_alice(rewards: &str) -> Self {
        let mut world = Self::new();
        world.figures("alice", &[("R", rewards)]).await;
        world.now -= Duration::days(10);
        let (status, _) = world.send("alice", Ask::account(PAYPAL, json!({ "email": "alice@example.com" }))).await;
        assert_eq!(status, 200);
        world.now += Duration::days(10);
        world
    }

    pub(crate) async fn figures(&self, account: &str, totals: &[(&str, &str)]) {
        let item: Item = totals.iter().map(|(name, amount)| ((*name).to_owned(), Value::N(amount.parse().unwrap()))).collect();
        self.store.backend().write(&[Write::put(keys::figures(&id(account)), item)]).await.unwrap();
    }

    pub(crate) fn call(&self, who: Option<&str>, ask: &Ask<'_>) -> Call {
        let mut builder = Call::builder(ask.method.clone(), ask.route, self.now).path(ask.route).raw_query(ask.query);
        for &(name, value) in ask.params {
            builder = builder.param(name, value);
        }
        if let Some(who) = who {
            let email = format!("{who}@example.com");
            builder = builder.bearer(&self.issuer.token(who, &[], Some(&email), self.now));
        }
        if let Some(key) = ask.key {
            builder = builder.header("idempotency-key", key);
        }
        if let Some(body) = &ask.body {
            builder = builder.json(body);
        }
        builder.build()
    }

    pub(crate) async fn send(&self, who: &str, ask: Ask<'_>) -> (u16, Json) {
        let call = self.call(Some(who), &ask);
        self.send_call(call).await
    }

    pub(crate) async fn send_call(&self, call: Call) -> (u16, Json) {
        let reply = handle(&self.app, call).await.unwrap_or_else(|problem| problem.render("req"));
        (reply.status.as_u16(), reply.body_json().unwrap())
    }

    pub(crate) async fn account(&self, name: &str) -> Account {
        self.store.account(&id(name)).await.unwrap().unwrap()
    }

    /// Referral cash, rental cash.
    pub(crate) async fn taken(&self, name: &str) -> (String, String) {
        let account = self.account(name).await;
        (account.total(Total::ReferralCash).to_string(), account.total(Total::RentalCash).to_string())
    }

    pub(crate) fn payout_lines(&self) -> Vec<Line> {
        let items = self.memory.dump().into_iter().map(|(_, item)| item);
        items.filter(|item| item.contains_key("event")).map(|item| line::read(&item).unwrap()).collect()
    }
}
