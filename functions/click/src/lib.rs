//! The click function: `GET /r/{code}` and `GET /r/{code}/t/{template}`.
//!
//! It sends the visitor on, at once whatever the store does, with a signed receipt that the signup
//! credits later. A visit costs one write; codes, templates and settings are kept for a minute.

mod app;
mod cache;
mod destination;
mod handler;
mod lookup;
mod record;

pub use app::{App, Parts};
pub use handler::{BUDGET, handle};
