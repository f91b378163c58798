//! Inter, in two weights: shaping, measuring, and what becomes of characters that it has no sign for.

use super::length::{Length, em};
use harfrust::{BufferFlags, Direction, Feature, FontRef, ShapeOptions, ShaperData, Tag, UnicodeBuffer};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use std::{borrow::Cow, ops::Range};

const REGULAR: &[u8] = include_bytes!("../../fonts/Inter-Regular.ttf");
const SEMIBOLD: &[u8] = include_bytes!("../../fonts/Inter-SemiBold.ttf");

/// Stands for a character that the typeface has no sign for.
pub(crate) const UNREADABLE: char = '\u{25a1}';
/// The longest text that is set, in characters: far above what any form takes.
const TEXT_MAX: usize = 2_000;

/// Which of the two cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Semibold,
}

/// Cut and size of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) weight: Weight,
    pub(crate) size: Length,
    /// Digits of one width, for columns of amounts. Its hyphens are as wide, so words go without.
    pub(crate) tabular: bool,
}

/// A text on one line, shaped: each glyph with its bytes of the text and its advance in font units.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) text: String,
    pub(crate) style: Style,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    pub(crate) width: Length,
    /// Whether something of it could not be shown.
    pub(crate) lossy: bool,
}

/// The typeface, parsed once per document.
pub(crate) struct Typeface {
    regular: Face,
    semibold: Face,
}

/// The built-in font files can't be read: a mistake of the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a built-in font can't be read")]
pub struct FontError;

struct Face {
    bytes: FontRef<'static>,
    shaper: ShaperData,
    font: Font,
}

/// A shaped glyph before it is fit for the PDF writer.
struct Shaped {
    glyph: u32,
    text: Range<usize>,
    advance: i32,
    shift: (i32, i32),
}

impl Typeface {
    pub(crate) fn try_new() -> Result<Self, FontError> {
        Ok(Self { regular: Face::try_new(REGULAR)?, semibold: Face::try_new(SEMIBOLD)? })
    }

    pub(crate) const fn font(&self, weight: Weight) -> &Font {
        &self.face(weight).font
    }

    const fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Semibold => &self.semibold,
        }
    }

    /// Sets a text on one line.
    pub(crate) fn run(&self, text: &str, style: Style) -> Run {
        let face = self.face(style.weight);
        let (text, lossy) = face.readable(text);
        let upem = face.units_per_em();
        let shaped = face.shape(&text, style.tabular);
        // A space at the end of a line is there for whoever copies the text, not for the eye.
        let seen = text.trim_end().len();
        let units = shaped.iter().filter(|glyph| glyph.text.start < seen).map(|glyph| glyph.advance).sum();
        let glyphs = shaped.into_iter().map(|glyph| glyph.scaled(upem)).collect();
        Run { width: style.size.of_units(units, upem), text: text.into_owned(), style, glyphs, lossy }
    }

    /// Sets a text on as many lines as it needs: broken at spaces, and inside of a word only where that alone is wider than a line.
    pub(crate) fn lines(&self, text: &str, style: Style, width: Length) -> Vec<Run> {
        let (text, lossy) = self.face(style.weight).readable(text);
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&longer, style) <= width {
                line = longer;
                continue;
            }
            lines.extend(Some(std::mem::take(&mut line)).filter(|line| !line.is_empty()));
            let mut pieces = self.pieces(word, style, width);
            line = pieces.pop().unwrap_or_default();
            lines.extend(pieces);
        }
        lines.extend(Some(line).filter(|line| !line.is_empty()));
        let last = lines.len().saturating_sub(1);
        let ended = |(at, line): (usize, String)| if at < last { format!("{line} ") } else { line };
        lines.into_iter().enumerate().map(|line| Run { lossy, ..self.run(&ended(line), style) }).collect()
    }

    /// Sets a text on one line of at most this width: what does not fit is cut, and the cut is shown.
    pub(crate) fn cut(&self, text: &str, style: Style, width: Length) -> Run {
        let whole = self.run(text, style);
        if whole.width <= width {
            return whole;
        }
        let mut lines = self.lines(text, style, width - style.size).into_iter();
        let first = lines.next().map(|line| line.text).unwrap_or_default();
        self.run(&format!("{}…", first.trim_end()), style)
    }

    fn width(&self, text: &str, style: Style) -> Length {
        let face = self.face(style.weight);
        style.size.of_units(face.shape(text, style.tabular).iter().map(|glyph| glyph.advance).sum(), face.units_per_em())
    }

    /// Cuts a word where a line is full, never between a letter and its accents.
    fn pieces(&self, word: &str, style: Style, width: Length) -> Vec<String> {
        let mut pieces = Vec::new();
        let mut from = 0;
        for glyph in self.face(style.weight).shape(word, style.tabular) {
            // Measured by itself: what a letter takes depends on its neighbours.
            let full = word.get(from..glyph.text.end).is_some_and(|piece| self.width(piece, style) > width);
            if full && glyph.text.start > from {
                pieces.extend(word.get(from..glyph.text.start).map(str::to_owned));
                from = glyph.text.start;
            }
        }
        pieces.extend(word.get(from..).map(str::to_owned));
        pieces
    }
}

