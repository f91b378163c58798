//! JSON from strangers: one meaning, or refused.
//!
//! A body that two readers could read differently (a key twice, text that is not UTF-8) or that is made to hurt (a
//! thousand levels) is refused before any of it is used.

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::{cell::Cell, collections::HashSet, fmt};

/// How deep arrays and objects may lie in each other.
const DEPTH_MAX: u8 = 32;

/// Why a body was refused. Its text is a plain sentence without any value of the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not UTF-8, or a byte order mark before it.
    #[error("The body is not UTF-8 text.")]
    NotText,
    /// Not one JSON value.
    #[error("The body is not JSON, at line {line}, column {column}.")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// Too many levels.
    #[error("The body is nested deeper than {DEPTH_MAX} levels.")]
    TooDeep,
    /// A key stands twice in one object.
    #[error("The body has the same key twice in one object.")]
    DuplicateKey,
    /// A text has the character NUL.
    #[error("The body has a text with the character NUL.")]
    Nul,
    /// It is JSON, and no object.
    #[error("The body is not a JSON object.")]
    NotAnObject,
    /// It is a JSON object, and not the one that is expected here.
    #[error("The body does not fit: {reason}.")]
    DoesNotFit {
        /// Which field is unknown or missing, or where a value is of the wrong kind.
        reason: String,
    },
}

/// Reads one object as a `T`, which should deny unknown fields. An array is refused even where it could be read by
/// position, as `serde` would.
///
/// # Errors
/// [`JsonError`]; the first of its kinds that is met.
pub fn strict_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotText)?;
    if text.starts_with('\u{feff}') {
        return Err(JsonError::NotText);
    }
    let fault = Cell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let checked = Check { depth: 0, fault: &fault }.deserialize(&mut reader).and_then(|()| reader.end());
    if let Err(error) = checked {
        return Err(fault.take().unwrap_or(JsonError::NotJson { line: error.line(), column: error.column() }));
    }
    if !text.trim_ascii_start().starts_with('{') {
        return Err(JsonError::NotAnObject);
    }
    serde_json::from_str(text).map_err(|error| JsonError::DoesNotFit { reason: misfit(&error) })
}

/// Names of fields are told, since they are what the sender must mend; values never are.
fn misfit(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let about_a_field = ["unknown field", "missing field"].iter().any(|start| said.starts_with(start));
    if about_a_field && said.len() <= 200 {
        said.split(" at line ").next().unwrap_or_default().to_owned()
    } else {
        format!("a value is of the wrong kind at line {}, column {}", error.line(), error.column())
    }
}

/// Walks a value, keeps nothing of it, and notes what is wrong beyond the grammar.
#[derive(Clone, Copy)]
struct Check<'a> {
    depth: u8,
    fault: &'a Cell<Option<JsonError>>,
}

impl Check<'_> {
    fn refuse<E: serde::de::Error>(self, fault: JsonError) -> E {
        let error = E::custom(&fault);
        self.fault.set(Some(fault));
        error
    }

    fn text<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        if text.contains('\0') { Err(self.refuse(JsonError::Nul)) } else { Ok(()) }
    }

    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= DEPTH_MAX { Err(self.refuse(JsonError::TooDeep)) } else { Ok(Self { depth: self.depth + 1, ..self }) }
    }
}

impl<'de> DeserializeSeed<'de> for Check<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Check<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inside = self.deeper()?;
        while items.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let inside = self.deeper()?;
        let mut keys: HashSet<String> = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            self.text(&key)?;
            if !keys.insert(key) {
                return Err(self.refuse(JsonError::DuplicateKey));
            }
            entries.next_value_seed(inside)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
