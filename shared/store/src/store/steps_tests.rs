#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::{
    backend::{Change as Edit, Item, Operation, memory::Memory},
    records::{account, destination::StoredDestination, seal, voucher::VoucherNumber},
};
use chrono::Duration;
use ledger::{AccountId, KeyRing, Money, Rail};
use programme::{
    account::{Account, Total},
    cashable::Split,
    payout::{
        self, Approve, Approved, Contradiction, Destination, IdempotencyKey, Payout, PayoutAccount, PayoutId, RailDoubt, Request, RunId,
        Sighting, Submit, Submitted,
    },
    settings::{Programme, Settings},
};
use std::sync::Arc;

fn seal_keys() -> KeyRing {
    KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap()
}
fn money(text: &str) -> Money {
    text.parse().unwrap()
}
fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}
fn now() -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse().unwrap()
}
fn issuer() -> Issuer {
    Issuer {
        name: "Example GmbH".into(),
        address: vec!["Weg 1".into()],
        country: "DE".into(),
        tax_id: "DE1".into(),
        reverse_charge_note: "Reverse charge.".into(),
    }
}
fn billing() -> Billing {
    Billing { name: "Ann Smith".into(), address: vec!["1 High Street".into()], country: "GB".into(), tax_id: Some("GB1".into()) }
}
fn paid(reference: &str, returned: &str) -> Sighting {
    Sighting::Paid { reference: reference.into(), returned: money(returned) }
}

/// Tables, a payee with 100.00 of rent and rewards of 40.00 to cash, and a payout account.
struct World {
    store: Store,
    memory: Arc<Memory>,
}

impl World {
    async fn new() -> Self {
        let (store, memory) = Store::in_memory(seal_keys());
        let world = Self { store, memory };
        for name in ["alice", "bob"] {
            let figures =
                [("R", "53.333334"), ("E", "100"), ("cv", "1")].map(|(total, amount)| Edit::Add(total.into(), amount.parse().unwrap()));
            let stored = Self::destination(name);
            let writes = [Write::update(keys::figures(&id(name)), vec![], figures.to_vec()), stored.write(&id(name))];
            world.store.backend().write(&writes).await.unwrap();
        }
        world
    }

    fn destination(name: &str) -> StoredDestination {
        let destination = Destination::wise("1234567", "USD".parse().unwrap()).unwrap();
        let account = PayoutAccount {
            rail: Rail::Wise,
            digest: format!("k1.{name}"),
            masked: destination.masked(),
            version: 1,
            changed_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            changed_by: id(name),
        };
        StoredDestination { account, destination }
    }

    async fn figures(&self, name: &str) -> Account {
        self.store.account(&id(name)).await.unwrap().unwrap()
    }

    async fn head(&self, payout: &Payout) -> Payout {
        self.store.payout(&payout.id).await.unwrap().unwrap()
    }

    /// A payout that is approved: 60.00, of 40.00 rewards and 20.00 rent.
    async fn approved(&self, name: &str, key: &str) -> Payout {
        let (account, settings) = (id(name), Settings::default());
        let change = payout::request(&Request {
            id: &PayoutId::of_request(&account, &IdempotencyKey::try_new(key).unwrap()),
            account: &account,
            amount: money("60"),
            now: now(),
            settings: (0, &settings),
            figures: &self.figures(name).await,
            destination: Some(&Self::destination(name).account),
            requested_today: Money::ZERO,
        })
        .unwrap();
        self.store.commit_payouts(std::slice::from_ref(&change), BookEdit::new(account.clone()), &[]).await.unwrap();
        let asked = Approve {
            payout: &change.payout,
            by: &id("fin1"),
            version: 1,
            now: now(),
            settings: (0, &settings),
            current: Some(&change.payout.destination),
            approved_today: Money::ZERO,
        };
        let Approved::Now(change) = payout::approve(&asked).unwrap() else { panic!("approved") };
        self.store.commit_payouts(std::slice::from_ref(&change), BookEdit::new(account), &[]).await.unwrap();
        change.payout
    }

    async fn intent(&self, payout: &Payout) -> Change {
        let name = payout.account.as_str();
        let stored = Self::destination(name);
        let asked = Submit {
            payout,
            run: &RunId::of_request(&id("fin1"), &IdempotencyKey::try_new("r").unwrap()),
            ordered_by: &id("fin1"),
            now: now(),
            programme: &Programme::default(),
            switched_on: true,
            current: Some((&stored.account, &stored.destination)),
            figures: &self.figures(name).await,
        };
        match payout::submit(&asked).unwrap() {
            Submitted::Intended(change) | Submitted::ClawedBack(change) => *change,
        }
    }

