//! What an act did to the tables: which items it made and changed, without what differs from run to run.

use crate::mask::Mask;
use aws_sdk_dynamodb::types::AttributeValue;
use local::{dynamo, stack::Stack};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};

type Item = HashMap<String, AttributeValue>;

/// Table, partition and sort key.
type Place = (String, String, String);

/// Every item of every table.
pub(crate) struct Snapshot(BTreeMap<Place, Item>);

impl Snapshot {
    pub(crate) async fn take(stack: &Stack) -> Self {
        let client = dynamo::client(stack.dynamodb_url());
        let mut items = BTreeMap::new();
        for table in stack.tables() {
            let kind = table.name.rsplit('-').next().unwrap_or_default();
            let mut pages = client.scan().table_name(&table.name).consistent_read(true).into_paginator().items().send();
            while let Some(item) = pages.try_next().await.expect("a page") {
                let key = |name: &str| item[name].as_s().expect("a text").clone();
                // Who had a payout in hand last, and how often somebody had, is no effect.
                if !key("pk").starts_with("lease#") {
                    items.insert((kind.to_owned(), key("pk"), key("sk")), item);
                }
            }
        }
        Self(items)
    }

    /// Whether partitions that begin so have an item that begins so.
    pub(crate) fn holds(&self, partitions: &str, items: &str) -> bool {
        self.0.keys().any(|(_, pk, sk)| pk.starts_with(partitions) && sk.starts_with(items))
    }

    /// The codes that links have: random, eight characters, and in nothing else's form.
    pub(crate) fn codes(&self) -> Vec<String> {
        let profiles = self.0.iter().filter(|((_, _, sk), _)| sk == "profile");
        profiles.filter_map(|(_, item)| item.get("code")?.as_s().ok().cloned()).collect()
    }
}

/// What an act did, a line for each item, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effect(pub(crate) Vec<String>);

impl Effect {
    /// The difference of two snapshots; `tag` is what the names of one cell have.
    pub(crate) fn between(before: &Snapshot, after: &Snapshot, tag: &str) -> Self {
        let mask = Mask::new(tag, after.codes());
        let mut lines: Vec<String> = after
            .0
            .iter()
            .filter_map(|(place, item)| match before.0.get(place) {
                None => Some(line('+', place, attributes(item, None, &mask), &mask)),
                Some(known) if known == item => None,
                Some(known) => Some(line('~', place, attributes(item, Some(known), &mask), &mask)),
            })
            .collect();
        let gone = before.0.keys().filter(|place| !after.0.contains_key(*place));
        lines.extend(gone.map(|place| line('-', place, Vec::new(), &mask)));
        lines.sort();
        Self(lines)
    }

    /// What stands in one and not in the other, for whoever looks for the reason.
    pub(crate) fn against(&self, other: &Self) -> String {
        let mut left = other.0.clone();
        let mut more = Vec::new();
        for line in &self.0 {
            match left.iter().position(|known| known == line) {
                Some(place) => drop(left.remove(place)),
                None => more.push(line.as_str()),
            }
        }
        format!("with the kill:\n    {}\n  without:\n    {}", more.join("\n    "), left.join("\n    "))
    }
}

fn line(sign: char, (table, pk, sk): &Place, mut attributes: Vec<String>, mask: &Mask) -> String {
    attributes.sort();
    // A click is kept by its month and a random shard, and within these by its minute.
    let place = if pk.starts_with("clicks#") {
        format!("clicks#… …#{}", mask.text(sk.split_once('#').map_or("", |(_, id)| id)))
    } else {
        format!("{} {}", mask.text(pk), mask.text(sk))
    };
    format!("{sign} {table} {place}: {}", attributes.join(" "))
}

/// The attributes that are not as they were; of a number that was, by how much it moved.
fn attributes(item: &Item, known: Option<&Item>, mask: &Mask) -> Vec<String> {
    let before = |name: &String| known.and_then(|known| known.get(name));
    let changed = item.iter().filter(|(name, value)| !matches!(name.as_str(), "pk" | "sk") && before(name) != Some(*value));
    let mut texts: Vec<String> = changed
        .map(|(name, value)| match (number(value), before(name).and_then(number)) {
            (Some(after), Some(before)) => format!("{}+={}", mask.attribute(name), (after - before).normalize()),
            (Some(after), None) => format!("{}={}", mask.attribute(name), mask.number(after)),
            (None, _) => format!("{}={}", mask.attribute(name), mask.text(&text(value))),
        })
        .collect();
    let removed = known.into_iter().flat_map(HashMap::keys).filter(|name| !item.contains_key(*name));
    texts.extend(removed.map(|name| format!("{} removed", mask.attribute(name))));
    texts
}

fn number(value: &AttributeValue) -> Option<Decimal> {
    value.as_n().ok().and_then(|text| text.parse().ok())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the SDK's own enum; the store writes the types that are named")]
fn text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
        AttributeValue::Bool(truth) => truth.to_string(),
        AttributeValue::L(list) => format!("[{}]", list.iter().map(text).collect::<Vec<_>>().join(", ")),
        AttributeValue::M(map) => {
            let mut entries: Vec<String> = map.iter().map(|(name, value)| format!("{name}: {}", text(value))).collect();
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        other => panic!("an attribute of a type that the store does not write: {other:?}"),
    }
}
