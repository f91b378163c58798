//! The checker checked: it finds whatever is bent, and nothing where nothing is, also while others write.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod bend;
mod bounds;
mod cut;
mod desk;
mod kept;
mod sending;
mod story;
mod tables;
mod usage;
