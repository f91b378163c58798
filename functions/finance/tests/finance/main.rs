//! The finance function, door by door, over a store in memory.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod accounts;
mod approvals;
mod doors;
mod faults;
mod reviews;
mod settings;
mod support;
