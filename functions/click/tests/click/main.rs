//! The click function from outside: its door, what it hands out and keeps, and a store that is slow or away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod door;
mod kept;
mod receipts;
mod slow;
mod support;