    async fn lease(&self, payout: &Payout, by: &str) -> Lease {
        self.store.take_lease(&payout.id, by, now(), now() + Duration::minutes(2)).await.unwrap().unwrap()
    }

    async fn commit(&self, change: &Change, lease: &Lease) -> Result<(), StepError> {
        let (issuer, payee) = (issuer(), billing());
        self.store.commit_step(&PayoutCommit { change, lease, issuer: &issuer, payee: Some(&payee), beside: &[] }).await
    }

    /// Decides and writes until a sighting is no news any more.
    async fn see(&self, payout: &Payout, sighting: &Sighting, lease: &Lease) -> Result<Payout, Contradiction> {
        let mut payout = self.head(payout).await;
        while let Some(change) = payout::decide(&payout, sighting, now(), &self.store.numbers(now()).await.unwrap())? {
            self.commit(&change, lease).await.unwrap();
            assert_eq!(self.head(&payout).await, change.payout, "the head reads back as it was decided");
            payout = change.payout;
        }
        Ok(payout)
    }

    /// A payout with its intent written, in the hand of `w`.
    async fn sent(&self, name: &str, key: &str) -> (Payout, Lease) {
        let payout = self.approved(name, key).await;
        let lease = self.lease(&payout, "w").await;
        self.commit(&self.intent(&payout).await, &lease).await.unwrap();
        (self.head(&payout).await, lease)
    }

    fn items(&self, prefix: &str) -> Vec<Item> {
        let of = |item: &Item| item["pk"].as_text().is_some_and(|pk| pk.starts_with(prefix));
        self.memory.dump().into_iter().map(|(_, item)| item).filter(of).collect()
    }
}

#[tokio::test]
async fn a_payout_is_sent_paid_invoiced_and_comes_back_in_parts() {
    let world = World::new().await;
    let (payout, lease) = world.sent("alice", "k").await;
    assert_eq!(payout.to, Some(World::destination("alice").destination));
    assert!(
        world
            .items("payout#")
            .iter()
            .filter(|item| item["sk"].as_text() != Some("head"))
            .all(|line| !format!("{line:?}").contains("1234567"))
    );

    let underway = Sighting::Underway { reference: "t1".into(), note: Some("processing".into()) };
    world.see(&payout, &underway, &lease).await.unwrap();
    let payout = world.see(&payout, &paid("t1", "0"), &lease).await.unwrap();
    assert_eq!(world.store.payout_by_reference(Rail::Wise, "t1").await.unwrap(), Some(payout.id.clone()));
    assert_eq!(world.store.payout_book(&payout.account).await.unwrap().open.len(), 0);
    let number = payout.invoice.unwrap();
    let invoice = world.store.voucher(VoucherNumber::Invoice(number)).await.unwrap().unwrap();
    assert_eq!((number.to_string(), invoice.amount, invoice.split), ("INV-2026-000001".into(), money("60"), payout.split));
    assert_eq!((invoice.issuer, invoice.payee, invoice.reference.as_str()), (issuer(), Some(billing()), "t1"));
    let figures = world.figures("alice").await;
    assert_eq!((figures.in_payout(), figures.total(Total::Paid)), (money("0"), money("60")));

    for (total, part, split) in [
        ("25", "25", Split { referral: money("5"), rental: money("20") }),
        ("60", "35", Split { referral: money("35"), rental: money("0") }),
    ] {
        let payout = world.see(&payout, &paid("t1", total), &lease).await.unwrap();
        let number = *payout.credit_notes.last().unwrap();
        let note = world.store.voucher(VoucherNumber::CreditNote(number)).await.unwrap().unwrap();
        assert_eq!((note.amount, note.split, note.invoice, note.payout), (money(part), split, payout.invoice, payout.id));
    }
    let figures = world.figures("alice").await;
    let left = [Total::Paid, Total::ReferralCash, Total::RentalCash].map(|total| figures.total(total));
    assert_eq!((left, figures.cash_version > 1), ([Money::ZERO; 3], true));
    let numbers = world.store.numbers(now()).await.unwrap();
    assert_eq!((numbers.invoice.number, numbers.credit_note.number), (2, 3));
    let vouchers: Vec<Item> = ["invoice#", "creditnote#"].iter().flat_map(|prefix| world.items(prefix)).collect();
    let sealed =
        vouchers.iter().filter(|item| item["sk"].as_text() != Some("last")).inspect(|item| assert!(seal::holds(item, &seal_keys())));
    assert_eq!((vouchers.len(), sealed.count()), (5, 3));
    assert_eq!(world.store.numbers("2027-01-01T00:00:00Z".parse().unwrap()).await.unwrap(), Numbers::after(2027, 0, 0));
}

