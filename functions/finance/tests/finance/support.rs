//! A function over a store in memory, with an issuer of its own and payouts to decide about.

use chrono::{DateTime, Duration, Utc};
use edge::{
    http::{Call, Method},
    ids::SequenceIds,
    testing::{MemoryQueue, TestIssuer},
};
use finance::{App, handle};
use ledger::{AccountId, KeyRing, Rail};
use programme::{
    account::Account,
    payout::{self, Destination, Errand, IdempotencyKey, Payout, PayoutAccount, PayoutId, Request},
    settings::Settings,
};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use store::{
    Store,
    backend::{Item, Value, Write, faulty::Faulty, memory::Memory},
    keys,
    records::{book::BookEdit, destination::StoredDestination},
};

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) memory: Arc<Memory>,
    pub(crate) faulty: Arc<Faulty>,
    pub(crate) queue: Arc<MemoryQueue>,
    /// What the payout worker reads.
    pub(crate) errands: Arc<MemoryQueue>,
    pub(crate) now: DateTime<Utc>,
    issuer: TestIssuer,
}

pub(crate) fn id(name: &str) -> AccountId {
    AccountId::try_new(name).unwrap()
}

fn ring() -> KeyRing {
    KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap()
}

/// What was asked, in one value.
pub(crate) struct Ask<'a> {
    pub(crate) method: Method,
    pub(crate) route: &'a str,
    pub(crate) params: Vec<(&'a str, &'a str)>,
    pub(crate) query: &'a str,
    /// The Idempotency-Key.
    pub(crate) key: Option<&'a str>,
    pub(crate) body: Option<Json>,
}

impl<'a> Ask<'a> {
    pub(crate) fn get(route: &'a str) -> Self {
        Self { method: Method::GET, route, params: vec![], query: "", key: None, body: None }
    }

    /// One thing of a list.
    pub(crate) fn one(route: &'a str, id: &'a str) -> Self {
        Self { params: vec![("id", id)], ..Self::get(route) }
    }

    pub(crate) fn act(id: &'a str, act: &'a str, body: Json) -> Self {
        let params = vec![("id", id), ("act", act)];
        Self { method: Method::POST, params, body: Some(body), ..Self::get("/finance/payouts/{id}/{act}") }
    }

    pub(crate) fn approve(payout: &'a Payout, version: u32) -> Self {
        Self::act(payout.id.as_str(), "approve", json!({ "version": version }))
    }

    pub(crate) fn review(account: &'a str, verdict: &'a str) -> Self {
        let params = vec![("id", account), ("act", verdict)];
        Self { method: Method::POST, params, ..Self::get("/finance/reviews/{id}/{act}") }
    }

    pub(crate) fn rate(account: &'a str, body: Json) -> Self {
        Self { method: Method::PUT, body: Some(body), ..Self::one("/finance/accounts/{id}/rate", account) }
    }

    pub(crate) fn programme(body: Json) -> Self {
        Self { method: Method::PUT, body: Some(body), ..Self::get("/finance/programme") }
    }

    pub(crate) fn pay(payout: &'a str, version: u32) -> Self {
        Self::act(payout, "pay", json!({ "version": version }))
    }

    /// Orders a run.
    pub(crate) fn run(key: &'a str, body: Json) -> Self {
        Self { method: Method::POST, key: Some(key), body: Some(body), ..Self::get("/finance/payout-runs") }
    }

    /// Orders a run of all that are approved.
    pub(crate) fn run_of_all(key: &'a str) -> Self {
        Self::run(key, json!({}))
    }

    pub(crate) fn dry_run() -> Self {
        Self { key: None, ..Self::run("", json!({ "dry_run": true })) }
    }

    pub(crate) fn switch(on: bool, reason: &str) -> Self {
        Self { method: Method::PUT, body: Some(json!({ "payouts_enabled": on, "reason": reason })), ..Self::get("/finance/switch") }
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let memory = Arc::new(Memory::new());
        let faulty = Arc::new(Faulty::new(memory.clone()));
        let store = Store::new(faulty.clone(), ring());
        let issuer = TestIssuer::new("https://id.example.com", "referral");
        let queue = Arc::new(MemoryQueue::default());
        let errands = Arc::new(MemoryQueue::default());
        let app = App::new(store.clone(), issuer.verifier(), ring(), queue.clone(), errands.clone(), Arc::new(SequenceIds::new(1)));
        Self { app, store, memory, faulty, queue, errands, now: "2026-03-10T12:00:00Z".parse().unwrap(), issuer }
    }

