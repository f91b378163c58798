//! What finance sees of a run.

use ledger::{AccountId, Currency, Money, Rail};
use programme::payout::{Payout, PayoutId, PayoutStatus, RunId};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use store::records::{
    run::{LeftOut, Run, RunEntry, RunHead},
    time,
};

/// A sum of payouts.
#[derive(Clone, Copy, Default, Serialize)]
pub(super) struct Sum {
    pub(super) count: usize,
    pub(super) amount: Money,
}

impl Sum {
    pub(super) fn of<'a>(amounts: impl Iterator<Item = &'a Money>) -> Self {
        amounts.fold(Self::default(), |sum, amount| Self { count: sum.count + 1, amount: sum.amount + *amount })
    }
}

#[derive(Serialize)]
struct RailSum {
    rail: &'static str,
    #[serde(flatten)]
    sum: Sum,
}

/// A payout in a run.
#[derive(Serialize)]
pub(super) struct EntryView {
    payout_id: PayoutId,
    account_id: AccountId,
    amount: Money,
    rail: &'static str,
    destination: String,
    version: u32,
    /// Where it stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Why it will be canceled rather than sent, as things stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expected: Option<&'static str>,
}

impl EntryView {
    fn of(entry: &RunEntry, now: Option<&Payout>) -> Self {
        Self {
            payout_id: entry.payout.clone(),
            account_id: entry.account.clone(),
            amount: entry.amount,
            rail: entry.rail.as_str(),
            destination: entry.destination.clone(),
            version: entry.version,
            status: now.map(|payout| payout.status.as_str()),
            reason: now.and_then(|payout| payout.reason.clone()),
            expected: None,
        }
    }
}

#[derive(Serialize)]
struct LeftOutView {
    payout_id: PayoutId,
    reason: String,
}

/// The list of a run, or of what would be one.
#[derive(Serialize)]
pub(super) struct ListView {
    count: usize,
    amount: Money,
    currency: Currency,
    by_rail: Vec<RailSum>,
    pub(super) payouts: Vec<EntryView>,
    left_out: Vec<LeftOutView>,
}

impl ListView {
    /// `now` has the payouts as they stand, where that is to be shown.
    pub(super) fn of(entries: &[RunEntry], left_out: &[LeftOut], currency: &Currency, now: &BTreeMap<PayoutId, Payout>) -> Self {
        let sum = Sum::of(entries.iter().map(|entry| &entry.amount));
        let left_out = left_out.iter().map(|left| LeftOutView { payout_id: left.payout.clone(), reason: left.reason.clone() });
        Self {
            count: sum.count,
            amount: sum.amount,
            currency: currency.clone(),
            by_rail: by_rail(entries),
            payouts: entries.iter().map(|entry| EntryView::of(entry, now.get(&entry.payout))).collect(),
            left_out: left_out.collect(),
        }
    }
}

fn by_rail(entries: &[RunEntry]) -> Vec<RailSum> {
    let mut amounts: BTreeMap<Rail, Vec<&Money>> = BTreeMap::new();
    for entry in entries {
        amounts.entry(entry.rail).or_default().push(&entry.amount);
    }
    amounts.into_iter().map(|(rail, amounts)| RailSum { rail: rail.as_str(), sum: Sum::of(amounts.into_iter()) }).collect()
}

/// A run without its list.
#[derive(Serialize)]
pub(super) struct HeadView {
    run_id: RunId,
    by: AccountId,
    at: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<String>,
}

impl HeadView {
    pub(super) fn of(head: &RunHead) -> Self {
        Self {
            run_id: head.id.clone(),
            by: head.by.clone(),
            at: time(head.at),
            state: if head.closed_at.is_none() { "open" } else { "closed" },
            closed_at: head.closed_at.map(time),
        }
    }
}

/// A run with its list.
#[derive(Serialize)]
pub(super) struct RunView {
    #[serde(flatten)]
    head: HeadView,
    dry_run: bool,
    /// How many of its payouts stand where.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Map<String, Value>>,
    #[serde(flatten)]
    list: ListView,
}

impl RunView {
    /// As it was ordered.
    pub(super) fn ordered(run: &Run) -> Self {
        Self::new(run, None, &BTreeMap::new())
    }

    /// As its payouts stand now.
    pub(super) fn now(run: &Run, payouts: &BTreeMap<PayoutId, Payout>) -> Self {
        Self::new(run, Some(progress(payouts)), payouts)
    }

    fn new(run: &Run, progress: Option<Map<String, Value>>, now: &BTreeMap<PayoutId, Payout>) -> Self {
        let list = ListView::of(&run.payouts, &run.left_out, &run.head.currency, now);
        Self { head: HeadView::of(&run.head), dry_run: false, progress, list }
    }
}

/// Every status that a payout of a run can have, with its count.
fn progress(payouts: &BTreeMap<PayoutId, Payout>) -> Map<String, Value> {
    let count = |status| payouts.values().filter(|payout| payout.status == status).count();
    let of_runs = PayoutStatus::ALL.into_iter().filter(|status| *status != PayoutStatus::Requested);
    of_runs.map(|status| (status.as_str().to_owned(), count(status).into())).collect()
}
