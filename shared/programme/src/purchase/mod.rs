//! A purchase as its facts tell it: merged so that every order and every number of deliveries ends
//! in the same state.

mod merge;
mod state;

pub use state::{CaptureSeen, DisputeSeen, Flag, PurchaseState, RefundSeen};
