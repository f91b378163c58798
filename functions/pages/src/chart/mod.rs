//! Charts, drawn on the server as SVG, each with its figures as a table behind it.
//!
//! Horizontal places are percentages and vertical ones are pixels: the drawing is as wide as its page, and its letters
//! keep their size. All of it is whole numbers.

mod bars;
mod scale;
mod spark;

pub(crate) use bars::{Bar, Bars};
pub(crate) use spark::sparkline;
