//! The same routes in the description and in the template.

use crate::spec::{Operation, Spec};
use local::{
    secrets,
    stack::TemplateSource,
    template::{self, Route, Setting},
};
use serde_yaml_ng::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The template's routes, but for those of the pages: they are for people. What its parameters are does not matter to them.
fn routes() -> Vec<Route> {
    let text = TemplateSource::Project.text();
    let whole: Value = serde_yaml_ng::from_str(text).unwrap();
    let declared = whole["Parameters"].as_mapping().unwrap().iter();
    let without_default = declared.filter(|(_, parameter)| parameter.get("Default").is_none());
    let parameters: BTreeMap<_, _> =
        without_default.map(|(name, _)| (name.as_str().unwrap().to_owned(), "https://x.test".to_owned())).collect();
    let stack = template::parse(text, &Setting { parameters, secrets: secrets::KEYS }).unwrap();
    stack.functions.into_iter().filter(|function| function.name != "pages").flat_map(|function| function.routes).collect()
}

/// How many segments both spell out, where the route takes the operation's path: a placeholder of the route may be the same one
/// there, or a word, so that each word can have bodies and answers of its own.
fn shared_words(route: &Route, operation: &Operation<'_>) -> Option<usize> {
    let (taken, asked): (Vec<&str>, Vec<&str>) = (route.path.split('/').collect(), operation.path.split('/').collect());
    let takes = |(taken, asked): (&&str, &&str)| taken == asked || (taken.starts_with('{') && !asked.starts_with('{'));
    let same = taken.len() == asked.len() && taken.iter().zip(&asked).all(takes) && route.method.as_ref() == Some(&operation.method);
    same.then(|| taken.iter().filter(|segment| !segment.starts_with('{')).count())
}

/// The operations that no route takes, and the routes that no operation describes.
fn differences(routes: &[Route], operations: &[Operation<'_>]) -> (Vec<String>, Vec<String>) {
    let mut described = BTreeSet::new();
    let mut not_routed = Vec::new();
    for operation in operations {
        let taken = routes.iter().filter_map(|route| Some((shared_words(route, operation)?, route.key()))).max();
        match taken {
            Some((_, key)) => drop(described.insert(key)),
            None => not_routed.push(format!("{} {}", operation.method, operation.path)),
        }
    }
    (not_routed, routes.iter().map(Route::key).filter(|key| !described.contains(key)).collect())
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let spec = Spec::read();
    let nothing = (Vec::new(), Vec::new());
    assert_eq!(differences(&routes(), &spec.operations()), nothing, "(described but not routed, routed but not described)");
}

#[test]
fn a_difference_is_found_on_either_side() {
    let (spec, all) = (Spec::read(), routes());
    let (key, fewer) = (all[0].key(), &all[1..]);
    assert_eq!(differences(fewer, &spec.operations()).0, [key]);
    for (method, path) in
        [("DELETE", "/earnings"), ("GET", "/earnings/new"), ("GET", "/payouts/{payout}"), ("GET", "/finance/payouts/{id}/{act}")]
    {
        let more = [all.clone(), vec![Route { method: Some(method.parse().unwrap()), path: path.into() }]].concat();
        assert_eq!(differences(&more, &spec.operations()).1, [format!("{method} {path}")]);
    }
}

/// What a generator takes its names from is there once.
#[test]
fn every_operation_has_a_name_of_its_own() {
    let spec = Spec::read();
    let names: BTreeSet<&str> = spec.operations().iter().map(|operation| operation.id).collect();
    assert_eq!(names.len(), spec.operations().len());
    for operation in spec.operations() {
        let named = operation.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect::<BTreeSet<_>>();
        let path = &spec.root()["paths"][operation.path];
        let parameters = path.get("parameters").and_then(|told| told.as_array()).into_iter().flatten().map(|told| spec.resolve(told));
        let told: BTreeSet<&str> = parameters.filter(|told| told["in"] == "path").filter_map(|told| told["name"].as_str()).collect();
        assert_eq!(named, told, "{}", operation.path);
    }
}
