//! The payouts function: an account's payout accounts, its requests for cash, and what became of them.
//!
//! Everything here is the caller's own: another account's payout reads as one that does not exist.

mod app;
mod billing;
mod cancel;
mod csv;
mod destinations;
mod forms;
mod handler;
mod history;
mod onboarding;
mod request;
mod standing;
mod suspicion;
mod view;

pub use app::{App, Keys};
pub use handler::handle;
