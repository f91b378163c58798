//! Payouts over HTTP, with the production binaries and the stand-ins of the rails: many at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod desk;
mod requests;
mod run;
