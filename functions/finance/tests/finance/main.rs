//! The finance function, door by door, over a store in memory.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod accounts;
mod approvals;
mod doors;
mod dossier;
mod exports;
mod faults;
mod flags;
mod pay;
mod reconciliation;
mod reviews;
mod runs;
mod runs_at_once;
mod settings;
mod support;
mod switch;
mod worker;
