use crate::{
    reader::{by_poppler, dictionaries, pages, read, text},
    sample::{item, sample},
};
use invoices::paper::{Document, render};
use lopdf::Object;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::process::Command;

fn digest() -> String {
    hex::encode(Sha256::digest(render(&sample()).unwrap()))
}

/// Run by the next test, in processes of their own.
#[test]
#[ignore = "prints a digest for another test"]
fn prints_its_digest() {
    println!("digest={}", digest());
}

#[test]
fn the_same_document_is_the_same_bytes_in_every_process() {
    let own = digest();
    assert_eq!(own, digest());
    for _ in 0..2 {
        let exe = std::env::current_exe().unwrap();
        let output = Command::new(exe).args(["--exact", "paper::prints_its_digest", "--ignored", "--nocapture"]).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(told.contains(&format!("digest={own}")), "{told}");
    }
    let other = render(&Document { number: "INV-2026-000043".to_owned(), ..sample() }).unwrap();
    assert_ne!(hex::encode(Sha256::digest(other)), own);
}

#[test]
fn every_word_can_be_selected() {
    let bytes = render(&sample()).unwrap();
    let words = [
        "Invoice",
        "INV-2026-000042",
        "Example Cloud GmbH",
        "Issued",
        "2 February 2026",
        "Ana Lovrić",
        "Ulica Ivana Gundulića 12",
        "Torstraße 1",
        "Tax ID DE123456789",
        "Referral rewards",
        "1,234.50",
        "Rental earnings",
        "98.00",
        "Net",
        "1,332.50 USD",
        "pay_01KG3Q6WZ0M3R8V5T7XJ9B2N4C",
        "Reverse charge: the recipient owes the tax.",
        "Page 1 of 1",
    ];
    let read = text(&bytes);
    for word in words {
        assert!(read.contains(word), "{word} is not in {read}");
    }
    match by_poppler(&bytes) {
        Some(read) => words.iter().for_each(|word| assert!(read.contains(word), "{word} is not in {read}")),
        None => println!("there is no pdftotext here: not checked with it"),
    }
}

#[test]
fn fonts_are_embedded_in_part_and_map_back_to_text() {
    let document = read(&render(&sample()).unwrap());
    let descriptors = dictionaries(&document, "FontDescriptor");
    assert_eq!(descriptors.len(), 2);
    for descriptor in descriptors {
        let name = String::from_utf8(descriptor.get(b"FontName").unwrap().as_name().unwrap().to_vec()).unwrap();
        let (tag, family) = name.split_once('+').unwrap();
        assert!(tag.len() == 6 && family.starts_with("Inter-"), "{name} is no subset");
        let file = descriptor.get(b"FontFile2").unwrap().as_reference().unwrap();
        let file = document.get_object(file).unwrap().as_stream().unwrap();
        assert!(file.content.len() < 40_000, "{name}: {} bytes are not the signs in use alone", file.content.len());
    }
    let composite: Vec<_> = dictionaries(&document, "Font").into_iter().filter(|font| font.has(b"DescendantFonts")).collect();
    assert_eq!(composite.len(), 2);
    assert!(composite.iter().all(|font| font.has(b"ToUnicode")));
}

#[test]
fn the_file_tells_its_structure_and_nothing_else() {
    let document = read(&render(&sample()).unwrap());
    let catalog = document.catalog().unwrap();
    assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"en");
    assert!(catalog.has(b"StructTreeRoot") && catalog.has(b"Metadata") && catalog.has(b"OutputIntents"));
    for active in [&b"OpenAction"[..], b"AA", b"Names", b"AcroForm", b"URI"] {
        assert!(!catalog.has(active), "{}", String::from_utf8_lossy(active));
    }
    let roles: Vec<String> = document
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok()?.get(b"S").ok()?.as_name().ok())
        .map(|role| String::from_utf8_lossy(role).into_owned())
        .collect();
    for role in ["H1", "H2", "P", "Table", "TR", "TH", "TD"] {
        assert!(roles.iter().any(|known| known == role), "{role} is not in {roles:?}");
    }
    let metadata = catalog.get(b"Metadata").unwrap().as_reference().unwrap();
    let xmp = String::from_utf8(document.get_object(metadata).unwrap().as_stream().unwrap().get_plain_content().unwrap()).unwrap();
    for told in [
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
        "2026-02-02T02:40:00",
    ] {
        assert!(xmp.contains(told), "{told} is not in {xmp}");
    }
    let info = document.get_object(document.trailer.get(b"Info").unwrap().as_reference().unwrap()).unwrap().as_dict().unwrap();
    let told = |name: &[u8]| String::from_utf8_lossy(info.get(name).unwrap().as_str().unwrap()).into_owned();
    assert_eq!((told(b"CreationDate"), told(b"ModDate")), ("D:20260202024000Z".to_owned(), "D:20260202024000Z".to_owned()));
}

