//! Payout accounts: item `dest#{rail}` of an account.

use super::{Reader, json, time};
use crate::{
    StoreError,
    backend::{Condition, Item, Operation, Write},
    keys,
};
use ledger::AccountId;
use programme::payout::{Destination, PayoutAccount};

/// A payout account with what a rail needs to pay to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDestination {
    /// What decisions see and people are shown.
    pub account: PayoutAccount,
    /// What is paid to: never logged, never returned.
    pub destination: Destination,
}

impl StoredDestination {
    /// The write that keeps it as `owner`'s, where the version before still stands.
    #[must_use]
    pub fn write(&self, owner: &AccountId) -> Write {
        let item = Item::from([
            ("rail".into(), self.account.rail.as_str().into()),
            ("dig".into(), self.account.digest.as_str().into()),
            ("mask".into(), self.account.masked.as_str().into()),
            ("ver".into(), self.account.version.into()),
            ("at".into(), time(self.account.changed_at).into()),
            ("by".into(), self.account.changed_by.as_str().into()),
            ("val".into(), json(&self.destination)),
        ]);
        let key = keys::destination(owner, self.account.rail);
        match self.account.version {
            0 | 1 => Write::create(key, item),
            version => Write { key, conditions: vec![Condition::Equals("ver", (version - 1).into())], operation: Operation::Put(item) },
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        let account = PayoutAccount {
            rail: reader.parse("rail")?,
            digest: reader.text("dig")?.to_owned(),
            masked: reader.text("mask")?.to_owned(),
            version: u32::try_from(reader.count("ver")?).map_err(|_| reader.corrupt("ver"))?,
            changed_at: reader.parse("at")?,
            changed_by: reader.parse("by")?,
        };
        // What does not read is not told: it is somebody's destination.
        let destination = serde_json::from_str(reader.text("val")?).map_err(|_| reader.corrupt("val"))?;
        Ok(Self { account, destination })
    }
}

/// Checks, in a transaction, that a payout account is still the one that was decided on.
#[must_use]
pub fn unchanged(owner: &AccountId, account: &PayoutAccount) -> Write {
    let conditions = vec![Condition::Equals("ver", account.version.into())];
    Write { key: keys::destination(owner, account.rail), conditions, operation: Operation::Check }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_destination_reads_back_and_is_not_printed() {
        let destination = Destination::paypal_email("ann.smith@example.com").unwrap();
        let account = PayoutAccount {
            rail: destination.rail(),
            digest: "k1.00".into(),
            masked: destination.masked(),
            version: 2,
            changed_at: "2026-11-21T10:00:00Z".parse().unwrap(),
            changed_by: "alice".parse().unwrap(),
        };
        let stored = StoredDestination { account, destination };
        let write = stored.write(&"alice".parse().unwrap());
        assert_eq!(write.conditions, [Condition::Equals("ver", 1_u32.into())]);
        let Operation::Put(item) = write.operation else { panic!("a put") };
        assert!(!format!("{stored:?}").contains("smith"));
        assert_eq!(StoredDestination::read(&item), Ok(stored));
        let mut bent = item;
        bent.insert("val".into(), r#"{"kind":"cash","email":"ann.smith@example.com"}"#.into());
        let told = StoredDestination::read(&bent).unwrap_err().to_string();
        assert!(!told.contains("smith"), "{told}");
    }
}
