//! The referral programme's rules, pure: no AWS, no async, no environment, no clock. Time and ids
//! come in as values; a decision goes out as a [`plan::Plan`] that the store writes in one transaction.

pub mod account;
pub mod attribution;
#[cfg(feature = "bugs")]
pub mod bug;
pub mod cashable;
pub mod chart;
pub mod fact;
pub mod link;
pub mod payout;
pub mod plan;
pub mod purchase;
pub mod review;
pub mod reward;
pub mod settings;
pub mod signal;
pub mod visit;
pub mod wording;
