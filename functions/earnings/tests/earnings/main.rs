//! The function's doors, over a store in memory that is filled by the programme's own plans.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod credits;
mod door;
mod headline;
mod lines;
mod links;
mod support;
mod templates;
