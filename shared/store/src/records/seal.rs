//! The seal of a ledger record: a keyed digest of everything in it.

use crate::backend::{Item, Value};
use ledger::{KeyRing, KeyedMac};

/// The attribute that holds the seal.
pub const SEAL: &str = "seal";
const DOMAIN: &str = "ledger-record";

/// Every attribute but the seal, each with its length, in one order: no two records share these bytes.
fn canonical(item: &Item) -> Vec<u8> {
    let mut bytes = Vec::new();
    item.iter().filter(|(name, _)| *name != SEAL).for_each(|(name, value)| {
        text(&mut bytes, b'n', name);
        append(&mut bytes, value);
    });
    bytes
}

fn text(bytes: &mut Vec<u8>, kind: u8, content: &str) {
    bytes.push(kind);
    bytes.extend_from_slice(content.len().to_string().as_bytes());
    bytes.push(b':');
    bytes.extend_from_slice(content.as_bytes());
}

fn append(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::S(content) => text(bytes, b'S', content),
        // Normalised, since the table gives 1.80 back as 1.8.
        Value::N(number) => text(bytes, b'N', &number.normalize().to_string()),
        Value::Bool(truth) => text(bytes, b'B', if *truth { "1" } else { "0" }),
        Value::L(list) => {
            text(bytes, b'L', &list.len().to_string());
            list.iter().for_each(|value| append(bytes, value));
        }
        Value::M(map) => {
            text(bytes, b'M', &map.len().to_string());
            map.iter().for_each(|(name, value)| {
                text(bytes, b'n', name);
                append(bytes, value);
            });
        }
    }
}

/// Seals a record, its key included.
pub fn seal(item: &mut Item, keys: &KeyRing) {
    let seal = keys.sign(DOMAIN, &canonical(item)).to_text();
    item.insert(SEAL.into(), seal.into());
}

/// Whether a record is still what was sealed.
#[must_use]
pub fn holds(item: &Item, keys: &KeyRing) -> bool {
    let seal = item.get(SEAL).and_then(Value::as_text).and_then(KeyedMac::from_text);
    seal.is_some_and(|seal| keys.verify(DOMAIN, &canonical(item), &seal))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn any_edit_breaks_the_seal() {
        let keys = KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap();
        let nested = Value::L(vec![Value::M(Item::from([("amt".into(), Value::N("1.80".parse().unwrap())), ("ok".into(), true.into())]))]);
        let mut item = Item::from([("pk".into(), "purchase#x".into()), ("a".into(), "1".into()), ("tr".into(), nested.clone())]);
        assert!(!holds(&item, &keys), "no seal at all");
        seal(&mut item, &keys);
        assert!(holds(&item, &keys));
        let edits: [fn(&mut Item); 6] = [
            |item| drop(item.insert("a".into(), "2".into())),
            |item| drop(item.insert("a".into(), Value::N("1".parse().unwrap()))),
            |item| drop(item.remove("a")),
            |item| drop(item.insert("b".into(), "1".into())),
            |item| drop(item.insert("pk".into(), "purchase#y".into())),
            |item| drop(item.insert("tr".into(), Value::L(vec![]))),
        ];
        for (index, edit) in edits.into_iter().enumerate() {
            let mut edited = item.clone();
            edit(&mut edited);
            assert!(!holds(&edited, &keys), "edit {index}");
        }
        let same = Value::L(vec![Value::M(Item::from([("amt".into(), Value::N("1.8".parse().unwrap())), ("ok".into(), true.into())]))]);
        item.insert("tr".into(), same);
        assert!(holds(&item, &keys), "the same number, written otherwise");
    }
}
