//! Runs: an order of finance to send payouts, with the list as it was frozen then. The list and what
//! was left out stand in parts of their own, sealed and never written again; the head alone tells
//! whether the run is done.

use super::{Reader, json, seal, time};
use crate::{
    StoreError,
    backend::{Condition, Item, Key, Operation, Write},
    keys,
};
use chrono::{DateTime, Utc};
use ledger::{AccountId, Currency, KeyRing, Money, Rail};
use programme::payout::{PayoutId, RunId};
use serde::{Deserialize, Serialize};

/// The most payouts in one run, and the most that it can tell it left out.
pub const RUN_MAX: usize = 2_000;

/// How many stand in one part: with the longest ids and addresses well below what an item holds.
const PART: usize = 400;

/// A run, without its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHead {
    /// Its id.
    pub id: RunId,
    /// Who of finance ordered it.
    pub by: AccountId,
    /// When.
    pub at: DateTime<Utc>,
    /// The digest of what was asked for: the same id with another one is another request.
    pub request: String,
    /// How many payouts it has.
    pub count: u32,
    /// Their sum.
    pub amount: Money,
    /// Its currency.
    pub currency: Currency,
    /// When it was found done; none: it is open.
    pub closed_at: Option<DateTime<Utc>>,
}

/// A payout in a run, as it was when the run was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEntry {
    /// Which.
    pub payout: PayoutId,
    /// Whose.
    pub account: AccountId,
    /// How much.
    pub amount: Money,
    /// By which rail.
    pub rail: Rail,
    /// Where to, masked.
    pub destination: String,
    /// Its version then.
    pub version: u32,
}

/// A payout that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Which.
    pub payout: PayoutId,
    /// Why: a rule's name.
    pub reason: String,
}

/// A run with its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Who ordered it, and whether it is done.
    pub head: RunHead,
    /// What it sends, in the order of the list.
    pub payouts: Vec<RunEntry>,
    /// What it does not.
    pub left_out: Vec<LeftOut>,
}

impl RunHead {
    fn item(&self, seal_keys: &KeyRing) -> Item {
        let key = keys::run(&self.id);
        let list = if self.closed_at.is_none() { keys::RUNS_OPEN } else { keys::RUNS_CLOSED };
        let mut item = Item::from([
            ("by".into(), self.by.as_str().into()),
            ("at".into(), time(self.at).into()),
            ("req".into(), self.request.as_str().into()),
            ("cnt".into(), self.count.into()),
            ("amt".into(), self.amount.into()),
            ("cur".into(), self.currency.as_str().into()),
            ("g2pk".into(), list.into()),
            ("g2sk".into(), format!("{}#{}", time(self.at), self.id).into()),
        ]);
        if let Some(closed_at) = self.closed_at {
            item.insert("end".into(), time(closed_at).into());
        }
        sealed(&key, item, seal_keys)
    }

    /// The write that closes it, where it is open.
    pub(crate) fn close(&self, at: DateTime<Utc>, seal_keys: &KeyRing) -> Write {
        let closed = Self { closed_at: Some(at), ..self.clone() };
        let conditions = vec![Condition::Equals("g2pk", keys::RUNS_OPEN.into())];
        Write { key: keys::run(&self.id), conditions, operation: Operation::Put(closed.item(seal_keys)) }
    }

    /// Reads a run's head.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        let id = reader.text("pk")?.strip_prefix("run#").and_then(|id| RunId::try_new(id).ok());
        Ok(Self {
            id: id.ok_or_else(|| reader.corrupt("no run"))?,
            by: reader.parse("by")?,
            at: reader.parse("at")?,
            request: reader.text("req")?.to_owned(),
            count: u32::try_from(reader.count("cnt")?).map_err(|_| reader.corrupt("cnt"))?,
            amount: reader.money("amt")?,
            currency: reader.parse("cur")?,
            closed_at: reader.parse_or_none("end")?,
        })
    }
}

impl Run {
    /// The writes that make it, its head first; each stands only where nothing does.
    pub(crate) fn create(&self, seal_keys: &KeyRing) -> Vec<Write> {
        let part = |key: Key, list| {
            let item = sealed(&key, Item::from([("list".into(), list)]), seal_keys);
            Write::create(key, item)
        };
        let payouts = self.payouts.chunks(PART).enumerate().map(|(place, list)| part(keys::run_part(&self.head.id, place), json(&list)));
        let left = self.left_out.chunks(PART).enumerate().map(|(place, list)| part(keys::run_left_out(&self.head.id, place), json(&list)));
        let head = Write::create(keys::run(&self.head.id), self.head.item(seal_keys));
        std::iter::once(head).chain(payouts).chain(left).collect()
    }

    /// Reads a run from all items of its partition; none where there is no head.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], also where its list is not the one that its head counts.
    pub fn read(items: &[Item]) -> Result<Option<Self>, StoreError> {
        let (mut head, mut payouts, mut left_out) = (None, Vec::new(), Vec::new());
        for item in items {
            let reader = Reader::new(item);
            match reader.text("sk")?.split_once('#') {
                None => head = Some(RunHead::read(item)?),
                Some(("p", _)) => payouts.extend(reader.json::<Vec<RunEntry>>("list")?),
                Some(("x", _)) => left_out.extend(reader.json::<Vec<LeftOut>>("list")?),
                Some(_) => return Err(reader.corrupt("no part of a run")),
            }
            if let Some(head) = &head
                && reader.text("pk")? != keys::run_partition(&head.id)
            {
                return Err(reader.corrupt("a part of another run"));
            }
        }
        let Some(head) = head else { return Ok(None) };
        let whole =
            usize::try_from(head.count) == Ok(payouts.len()) && payouts.iter().map(|entry| entry.amount).sum::<Money>() == head.amount;
        if whole {
            Ok(Some(Self { head, payouts, left_out }))
        } else {
            Err(StoreError::Corrupt { key: keys::run_partition(&head.id), reason: "its list is not the one that its head counts".into() })
        }
    }
}

/// An item with its key in it, sealed as a line is.
pub(crate) fn sealed(key: &Key, mut item: Item, seal_keys: &KeyRing) -> Item {
    item.insert("pk".into(), key.pk.as_str().into());
    item.insert("sk".into(), key.sk.as_str().into());
    seal::seal(&mut item, seal_keys);
    item
}
