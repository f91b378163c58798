//! Items to DynamoDB's attributes and back.

use crate::{
    StoreError,
    backend::{Item, Key, Value},
};
use aws_sdk_dynamodb::types::AttributeValue;
use rust_decimal::Decimal;
use std::{collections::HashMap, str::FromStr};

pub(super) fn to_value(value: &Value) -> AttributeValue {
    match value {
        Value::S(text) => AttributeValue::S(text.clone()),
        Value::N(number) => AttributeValue::N(number.normalize().to_string()),
        Value::Bool(truth) => AttributeValue::Bool(*truth),
        Value::L(list) => AttributeValue::L(list.iter().map(to_value).collect()),
        Value::M(map) => AttributeValue::M(to_attributes(map)),
    }
}

pub(super) fn to_attributes(item: &Item) -> HashMap<String, AttributeValue> {
    item.iter().map(|(name, value)| (name.clone(), to_value(value))).collect()
}

pub(super) fn key_attributes(key: &Key) -> HashMap<String, AttributeValue> {
    HashMap::from([("pk".to_owned(), AttributeValue::S(key.pk.clone())), ("sk".to_owned(), AttributeValue::S(key.sk.clone()))])
}

fn number(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).or_else(|_| Decimal::from_str(text)).ok()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "DynamoDB's kinds are many and may grow; records have these")]
fn from_value(value: AttributeValue) -> Result<Value, String> {
    match value {
        AttributeValue::S(text) => Ok(Value::S(text)),
        AttributeValue::N(text) => {
            number(&text).map(|number| Value::N(number.normalize())).ok_or_else(|| "a number beyond 28 digits".to_owned())
        }
        AttributeValue::Bool(truth) => Ok(Value::Bool(truth)),
        AttributeValue::L(list) => list.into_iter().map(from_value).collect::<Result<_, _>>().map(Value::L),
        AttributeValue::M(map) => {
            map.into_iter().map(|(name, value)| Ok((name, from_value(value)?))).collect::<Result<_, String>>().map(Value::M)
        }
        _ => Err("an attribute of a kind that no record has".to_owned()),
    }
}

pub(super) fn from_attributes(attributes: HashMap<String, AttributeValue>) -> Result<Item, StoreError> {
    let part = |name: &str| attributes.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    let key = format!("{}/{}", part("pk"), part("sk"));
    let read = attributes.into_iter().map(|(name, value)| Ok((name, from_value(value)?))).collect::<Result<Item, String>>();
    read.map_err(|reason| StoreError::Corrupt { key, reason })
}
