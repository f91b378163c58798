//! The description, read.

use local::binaries;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;

/// The methods that a path may have.
const METHODS: [&str; 5] = ["get", "head", "post", "put", "delete"];

pub(crate) struct Spec {
    root: Value,
}

/// One operation of the description.
pub(crate) struct Operation<'a> {
    pub(crate) id: &'a str,
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) item: &'a Value,
}

impl Operation<'_> {
    /// The group that a token needs; none where anybody's will do. `None` where it takes no token.
    pub(crate) fn group(&self) -> Option<Option<&str>> {
        let needed = self.item["security"].as_array()?.iter().find_map(|needed| needed.get("accessToken"))?;
        Some(needed.as_array().and_then(|roles| roles.first()).and_then(Value::as_str))
    }
}

impl Spec {
    pub(crate) fn read() -> Self {
        let text = std::fs::read_to_string(binaries::workspace().join("openapi.yaml")).unwrap();
        Self { root: serde_yaml_ng::from_str(&text).unwrap() }
    }

    pub(crate) const fn root(&self) -> &Value {
        &self.root
    }

    pub(crate) fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.root["paths"].as_object().unwrap();
        paths.iter().flat_map(|(path, item)| named(path, item)).collect()
    }

    pub(crate) fn operation(&self, id: &str) -> Operation<'_> {
        self.operations().into_iter().find(|operation| operation.id == id).unwrap_or_else(|| panic!("no operation {id}"))
    }

    /// What a reference, `#/components/…`, leads to.
    pub(crate) fn at(&self, reference: &str) -> Option<&Value> {
        self.root.pointer(reference.strip_prefix('#')?)
    }

    /// The value itself, or what it refers to.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.resolve(self.at(reference).unwrap_or_else(|| panic!("{reference} leads nowhere"))),
            None => value,
        }
    }

    /// Every reference there is.
    pub(crate) fn references(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        collect(&self.root, "$ref", &mut found);
        found
    }

    /// What could be referred to.
    pub(crate) fn components(&self) -> BTreeSet<String> {
        let groups = self.root["components"].as_object().unwrap().iter().filter(|(group, _)| *group != "securitySchemes");
        groups
            .flat_map(|(group, members)| members.as_object().unwrap().keys().map(move |name| format!("#/components/{group}/{name}")))
            .collect()
    }

    /// Every word that a member `rule` may have.
    pub(crate) fn rules(&self) -> BTreeSet<String> {
        let refusals = self.root["components"]["schemas"].as_object().unwrap().iter().filter(|(name, _)| name.ends_with("Refused"));
        let words = refusals.flat_map(|(_, schema)| schema["allOf"][1]["properties"]["rule"]["enum"].as_array().unwrap());
        words.map(|word| word.as_str().unwrap().to_owned()).collect()
    }
}

fn named<'a>(path: &'a str, item: &'a Value) -> impl Iterator<Item = Operation<'a>> {
    METHODS.iter().filter_map(move |method| Some(operation(path, method, item.get(method)?)))
}

fn operation<'a>(path: &'a str, method: &str, item: &'a Value) -> Operation<'a> {
    let id = item["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no operationId"));
    assert!(item["security"].is_array(), "{id} does not say who may call");
    Operation { id, method: method.to_ascii_uppercase().parse().unwrap(), path, item }
}

fn collect(value: &Value, key: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(key).and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect(member, key, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
