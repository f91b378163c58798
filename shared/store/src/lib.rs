//! The tables: keys, records, and one plan as one transaction.
//!
//! Domain code decides and hands over a plan; this crate writes it without further choices. It
//! talks to a [`backend::Backend`]: DynamoDB, or a table in memory with the same answers.

pub mod backend;
mod commit;
pub mod error;
pub mod keys;
pub mod records;
mod store;
mod tries;

pub use commit::{CommitError, Lost};
pub use error::StoreError;
pub use records::quarantine::{Kept, Quarantined};
pub use store::{
    ApprovedDay, ClickCounts, KeptAudit, ListPage, Listed, NewSignal, OwnLinks, PROGRAMME_CACHE_SECONDS, PayoutCommit, PayoutStep,
    RunOrdered, Signup, SignupOutcome, StepError, Store, attribution_changed,
};
pub use tries::{Attempt, TRIES_MAX, decide};
