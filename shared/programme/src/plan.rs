//! A plan: everything one decision writes, in one transaction. The store adds no choice of its own.

mod line;
mod moves;
mod purchase;
mod single;
mod spending;
mod usage;

pub use line::{Body, Line, PostedPurchase, PostedSpending, PostedUsage, Subject};
pub use moves::{AccountMove, DayKey, Moves};
pub use purchase::{BuyerView, Views, purchase_line};
pub use single::rental_line;
pub use spending::spending_line;

use crate::reward::Counted;
use ledger::AccountId;
use std::collections::BTreeMap;

/// What a write was decided on, checked again as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The account's attribution is still this version; none: it has not signed up.
    Attribution(Option<u32>),
    /// Nothing has lowered what is cashable since.
    CashVersion(u64),
}

/// Lines to append, what they move, and what must still hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// New ledger lines; each is written only if none stands under its number.
    pub lines: Vec<Line>,
    /// The sum of what they move.
    pub moves: Moves,
    /// By account, what must still hold.
    pub guards: BTreeMap<AccountId, Guard>,
    /// By referee, what the lines add to what counts for its reward by usage, until [`Plan::reward_usage`] makes lines of it.
    /// With nothing added, the reward is only to be looked at again.
    pub counted: BTreeMap<AccountId, Vec<Counted>>,
}

impl Plan {
    /// Takes another decision into the same transaction.
    pub fn add(&mut self, other: Self) {
        self.lines.extend(other.lines);
        self.moves.merge(other.moves);
        self.guards.extend(other.guards);
        other.counted.into_iter().for_each(|(referee, counted)| self.counted.entry(referee).or_default().extend(counted));
    }

    /// Whether there is anything to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}
