//! What the history told, put together: each purchase with its last word, whatever came when.

use crate::{
    clock::Time,
    exact::Micros,
    history::{Act, History},
    telling::{Person, Telling},
};
use programme::fact::{DisputeStatus, Naming, RefundStatus};
use std::collections::{BTreeMap, BTreeSet};

/// Millionths in a cent.
const CENT: Micros = 10_000;

/// A purchase as all tellings together have it.
#[derive(Debug, Default)]
pub(super) struct Purchase {
    /// Amounts and times of captures.
    pub(super) captures: Vec<(Micros, Time)>,
    /// Whether a telling is in another currency than dollars.
    pub(super) foreign: bool,
    /// The least figure of credits.
    pub(super) credits: Option<Micros>,
    /// Who is named by the payment itself, and by Checkout.
    pub(super) payers: BTreeSet<Person>,
    pub(super) checkouts: BTreeSet<Person>,
    /// Whose cards it was paid with.
    pub(super) cards: BTreeSet<Person>,
    /// By refund: the rank of its highest state, its highest amount.
    pub(super) refunds: BTreeMap<usize, (u8, Micros)>,
    /// The highest sum of refunds.
    pub(super) refunded: Option<Micros>,
    /// By dispute: the greatest of time and rank, with its amount.
    pub(super) disputes: BTreeMap<usize, (Time, u8, Micros)>,
}

/// A usage as all tellings together have it.
#[derive(Debug)]
pub(super) struct Usage {
    pub(super) who: Person,
    /// Every figure told.
    pub(super) figures: BTreeSet<Micros>,
    pub(super) currency: &'static str,
    pub(super) at: Time,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Truth {
    pub(super) purchases: BTreeMap<usize, Purchase>,
    pub(super) usages: BTreeMap<usize, Usage>,
    pub(super) rentals: BTreeMap<usize, (Person, Micros, Time)>,
    pub(super) closed: BTreeMap<Person, Time>,
}

const fn refund_rank(status: RefundStatus) -> u8 {
    match status {
        RefundStatus::Pending => 1,
        RefundStatus::Succeeded => 2,
        RefundStatus::Canceled => 3,
        RefundStatus::Failed => 4,
    }
}

const fn dispute_rank(status: DisputeStatus) -> u8 {
    match status {
        DisputeStatus::Inquiry => 0,
        DisputeStatus::Open => 1,
        DisputeStatus::Won => 2,
        DisputeStatus::Lost => 3,
    }
}

impl Truth {
    pub(super) fn of(history: &History) -> Self {
        let mut truth = Self::default();
        for step in &history.steps {
            if let Act::Tell { telling, .. } = &step.act {
                truth.take(telling);
            }
        }
        truth
    }

    fn take(&mut self, telling: &Telling) {
        match *telling {
            Telling::Captured { purchase, cents, currency, at, credits, buyer } => {
                let known = self.purchases.entry(purchase).or_default();
                known.captures.push((Micros::from(cents) * CENT, at));
                known.foreign |= currency != "USD";
                known.bought(credits);
                match buyer {
                    Some((Naming::Payment, person)) => drop(known.payers.insert(person)),
                    Some((Naming::Checkout, person)) => drop(known.checkouts.insert(person)),
                    None => {}
                }
            }
            Telling::Named { purchase, buyer, credits } => {
                let known = self.purchases.entry(purchase).or_default();
                known.checkouts.insert(buyer);
                known.bought(credits);
            }
            Telling::Refund { purchase, refund, cents, status } => {
                let known = self.purchases.entry(purchase).or_default().refunds.entry(refund).or_default();
                *known = (known.0.max(refund_rank(status)), known.1.max(Micros::from(cents) * CENT));
            }
            Telling::RefundedTotal { purchase, cents } => {
                let known = self.purchases.entry(purchase).or_default();
                known.refunded = known.refunded.max(Some(Micros::from(cents) * CENT));
            }
            Telling::Dispute { purchase, dispute, cents, status, at } => {
                let told = (at, dispute_rank(status), Micros::from(cents) * CENT);
                let known = self.purchases.entry(purchase).or_default().disputes.entry(dispute).or_insert(told);
                *known = (*known).max(told);
            }
            Telling::Instrument { purchase, card } => drop(self.purchases.entry(purchase).or_default().cards.insert(card)),
            Telling::Spent { usage, who, cents, currency, at } => {
                let known = self.usages.entry(usage).or_insert(Usage { who, figures: BTreeSet::new(), currency, at });
                known.figures.insert(Micros::from(cents) * CENT);
            }
            Telling::Rental { earning, who, cents, at } => drop(self.rentals.insert(earning, (who, Micros::from(cents) * CENT, at))),
            Telling::Closed { who, at } => {
                let known = self.closed.entry(who).or_insert(at);
                *known = (*known).min(at);
            }
        }
    }
}

impl Purchase {
    fn bought(&mut self, credits: Option<i64>) {
        if let Some(cents) = credits {
            let told = Micros::from(cents) * CENT;
            self.credits = Some(self.credits.map_or(told, |known| known.min(told)));
        }
    }

    /// Who bought: the surest naming, where it is one.
    pub(super) fn buyer(&self) -> Option<Person> {
        let surest = if self.payers.is_empty() { &self.checkouts } else { &self.payers };
        surest.first().copied().filter(|_| surest.len() == 1)
    }

    /// The amount and time that count.
    pub(super) fn capture(&self) -> Option<(Micros, Time)> {
        let amount = self.captures.iter().map(|(amount, _)| *amount).min()?;
        let at = self.captures.iter().map(|(_, at)| *at).min()?;
        Some((amount, at))
    }

    /// What is left of the amount received.
    pub(super) fn net(&self, captured: Micros) -> Micros {
        let sum =
            |counting: bool| self.refunds.values().filter(|(rank, _)| (*rank <= 2) == counting).map(|(_, amount)| *amount).sum::<Micros>();
        let refunded = self.refunded.map_or_else(|| sum(true), |total| sum(true).max(total - sum(false)));
        let disputed: Micros = self.disputes.values().filter(|(_, rank, _)| [1, 3].contains(rank)).map(|(_, _, amount)| *amount).sum();
        (captured - refunded - disputed).max(0)
    }
}
