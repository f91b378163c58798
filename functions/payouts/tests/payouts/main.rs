//! The payouts function, door by door, over a store in memory.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod concurrency;
mod destinations;
mod faults;
mod history;
mod request;
mod support;
