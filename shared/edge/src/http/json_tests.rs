#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    receipt: Option<String>,
    #[serde(default)]
    more: Option<Value>,
}

fn read(text: &str) -> Result<Form, JsonError> {
    strict_json(text.as_bytes())
}

fn nested(depth: usize) -> String {
    format!("{}1{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn what_fits_is_read() {
    assert_eq!(read(r#" {"receipt":"é😀"} "#).unwrap().receipt.unwrap(), "é😀");
    assert_eq!(read("{}").unwrap(), Form { receipt: None, more: None });
    assert!(read(&format!(r#"{{"more":{}}}"#, nested(31))).is_ok(), "32 levels with the object around");
    assert!(read(r#"{"more":[{"a":1},{"a":1}]}"#).is_ok(), "the same key in two objects");
    assert!(read(r#"{"more":[-1,1.5e3,true,null]}"#).is_ok());
}

type Expected = fn(&JsonError) -> bool;

#[test]
fn each_way_to_be_refused() {
    let cases: &[(&str, Expected)] = &[
        ("", |error| matches!(error, JsonError::NotJson { .. })),
        ("{", |error| matches!(error, JsonError::NotJson { .. })),
        ("{} {}", |error| matches!(error, JsonError::NotJson { .. })),
        ("{}x", |error| matches!(error, JsonError::NotJson { .. })),
        ("{'receipt':1}", |error| matches!(error, JsonError::NotJson { .. })),
        (r#"{"more":1e400}"#, |error| matches!(error, JsonError::NotJson { .. })),
        (r#"{"more":NaN}"#, |error| matches!(error, JsonError::NotJson { .. })),
        (r#"{"receipt":"\ud800"}"#, |error| matches!(error, JsonError::NotJson { .. })),
        (r#"{"receipt":"\ud800x"}"#, |error| matches!(error, JsonError::NotJson { .. })),
        (r#"{"receipt":"\udc00"}"#, |error| matches!(error, JsonError::NotJson { .. })),
        ("{\"receipt\":\"\u{1}\"}", |error| matches!(error, JsonError::NotJson { .. })),
        ("\u{feff}{}", |error| *error == JsonError::NotText),
        (r#"{"receipt":"a\u0000"}"#, |error| *error == JsonError::Nul),
        (r#"{"more":{"a\u0000":1}}"#, |error| *error == JsonError::Nul),
        (r#"{"receipt":"a","receipt":"b"}"#, |error| *error == JsonError::DuplicateKey),
        (r#"{"more":[{"deep":{"a":1,"b":2,"\u0061":3}}]}"#, |error| *error == JsonError::DuplicateKey),
        (r#"{"role":"finance"}"#, |error| matches!(error, JsonError::DoesNotFit { reason } if reason.contains("unknown field `role`"))),
        (r#"{"receipt":7}"#, |error| matches!(error, JsonError::DoesNotFit { .. })),
        ("[]", |error| *error == JsonError::NotAnObject),
        (" [null]", |error| *error == JsonError::NotAnObject),
        ("null", |error| *error == JsonError::NotAnObject),
    ];
    for (text, expected) in cases {
        let error = read(text).unwrap_err();
        assert!(expected(&error), "{text:?} gave {error:?}");
    }
    for depth in [32, 127, 128, 1_000, 100_000] {
        assert_eq!(read(&format!(r#"{{"more":{}}}"#, nested(depth))), Err(JsonError::TooDeep), "{depth}");
        assert_eq!(read(&"{\"a\":".repeat(depth + 1)), Err(JsonError::TooDeep), "{depth}");
    }
    for bytes in [&b"{\"receipt\":\"\xff\"}"[..], b"\xff\xfe{\0}\0", b"\xc3\x28"] {
        assert_eq!(strict_json::<Form>(bytes), Err(JsonError::NotText));
    }
}

#[test]
fn a_refusal_tells_no_value() {
    for text in [r#"{"receipt":{"hush":"hush"}}"#, r#"{"receipt":false,"more":"hush"}"#, r#""hush""#] {
        assert!(!read(text).unwrap_err().to_string().contains("hush"), "{text}");
    }
    let long = format!(r#"{{"{}":1}}"#, "k".repeat(5_000));
    assert!(read(&long).unwrap_err().to_string().len() < 200, "a long key is not sent back");
}

/// Any JSON, with keys and texts of every kind that is allowed.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[^\u{0}]{0,8}".prop_map(Value::from)
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map("[^\u{0}]{0,4}", inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_was_written_is_read_the_same(value in any_json()) {
        let object = serde_json::json!({ "value": value });
        prop_assert_eq!(strict_json::<Value>(object.to_string().as_bytes()), Ok(object));
    }

    #[test]
    fn a_doubled_key_is_found_wherever_it_is(value in any_json(), key in "[a-z]{1,5}", depth in 0_usize..20) {
        let doubled = format!(r#"{}{{"{key}":1,"other":{value},"{key}":2}}{}"#, "[".repeat(depth), "]".repeat(depth));
        if key != "other" {
            prop_assert_eq!(strict_json::<Value>(doubled.as_bytes()), Err(JsonError::DuplicateKey));
        }
    }

    #[test]
    fn no_bytes_make_it_panic_and_what_it_takes_serde_takes(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if strict_json::<Value>(&bytes).is_ok() {
            prop_assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
        }
    }
}
