//! The webhook function: `POST /webhooks/{source}`, and for finance the replay of what was kept.
//!
//! It verifies the signature over the raw bytes, translates the event into the programme's facts and
//! hands them to the queue. 2xx means that the queue, or the quarantine, has them.
//!
//! A new source is one file in `sources` and its arm in `sources/mod.rs`.

mod app;
mod dead_letters;
mod desk;
mod handler;
mod replay;
mod signature;
pub mod sources;
mod translation;

pub use app::App;
pub use desk::{Desk, answer};
pub use handler::{BODY_BYTES_MAX, handle};
pub use signature::Refusal;
pub use translation::{Told, Unreadable};
