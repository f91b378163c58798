//! The daily reconciliation, in both directions: every payout that a rail should have against what the rail lists, and
//! every payment that a rail lists against our payouts. It changes nothing: what differs is kept as a report, counted for
//! an alarm, and handed to the payout worker to be looked up.

mod app;
mod compare;
mod gather;
mod handler;

pub use app::App;
pub use handler::handle;
