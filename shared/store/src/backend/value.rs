//! Attribute values: only those kinds that the records use.

use ledger::Money;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    S(String),
    /// A number, exact. Every amount is one: as texts, "9.00" would be above "10.50".
    N(Decimal),
    /// A truth value.
    Bool(bool),
    /// A list.
    L(Vec<Value>),
    /// A map.
    M(Item),
}

/// The attributes of an item.
pub type Item = BTreeMap<String, Value>;

impl Value {
    /// A text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::S(text) => Some(text),
            Self::N(_) | Self::Bool(_) | Self::L(_) | Self::M(_) => None,
        }
    }

    /// A number, if it is one.
    #[must_use]
    pub const fn as_number(&self) -> Option<Decimal> {
        match self {
            Self::N(number) => Some(*number),
            Self::S(_) | Self::Bool(_) | Self::L(_) | Self::M(_) => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::S(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::S(text)
    }
}
impl From<Money> for Value {
    fn from(amount: Money) -> Self {
        Self::N(amount.decimal().normalize())
    }
}
impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::N(number.into())
    }
}
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::N(number.into())
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::N(number.into())
    }
}
impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}
