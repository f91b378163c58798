//! The webhook function: `POST /webhooks/{source}`, and for finance the replay of what was kept.
//!
//! It verifies the signature over the raw bytes, translates the event into the programme's facts, or into errands for the worker of
//! payouts, and hands them to their queue. 2xx means that the queue, or the quarantine, has them.
//!
//! A new source is one file in `sources` and its arm in `sources/mod.rs`.

mod app;
mod dead_letters;
mod desk;
mod handler;
mod messages;
mod replay;
mod signature;
pub mod sources;
mod translation;

pub use app::{App, Queues};
pub use desk::{Desk, answer};
pub use handler::{BODY_BYTES_MAX, handle};
pub use signature::Refusal;
pub use translation::{Told, Unreadable};
