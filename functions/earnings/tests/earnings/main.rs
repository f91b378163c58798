//! The function's doors, over a store in memory that is filled by the programme's own plans.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod credits;
mod door;
mod headline;
mod lines;
mod links;
mod long_history;
mod me;
mod support;
mod templates;
