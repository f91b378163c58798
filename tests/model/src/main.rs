//! Runs histories.
fn main() {}
