//! The webhook function: `POST /webhooks/{source}`.
//!
//! It verifies the signature over the raw bytes, translates the event into the programme's facts and
//! hands them to the queue. 2xx means that the queue, or the quarantine, has them.
//!
//! A new source is one file in `sources` and its arm in `sources/mod.rs`.

mod app;
mod handler;
mod quarantine;
mod signature;
pub mod sources;
mod translation;

pub use app::App;
pub use handler::{BODY_BYTES_MAX, handle};
pub use signature::Refusal;
pub use translation::{Told, Unreadable};
