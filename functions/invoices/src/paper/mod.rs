//! Paper: a document in words becomes a PDF of A4 pages. Pure: the same document gives the same bytes.
//!
//! The file is PDF/A-2a and PDF/UA-1: its text can be selected, its fonts are embedded (only the signs that are used), its
//! structure is told to screen readers, and it refers to nothing outside of itself. The only time in it is the document's own.

mod compose;
mod document;
mod draw;
mod length;
mod sheet;
mod structure;
mod typeface;

pub use document::{Document, Fact, Item, Party, Total};
pub use typeface::FontError;

use typeface::Typeface;

/// Why a document could not be set: mistakes of ours, whatever its words are.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The fonts.
    #[error(transparent)]
    Font(#[from] FontError),
    /// The PDF writer, or the archival rules that it checks.
    #[error("the file can't be written: {0}")]
    Writer(String),
}

/// Sets a document and writes it as PDF.
///
/// # Errors
/// [`RenderError`]. No text makes one: what can't be shown is shown as a box.
pub fn render(document: &Document) -> Result<Vec<u8>, RenderError> {
    let typeface = Typeface::try_new()?;
    let sheet = compose::compose(document, &typeface);
    draw::draw(document, &sheet, &typeface)
}
