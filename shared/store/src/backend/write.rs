//! Conditions and changes as values.

use super::{Item, Key, Value};
use rust_decimal::Decimal;

/// What must hold of the item as it is, for a write to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The attribute is not there (nor is the item).
    Absent(&'static str),
    /// The attribute is there.
    Present(&'static str),
    /// The attribute is there and equals.
    Equals(&'static str, Value),
    /// The attribute is absent or equals.
    AbsentOrEquals(&'static str, Value),
}

impl Condition {
    /// Whether it holds of an item.
    #[must_use]
    pub fn holds(&self, item: Option<&Item>) -> bool {
        let found = |name: &str| item.and_then(|item| item.get(name));
        match self {
            Self::Absent(name) => found(name).is_none(),
            Self::Present(name) => found(name).is_some(),
            Self::Equals(name, value) => found(name) == Some(value),
            Self::AbsentOrEquals(name, value) => found(name).is_none_or(|found| found == value),
        }
    }
}

/// One change of one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Set.
    Set(String, Value),
    /// Set where it is not there yet.
    SetOnce(String, Value),
    /// Add to a number; one that is not there counts as 0.
    Add(String, Decimal),
    /// Remove.
    Remove(String),
}

impl Change {
    /// The attribute.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Set(name, _) | Self::SetOnce(name, _) | Self::Add(name, _) | Self::Remove(name) => name,
        }
    }
}

/// What to do with an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Write it whole.
    Put(Item),
    /// Change some attributes; made where it is not there.
    Update(Vec<Change>),
    /// Delete it. Never a ledger line.
    Delete,
    /// Only check the conditions.
    Check,
}

/// One operation of a transaction, and what must hold for all of it to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Which item.
    pub key: Key,
    /// What must hold of it.
    pub conditions: Vec<Condition>,
    /// What to do.
    pub operation: Operation,
}

impl Write {
    /// Writes an item where there is none.
    #[must_use]
    pub fn create(key: Key, item: Item) -> Self {
        Self { key, conditions: vec![Condition::Absent("pk")], operation: Operation::Put(item) }
    }

    /// Writes an item, whatever is there.
    #[must_use]
    pub const fn put(key: Key, item: Item) -> Self {
        Self { key, conditions: Vec::new(), operation: Operation::Put(item) }
    }

    /// Changes an item where the conditions hold.
    #[must_use]
    pub const fn update(key: Key, conditions: Vec<Condition>, changes: Vec<Change>) -> Self {
        Self { key, conditions, operation: Operation::Update(changes) }
    }
}