#[tokio::test]
async fn a_failure_gives_everything_back() {
    let world = World::new().await;
    let before = world.figures("alice").await.totals;
    let (payout, lease) = world.sent("alice", "k").await;
    let doubted = payout::doubt(&payout, RailDoubt::NoAnswer, now()).unwrap();
    world.commit(&doubted, &lease).await.unwrap();
    assert_eq!(world.store.payout_book(&payout.account).await.unwrap().open.len(), 1, "what is unknown keeps its reserve");
    let failed = Sighting::Failed { reference: Some("t9".into()), reason: "recipient closed".into() };
    let payout = world.see(&payout, &failed, &lease).await.unwrap();
    assert_eq!((payout.reason.as_deref(), world.figures("alice").await.totals), (Some("recipient closed"), before));
    let book = world.store.payout_book(&payout.account).await.unwrap();
    assert_eq!((book.open.len(), book.requested_on(now().date_naive())), (0, Money::ZERO), "it can be asked for again on the same day");
    assert_eq!(world.store.payout_by_reference(Rail::Wise, "t9").await.unwrap(), Some(payout.id));
    assert!(world.items("invoice#").is_empty());
}

#[tokio::test]
async fn who_lost_the_lease_writes_nothing() {
    let world = World::new().await;
    let (payout, lease) = world.sent("alice", "k").await;
    let change = payout::decide(&payout, &paid("t1", "0"), now(), &world.store.numbers(now()).await.unwrap()).unwrap().unwrap();
    let later = now() + Duration::minutes(3);
    let other = world.store.take_lease(&payout.id, "w2", later, later + Duration::minutes(2)).await.unwrap().unwrap();
    assert_eq!(world.commit(&change, &lease).await, Err(StepError::LeaseLost));
    assert_eq!(world.head(&payout).await, payout);
    assert!(world.items("invoice#").is_empty() && world.items("ref#").is_empty());
    world.commit(&change, &other).await.unwrap();
    assert!(matches!(world.commit(&change, &other).await, Err(StepError::Stale(_))), "the same step again");
    assert_eq!(world.items("invoice#").len(), 2, "one invoice, and its counter");
}

#[tokio::test]
async fn each_lost_claim_is_told_apart() {
    let world = World::new().await;
    let (alice, alices) = world.sent("alice", "k").await;
    let (bob, bobs) = world.sent("bob", "k").await;
    let numbers = world.store.numbers(now()).await.unwrap();
    let decide = |payout: &Payout, reference: &str| payout::decide(payout, &paid(reference, "0"), now(), &numbers).unwrap().unwrap();
    let (first, second, same) = (decide(&alice, "t1"), decide(&bob, "t2"), decide(&bob, "t1"));
    world.commit(&first, &alices).await.unwrap();
    assert_eq!(world.commit(&second, &bobs).await, Err(StepError::NumberTaken));
    assert_eq!(world.commit(&same, &bobs).await, Err(StepError::ReferenceTaken), "another's payment");
    assert_eq!(world.head(&bob).await, bob);
    let bob = world.see(&bob, &paid("t2", "0"), &bobs).await.unwrap();
    assert_eq!(bob.invoice.unwrap().number, 2);
    assert_eq!(world.items("invoice#").len(), 3);

    let beside = [Write { key: keys::switch(), conditions: vec![crate::backend::Condition::Present("ver")], operation: Operation::Check }];
    let change = payout::decide(&bob, &paid("t2", "1"), now(), &world.store.numbers(now()).await.unwrap()).unwrap().unwrap();
    let (issuer, lease) = (issuer(), &bobs);
    let refused = world.store.commit_step(&PayoutCommit { change: &change, lease, issuer: &issuer, payee: None, beside: &beside }).await;
    assert_eq!(refused, Err(StepError::Stale([Lost::Beside(0)].into())));
}

