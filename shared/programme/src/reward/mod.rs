//! Rewards: what a purchase should have earned, and how to get there from what is posted.

mod posting;
mod target;

pub use posting::difference;
pub use target::{Outcome, Posting, Referrer, Reward, target};
