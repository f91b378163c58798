//! The accrual against the tables in memory: every order, repetition, interleaving and fault ends in
//! the same books, and the checker finds them in order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faults;
mod rules;
mod support;
mod usage;
