//! The attributes that a sender gives a message: AWS's rules for their names, types and values.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::{error::Refusal, limits};

/// Attributes by name, in the order in which their checksum takes them.
pub(super) type MessageAttributes = BTreeMap<String, MessageAttribute>;

/// The one attribute that a sender may set for the system.
pub(super) const TRACE_HEADER: &str = "AWSTraceHeader";
const COUNT_MAX: usize = 10;
const NAME_CHARACTERS_MAX: usize = 256;

/// One attribute, in the form it has on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MessageAttribute {
    pub(super) data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) string_value: Option<String>,
    /// Base64, as on the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) binary_value: Option<String>,
    #[serde(default, skip_serializing)]
    string_list_values: Vec<String>,
    #[serde(default, skip_serializing)]
    binary_list_values: Vec<String>,
}

/// The value of an attribute: which of the two kinds it is decides its place in the checksum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AttributeValue {
    Text(String),
    Bytes(Vec<u8>),
}

impl MessageAttribute {
    /// Reads and checks the value against its declared type.
    pub(super) fn value(&self, name: &str) -> Result<AttributeValue, Refusal> {
        if !self.string_list_values.is_empty() || !self.binary_list_values.is_empty() {
            return Err(Refusal::UnsupportedOperation(
                "Message attribute list values in SendMessage operation are not supported.".to_owned(),
            ));
        }
        let invalid = |reason: &str| {
            Refusal::InvalidParameterValue(format!("The message attribute '{name}' with type '{}' {reason}", self.data_type))
        };
        let base = self.data_type.split('.').next().unwrap_or_default();
        match (base, &self.string_value, &self.binary_value) {
            ("String", Some(text), None) if !text.is_empty() => {
                if !text.chars().all(limits::is_allowed) {
                    return Err(invalid("contains characters that are not allowed."));
                }
                Ok(AttributeValue::Text(text.clone()))
            }
            ("Number", Some(text), None) if is_number(text) => Ok(AttributeValue::Text(text.clone())),
            ("Number", Some(text), None) if !text.is_empty() => {
                Err(Refusal::InvalidParameterValue(format!("Can't cast the value of message (user) attribute '{name}' to a number.")))
            }
            ("Binary", None, Some(text)) if !text.is_empty() => STANDARD
                .decode(text)
                .map(AttributeValue::Bytes)
                .map_err(|_| Refusal::MalformedInput("A binary value is not base64.".to_owned())),
            ("String" | "Number" | "Binary", _, _) => Err(invalid("must use a non-empty value of the field of its type.")),
            (_, _, _) => Err(invalid("has an unsupported type: it must start with String, Number or Binary.")),
        }
    }
}

/// Checks all attributes of a message, and gives the bytes they add to its size: name, type and value each.
pub(super) fn check(attributes: &MessageAttributes) -> Result<usize, Refusal> {
    if attributes.len() > COUNT_MAX {
        return Err(Refusal::InvalidParameterValue(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{COUNT_MAX}].",
            attributes.len()
        )));
    }
    let mut bytes = 0;
    for (name, attribute) in attributes {
        check_name(name)?;
        let value = match attribute.value(name)? {
            AttributeValue::Text(text) => text.len(),
            AttributeValue::Bytes(raw) => raw.len(),
        };
        bytes += name.len() + attribute.data_type.len() + value;
    }
    Ok(bytes)
}

/// Checks the system attributes of a sender, of which there is one: a trace header of type String. It has no size.
pub(super) fn check_system(attributes: &MessageAttributes) -> Result<Option<String>, Refusal> {
    let mut header = None;
    for (name, attribute) in attributes {
        let text = match (name.as_str(), attribute.value(name)?) {
            (TRACE_HEADER, AttributeValue::Text(text)) if attribute.data_type == "String" => text,
            (_, _) => {
                return Err(Refusal::InvalidParameterValue(format!("Message system attribute name '{name}' is invalid, or its type is.")));
            }
        };
        header = Some(text);
    }
    Ok(header)
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let lower = name.to_ascii_lowercase();
    let good = (1..=NAME_CHARACTERS_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && !lower.starts_with("aws.")
        && !lower.starts_with("amazon.");
    if good {
        return Ok(());
    }
    Err(Refusal::InvalidParameterValue(format!(
        "The message attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, \
         underscore (_), hyphen (-), and period (.) characters."
    )))
}

/// A decimal number with an optional sign, fraction and exponent.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = |text: &str| text.strip_prefix(['+', '-']).map_or(text.to_owned(), str::to_owned);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let mantissa = unsigned(mantissa);
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(fraction) && (whole.is_empty() || digits(whole)),
        None => digits(&mantissa),
    };
    mantissa_fits && exponent.is_none_or(|exponent| digits(&unsigned(exponent)))
}