impl Face {
    fn try_new(data: &'static [u8]) -> Result<Self, FontError> {
        let bytes = FontRef::new(data).map_err(|_| FontError)?;
        let font = Font::new(data.into(), 0).ok_or(FontError)?;
        Ok(Self { shaper: ShaperData::new(&bytes), bytes, font })
    }

    fn units_per_em(&self) -> i32 {
        self.shaper.shaper(&self.bytes).build().units_per_em()
    }

    fn shape(&self, text: &str, tabular: bool) -> Vec<Shaped> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        // What would run from right to left has no sign in this typeface, and is a box by now.
        buffer.set_direction(Direction::LeftToRight);
        buffer.guess_segment_properties();
        buffer.set_flags(BufferFlags::REMOVE_DEFAULT_IGNORABLES);
        let feature = |tag: &[u8; 4], value| Feature::new(Tag::new(tag), value, ..);
        // No sign in place of others: "->" is no arrow on an invoice.
        let features = [feature(b"tnum", u32::from(tabular)), feature(b"calt", 0), feature(b"liga", 0)];
        let shaper = self.shaper.shaper(&self.bytes).build();
        let buffer = shaper.shape(buffer, ShapeOptions::new().features(&features));
        let starts: Vec<usize> = buffer.glyph_infos().iter().map(|info| usize::try_from(info.cluster).unwrap_or(text.len())).collect();
        let end = |at: usize| {
            let start = starts.get(at).copied().unwrap_or_default();
            starts.iter().skip(at).copied().find(|next| *next > start).unwrap_or(text.len())
        };
        let placed = buffer.glyph_infos().iter().zip(buffer.glyph_positions());
        let glyphs = placed.zip(&starts).enumerate().map(|(at, ((info, place), start))| Shaped {
            glyph: info.glyph_id,
            text: *start..end(at),
            advance: place.x_advance,
            shift: (place.x_offset, place.y_offset),
        });
        glyphs.collect()
    }

    /// The text as this face can show it: on one line, without invisible signs, and a box for whatever it has no sign for.
    fn readable<'a>(&self, text: &'a str) -> (Cow<'a, str>, bool) {
        let plain = plain(text);
        let unknown: Vec<Range<usize>> =
            self.shape(&plain, false).into_iter().filter(|glyph| glyph.glyph == 0).map(|glyph| glyph.text).collect();
        let foreign = |at: usize| unknown.iter().any(|range| range.contains(&at));
        if unknown.is_empty() {
            let lossy = plain.contains(UNREADABLE) && !text.contains(UNREADABLE);
            return (plain, lossy);
        }
        let shown: String = plain.char_indices().map(|(at, char)| if foreign(at) { UNREADABLE } else { char }).collect();
        (Cow::Owned(shown), true)
    }
}

impl Shaped {
    fn scaled(self, units_per_em: i32) -> KrillaGlyph {
        let em = |units| em(units, units_per_em);
        let (x, y) = self.shift;
        KrillaGlyph {
            glyph_id: GlyphId::new(self.glyph),
            text_range: self.text,
            x_advance: em(self.advance),
            x_offset: em(x),
            y_offset: em(y),
            y_advance: em(0),
            location: None,
        }
    }
}

/// What is left when line ends are spaces, and everything that shows nothing, turns the direction of what follows or has
/// no meaning of its own is gone.
fn plain(text: &str) -> Cow<'_, str> {
    if text.len() <= TEXT_MAX && text.chars().all(|char| sign(char) == Some(char)) {
        return Cow::Borrowed(text);
    }
    let mut shown: String = text.chars().filter_map(sign).take(TEXT_MAX).collect();
    if text.chars().count() > TEXT_MAX {
        shown.push('…');
    }
    Cow::Owned(shown)
}

fn sign(char: char) -> Option<char> {
    match char {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        _ if char.is_control() => None,
        // Soft hyphens, joiners, marks and overrides of direction, invisible operators, selectors, tags.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' => None,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => None,
        '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => None,
        // Private use, and what is no character at all: fonts put anything there.
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. | '\u{fdd0}'..='\u{fdef}' | '\u{fffc}'..='\u{ffff}' => Some(UNREADABLE),
        _ if u32::from(char) & 0xfffe == 0xfffe => Some(UNREADABLE),
        char => Some(char),
    }
}

#[cfg(test)]
#[path = "typeface_tests.rs"]
mod tests;
