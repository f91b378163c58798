//! Rewards: what a purchase, or what a referee spent, should have earned, and how to get there from what is posted.

mod posting;
mod target;
mod usage;

pub use posting::{difference, usage_difference};
pub use target::{Outcome, Posting, Referrer, Reward, target};
pub use usage::{Counted, UsagePosting, spending_outcome, usage_target};
