//! The webhook function from outside: its door, its translations, and what strangers may throw at it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::as_conversions)]

mod authority;
mod dead_letters;
mod door;
mod hostile;
mod paypal;
mod paypal_door;
mod platform;
mod rails;
mod replay;
mod samples;
mod stripe;
mod support;
mod wise;
