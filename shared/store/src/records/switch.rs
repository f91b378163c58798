//! The kill switch: item `programme/switch`. Where nobody ever touched it, it is on.

use super::{Reader, time};
use crate::{
    StoreError,
    backend::{Condition, Item, Operation, Write},
    keys,
};
use chrono::{DateTime, Utc};
use ledger::AccountId;

/// Who turned the switch last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    /// Who.
    pub by: AccountId,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in that person's words.
    pub reason: String,
}

/// The switch as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// Whether payouts go out, as far as the switch has it: the settings must say so too.
    pub payouts_enabled: bool,
    /// Counts its turns.
    pub version: u64,
    /// Who turned it last; none: nobody ever did.
    pub turned: Option<Turned>,
}

impl Default for Switch {
    fn default() -> Self {
        Self { payouts_enabled: true, version: 0, turned: None }
    }
}

impl Switch {
    /// The switch after somebody turned it.
    #[must_use]
    pub const fn after(&self, payouts_enabled: bool, turned: Turned) -> Self {
        Self { payouts_enabled, version: self.version + 1, turned: Some(turned) }
    }

    /// The write that keeps it, where the version before still stands.
    #[must_use]
    pub fn write(&self) -> Write {
        let mut item = Item::from([("on".into(), self.payouts_enabled.into()), ("ver".into(), self.version.into())]);
        if let Some(turned) = &self.turned {
            item.insert("by".into(), turned.by.as_str().into());
            item.insert("at".into(), time(turned.at).into());
            item.insert("why".into(), turned.reason.as_str().into());
        }
        let condition = if self.version <= 1 { Condition::Absent("ver") } else { Condition::Equals("ver", (self.version - 1).into()) };
        Write { key: keys::switch(), conditions: vec![condition], operation: Operation::Put(item) }
    }

    /// Reads the switch.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`]: what does not read lets nothing out.
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        let turned = match reader.parse_or_none("by")? {
            Some(by) => Some(Turned { by, at: reader.parse("at")?, reason: reader.text("why")?.to_owned() }),
            None => None,
        };
        // A missing mark reads as off.
        Ok(Self { payouts_enabled: reader.truth("on")?, version: reader.count("ver")?, turned })
    }
}
