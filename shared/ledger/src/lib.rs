//! Money, ledger accounts and transfers: the smallest and strictest crate.
//!
//! It knows no AWS, no async, no environment and no clock. Everything in it is a value.

mod account;
mod ids;
mod keyring;
mod money;
mod transfer;

pub use account::LedgerAccount;
pub use ids::{AccountId, Currency, IdError, Rail, TemplateId};
pub use keyring::{KeyRing, KeyRingError, KeyedMac};
pub use money::{AMOUNT_MAX, Money, MoneyError, Rate};
pub use transfer::{Transfer, TransferError, TransferKind};