#[test]
fn many_lines_go_on_over_pages_that_are_numbered() {
    let items = (1..=60).map(|number| item(&format!("Line {number}"), "with a detail", "1.00")).collect();
    let bytes = render(&Document { items, ..sample() }).unwrap();
    let pages = pages(&bytes);
    assert!(pages.len() >= 4, "{}", pages.len());
    for (number, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Page {} of {}", number + 1, pages.len())), "{page}");
        assert_eq!(page.matches("Example Cloud GmbH · DE123456789").count(), 1);
    }
    // Each page of the table has its head, and says what it goes on with.
    assert!(pages[1].contains("Invoice INV-2026-000042") && pages[1].contains("Description Tax Amount (USD)"), "{}", pages[1]);
    let whole = pages.join(" ");
    for number in 1..=60 {
        assert_eq!(whole.matches(&format!("Line {number} ")).count(), 1, "line {number}");
    }
    assert!(pages.last().unwrap().contains("Total paid"));
}

#[test]
fn names_without_end_stay_on_the_paper() {
    let mut document = sample();
    document.parties[0].name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);
    document.parties[0].lines = vec!["A street with a name of a good length 123".repeat(5); 6];
    document.author = "x".repeat(200);
    document.notes = vec!["word ".repeat(100), "y".repeat(500)];
    document.items[0].detail = "z".repeat(300);
    document.details[0].value = "w".repeat(300);
    let read = text(&render(&document).unwrap()).replace(' ', "");
    for whole in [&document.parties[0].name, &document.author, &document.notes[1], &document.items[0].detail, &document.details[0].value] {
        assert!(read.contains(whole.as_str()), "{whole}");
    }
}

#[test]
fn what_can_not_be_shown_is_a_box_and_told() {
    let mut document = sample();
    document.parties[0].name = "李小龍".to_owned();
    document.parties[0].lines[0] = "\u{202e}gro.live\u{0} <script>alert('1')</script> \u{e000}".to_owned();
    let bytes = render(&document).unwrap();
    let read = text(&bytes);
    assert!(read.contains("□□□") && read.contains("gro.live <script>alert('1')</script> □"), "{read}");
    assert!(read.contains("□ stands for a character that this document's typeface has no sign for."), "{read}");
    assert!(!text(&render(&sample()).unwrap()).contains('□'));
}

#[test]
fn a_document_without_words_is_still_one() {
    let mut document = sample();
    document.summary.clear();
    document.items.clear();
    document.totals.clear();
    document.details.clear();
    document.notes.clear();
    document.footer.clear();
    document.parties.iter_mut().for_each(|party| party.lines.clear());
    assert_eq!(pages(&render(&document).unwrap()).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    /// The rules of archives and of access hold for whatever somebody types.
    #[test]
    fn no_text_breaks_the_file(name in any::<String>(), line in "\\PC{0,200}", footer in any::<String>(), items in 0..6_usize) {
        let mut document = sample();
        document.parties[0].name = name.clone();
        document.parties[1].lines = vec![line.clone(); 6];
        document.author = name;
        document.footer = footer;
        document.items = (0..items).map(|_| item(&line, &line, &line)).collect();
        let bytes = render(&document).unwrap();
        let read = read(&bytes);
        prop_assert!(!read.get_pages().is_empty());
        prop_assert!(read.trailer.get(b"ID").and_then(Object::as_array).is_ok());
    }
}
