//! How a payee is named on invoices: item `billing` of an account.

use super::{Reader, json, time};
use crate::{
    StoreError,
    backend::{Item, Write},
    keys,
};
use chrono::{DateTime, Utc};
use ledger::AccountId;
use programme::payout::Billing;

/// The write that keeps these details, whatever stood there: invoices have their own copy.
#[must_use]
pub fn write(account: &AccountId, billing: &Billing, at: DateTime<Utc>) -> Write {
    let item = Item::from([("val".into(), json(billing)), ("at".into(), time(at).into())]);
    Write::put(keys::billing(account), item)
}

/// Reads the details.
///
/// # Errors
/// [`StoreError::Corrupt`], which tells nothing of them.
pub fn read(item: &Item) -> Result<Billing, StoreError> {
    let reader = Reader::new(item);
    serde_json::from_str(reader.text("val")?).map_err(|_| reader.corrupt("val"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::backend::Operation;

    #[test]
    fn details_read_back_and_are_not_told() {
        let billing = Billing { name: "Ann Smith".into(), address: vec!["1 High Street".into()], country: "GB".into(), tax_id: None };
        let Operation::Put(mut item) = write(&"alice".parse().unwrap(), &billing, "2026-11-21T10:00:00Z".parse().unwrap()).operation else {
            panic!("a put")
        };
        assert_eq!(read(&item), Ok(billing));
        item.insert("val".into(), r#"{"name":"Ann Smith","more":1}"#.into());
        let told = read(&item).unwrap_err().to_string();
        assert!(!told.contains("Smith"), "{told}");
    }
}