#[tokio::test]
async fn an_intent_holds_only_on_what_it_was_decided_on() {
    let world = World::new().await;
    let payout = world.approved("alice", "k").await;
    let lease = world.lease(&payout, "w").await;
    let intent = world.intent(&payout).await;

    let mut taken = programme::plan::AccountMove::default();
    taken.add(Total::Rental, money("-1"));
    world.store.backend().write(&[Write::update(keys::figures(&id("alice")), vec![], account::changes(&taken))]).await.unwrap();
    assert_eq!(world.commit(&intent, &lease).await, Err(StepError::Stale([Lost::Account(id("alice"))].into())));

    let intent = world.intent(&payout).await;
    let mut other = World::destination("alice");
    other.account.version = 2;
    world.store.backend().write(&[other.write(&id("alice"))]).await.unwrap();
    assert!(matches!(world.commit(&intent, &lease).await, Err(StepError::Stale(_))), "the payout account was changed");
    assert_eq!(world.head(&payout).await, payout);

    taken.totals.insert(Total::Rental, money("-99"));
    taken.add(Total::Rewards, money("-53.333334"));
    world.store.backend().write(&[Write::update(keys::figures(&id("alice")), vec![], account::changes(&taken))]).await.unwrap();
    let canceled = world.intent(&payout).await;
    world.commit(&canceled, &lease).await.unwrap();
    assert_eq!(world.head(&payout).await.reason.as_deref(), Some("clawed_back"));
    assert_eq!(world.figures("alice").await.in_payout(), Money::ZERO);
}

#[tokio::test]
async fn without_a_seal_key_nothing_is_written() {
    let world = World::new().await;
    let (payout, lease) = world.sent("alice", "k").await;
    let sealless = World { store: Store::new(world.memory.clone(), KeyRing::none()), memory: world.memory.clone() };
    let change = payout::decide(&payout, &paid("t1", "0"), now(), &Numbers::after(2026, 0, 0)).unwrap().unwrap();
    assert!(matches!(sealless.commit(&change, &lease).await, Err(StepError::Rejected(_))));
    assert_eq!(world.head(&payout).await, payout);
}

#[tokio::test]
async fn a_bent_voucher_is_not_read() {
    let world = World::new().await;
    let (payout, lease) = world.sent("alice", "k").await;
    let payout = world.see(&payout, &paid("t1", "0"), &lease).await.unwrap();
    let number = VoucherNumber::Invoice(payout.invoice.unwrap());
    assert_eq!((number.to_string(), number.series()), ("INV-2026-000001".into(), "invoice"));
    for (name, bent) in [("num", "INV-2026-000002"), ("num", "CN-2026-000001"), ("refl", "1"), ("payee", r#"{"name":"Ann Smith"}"#)] {
        let good = world.items("invoice#").remove(0);
        world.memory.tamper(&number.key(), |item| {
            let value = bent.parse().map_or_else(|_| bent.into(), crate::backend::Value::N);
            drop(item.as_mut().unwrap().insert(name.into(), value));
        });
        let told = world.store.voucher(number).await.unwrap_err().to_string();
        assert!(!told.contains("Smith"), "{name}: {told}");
        world.memory.tamper(&number.key(), |item| *item = Some(good));
        assert!(world.store.voucher(number).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn many_payouts_are_read_at_once() {
    let world = World::new().await;
    let payout = world.approved("alice", "k").await;
    let made = |number: u32| Payout {
        id: PayoutId::of_request(&id("alice"), &IdempotencyKey::try_new(&number.to_string()).unwrap()),
        version: 1,
        ..payout.clone()
    };
    let mut all: Vec<Payout> = (0..250).map(made).collect();
    for payout in &all {
        world.store.backend().write(&[head::write(payout)]).await.unwrap();
    }
    all.push(payout);
    let unknown = PayoutId::try_new("pay_00000000000000000000000000").unwrap();
    let mut ids: Vec<PayoutId> = all.iter().map(|payout| payout.id.clone()).collect();
    ids.extend([unknown, ids[0].clone()]);
    let found = world.store.payout_heads(&ids).await.unwrap();
    assert_eq!(found, all.into_iter().map(|payout| (payout.id.clone(), payout)).collect());
    assert!(world.store.payout_heads(&[]).await.unwrap().is_empty());
}
