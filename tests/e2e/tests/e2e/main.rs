//! The story over HTTP, with the production binaries.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod crash;
mod demo;
mod paypal;
mod quarantine;
mod stripe;
