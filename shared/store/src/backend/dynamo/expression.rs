//! Conditions and changes in DynamoDB's expression language.

use super::to_value;
use crate::backend::{Change, Condition, Value};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// Collects the names and values that expressions refer to.
#[derive(Default)]
pub(super) struct Expression {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    fn name(&mut self, name: &str) -> String {
        let known = self.names.iter().find(|(_, known)| *known == name).map(|(placeholder, _)| placeholder.clone());
        known.unwrap_or_else(|| {
            let placeholder = format!("#n{}", self.names.len());
            self.names.insert(placeholder.clone(), name.to_owned());
            placeholder
        })
    }

    fn value(&mut self, value: &Value) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), to_value(value));
        placeholder
    }

    pub(super) fn conditions(&mut self, conditions: &[Condition]) -> Option<String> {
        let told: Vec<String> = conditions
            .iter()
            .map(|condition| match condition {
                Condition::Absent(name) => format!("attribute_not_exists({})", self.name(name)),
                Condition::Present(name) => format!("attribute_exists({})", self.name(name)),
                Condition::Equals(name, value) => format!("{} = {}", self.name(name), self.value(value)),
                Condition::AbsentOrEquals(name, value) => {
                    let name = self.name(name);
                    format!("(attribute_not_exists({name}) OR {name} = {})", self.value(value))
                }
            })
            .collect();
        (!told.is_empty()).then(|| told.join(" AND "))
    }

    pub(super) fn changes(&mut self, changes: &[Change]) -> String {
        let (mut set, mut add, mut remove) = (Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            let name = self.name(change.name());
            match change {
                Change::Set(_, value) => set.push(format!("{name} = {}", self.value(value))),
                Change::SetOnce(_, value) => set.push(format!("{name} = if_not_exists({name}, {})", self.value(value))),
                Change::Add(_, amount) => add.push(format!("{name} {}", self.value(&Value::N(*amount)))),
                Change::Remove(_) => remove.push(name),
            }
        }
        let clause = |word: &str, parts: Vec<String>| (!parts.is_empty()).then(|| format!("{word} {}", parts.join(", ")));
        [clause("SET", set), clause("ADD", add), clause("REMOVE", remove)].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    pub(super) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    #[test]
    fn expressions_name_everything() {
        let mut expression = Expression::default();
        let condition = expression.conditions(&[
            Condition::Absent("pk"),
            Condition::Equals("cv", 3_u32.into()),
            Condition::AbsentOrEquals("cv", 4_u32.into()),
            Condition::Present("x"),
        ]);
        assert_eq!(
            condition.as_deref(),
            Some("attribute_not_exists(#n0) AND #n1 = :v0 AND (attribute_not_exists(#n1) OR #n1 = :v1) AND attribute_exists(#n2)")
        );
        let changes = expression.changes(&[
            Change::Add("R".into(), Decimal::ONE),
            Change::Set("a".into(), "x".into()),
            Change::Remove("h20260101".into()),
            Change::SetOnce("ft".into(), "t".into()),
            Change::Add("v".into(), Decimal::ONE),
        ]);
        assert_eq!(changes, "SET #n4 = :v3, #n6 = if_not_exists(#n6, :v4) ADD #n3 :v2, #n7 :v5 REMOVE #n5");
        assert_eq!(expression.names().map(|names| names.len()), Some(8));
        assert_eq!(Expression::default().conditions(&[]), None);
        assert!(Expression::default().names().is_none() && Expression::default().values().is_none());
    }
}
