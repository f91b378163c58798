//! The payout worker: approved payouts to the rails, and what became of them.
//!
//! Whoever works on a payout holds its lease, and every step that is written checks that the lease still is the
//! writer's. The intent to pay stands in the ledger before a rail is called; what the rail says, by whatever way, becomes
//! steps by one pure function (`programme::payout::decide`). So the answers of calls, the hints of webhooks and the
//! regular look at what is open are the same thing, and their order and number do not matter. A rail is never called
//! with a second key, and where nothing is known, nothing is concluded.

mod accounts;
mod app;
mod batch;
mod call;
mod intend;
mod leave;
mod runs;
mod steps;
mod sweep;
mod work;

pub use app::App;
pub use batch::handle;
pub use sweep::sweep;
