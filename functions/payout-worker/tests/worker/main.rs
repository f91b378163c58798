//! The payout worker over tables in memory and rails that can be told to fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod crashes;
mod doubts;
mod leases;
mod money;
mod paying;
mod reconciling;
mod support;
mod sweeping;
