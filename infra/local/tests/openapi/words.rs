//! The words that programs rely on, in the description and in the code.

use crate::spec::Spec;
use local::binaries;
use regex_lite::Regex;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// The sources under a folder of the workspace, one text, without tests.
fn sources(folder: &str) -> String {
    let mut text = String::new();
    let mut left: Vec<PathBuf> = vec![binaries::workspace().join(folder)];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| !is_test(path)));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            text.push_str(source.split("#[cfg(test)]").next().unwrap());
        }
    }
    text
}

fn is_test(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains("test"))
}

/// The words that a pattern's one group finds.
fn found(pattern: &str, text: &str) -> BTreeSet<String> {
    Regex::new(pattern).unwrap().captures_iter(text).map(|found| found[1].to_owned()).collect()
}

#[test]
fn every_rule_of_the_code_is_described_and_no_other() {
    let described = Spec::read().rules();
    let functions = sources("functions");
    let refused = found(r#"Problem::refused\(\s*"([a-z_]+)""#, &functions);
    assert!(refused.len() > 10, "the functions refuse by these words: {refused:?}");
    let missing: Vec<_> = refused.difference(&described).collect();
    assert!(missing.is_empty(), "not described: {missing:?}");
    let shared = ["shared/programme/src", "shared/edge/src/csv.rs"].map(sources).concat();
    let words = found(r#""([a-z_]+)""#, &format!("{functions}{shared}"));
    let invented: Vec<_> = described.difference(&words).collect();
    assert!(invented.is_empty(), "no code says: {invented:?}");
}

#[test]
fn the_types_of_problems_are_those_of_the_code() {
    let spec = Spec::read();
    let described = spec.at("#/components/schemas/Problem/properties/type/enum").unwrap().as_array().unwrap();
    let described: BTreeSet<String> = described.iter().map(|kind| kind.as_str().unwrap().to_owned()).collect();
    assert_eq!(described, found(r#""(/problems/[a-z-]+)""#, &sources("shared/edge/src/problem.rs")));
}

/// The template has one route for all sources, and one for all acts on a payout or a review: the words in it are the code's.
#[test]
fn every_source_of_webhooks_and_every_act_is_described() {
    let spec = Spec::read();
    let described: BTreeSet<&str> = spec.operations().iter().filter_map(|operation| operation.path.rsplit('/').next()).collect();
    let files = std::fs::read_dir(binaries::workspace().join("functions/webhook/src/sources")).unwrap();
    let names = files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).filter(|name| name != "mod");
    let acts = found(r#""([a-z]+)" => [a-z_]+::"#, &sources("functions/finance/src/handler.rs"));
    assert!(acts.contains("approve") && acts.contains("clear"), "the handler names its acts elsewhere: {acts:?}");
    let missing: Vec<String> = names.chain(acts).filter(|word| !described.contains(word.as_str())).collect();
    assert!(missing.is_empty(), "not described: {missing:?}");
}
