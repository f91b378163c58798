//! The finance function: people of the group `finance` decide about payouts, reviews, rates and
//! settings. Every act is written to the audit trail in the transaction that does it, and nobody
//! acts on what is their own.

mod accounts;
mod acts;
mod app;
mod approve;
mod flags;
mod handler;
mod payouts;
mod programme_settings;
mod quarantine;
mod rate;
mod reject;
mod reviews;
mod versions;
mod view;

pub use app::App;
pub use handler::handle;
