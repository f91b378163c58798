//! The rollup function: every minute, raw clicks become the day figures of the charts.
//!
//! A minute is counted once it is closed, each of its parts together with a claim, so that runs may
//! overlap, die anywhere and be repeated. A cursor says up to where; click figures may lag behind.

mod app;
mod handler;

pub use app::App;
pub use handler::{FIRST_RUN_MINUTES, MINUTES_MAX, handle};
