//! Payouts that were sent: books in order are clean, and each way in which they can be wrong is named, although all seals hold.

use crate::desk::{Desk, at, id, seal_keys};
use chrono::{DateTime, Duration, Utc};
use ledger::{Money, Rail};
use programme::{
    account::Account,
    payout::{
        self, Change, Destination, IdempotencyKey, Issuer, Payout, PayoutAccount, PayoutStatus, RailDoubt, RunId, Sighting, Submit,
        Submitted,
    },
    settings::Programme,
};
use proof::{RailTransfer, Report, audit, one_transfer_per_payout};
use std::sync::Arc;
use store::{
    PayoutCommit, RunOrdered, Store,
    backend::{Item, Key, Value, memory::Memory},
    keys,
    records::{
        destination::StoredDestination,
        run::{LeftOut, Run, RunEntry, RunHead},
        seal,
    },
};

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn issuer() -> Issuer {
    Issuer::parse(r#"{"name":"Example Ltd","address":["1 Main Street"],"country":"IE","tax_id":"IE1234567A","reverse_charge_note":"Reverse charge."}"#).unwrap()
}

/// What stands in the tables of a payout account.
fn stored(account: &PayoutAccount) -> StoredDestination {
    let destination = Destination::wise("40000001", "USD".parse().unwrap()).unwrap();
    StoredDestination { account: account.clone(), destination }
}

impl Desk {
    /// Finance orders these payouts; another one is left out.
    pub(crate) async fn orders(&self, key: &str, payouts: &[Payout]) -> RunId {
        let by = id("fin1");
        let run = RunId::of_request(&by, &IdempotencyKey::try_new(key).unwrap());
        let entry = |payout: &Payout| RunEntry {
            payout: payout.id.clone(),
            account: payout.account.clone(),
            amount: payout.amount,
            rail: payout.destination.rail,
            destination: payout.destination.masked.clone(),
            version: payout.version,
        };
        let head = RunHead {
            id: run.clone(),
            by,
            at: self.now,
            request: "digest".into(),
            count: u32::try_from(payouts.len()).unwrap(),
            amount: payouts.iter().map(|payout| payout.amount).sum(),
            currency: "USD".parse().unwrap(),
            closed_at: None,
        };
        let other = "pay_00000000000000000000000000".parse().unwrap();
        let left_out = vec![LeftOut { payout: other, reason: "own_payout".into() }];
        let ordered = self.store.create_run(&Run { head, payouts: payouts.iter().map(entry).collect(), left_out }, &[]).await.unwrap();
        assert_eq!(ordered, RunOrdered::Created);
        run
    }

    async fn writes(&self, change: &Change) {
        let lease = self.store.take_lease(&change.payout.id, "work", self.now, self.now + Duration::minutes(2)).await.unwrap().unwrap();
        let commit = PayoutCommit { change, lease: &lease, issuer: &issuer(), payee: None, beside: &[] };
        self.store.commit_step(&commit).await.unwrap();
    }

    /// The worker writes the intent to pay.
    pub(crate) async fn sends(&self, payout: &Payout, run: &RunId) -> Payout {
        let payout = self.store.payout(&payout.id).await.unwrap().unwrap();
        let current = stored(&payout.destination);
        let figures: Account = self.store.account(&payout.account).await.unwrap().unwrap();
        let programme: Programme = self.store.programme_fresh().await.unwrap();
        let sent = payout::submit(&Submit {
            payout: &payout,
            run,
            ordered_by: &id("fin1"),
            now: self.now,
            programme: &programme,
            switched_on: true,
            current: Some((&current.account, &current.destination)),
            figures: &figures,
        });
        let Submitted::Intended(change) = sent.unwrap() else { panic!("the money is there") };
        self.writes(&change).await;
        change.payout
    }

    /// Its rail says something of it.
    pub(crate) async fn hears(&self, payout: &Payout, told: &Sighting) -> Payout {
        let mut payout = payout.clone();
        loop {
            let numbers = self.store.numbers(self.now).await.unwrap();
            let Some(change) = payout::decide(&payout, told, self.now, &numbers).unwrap() else { return payout };
            self.writes(&change).await;
            payout = change.payout;
        }
    }

    /// Its rail's answer is lost.
    pub(crate) async fn hears_nothing(&self, payout: &Payout) -> Payout {
        let change = payout::doubt(payout, RailDoubt::NoAnswer, self.now).unwrap();
        self.writes(&change).await;
        change.payout
    }
}

/// Of everything that can become of what is sent, one.
pub(crate) async fn sent(desk: &Desk, account: &str) {
    let mut payouts = Vec::new();
    for (key, amount) in [("s1", "21"), ("s2", "22"), ("s3", "23"), ("s4", "24"), ("s5", "25"), ("s6", "26")] {
        let payout = desk.asks(account, key, amount).await.unwrap();
        desk.approves(&payout, "fin1").await;
        payouts.push(desk.store.payout(&payout.id).await.unwrap().unwrap());
    }
    desk.store.backend().write(&[stored(&payouts[0].destination).write(&id(account))]).await.unwrap();
    let run = desk.orders("all", &payouts).await;
    let mut sent = Vec::new();
    for payout in &payouts {
        sent.push(desk.sends(payout, &run).await);
    }
    let [paid, back, waits, failed, unknown, sending] = sent.as_slice() else { panic!("six") };
    let reference = |number: u32| format!("5000000{number}");
    let told = |number, returned| Sighting::Paid { reference: reference(number), returned: money(returned) };
    desk.hears(paid, &told(1, "0")).await;
    let back = desk.hears(back, &told(2, "5.50")).await;
    let note = Some("recipient_refused".to_owned());
    desk.hears(&back, &Sighting::Returned { reference: reference(2), returned: money("22"), note }).await;
    let underway = Sighting::Underway { reference: reference(3), note: Some("processing".to_owned()) };
    desk.hears(waits, &underway).await;
    desk.hears(failed, &Sighting::Failed { reference: Some(reference(4)), reason: "closed".into() }).await;
    desk.hears_nothing(unknown).await;
    assert_eq!(sending.status, PayoutStatus::Submitting);
}

fn now() -> DateTime<Utc> {
    at("2026-02-01T13:00:00Z")
}

/// Books with what was sent alone.
async fn books() -> (Store, Arc<Memory>) {
    let (store, memory) = Store::in_memory(seal_keys());
    let desk = Desk { store: store.clone(), now: now() };
    desk.sign_up("hana", None, false).await;
    desk.rented("r1", "hana", "700").await;
    sent(&desk, "hana").await;
    (store, memory)
}

/// Changes an item and seals it anew, as only somebody with the key can.
fn resealed(memory: &Memory, key: &Key, change: impl FnOnce(&mut Item)) {
    memory.tamper(key, |item| {
        let item = item.as_mut().unwrap();
        change(item);
        item.remove(seal::SEAL);
        seal::seal(item, &seal_keys());
    });
}

fn is_named(report: &Report, invariant: &str, key: &str) {
    let figure = &report.figures[invariant];
    assert!(figure.examples.iter().any(|example| example.contains(key)), "{invariant} does not name {key}: {report}");
}

async fn ids(store: &Store) -> Vec<Payout> {
    let mut found = Vec::new();
    for status in PayoutStatus::ALL {
        found.extend(store.payouts_in(status, None, 10).await.unwrap().entries.into_iter().map(|listed| listed.entry));
    }
    found
}

async fn of(store: &Store, status: PayoutStatus) -> Payout {
    ids(store).await.into_iter().find(|payout| payout.status == status).unwrap()
}

#[tokio::test]
async fn what_was_sent_is_in_order() {
    let (store, _) = books().await;
    let report = audit(&store, now()).await.unwrap();
    assert!(report.is_clean(), "{report}");
    let checked = |name: &str| report.figures[name].checked;
    assert_eq!(["one_key_per_payout", "intents_are_ordered"].map(checked), [6, 6]);
    // Two invoices, two credit notes, two counters; four payouts with numbers or without beside the four vouchers; four ways back, twice.
    assert_eq!(["invoice_numbers", "vouchers_equal_payouts", "references_lead_to_payouts"].map(checked), [6, 10, 10]);
}

#[tokio::test]
async fn a_second_key_and_another_destination_are_named() {
    let (store, memory) = books().await;
    let payout = of(&store, PayoutStatus::Submitting).await;
    let line = Key { sk: keys::line_number(payout.version - 1), ..keys::payout_head(payout.id.as_str()) };
    let event = |item: &Item| item.get("event").and_then(Value::as_text).unwrap().to_owned();
    resealed(&memory, &line, |item| {
        let other = event(item)
            .replace(&format!("\"key\":\"{}\"", payout.id), "\"key\":\"another\"")
            .replace("\"destination\":\"k1.00\"", "\"destination\":\"k1.11\"");
        item.insert("event".into(), other.into());
    });
    let report = audit(&store, now()).await.unwrap();
    is_named(&report, "one_key_per_payout", payout.id.as_str());
    is_named(&report, "intents_equal_approvals", payout.id.as_str());
}

#[tokio::test]
async fn a_run_that_does_not_list_what_it_sent_is_named() {
    let (store, memory) = books().await;
    let paid = of(&store, PayoutStatus::Paid).await;
    let run = paid.run.clone().unwrap();
    resealed(&memory, &keys::run_part(&run, 0), |item| {
        let list = item.get("list").and_then(Value::as_text).unwrap().replace(paid.id.as_str(), "pay_00000000000000000000000000");
        item.insert("list".into(), list.into());
    });
    is_named(&audit(&store, now()).await.unwrap(), "intents_are_ordered", paid.id.as_str());
    memory.tamper(&keys::run(&run), |item| *item = None);
    is_named(&audit(&store, now()).await.unwrap(), "intents_are_ordered", run.as_str());
}

#[tokio::test]
async fn a_gap_a_double_and_a_wrong_counter_are_named() {
    let (store, memory) = books().await;
    let first = keys::voucher("invoice", 2026, 1);
    memory.tamper(&first, |item| *item = None);
    let report = audit(&store, now()).await.unwrap();
    is_named(&report, "invoice_numbers", "INV-2026-000001 is missing");
    is_named(&report, "vouchers_equal_payouts", "invoice#2026/00000001 does not stand");

    let (store, memory) = books().await;
    let counter = keys::last_number("creditnote", 2026);
    for (number, fault) in [(1_u32, "is at 1 only"), (3, "CN-2026-000003 was given out")] {
        memory.tamper(&counter, |item| drop(item.as_mut().unwrap().insert("n".into(), number.into())));
        is_named(&audit(&store, now()).await.unwrap(), "invoice_numbers", fault);
    }

    // Two payouts say that they have the same number.
    let (store, memory) = books().await;
    let (paid, returned) = (of(&store, PayoutStatus::Paid).await, of(&store, PayoutStatus::Returned).await);
    let number = paid.invoice.unwrap().to_string();
    memory
        .tamper(&keys::payout_head(returned.id.as_str()), |item| drop(item.as_mut().unwrap().insert("inv".into(), number.clone().into())));
    let report = audit(&store, now()).await.unwrap();
    is_named(&report, "vouchers_equal_payouts", &format!("{number} is another payout's"));
    is_named(&report, "vouchers_equal_payouts", &format!("{} has another number", returned.id));
}

#[tokio::test]
async fn an_invoice_that_says_something_else_is_named() {
    for (name, value) in [
        ("acct", Value::S("mallory".into())),
        ("mask", "…0002 USD".into()),
        ("ref", "99".into()),
        ("rail", "paypal".into()),
        ("cur", "EUR".into()),
        ("req", "2026-02-01T12:59:00.000Z".into()),
        ("inv", "INV-2026-000002".into()),
    ] {
        let (store, memory) = books().await;
        resealed(&memory, &keys::voucher("invoice", 2026, 1), |item| drop(item.insert(name.into(), value.clone())));
        is_named(&audit(&store, now()).await.unwrap(), "vouchers_equal_payouts", "invoice#2026/00000001");
    }
    for part in ["amt", "rent"] {
        let (store, memory) = books().await;
        for name in ["amt", part] {
            // A credit note's amount is what came back with it.
            resealed(&memory, &keys::voucher("creditnote", 2026, 1), |item| drop(item.insert(name.into(), Value::N(6.into()))));
        }
        let report = audit(&store, now()).await.unwrap();
        assert!(!report.is_clean(), "{part}");
    }
}

#[tokio::test]
async fn a_way_back_that_leads_elsewhere_or_nowhere_is_named() {
    let (store, memory) = books().await;
    let (paid, returned) = (of(&store, PayoutStatus::Paid).await, of(&store, PayoutStatus::Returned).await);
    let place = keys::payment(Rail::Wise, paid.reference.as_deref().unwrap());
    memory.tamper(&place, |item| drop(item.as_mut().unwrap().insert("payout".into(), returned.id.as_str().into())));
    let report = audit(&store, now()).await.unwrap();
    is_named(&report, "references_lead_to_payouts", &place.pk);
    is_named(&report, "references_lead_to_payouts", paid.id.as_str());
    memory.tamper(&place, |item| *item = None);
    is_named(&audit(&store, now()).await.unwrap(), "references_lead_to_payouts", paid.id.as_str());
}

#[tokio::test]
async fn a_way_back_to_an_account_that_has_another_is_named() {
    let (store, memory) = books().await;
    let place = keys::stripe_account("acct_1");
    let item =
        [("pk", place.pk.as_str()), ("sk", place.sk.as_str()), ("acct", "hana")].map(|(name, text)| (name.to_owned(), Value::from(text)));
    memory.tamper(&place, |found| *found = Some(Item::from(item)));
    is_named(&audit(&store, now()).await.unwrap(), "references_lead_to_payouts", &place.pk);
}

/// A quarter of an hour is long for what takes seconds.
#[tokio::test]
async fn what_is_being_sent_for_long_is_named() {
    let (store, _) = books().await;
    let sending = of(&store, PayoutStatus::Submitting).await;
    for (minutes, violations) in [(15, 0), (16, 1)] {
        let report = audit(&store, now() + Duration::minutes(minutes)).await.unwrap();
        assert_eq!(report.figures["nothing_is_left_submitting"].violations, violations, "{minutes}");
        assert_eq!(report.violations(), violations, "{report}");
    }
    is_named(&audit(&store, now() + Duration::hours(1)).await.unwrap(), "nothing_is_left_submitting", sending.id.as_str());
}

/// The rails' books as they should be: what is paid, came back or is under way has one payment.
async fn transfers(store: &Store) -> Vec<RailTransfer> {
    let has = |payout: &&Payout| {
        matches!(payout.status, PayoutStatus::Submitted | PayoutStatus::Paid | PayoutStatus::Returned | PayoutStatus::Unknown)
    };
    let transfer = |payout: &Payout| RailTransfer {
        rail: Rail::Wise,
        payout: payout.id.clone(),
        key: Some(payout.key()),
        amount: Some((payout.amount, payout.currency.clone())),
        reference: payout.reference.clone(),
    };
    ids(store).await.iter().filter(has).map(transfer).collect()
}

async fn against(store: &Store, transfers: &[RailTransfer]) -> Report {
    let mut report = audit(store, now()).await.unwrap();
    assert!(report.not_checked.contains_key("one_transfer_per_payout"));
    one_transfer_per_payout(store, transfers, &mut report).await.unwrap();
    assert!(!report.not_checked.contains_key("one_transfer_per_payout"));
    report
}

#[tokio::test]
async fn the_books_of_the_rails_are_compared() {
    let (store, _) = books().await;
    let good = transfers(&store).await;
    let report = against(&store, &good).await;
    assert!(report.is_clean() && report.figures["one_transfer_per_payout"].checked == 4, "{report}");
    let paid = of(&store, PayoutStatus::Paid).await;
    let at = good.iter().position(|transfer| transfer.payout == paid.id).unwrap();
    type Bend = fn(&mut Vec<RailTransfer>, usize);
    let bends: [(Bend, &str); 8] = [
        (|all, at| all.push(all[at].clone()), "2 payments"),
        (|all, at| drop(all.remove(at)), "no rail has a payment"),
        (|all, at| all[at].amount = Some((money("21.01"), "USD".parse().unwrap())), "another amount"),
        (|all, at| all[at].amount = Some((money("21"), "EUR".parse().unwrap())), "another currency"),
        (|all, at| all[at].rail = Rail::Paypal, "another rail"),
        (|all, at| all[at].key = Some("another".into()), "another key"),
        (|all, at| all[at].reference = Some("another".into()), "another id"),
        (|all, at| all[at].payout = "pay_00000000000000000000000000".parse().unwrap(), "does not stand"),
    ];
    for (bend, fault) in bends {
        let mut bent = good.clone();
        bend(&mut bent, at);
        is_named(&against(&store, &bent).await, "one_transfer_per_payout", fault);
    }
    let desk = Desk { store: store.clone(), now: now() };
    let waits = desk.asks("hana", "w", "27").await.unwrap();
    let mut early = good.clone();
    early.push(RailTransfer { payout: waits.id.clone(), amount: None, key: None, reference: None, ..good[at].clone() });
    is_named(&against(&store, &early).await, "one_transfer_per_payout", "it is requested");
}