/// Which attributes a receive asked for: `All` or `.*`, exact names, and `prefix.*`.
pub(super) fn select(mut attributes: MessageAttributes, wanted: &[String]) -> MessageAttributes {
    let is_wanted = |name: &str| {
        wanted.iter().any(|wish| wish == "All" || wish == name || wish.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix)))
    };
    attributes.retain(|name, _| is_wanted(name));
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(data_type: &str, text: Option<&str>, binary: Option<&str>) -> MessageAttribute {
        MessageAttribute {
            data_type: data_type.to_owned(),
            string_value: text.map(str::to_owned),
            binary_value: binary.map(str::to_owned),
            string_list_values: Vec::new(),
            binary_list_values: Vec::new(),
        }
    }

    #[test]
    fn values_fit_their_type() {
        for (good, size) in [
            (attribute("String", Some("x"), None), 8),
            (attribute("String.json", Some("{}"), None), 14),
            (attribute("Number", Some("-1.5e3"), None), 13),
            (attribute("Number.int", Some("12"), None), 13),
            (attribute("Binary", None, Some("AAEC")), 10),
        ] {
            assert_eq!(check(&MessageAttributes::from([("a".to_owned(), good)])), Ok(size));
        }
        for bad in [
            attribute("String", None, None),
            attribute("String", Some(""), None),
            attribute("String", Some("\0"), None),
            attribute("String", Some("x"), Some("AAEC")),
            attribute("Binary", Some("x"), None),
            attribute("Binary", None, Some("not base64")),
            attribute("Number", Some("12a"), None),
            attribute("Number", Some("1.2.3"), None),
            attribute("Number", Some("e5"), None),
            attribute("Object", Some("x"), None),
            attribute("", Some("x"), None),
        ] {
            assert!(check(&MessageAttributes::from([("a".to_owned(), bad.clone())])).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_and_number_of_attributes_are_limited() {
        let one = |name: &str| MessageAttributes::from([(name.to_owned(), attribute("String", Some("x"), None))]);
        assert!(check(&one("a-b_c.9")).is_ok());
        for bad in ["", "a b", ".a", "a.", "a..b", "AWS.a", "amazon.a", "é", &"x".repeat(257)] {
            assert!(check(&one(bad)).is_err(), "{bad}");
        }
        let many =
            |count: usize| -> MessageAttributes { (0..count).map(|at| (format!("a{at}"), attribute("String", Some("x"), None))).collect() };
        assert!(check(&many(10)).is_ok());
        assert!(check(&many(11)).is_err());
    }

    #[test]
    fn the_only_system_attribute_is_the_trace_header() {
        let one = |name: &str, kind: &str| MessageAttributes::from([(name.to_owned(), attribute(kind, Some("Root=1"), None))]);
        assert_eq!(check_system(&one(TRACE_HEADER, "String")), Ok(Some("Root=1".to_owned())));
        assert!(check_system(&one(TRACE_HEADER, "String.x")).is_err());
        assert!(check_system(&one("Other", "String")).is_err());
    }

    #[test]
    fn a_receive_gets_the_attributes_it_names() {
        let all: MessageAttributes =
            ["trace.id", "trace.span", "kind"].into_iter().map(|name| (name.to_owned(), attribute("String", Some("x"), None))).collect();
        let names = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(|&wish| wish.to_owned()).collect();
            select(all.clone(), &wanted).into_keys().collect::<Vec<_>>()
        };
        assert_eq!(names(&[]), Vec::<String>::new());
        assert_eq!(names(&["All"]).len(), 3);
        assert_eq!(names(&[".*"]).len(), 3);
        assert_eq!(names(&["kind", "none"]), ["kind"]);
        assert_eq!(names(&["trace.*"]), ["trace.id", "trace.span"]);
    }
}
