//! The pages in a real browser. Skipped, with a word about it, where there is none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod axe;
mod first_page;
mod forms;
mod hostile;
mod story;
