//! The stand-ins of the rails over HTTP, as a client of the providers' sees them.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod bench;
mod clients;
mod destinations;
mod door;
mod durable;
mod faults;
mod onboarding;
mod paypal;
mod stripe;
mod webhooks;
mod wise;
