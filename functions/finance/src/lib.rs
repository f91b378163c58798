//! The finance function: people of the group `finance` decide about payouts, reviews, rates and
//! settings. Every act is written to the audit trail in the transaction that does it, and nobody
//! acts on what is their own.

mod accounts;
mod acts;
mod app;
mod approve;
mod dossier;
mod export;
mod flag_decide;
mod flags;
mod handler;
mod payee;
mod payouts;
mod programme_settings;
mod quarantine;
mod rate;
mod reconciliation;
mod refunds;
mod reject;
mod reviews;
mod runs;
mod signals;
mod summary;
mod switch;
mod timeline;
mod versions;
mod view;

pub use app::App;
pub use handler::handle;
