#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

const STYLE: Style = Style { weight: Weight::Regular, size: Length::pt(10), tabular: false };

fn typeface() -> Typeface {
    Typeface::try_new().unwrap()
}

fn texts(lines: &[Run]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn the_scripts_of_europe_have_their_signs_in_both_weights() {
    let signs = "ÀÉÎÕÜßæø ĀČĘĞĦŁŐŘŞŤŮŻ ĂȘȚ ẠỆỮ ΑΒΓΔΩάέήίόύώ АБВГДЯЁЄІЇЎЂЉ €£¥₴₽₺ – — … · ’ “ ” „ № □";
    for weight in [Weight::Regular, Weight::Semibold] {
        let run = typeface().run(signs, Style { weight, ..STYLE });
        assert_eq!((run.text.as_str(), run.lossy), (signs, false), "{weight:?}");
        assert!(run.glyphs.iter().all(|glyph| glyph.glyph_id != GlyphId::new(0)));
    }
}

#[test]
fn what_has_no_sign_is_a_box_and_what_shows_nothing_is_gone() {
    for (text, shown, lossy) in [
        ("Ana Lovrić", "Ana Lovrić", false),
        ("Zoe\u{308}", "Zoe\u{308}", false),
        ("李小龍 Li", "□□□ Li", true),
        ("שלום", "□□□□", true),
        ("one\r\ntwo\tthree\u{2028}four", "one  two three four", false),
        ("a\u{0}b\u{7}c\u{1b}[31m", "abc[31m", false),
        ("evil\u{202e}fdp.exe", "evilfdp.exe", false),
        ("zero\u{200b}width\u{feff}soft\u{ad}hyphen", "zerowidthsofthyphen", false),
        ("\u{e000}\u{fffe}\u{10ffff}\u{fffd}", "□□□□", true),
        ("<script>alert(1)</script> -> (a)", "<script>alert(1)</script> -> (a)", false),
        ("our own □", "our own □", false),
        ("", "", false),
    ] {
        let run = typeface().run(text, STYLE);
        assert_eq!((run.text.as_str(), run.lossy), (shown, lossy), "{text:?}");
        assert!(run.glyphs.iter().all(|glyph| glyph.glyph_id != GlyphId::new(0)), "{text:?}");
    }
    let long = typeface().run(&"x".repeat(TEXT_MAX + 5), STYLE);
    assert_eq!(long.text.chars().count(), TEXT_MAX + 1);
    assert!(long.text.ends_with('…'));
}

#[test]
fn lines_break_at_spaces_and_inside_of_a_word_only_where_they_must() {
    let (typeface, width) = (typeface(), Length::pt(60));
    assert_eq!(texts(&typeface.lines("Supplied by  the platform", STYLE, width)), ["Supplied by ", "the platform"]);
    assert!(typeface.lines("  ", STYLE, width).is_empty());
    let lines = typeface.lines("to Donaudampfschifffahrtsgesellschaft now", STYLE, width);
    assert!(lines.len() > 3, "{:?}", texts(&lines));
    assert!(lines.iter().all(|line| line.width <= width));
    assert_eq!(texts(&lines).concat().replace(' ', ""), "toDonaudampfschifffahrtsgesellschaftnow");
    // No letter is parted from its accent, and a letter that is wider than the line stands alone.
    let accented = typeface.lines(&"e\u{301}".repeat(40), STYLE, width);
    assert!(accented.len() > 2 && accented.iter().all(|line| line.text.starts_with('e')));
    assert_eq!(texts(&typeface.lines("WW", STYLE, Length::pt(1))), ["W ", "W"]);
}

#[test]
fn a_box_inside_of_a_long_text_is_told_on_every_line() {
    let lines = typeface().lines("a name with 龍 in it that is broken", STYLE, Length::pt(60));
    assert!(lines.len() > 1 && lines.iter().all(|line| line.lossy));
}

#[test]
fn amounts_align() {
    let tabular = Style { tabular: true, ..STYLE };
    let width = |text: &str| typeface().run(text, tabular).width;
    assert_eq!(width("111.11"), width("888.88"));
    assert_ne!(typeface().run("111.11", STYLE).width, typeface().run("888.88", STYLE).width);
}

#[test]
fn what_is_cut_shows_it() {
    let (typeface, width) = (typeface(), Length::pt(60));
    assert_eq!(typeface.cut("short", STYLE, width).text, "short");
    for text in ["a text of several words", "Donaudampfschifffahrtsgesellschaft"] {
        let cut = typeface.cut(text, STYLE, width);
        assert!(cut.text.ends_with('…') && cut.width <= width && cut.text.len() > 6, "{}", cut.text);
    }
}

#[test]
fn a_space_at_the_end_takes_no_room() {
    assert_eq!(typeface().run("word ", STYLE).width, typeface().run("word", STYLE).width);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_wider_than_its_line(text in "\\PC{0,120}", width in 20..300_i64) {
        let typeface = typeface();
        for line in typeface.lines(&text, STYLE, Length::pt(width)) {
            prop_assert!(line.width <= Length::pt(width), "{:?}", line.text);
            prop_assert!(line.glyphs.iter().all(|glyph| glyph.glyph_id != GlyphId::new(0)));
            prop_assert!(line.glyphs.iter().all(|glyph| line.text.get(glyph.text_range.clone()).is_some()));
        }
    }
}
