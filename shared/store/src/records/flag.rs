//! Purchases whose facts contradict each other, marked for finance. The marker only points: what is
//! known stands in the purchase's lines.

use super::{Reader, json, time};
use crate::{
    StoreError,
    backend::{Item, Key, Table, Write},
    keys,
};
use chrono::{DateTime, Utc};
use programme::{fact::PurchaseId, purchase::Flag};
use std::collections::BTreeSet;

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
}

/// Writes the marker; a later one replaces it.
#[must_use]
pub fn write(flagged: &Flagged) -> Write {
    let key = Key { table: Table::Ledger, pk: format!("flag#{}", flagged.purchase), sk: "-".into() };
    let item = Item::from([
        ("flags".into(), json(&flagged.flags)),
        ("line".into(), flagged.line.into()),
        ("at".into(), time(flagged.at).into()),
        ("g2pk".into(), keys::FLAGGED.into()),
        ("g2sk".into(), format!("{}#{}", time(flagged.at), flagged.purchase).into()),
    ]);
    Write::put(key, item)
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
    Ok(Flagged { purchase, flags: reader.json("flags")?, line, at: reader.parse("at")? })
}
