//! A YAML value that knows where it stands, so that every refusal names its place.

use super::error::TemplateError;
use serde_yaml_ng::Value;

/// A value of the template and its path.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) place: String,
    pub(super) value: &'a Value,
}

/// The names that an object may have: those that the local stack reads, and those that matter in the cloud only.
pub(super) struct Fields<'n> {
    /// Read and honoured here.
    pub(super) read: &'n [&'n str],
    /// Known, and without meaning on one machine.
    pub(super) cloud_only: &'n [&'n str],
}

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { place: "template".into(), value }
    }

    pub(super) fn error(&self, problem: impl Into<String>) -> TemplateError {
        TemplateError::new(self.place.clone(), problem)
    }

    fn child(&self, key: &str, value: &'a Value) -> Node<'a> {
        let place = if self.place == "template" { key.to_owned() } else { format!("{}.{key}", self.place) };
        Node { place, value }
    }

    /// The members of an object, in the template's order.
    pub(super) fn members(&self) -> Result<Vec<(String, Node<'a>)>, TemplateError> {
        let map = self.value.as_mapping().ok_or_else(|| self.error("must be an object"))?;
        map.iter()
            .map(|(key, value)| {
                let key = key.as_str().ok_or_else(|| self.error("has a key that is not a text"))?;
                Ok((key.to_owned(), self.child(key, value)))
            })
            .collect()
    }

    /// Refuses members that are in neither list.
    pub(super) fn only(&self, fields: &Fields<'_>) -> Result<(), TemplateError> {
        for (key, node) in self.members()? {
            if !fields.read.contains(&key.as_str()) && !fields.cloud_only.contains(&key.as_str()) {
                return Err(node.error("is not known to the local stack"));
            }
        }
        Ok(())
    }

    /// The member `key`, where there is one.
    pub(super) fn get(&self, key: &str) -> Option<Node<'a>> {
        self.value.get(key).map(|value| self.child(key, value))
    }

    /// The member `key`, which must be there.
    pub(super) fn need(&self, key: &str) -> Result<Node<'a>, TemplateError> {
        self.get(key).ok_or_else(|| self.error(format!("needs `{key}`")))
    }

    /// The elements of a list.
    pub(super) fn elements(&self) -> Result<Vec<Node<'a>>, TemplateError> {
        let list = self.value.as_sequence().ok_or_else(|| self.error("must be a list"))?;
        Ok(list.iter().enumerate().map(|(index, value)| Node { place: format!("{}[{index}]", self.place), value }).collect())
    }

    /// A plain text, without an intrinsic.
    pub(super) fn text(&self) -> Result<&'a str, TemplateError> {
        self.value.as_str().ok_or_else(|| self.error("must be a plain text"))
    }

    /// A whole number inside `range`.
    pub(super) fn integer(&self, range: std::ops::RangeInclusive<u64>) -> Result<u64, TemplateError> {
        let number = self.value.as_u64().ok_or_else(|| self.error("must be a whole number"))?;
        if range.contains(&number) { Ok(number) } else { Err(self.error(format!("must be between {} and {}", range.start(), range.end()))) }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Result<bool, TemplateError> {
        self.value.as_bool().ok_or_else(|| self.error("must be true or false"))
    }

    /// The text of one of `allowed`.
    pub(super) fn one_of(&self, allowed: &[&str]) -> Result<&'a str, TemplateError> {
        let text = self.text()?;
        if allowed.contains(&text) { Ok(text) } else { Err(self.error(format!("`{text}` is none of {}", allowed.join(", ")))) }
    }

    /// The intrinsic function here, as its name without `!` and its argument.
    pub(super) fn intrinsic(&self) -> Option<(String, Node<'a>)> {
        match self.value {
            Value::Tagged(tagged) => {
                let name = tagged.tag.to_string();
                let name = name.trim_start_matches('!').to_owned();
                Some((name, Node { place: self.place.clone(), value: &tagged.value }))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }
}
