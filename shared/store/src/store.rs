//! The store as the functions use it: typed reads by key or by a bounded query, and plans.

mod accounts;
mod acts;
mod audits;
mod connect;
mod flags;
mod leases;
mod lines;
mod lists;
mod payees;
mod payouts;
mod quarantine;
mod reconciliations;
mod referrals;
mod reviews;
mod rollup;
mod runs;
mod settings;
mod signup;
mod steps;
mod templates;

use crate::{
    CommitError,
    backend::{Backend, Write, memory::Memory},
    commit,
};
use ledger::KeyRing;
use programme::plan::Plan;
use std::sync::Arc;

pub use self::acts::ApprovedDay;
pub use self::audits::KeptAudit;
pub use self::lists::{ListPage, Listed};
pub use self::payouts::PayoutStep;
pub use self::reviews::attribution_changed;
pub use self::rollup::ClickCounts;
pub use self::runs::RunOrdered;
pub use self::settings::PROGRAMME_CACHE_SECONDS;
pub use self::signup::{NewSignal, Signup, SignupOutcome};
pub use self::steps::{PayoutCommit, StepError};
pub use self::templates::OwnLinks;

/// The three tables and the key that seals ledger records.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
    seal_keys: Arc<KeyRing>,
    programme: Arc<settings::ProgrammeCache>,
}

impl Store {
    /// A store over a backend.
    #[must_use]
    pub fn new(backend: Arc<dyn Backend>, seal_keys: KeyRing) -> Self {
        Self { backend, seal_keys: Arc::new(seal_keys), programme: Arc::default() }
    }

    /// A store in memory, for tests and the model.
    #[must_use]
    pub fn in_memory(seal_keys: KeyRing) -> (Self, Arc<Memory>) {
        let memory = Arc::new(Memory::new());
        (Self::new(memory.clone(), seal_keys), memory)
    }

    /// The tables themselves.
    #[must_use]
    pub fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    /// The keys that seal ledger records.
    #[must_use]
    pub fn seal_keys(&self) -> &KeyRing {
        &self.seal_keys
    }

    /// Writes a plan in one transaction.
    ///
    /// # Errors
    /// [`CommitError`]: lost claims, a busy store, a refusal.
    pub async fn commit(&self, plan: &Plan) -> Result<(), CommitError> {
        commit::commit(self.backend(), plan, &[], &self.seal_keys).await
    }

    /// Writes a plan and other items with it in one transaction. A lost condition of those is told
    /// as [`crate::Lost::Beside`] with its place.
    ///
    /// # Errors
    /// [`CommitError`].
    pub async fn commit_with(&self, plan: &Plan, beside: &[Write]) -> Result<(), CommitError> {
        commit::commit(self.backend(), plan, beside, &self.seal_keys).await
    }

    /// How many operations of a transaction's 100 a plan takes.
    #[must_use]
    pub fn size(plan: &Plan) -> usize {
        commit::size(plan)
    }
}
