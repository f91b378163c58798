//! The signup function from outside: its door, its referrals, its races, and a store or queue that fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod door;
mod outages;
mod races;
mod referrals;
mod support;
