//! The accrual: facts from the queue become ledger lines.
//!
//! Facts arrive late, twice and in any order. Those of one purchase are merged, the reward that the
//! purchase should have is computed from the merged state, and the difference to what is posted is
//! posted: claim, effect and trail in one transaction. Purchases of one referrer share a transaction.
//! Usage and rent are posted once by their ids. Where a referral earns by usage, what was bought and spent
//! counts for its reward in the transaction that posts it.
//! What fails is told by message, so that the rest of a batch is never held up.

mod app;
mod batch;
mod closing;
mod commit;
mod decide;
mod flags;
mod instruments;
mod post;
mod read;
mod settle;
mod unpostable;
mod views;
mod work;

pub use app::App;
pub use batch::handle;
