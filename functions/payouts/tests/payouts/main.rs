//! The payouts function, door by door, over a store in memory.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod billing;
mod concurrency;
mod destinations;
mod faults;
mod history;
mod onboarding;
mod papers;
mod request;
mod support;
