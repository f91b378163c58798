//! Records as items and back. Attribute names are short: they are paid for by the byte.

pub mod account;
pub mod act;
pub mod billing;
pub mod book;
pub mod connected;
pub mod destination;
pub mod flag;
pub mod lease;
pub mod line;
pub mod month;
pub mod payout;
pub mod quarantine;
pub mod reconciliation;
pub mod reference;
pub mod referral;
pub mod review;
pub mod run;
pub mod seal;
pub mod settings;
pub mod switch;
pub mod voucher;

use crate::{
    StoreError,
    backend::{Item, Value},
};
use chrono::{DateTime, SecondsFormat, Utc};
use ledger::Money;
use rust_decimal::prelude::ToPrimitive;
use serde::de::DeserializeOwned;

/// A time as it is stored: UTC with milliseconds, so that texts sort as times.
#[must_use]
pub fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads an item's attributes, naming the record in every complaint.
pub struct Reader<'a> {
    item: &'a Item,
}

impl<'a> Reader<'a> {
    /// A reader of one item.
    #[must_use]
    pub const fn new(item: &'a Item) -> Self {
        Self { item }
    }

    fn part(&self, name: &str) -> String {
        self.item.get(name).and_then(Value::as_text).unwrap_or_default().to_owned()
    }

    /// A complaint about this record.
    #[must_use]
    pub fn corrupt(&self, reason: impl Into<String>) -> StoreError {
        StoreError::Corrupt { key: format!("{}/{}", self.part("pk"), self.part("sk")), reason: reason.into() }
    }

    /// A text that may be missing.
    ///
    /// # Errors
    /// Where the attribute is of another kind.
    pub fn text_or_none(&self, name: &str) -> Result<Option<&'a str>, StoreError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(value) => value.as_text().map(Some).ok_or_else(|| self.corrupt(format!("{name} is no text"))),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// Where it is missing or of another kind.
    pub fn text(&self, name: &str) -> Result<&'a str, StoreError> {
        self.text_or_none(name)?.ok_or_else(|| self.corrupt(format!("{name} is missing")))
    }

    /// A text that is something else in writing: an id, a currency, a day.
    ///
    /// # Errors
    /// Where it is missing or does not read.
    pub fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<T, StoreError> {
        self.text(name)?.parse().map_err(|error| self.corrupt(format!("{name}: {error}")))
    }

    /// As [`Reader::parse`], where it may be missing.
    ///
    /// # Errors
    /// Where it does not read.
    pub fn parse_or_none<T: std::str::FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<Option<T>, StoreError> {
        self.text_or_none(name)?.map(|text| text.parse().map_err(|error| self.corrupt(format!("{name}: {error}")))).transpose()
    }

    /// An amount; one that is missing is zero.
    ///
    /// # Errors
    /// Where it is no amount.
    pub fn money(&self, name: &str) -> Result<Money, StoreError> {
        match self.item.get(name) {
            None => Ok(Money::ZERO),
            Some(value) => {
                let number = value.as_number().ok_or_else(|| self.corrupt(format!("{name} is no number")))?;
                Money::try_new(number).map_err(|error| self.corrupt(format!("{name}: {error}")))
            }
        }
    }

    /// A count; one that is missing is zero.
    ///
    /// # Errors
    /// Where it is no whole number from 0.
    pub fn count(&self, name: &str) -> Result<u64, StoreError> {
        match self.item.get(name) {
            None => Ok(0),
            Some(value) => {
                let number = value.as_number().filter(|number| number.is_integer()).and_then(|number| number.to_u64());
                number.ok_or_else(|| self.corrupt(format!("{name} is no count")))
            }
        }
    }

    /// A truth value; one that is missing is false.
    ///
    /// # Errors
    /// Where it is of another kind.
    pub fn truth(&self, name: &str) -> Result<bool, StoreError> {
        match self.item.get(name) {
            None => Ok(false),
            Some(Value::Bool(truth)) => Ok(*truth),
            Some(Value::S(_) | Value::N(_) | Value::L(_) | Value::M(_)) => Err(self.corrupt(format!("{name} is no truth value"))),
        }
    }

    /// A small structure kept as JSON.
    ///
    /// # Errors
    /// Where it is missing or does not read.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        serde_json::from_str(self.text(name)?).map_err(|error| self.corrupt(format!("{name}: {error}")))
    }
}

/// A small structure as JSON. Our own structures always serialise: their keys are texts.
#[must_use]
pub fn json<T: serde::Serialize>(value: &T) -> Value {
    Value::S(serde_json::to_string(value).unwrap_or_default())
}
