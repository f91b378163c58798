//! The accrual: facts from the queue become ledger lines.
//!
//! Facts arrive late, twice and in any order. Those of one purchase are merged, the reward that the
//! purchase should have is computed from the merged state, and the difference to what is posted is
//! posted: claim, effect and trail in one transaction. Purchases of one referrer share a transaction.
//! What fails is told by message, so that the rest of a batch is never held up.

mod app;
mod batch;
mod commit;
mod flags;
mod instruments;
mod purchases;
mod settle;
mod single;
mod views;

pub use app::App;
pub use batch::handle;
