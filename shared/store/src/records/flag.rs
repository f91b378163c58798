//! Purchases whose facts contradict each other, marked for finance. The marker only points: what is
//! known stands in the purchase's lines.

use super::{Reader, json, time};
use crate::{
    StoreError,
    backend::{Condition, Item, Operation, Write},
    keys,
};
use chrono::{DateTime, Utc};
use ledger::AccountId;
use programme::{fact::PurchaseId, purchase::Flag};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What finance makes of a flagged purchase: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagDecision {
    /// What the rules made of it by themselves is right.
    Accept,
}

/// Who decided what, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedFlag {
    /// What.
    pub decision: FlagDecision,
    /// Who.
    pub by: AccountId,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in the person's words.
    pub reason: String,
}

/// A flagged purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flagged {
    /// Which.
    pub purchase: PurchaseId,
    /// What is to be looked at.
    pub flags: BTreeSet<Flag>,
    /// The line that last raised it.
    pub line: u32,
    /// When.
    pub at: DateTime<Utc>,
    /// What finance decided about it; none: it is open.
    pub decided: Option<DecidedFlag>,
}

impl Flagged {
    /// The write that closes it, where it is open and no further contradiction has come.
    #[must_use]
    pub fn decide(&self, decided: DecidedFlag) -> Write {
        let after = Self { decided: Some(decided), ..self.clone() };
        let conditions = vec![Condition::Equals("line", self.line.into()), Condition::Equals("g2pk", keys::FLAGGED.into())];
        Write { key: keys::flag(&self.purchase), conditions, operation: Operation::Put(after.item()) }
    }

    fn item(&self) -> Item {
        let mut item =
            Item::from([("flags".into(), json(&self.flags)), ("line".into(), self.line.into()), ("at".into(), time(self.at).into())]);
        match &self.decided {
            Some(decided) => drop(item.insert("end".into(), json(decided))),
            None => {
                item.insert("g2pk".into(), keys::FLAGGED.into());
                item.insert("g2sk".into(), format!("{}#{}", time(self.at), self.purchase).into());
            }
        }
        item
    }
}

/// Writes the marker; a later one replaces it, and opens again what was decided.
#[must_use]
pub fn write(flagged: &Flagged) -> Write {
    Write::put(keys::flag(&flagged.purchase), flagged.item())
}

/// Reads a marker.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read(item: &Item) -> Result<Flagged, StoreError> {
    let reader = Reader::new(item);
    let purchase =
        reader.text("pk")?.strip_prefix("flag#").and_then(|name| name.parse().ok()).ok_or_else(|| reader.corrupt("no purchase"))?;
    let line = u32::try_from(reader.count("line")?).map_err(|_| reader.corrupt("line"))?;
    let decided = if item.contains_key("end") { Some(reader.json("end")?) } else { None };
    Ok(Flagged { purchase, flags: reader.json("flags")?, line, at: reader.parse("at")?, decided })
}
