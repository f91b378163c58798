//! Cash at the end: the payouts by their own lines, against the figures of their payees and the books of the rails.

use super::tables::{Books, number};
use crate::{
    bank::Settled,
    exact::{Micros, amount, micros},
};
use programme::payout::Sighting;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A payout as its lines tell it.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) account: String,
    referral: Micros,
    rental: Micros,
    rail: String,
    pub(super) status: String,
    key: String,
    reference: String,
    pub(super) returned: Micros,
    pub(super) invoice: Option<String>,
    /// Number, and how much it is of.
    pub(super) credit_notes: Vec<(String, Micros)>,
}

impl Told {
    /// Its lines' events, in their order.
    pub(super) fn of(events: &[Json]) -> Self {
        let mut told = Self::default();
        for event in events {
            event["status"].as_str().unwrap_or_default().clone_into(&mut told.status);
            let step = &event["step"];
            let text = |name: &str| step[name].as_str().unwrap_or_default().to_owned();
            if let Some(reference) = step["reference"].as_str() {
                reference.clone_into(&mut told.reference);
            }
            match step["type"].as_str().unwrap_or_default() {
                "requested" => {
                    let part = |name: &str| step["split"][name].as_str().map_or(0, micros);
                    (told.referral, told.rental) = (part("referral"), part("rental"));
                    event["by"]["id"].as_str().unwrap_or_default().clone_into(&mut told.account);
                    step["destination"]["rail"].as_str().unwrap_or_default().clone_into(&mut told.rail);
                }
                "submitting" => told.key = text("key"),
                "paid" => told.invoice = Some(text("invoice")),
                "returned" => {
                    told.returned = micros(&text("total"));
                    told.credit_notes.extend(step["credit_note"].as_str().map(|note| (note.to_owned(), micros(&text("amount")))));
                }
                _ => {}
            }
        }
        told
    }

    /// The rail and its id of the payment, where one was ever told.
    pub(super) fn reference(&self) -> Option<(String, String)> {
        (!self.reference.is_empty()).then(|| (self.rail.clone(), self.reference.clone()))
    }

    pub(super) fn is_known_as(&self, rail: &str, reference: &str) -> bool {
        self.rail == rail && self.reference == reference
    }

    pub(super) const fn amount(&self) -> Micros {
        self.referral + self.rental
    }

    fn is_open(&self) -> bool {
        ["requested", "approved", "submitting", "submitted", "unknown"].contains(&self.status.as_str())
    }

    /// What it holds of each purse, and whether a rail has been told paid of it.
    fn holds(&self) -> [Micros; 2] {
        if self.is_open() || self.status == "paid" {
            return [self.referral, self.rental];
        }
        if self.status == "returned" {
            let to_rental = self.returned.min(self.rental);
            return [self.referral - (self.returned - to_rental), self.rental - to_rental];
        }
        [0, 0]
    }

    /// What of it has left by the rail for good.
    fn paid(&self) -> Micros {
        if self.invoice.is_some() { self.amount() - self.returned } else { 0 }
    }
}

/// Everything about cash.
pub(super) fn check(books: &Books, payments: &[Settled], wrong: &mut Vec<String>) {
    figures(books, wrong);
    let mut at_rails: BTreeMap<&str, Vec<&Settled>> = BTreeMap::new();
    for settled in payments {
        at_rails.entry(settled.payment.payout.as_str()).or_default().push(settled);
    }
    for (payout, told) in &books.payouts {
        let found = at_rails.remove(payout.as_str()).unwrap_or_default();
        if let [_, _, ..] = found.as_slice() {
            wrong.push(format!("{payout} was paid {} times", found.len()));
        }
        match found.first() {
            Some(settled) => {
                same(payout, told, settled, wrong);
                follows(payout, told, settled, wrong);
            }
            None if ["submitted", "paid", "returned"].contains(&told.status.as_str()) => {
                wrong.push(format!("{payout} is {}, and no rail has it", told.status));
            }
            None => {}
        }
    }
    for payout in at_rails.keys() {
        wrong.push(format!("a rail has a payment for {payout}, which has no lines"));
    }
}

/// Cash taken, cash paid: what payouts hold of each account's purses.
fn figures(books: &Books, wrong: &mut Vec<String>) {
    let mut due: BTreeMap<(&str, &str), Micros> = BTreeMap::new();
    for account in books.figures.keys() {
        due.extend(["C", "K", "X"].map(|figure| ((account.as_str(), figure), 0)));
    }
    for told in books.payouts.values() {
        let [referral, rental] = told.holds();
        for (figure, value) in [("C", referral), ("K", rental), ("X", told.paid())] {
            *due.entry((told.account.as_str(), figure)).or_default() += value;
        }
    }
    for ((account, figure), should) in due {
        let is = books.figures.get(account).map_or(0, |item| number(item, figure));
        if should != is {
            wrong.push(format!("{account}'s {figure} should be {} by its payouts and is {}", amount(should), amount(is)));
        }
    }
}

/// What a rail paid is what was approved.
fn same(payout: &str, told: &Told, settled: &Settled, wrong: &mut Vec<String>) {
    let payment = &settled.payment;
    let differs = [
        (settled.rail.as_str() != told.rail, "by another rail"),
        (micros(&payment.amount.to_string()) != told.amount(), "with another amount"),
        (payment.currency.as_str() != "USD", "in another currency"),
        (payment.key != told.key, "under another key"),
        (!told.reference.is_empty() && payment.reference != told.reference, "under another id"),
    ];
    for (_, what) in differs.into_iter().filter(|(differs, _)| *differs) {
        wrong.push(format!("{payout} was paid {what} than its lines say: {payment:?}"));
    }
}

/// Where a payout stands follows from what its rail says at the end: it was asked after the last thing that became of it.
fn follows(payout: &str, told: &Told, settled: &Settled, wrong: &mut Vec<String>) {
    let (status, returned) = (told.status.as_str(), told.returned);
    let holds = match &settled.payment.state {
        Sighting::Absent => false,
        // On its way, and perhaps taken back there after it was paid.
        Sighting::Underway { .. } => status == "submitted" || (settled.was_paid && ["paid", "returned"].contains(&status)),
        Sighting::Paid { returned: back, .. } => {
            let back = micros(&back.to_string());
            returned == back && status == if back == 0 { "paid" } else { "returned" }
        }
        Sighting::Returned { .. } => status == "returned" && returned == told.amount(),
        Sighting::Failed { .. } => status == "failed",
    };
    if !holds {
        let back = amount(returned);
        wrong.push(format!("{payout} is {status} with {back} come back, and its rail says {:?}", settled.payment.state));
    }
}
