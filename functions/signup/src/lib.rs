//! The signup function: `POST /signups`.
//!
//! It creates the account, its code and its attribution in one transaction, once: the same call
//! answers the same. A referral that is refused is told in the answer; it never fails the signup.

mod app;
mod decision;
mod enrol;
mod handler;
mod signals;

pub use app::{App, Parts};
pub use handler::handle;
