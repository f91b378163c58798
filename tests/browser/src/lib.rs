//! The pages as a person meets them: Debian's Chromium, driven by WebDriver over the real stack.
//!
//! [`Driver`] starts and ends `chromedriver`, [`Browser`] is one window with its own cookies, [`Stage`] is a local stack with
//! people in it, and [`sights`] is the list of every page in every state, which the screenshots and the check of
//! accessibility go through.
//!
//! `cargo test --workspace --test browser` says that it is skipped where Chromium or `chromedriver` is missing.
//! `cargo run --bin screenshots` puts a picture of every page into `target/screenshots`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

pub mod axe;
mod browser;
mod cast;
mod driver;
mod screen;
pub mod sights;
mod stage;
mod wire;

use std::io::{self, Write as _};

pub use browser::Browser;
pub use cast::Cast;
pub use driver::{Driver, Script};
pub use screen::{Screen, Theme, WIDTHS};
pub use stage::{Stage, until};

/// The driver; or nothing, once it is said that this test is skipped, and why.
pub async fn driver(test: &str) -> Option<Driver> {
    match Driver::start().await {
        Ok(driver) => Some(driver),
        Err(missing) => {
            said(&format!("{test}: skipped: {missing}"));
            None
        }
    }
}

/// Tells something that is to be seen although the test passes: what `eprintln!` says is shown of failed tests only.
pub fn said(words: &str) {
    writeln!(io::stderr(), "{words}").expect("standard error takes it");
}
