//! The pages over an API whose answers the tests have at hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod content;
mod desk;
mod desk_forms;
mod desk_hostile;
mod desk_orders;
mod desk_sample;
mod forms;
mod hostile;
mod safety;
mod sample;
mod sign_in;
mod support;