    pub(crate) async fn figures(&self, account: &str, totals: &[(&str, &str)]) {
        let item: Item = totals.iter().map(|(name, amount)| ((*name).to_owned(), Value::N(amount.parse().unwrap()))).collect();
        self.store.backend().write(&[Write::put(keys::figures(&id(account)), item)]).await.unwrap();
    }

    /// A payout of that account, asked for now, out of plenty.
    pub(crate) async fn payout(&self, account: &str, amount: &str) -> Payout {
        let account = id(account);
        if self.store.account(&account).await.unwrap().is_none() {
            self.figures(account.as_str(), &[("R", "1000000")]).await;
        }
        let figures: Account = self.store.account(&account).await.unwrap().unwrap();
        let book = self.store.payout_book(&account).await.unwrap();
        let destination = self.destination(&account, self.now - Duration::days(10)).await;
        let key = IdempotencyKey::try_new(&format!("k{}", book.version)).unwrap();
        let settings =
            Settings { payout_maximum: "1000000".parse().unwrap(), account_daily_limit: "1000000".parse().unwrap(), ..Settings::default() };
        let change = payout::request(&Request {
            id: &PayoutId::of_request(&account, &key),
            account: &account,
            amount: amount.parse().unwrap(),
            now: self.now,
            settings: (0, &settings),
            figures: &figures,
            destination: Some(&destination),
            requested_today: book.requested_on(self.now.date_naive()),
        })
        .unwrap();
        let payout = change.payout.clone();
        self.store.commit_payouts(&[change], BookEdit::on(account, &book, self.now.date_naive()), &[]).await.unwrap();
        payout
    }

    /// A payout that fin2 approved.
    pub(crate) async fn approved(&self, account: &str, amount: &str) -> Payout {
        let payout = self.payout(account, amount).await;
        let (status, answer) = self.send("fin2", Ask::approve(&payout, 1)).await;
        assert_eq!((status, &answer["status"]), (200, &json!("approved")), "{answer}");
        self.store.payout(&payout.id).await.unwrap().unwrap()
    }

    /// What was sent to the payout worker since the last time.
    pub(crate) fn sent(&self) -> Vec<Errand> {
        self.errands.taken().iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect()
    }

    /// The account's PayPal account, made where there is none.
    pub(crate) async fn destination(&self, account: &AccountId, changed_at: DateTime<Utc>) -> PayoutAccount {
        if let Some(known) = self.store.payout_account(account, Rail::Paypal).await.unwrap() {
            return known.account;
        }
        let destination = Destination::paypal_email("someone@example.com").unwrap();
        let masked = destination.masked();
        let account_view =
            PayoutAccount { rail: Rail::Paypal, digest: "k1.00".into(), masked, version: 1, changed_at, changed_by: account.clone() };
        let stored = StoredDestination { account: account_view.clone(), destination };
        self.store.backend().write(&[stored.write(account)]).await.unwrap();
        account_view
    }

    pub(crate) fn call(&self, who: Option<(&str, &[&str])>, ask: &Ask<'_>) -> Call {
        let mut builder = Call::builder(ask.method.clone(), ask.route, self.now).path(ask.route).raw_query(ask.query);
        for &(name, value) in &ask.params {
            builder = builder.param(name, value);
        }
        if let Some((who, groups)) = who {
            builder = builder.bearer(&self.issuer.token(who, groups, None, self.now));
        }
        if let Some(key) = ask.key {
            builder = builder.header("idempotency-key", key);
        }
        if let Some(body) = &ask.body {
            builder = builder.json(body);
        }
        builder.build()
    }

    /// As somebody of finance.
    pub(crate) async fn send(&self, who: &str, ask: Ask<'_>) -> (u16, Json) {
        let call = self.call(Some((who, &["finance"])), &ask);
        self.send_call(call).await
    }

    pub(crate) async fn send_call(&self, call: Call) -> (u16, Json) {
        let reply = handle(&self.app, call).await.unwrap_or_else(|problem| problem.render("req"));
        (reply.status.as_u16(), reply.body_json().unwrap())
    }

    /// The trail, newest first: who did what to what.
    pub(crate) async fn trail(&self) -> Vec<String> {
        let (from, to) = ("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap());
        let acts = self.store.acts(from, to, None, 100).await.unwrap();
        acts.entries.iter().map(|listed| format!("{} {} {}", listed.entry.by, listed.entry.kind.as_str(), listed.entry.subject)).collect()
    }
}
