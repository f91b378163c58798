//! Whether a value fits a schema: the keywords that the description uses, and no others, so that nothing in it goes unchecked.
//!
//! It is stricter than JSON Schema in one thing: a member that is not described does not fit, since the description should have it.

use crate::spec::Spec;
use regex_lite::Regex;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What only explains.
const NOTES: [&str; 5] = ["description", "title", "format", "examples", "default"];

/// Where `value` does not fit `schema`, a line each.
pub(crate) fn errors(spec: &Spec, schema: &Value, value: &Value) -> Vec<String> {
    let mut look = Look { spec, errors: Vec::new() };
    look.whole("", schema, value);
    look.errors
}

struct Look<'a> {
    spec: &'a Spec,
    errors: Vec<String>,
}

impl Look<'_> {
    /// A value with everything that is said about it.
    fn whole(&mut self, place: &str, schema: &Value, value: &Value) {
        self.part(place, schema, value);
        let (described, open) = self.described(schema);
        if let (Value::Object(members), false) = (value, open) {
            let unknown = members.keys().filter(|name| !described.contains(*name));
            self.errors.extend(unknown.map(|name| format!("{place}/{name} is not described")));
        }
    }

    /// One schema, or a part of one: its keywords.
    fn part(&mut self, place: &str, schema: &Value, value: &Value) {
        for (keyword, told) in schema.as_object().expect("a schema is an object") {
            match keyword.as_str() {
                "$ref" => self.part(place, self.spec.at(told.as_str().unwrap()).unwrap(), value),
                "allOf" => told.as_array().unwrap().iter().for_each(|part| self.part(place, part, value)),
                "oneOf" => self.one_of(place, told.as_array().unwrap(), value),
                "properties" => self.properties(place, told.as_object().unwrap(), value),
                "items" => {
                    let items = value.as_array().into_iter().flatten().enumerate();
                    items.for_each(|(index, item)| self.whole(&format!("{place}/{index}"), told, item));
                }
                "additionalProperties" => self.others(place, told, schema, value),
                note if NOTES.contains(&note) => {}
                _ => {
                    if !fits(keyword, told, value) {
                        self.errors.push(format!("{place} is {value}, and not of {keyword} {told}"));
                    }
                }
            }
        }
    }

    fn one_of(&mut self, place: &str, parts: &[Value], value: &Value) {
        let fits = |part: &&Value| {
            let mut look = Look { spec: self.spec, errors: Vec::new() };
            look.part(place, part, value);
            look.errors.is_empty()
        };
        let count = parts.iter().filter(fits).count();
        if count != 1 {
            self.errors.push(format!("{place} fits {count} of its forms: {value}"));
        }
    }

    fn properties(&mut self, place: &str, properties: &Map<String, Value>, value: &Value) {
        for (name, schema) in properties {
            if let Some(member) = value.get(name) {
                self.whole(&format!("{place}/{name}"), schema, member);
            }
        }
    }

    /// The members that `properties` beside it does not name.
    fn others(&mut self, place: &str, told: &Value, schema: &Value, value: &Value) {
        let named = |name: &str| schema.get("properties").is_some_and(|named| named.get(name).is_some());
        for (name, member) in value.as_object().into_iter().flatten().filter(|(name, _)| !named(name)) {
            match told.as_bool() {
                Some(true) => {}
                Some(false) => self.errors.push(format!("{place}/{name} is one too many")),
                None => self.whole(&format!("{place}/{name}"), told, member),
            }
        }
    }

    /// The members that a schema and all its parts name, and whether it says itself what becomes of the others.
    fn described(&self, schema: &Value) -> (BTreeSet<String>, bool) {
        let schema = self.spec.resolve(schema);
        let mut names: BTreeSet<String> =
            schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned().collect();
        let mut open = schema.get("additionalProperties").is_some();
        for part in ["allOf", "oneOf"].iter().filter_map(|parts| schema.get(parts)?.as_array()).flatten() {
            let (more, opens) = self.described(part);
            names.extend(more);
            open |= opens;
        }
        (names, open)
    }
}

/// The keywords that look at nothing but the value.
fn fits(keyword: &str, told: &Value, value: &Value) -> bool {
    match keyword {
        "type" => told.as_array().map_or_else(|| vec![told], |kinds| kinds.iter().collect()).into_iter().any(|kind| is_of(kind, value)),
        "enum" => told.as_array().unwrap().contains(value),
        "const" => told == value,
        "required" => {
            value.as_object().is_none_or(|members| told.as_array().unwrap().iter().all(|name| members.contains_key(name.as_str().unwrap())))
        }
        "pattern" => value.as_str().is_none_or(|text| Regex::new(told.as_str().unwrap()).unwrap().is_match(text)),
        "minLength" => value.as_str().is_none_or(|text| text.chars().count() >= size(told)),
        "maxLength" => value.as_str().is_none_or(|text| text.chars().count() <= size(told)),
        "minimum" => value.as_i64().is_none_or(|number| number >= told.as_i64().unwrap()),
        "maximum" => value.as_i64().is_none_or(|number| number <= told.as_i64().unwrap()),
        _ => panic!("the keyword {keyword} is not checked here"),
    }
}

fn size(told: &Value) -> usize {
    usize::try_from(told.as_u64().unwrap()).unwrap()
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the type {other} is not checked here"),
    }
}
