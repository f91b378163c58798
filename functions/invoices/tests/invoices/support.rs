//! The function over a store in memory, with payouts that rails have paid.

use chrono::{DateTime, Utc};
use edge::{
    http::{Call, Method, Reply},
    testing::TestIssuer,
};
use invoices::{App, handle};
use ledger::{AccountId, KeyRing, Money, Rail};
use programme::{
    cashable::Split,
    payout::{self, Billing, IdempotencyKey, Issuer, Payout, PayoutAccount, PayoutId, PayoutStatus, Sighting},
};
use std::sync::Arc;
use store::{
    PayoutCommit, Store,
    backend::{Change as Edit, Write, memory::Memory},
    keys,
    records::payout as head,
};

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) memory: Arc<Memory>,
    pub(crate) now: DateTime<Utc>,
    tokens: TestIssuer,
}

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}

pub(crate) fn issuer() -> Issuer {
    Issuer {
        name: "Example Cloud GmbH".into(),
        address: vec!["Torstraße 1".into(), "10119 Berlin".into()],
        country: "DE".into(),
        tax_id: "DE123456789".into(),
        reverse_charge_note: "Reverse charge: the recipient of the supply owes the VAT.".into(),
    }
}

pub(crate) fn billing() -> Billing {
    Billing {
        name: "Ana Lovrić".into(),
        address: vec!["Ulica Ivana Gundulića 12".into(), "10000 Zagreb".into()],
        country: "HR".into(),
        tax_id: Some("HR12345678901".into()),
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let (store, memory) = Store::in_memory(KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap());
        let tokens = TestIssuer::new("https://id.example.com", "referral");
        let app = App::new(store.clone(), tokens.verifier());
        Self { app, store, memory, now: "2026-02-02T09:30:00Z".parse().unwrap(), tokens }
    }

    /// A payout of alice's that a rail has: 1,234.50 of rewards and 98.00 of rent.
    pub(crate) async fn submitted(&self) -> Payout {
        let alice = id("alice");
        let payout = Payout {
            id: PayoutId::of_request(&alice, &IdempotencyKey::try_new("k").unwrap()),
            account: alice.clone(),
            amount: money("1332.50"),
            currency: "USD".parse().unwrap(),
            split: Split { referral: money("1234.50"), rental: money("98") },
            destination: PayoutAccount {
                rail: Rail::Wise,
                digest: "k1.d".into(),
                masked: "…0001 USD".into(),
                version: 1,
                changed_at: "2026-01-01T00:00:00Z".parse().unwrap(),
                changed_by: alice.clone(),
            },
            status: PayoutStatus::Submitted,
            requested_at: "2026-01-28T12:00:00Z".parse().unwrap(),
            version: 1,
            approvals: vec![],
            reason: None,
            run: None,
            submitting_since: None,
            to: None,
            reference: Some("123456789".into()),
            note: None,
            paid_at: None,
            invoice: None,
            returned: Money::ZERO,
            credit_notes: vec![],
        };
        let figures = [("R", "2000"), ("E", "98"), ("C", "1234.50"), ("K", "98"), ("cv", "1")];
        let figures = figures.map(|(total, amount)| Edit::Add(total.into(), amount.parse().unwrap()));
        let writes = [Write::update(keys::figures(&alice), vec![], figures.to_vec()), head::write(&payout)];
        self.store.backend().write(&writes).await.unwrap();
        payout
    }

    /// The worker sees what the rail says.
    pub(crate) async fn sees(&self, payout: &Payout, sighting: &Sighting, payee: Option<&Billing>) -> Payout {
        let numbers = self.store.numbers(self.now).await.unwrap();
        let change = payout::decide(payout, sighting, self.now, &numbers).unwrap().unwrap();
        let lease = self.store.take_lease(&payout.id, "w", self.now, self.now + chrono::Duration::minutes(2)).await.unwrap().unwrap();
        let step = PayoutCommit { change: &change, lease: &lease, issuer: &issuer(), payee, beside: &[] };
        self.store.commit_step(&step).await.unwrap();
        change.payout
    }

    /// As it stands after the rail paid it.
    pub(crate) async fn paid(&self, payee: Option<&Billing>) -> Payout {
        let submitted = self.submitted().await;
        self.sees(&submitted, &Sighting::Paid { reference: "123456789".into(), returned: Money::ZERO }, payee).await
    }

    /// As it stands after so much came back, in all.
    pub(crate) async fn returned(&self, payout: &Payout, total: &str) -> Payout {
        let sighting = Sighting::Returned { reference: "123456789".into(), returned: money(total), note: Some("bounced".into()) };
        self.sees(payout, &sighting, Some(&billing())).await
    }

    pub(crate) fn ask(&self, who: &str, groups: &[&str], route: &str, payout: &str, query: &str) -> Call {
        let token = self.tokens.token(who, groups, None, self.now);
        Call::builder(Method::GET, route, self.now).path(route).param("id", payout).raw_query(query).bearer(&token).build()
    }

    pub(crate) async fn send(&self, call: Call) -> Reply {
        handle(&self.app, call).await.unwrap_or_else(|problem| problem.render("req"))
    }

    pub(crate) async fn invoice(&self, who: &str, payout: &Payout) -> Reply {
        self.send(self.ask(who, &[], "/payouts/{id}/invoice.pdf", payout.id.as_str(), "")).await
    }

    pub(crate) async fn credit_note(&self, payout: &Payout, query: &str) -> Reply {
        self.send(self.ask("alice", &[], "/payouts/{id}/credit-note.pdf", payout.id.as_str(), query)).await
    }
}
