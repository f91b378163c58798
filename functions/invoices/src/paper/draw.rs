//! Marks on pages become a PDF.

use super::{
    Document, RenderError,
    length::Length,
    sheet::{FOOT, Ink, LEFT, Mark, PAGE, RIGHT, SMALL, Sheet},
    structure::{self, Drawn},
    typeface::{Run, Typeface},
};
use chrono::{Datelike, Timelike};
use krilla::{
    SerializeSettings,
    color::rgb,
    configure::{Accessibility, Archival, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata},
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Fill,
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, SpanTag},
};

/// The language of the words that are ours.
const LANGUAGE: &str = "en";
/// What wrote the file.
const PRODUCER: &str = "referral invoices";

/// Writes the pages, their structure and the file's properties.
pub(crate) fn draw(document: &Document, sheet: &Sheet<'_>, typeface: &Typeface) -> Result<Vec<u8>, RenderError> {
    let mut pdf = krilla::Document::new_with(settings()?);
    let mut drawn = Drawn::new();
    let foot = Foot { text: typeface.cut(&document.footer, SMALL, RIGHT - LEFT - Length::pt(70)), pages: sheet.pages.len() };
    for (number, marks) in sheet.pages.iter().enumerate() {
        let size = PageSettings::from_wh(PAGE.0.points(), PAGE.1.points()).ok_or_else(|| writer("the page has no size"))?;
        let mut page = pdf.start_page_with(size);
        let mut surface = page.surface();
        for mark in marks {
            put(&mut surface, typeface, mark, &mut drawn);
        }
        foot.put(&mut surface, typeface, number + 1);
        surface.finish();
        page.finish();
    }
    pdf.set_tag_tree(structure::tree(&sheet.blocks, drawn, LANGUAGE));
    pdf.set_metadata(properties(document));
    let mut outline = Outline::new();
    let start = XyzDestination::new(0, Point::from_xy(Length::ZERO.points(), Length::ZERO.points()));
    outline.push_child(OutlineNode::new(title(document), start));
    pdf.set_outline(outline);
    pdf.finish().map_err(|error| writer(format!("{error:?}")))
}

fn writer(what: impl Into<String>) -> RenderError {
    RenderError::Writer(what.into())
}

/// Archival and accessible: what the writer finds against one of the two makes no file at all.
fn settings() -> Result<SerializeSettings, RenderError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| writer(format!("{error:?}")))?;
    Ok(SerializeSettings { configuration, ..SerializeSettings::default() })
}

fn title(document: &Document) -> String {
    format!("{} {}", document.title, document.number)
}

/// The file's properties. The writer makes the file's ids from these and from its bytes: no clock, no chance.
fn properties(document: &Document) -> Metadata {
    let at = document.issued_at;
    let part = |value: u32| u8::try_from(value).unwrap_or_default();
    let date = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0);
    Metadata::new()
        .title(title(document))
        .authors(vec![document.author.clone()])
        .producer(PRODUCER.to_owned())
        .document_id(document.number.clone())
        .language(LANGUAGE.to_owned())
        .creation_date(date)
}

fn put(surface: &mut Surface<'_>, typeface: &Typeface, mark: &Mark, drawn: &mut Drawn) {
    match mark {
        Mark::Text { x, y, run, ink, place: Some(place) } => {
            let identifier = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            text(surface, typeface, (*x, *y), run, *ink);
            surface.end_tagged();
            drawn.entry(*place).or_default().push(identifier);
        }
        Mark::Text { x, y, run, ink, place: None } => {
            artifact(surface, ArtifactType::Header);
            text(surface, typeface, (*x, *y), run, *ink);
            surface.end_tagged();
        }
        Mark::Bar { x, y, width, height, ink } => {
            artifact(surface, ArtifactType::Layout);
            bar(surface, (*x, *y), (*width, *height), *ink);
            surface.end_tagged();
        }
    }
}

/// The foot of every page.
struct Foot {
    text: Run,
    pages: usize,
}

impl Foot {
    fn put(&self, surface: &mut Surface<'_>, typeface: &Typeface, number: usize) {
        artifact(surface, ArtifactType::Footer);
        bar(surface, (LEFT, FOOT), (RIGHT - LEFT, Length::tenths(5)), Ink::Pale);
        let y = FOOT + Length::pt(16);
        text(surface, typeface, (LEFT, y), &self.text, Ink::Grey);
        let page = typeface.run(&format!("Page {number} of {}", self.pages), SMALL);
        text(surface, typeface, (RIGHT - page.width, y), &page, Ink::Grey);
        surface.end_tagged();
    }
}

fn artifact(surface: &mut Surface<'_>, kind: ArtifactType) {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
}

fn text(surface: &mut Surface<'_>, typeface: &Typeface, at: (Length, Length), run: &Run, ink: Ink) {
    surface.set_fill(Some(fill(ink)));
    let start = Point::from_xy(at.0.points(), at.1.points());
    let font = typeface.font(run.style.weight).clone();
    surface.draw_glyphs(start, &run.glyphs, font, &run.text, run.style.size.points(), false);
}

fn bar(surface: &mut Surface<'_>, at: (Length, Length), size: (Length, Length), ink: Ink) {
    let rect = Rect::from_xywh(at.0.points(), at.1.points(), size.0.points(), size.1.points());
    let mut path = PathBuilder::new();
    rect.into_iter().for_each(|rect| path.push_rect(rect));
    if let Some(path) = path.finish() {
        surface.set_fill(Some(fill(ink)));
        surface.draw_path(&path);
    }
}

fn fill(ink: Ink) -> Fill {
    let color = match ink {
        Ink::Dark => rgb::Color::new(0x14, 0x1b, 0x2d),
        Ink::Grey => rgb::Color::new(0x5d, 0x67, 0x7a),
        Ink::Pale => rgb::Color::new(0xd9, 0xde, 0xe6),
        Ink::Accent => rgb::Color::new(0x1f, 0x4f, 0x9e),
    };
    Fill { paint: color.into(), ..Fill::default() }
}
