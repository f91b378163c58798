//! The invoices function: what is on paper, and who may have it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod door;
mod paper;
mod reader;
mod sample;
mod support;
