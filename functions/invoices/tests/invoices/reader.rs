//! Reads a PDF back, with a reader that has nothing to do with the writer.

use lopdf::{Dictionary, Document, Object};
use std::{io::Write, process::Command};

pub(crate) fn read(bytes: &[u8]) -> Document {
    Document::load_mem(bytes).unwrap()
}

/// The text of each page, line ends and runs of spaces as one space.
pub(crate) fn pages(bytes: &[u8]) -> Vec<String> {
    let document = read(bytes);
    let numbers: Vec<u32> = document.get_pages().into_keys().collect();
    numbers.into_iter().map(|number| squeezed(&document.extract_text(&[number]).unwrap())).collect()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    pages(bytes).join(" ")
}

pub(crate) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The dictionaries of a type: `Font`, `FontDescriptor` …
pub(crate) fn dictionaries(document: &Document, kind: &str) -> Vec<Dictionary> {
    let of_kind = |object: &Object| object.as_dict().ok().filter(|dictionary| dictionary.has_type(kind.as_bytes())).cloned();
    document.objects.values().filter_map(of_kind).collect()
}

/// The same by poppler, where the machine has it.
pub(crate) fn by_poppler(bytes: &[u8]) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let output = Command::new("pdftotext").args(["-layout", "-enc", "UTF-8"]).arg(file.path()).arg("-").output().ok()?;
    assert!(output.status.success(), "{output:?}");
    Some(squeezed(&String::from_utf8(output.stdout).unwrap()))
}
