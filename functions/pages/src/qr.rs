//! A link as a QR code: one path of an SVG, so that it prints and scales. Its lines are a module wide, and each dark run
//! of a row is one of them.

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// The light frame that readers need around a code, in modules.
const QUIET: usize = 2;

/// The code of a text; nothing where the text is too long for one.
pub(crate) fn code(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return html! {} };
    let (width, modules) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in modules.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let dark = row.iter().skip(x).take_while(|module| **module == Color::Dark).count();
            if dark > 0 {
                // Writing to a text can't fail.
                let _ = write!(path, "M{} {}h{dark}", x + QUIET, y + QUIET);
            }
            x += dark.max(1);
        }
    }
    let side = width + 2 * QUIET;
    html! {
        svg.qr viewBox=(format!("0 -.5 {side} {side}")) role="img" aria-label=(label) shape-rendering="crispEdges" { path d=(path) {} }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_a_code_and_a_book_is_none() {
        let markup = code("https://example.com/r/K7QMX2P8", "QR code of your link").into_string();
        assert!(markup.starts_with("<svg class=\"qr\" viewBox=\"0 -.5 ") && markup.len() < 3_000, "{}", markup.len());
        assert_eq!(code(&"x".repeat(5_000), "").into_string(), "");
    }
}
