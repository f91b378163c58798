//! The policies of the template, read as AWS reads them, as far as the template goes; any other form fails the test.

use serde_yaml_ng::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet};

/// One action on one resource, for partition keys of one pattern where there is a condition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Right {
    pub(crate) function: String,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) keys: Option<String>,
}

struct Statement {
    function: String,
    actions: Vec<String>,
    resources: Vec<String>,
    /// Patterns of which every partition key of a call must fit one; none: any key.
    keys: Option<Vec<String>>,
}

/// The rights of all functions.
pub(crate) struct Rights {
    functions: BTreeSet<String>,
    statements: Vec<Statement>,
    /// Names of tables and queues to their logical ids, by which the statements name them.
    ids: BTreeMap<String, String>,
}

fn mapping(value: &Value) -> &Mapping {
    value.as_mapping().unwrap_or_else(|| panic!("no object: {value:?}"))
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_sequence().cloned().unwrap_or_else(|| vec![value.clone()]);
    list.iter().map(|item| item.as_str().unwrap_or_else(|| panic!("no text: {item:?}")).to_owned()).collect()
}

/// The intrinsic function at a place, and its argument.
fn tagged(value: &Value) -> (String, &str) {
    let Value::Tagged(tagged) = value else { panic!("no intrinsic function: {value:?}") };
    (tagged.tag.to_string(), tagged.value.as_str().expect("a text"))
}

/// `AccountsTable`, or `LedgerTable/index/by_owner`.
fn resource(value: &Value) -> String {
    let (function, argument) = tagged(value);
    let arn = match function.as_str() {
        "!GetAtt" => argument.strip_suffix(".Arn").map(str::to_owned),
        "!Sub" => argument.strip_prefix("${").and_then(|rest| rest.split_once(".Arn}")).map(|(id, rest)| format!("{id}{rest}")),
        _ => None,
    };
    arn.unwrap_or_else(|| panic!("no ARN of one of our own resources: {value:?}"))
}

fn keys(condition: &Value) -> Vec<String> {
    let [(operator, test)] = mapping(condition).iter().collect::<Vec<_>>()[..] else { panic!("more than one condition: {condition:?}") };
    let [(key, patterns)] = mapping(test).iter().collect::<Vec<_>>()[..] else { panic!("more than one key: {condition:?}") };
    assert_eq!(key.as_str(), Some("dynamodb:LeadingKeys"));
    let patterns = texts(patterns);
    let wild = patterns.iter().any(|pattern| pattern.contains(['*', '?']));
    match operator.as_str() {
        Some("ForAllValues:StringEquals") => assert!(!wild, "{patterns:?} would be taken by the letter"),
        Some("ForAllValues:StringLike") => {
            let fits = |pattern: &String| !pattern.trim_end_matches('*').contains(['*', '?']);
            assert!(patterns.iter().all(fits), "this test reads prefixes alone: {patterns:?}");
        }
        other => panic!("an unknown operator {other:?}"),
    }
    patterns
}

fn fits(pattern: &str, key: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == key, |prefix| key.starts_with(prefix))
}

fn statement(function: &str, value: &Value) -> Statement {
    assert_eq!(value["Effect"].as_str(), Some("Allow"));
    let named = &value["Resource"];
    let resources = named.as_sequence().map_or_else(|| vec![resource(named)], |list| list.iter().map(resource).collect());
    let actions = texts(&value["Action"]);
    assert!(!actions.iter().any(|action| action.contains('*')), "{function}: {actions:?}");
    Statement { function: function.to_owned(), actions, resources, keys: value.get("Condition").map(keys) }
}

/// A function's policy documents: its own, or those of the role that it names. One without any may nothing.
fn documents<'a>(function: &'a Value, resources: &'a Value) -> Vec<&'a Value> {
    match function.get("Role").map(tagged) {
        Some((_, role)) => {
            let id = role.strip_suffix(".Arn").expect("a role of the template");
            resources[id]["Properties"]["Policies"]
                .as_sequence()
                .expect("policies")
                .iter()
                .map(|policy| &policy["PolicyDocument"])
                .collect()
        }
        None => function.get("Policies").map_or_else(Vec::new, |own| own.as_sequence().expect("policies").iter().collect()),
    }
}

impl Rights {
    pub(crate) fn of(template: &str, stage: &str) -> Self {
        let template: Value = serde_yaml_ng::from_str(template).expect("the template reads");
        let resources = &template["Resources"];
        let mut rights = Self { functions: BTreeSet::new(), statements: Vec::new(), ids: BTreeMap::new() };
        for (id, resource) in mapping(resources) {
            let (id, properties) = (id.as_str().expect("an id"), &resource["Properties"]);
            let name = |key| tagged(&properties[key]).1.replace("${Stage}", stage);
            match resource["Type"].as_str() {
                Some("AWS::DynamoDB::Table") => drop(rights.ids.insert(name("TableName"), id.to_owned())),
                Some("AWS::SQS::Queue") => drop(rights.ids.insert(name("QueueName"), id.to_owned())),
                Some("AWS::Serverless::Function") => {
                    let function = resource["Metadata"]["BuildProperties"]["Binary"].as_str().expect("a binary");
                    rights.functions.insert(function.to_owned());
                    for document in documents(properties, resources) {
                        let statements = document["Statement"].as_sequence().expect("statements").iter();
                        rights.statements.extend(statements.map(|value| statement(function, value)));
                    }
                }
                _ => {}
            }
        }
        rights
    }

    /// Whether it is a function of the template, and not the stack itself.
    pub(crate) fn is_about(&self, function: &str) -> bool {
        self.functions.contains(function)
    }

    /// The logical id of a table or queue; its name, where it is none of the template's.
    pub(crate) fn id<'a>(&'a self, name: &'a str) -> &'a str {
        self.ids.get(name).map_or(name, String::as_str)
    }

    /// The rights of the first statement that allows it; none where no single one does.
    pub(crate) fn allow(&self, function: &str, action: &str, resource: &str, keys: &[String]) -> Option<Vec<Right>> {
        let right = |keys| Right { function: function.into(), action: action.into(), resource: resource.into(), keys };
        let named = |list: &[String], text: &str| list.iter().any(|item| item == text);
        let mut open =
            self.statements.iter().filter(|one| one.function == function && named(&one.actions, action) && named(&one.resources, resource));
        open.find_map(|one| match &one.keys {
            None => Some(vec![right(None)]),
            // AWS takes a call without keys for one whose keys all fit; here it is a mistake.
            Some(_) if keys.is_empty() => None,
            Some(patterns) => {
                let fitting = |key: &String| patterns.iter().find(|pattern| fits(pattern, key)).map(|pattern| right(Some(pattern.clone())));
                keys.iter().map(fitting).collect()
            }
        })
    }

    /// Every right that the template gives.
    pub(crate) fn all(&self) -> BTreeSet<Right> {
        let mut all = BTreeSet::new();
        for one in &self.statements {
            let patterns = one.keys.as_ref().map_or_else(|| vec![None], |keys| keys.iter().cloned().map(Some).collect());
            for action in &one.actions {
                for resource in &one.resources {
                    for keys in &patterns {
                        let right = Right {
                            function: one.function.clone(),
                            action: action.clone(),
                            resource: resource.clone(),
                            keys: keys.clone(),
                        };
                        assert!(all.insert(right.clone()), "given twice: {right:?}");
                    }
                }
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
Resources:
  Table: { Type: AWS::DynamoDB::Table, Properties: { TableName: !Sub "t-${Stage}" } }
  Worker:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: worker } }
    Properties:
      Policies:
        - Statement:
            - Effect: Allow
              Action: [dynamodb:GetItem, dynamodb:BatchGetItem]
              Resource: !GetAtt Table.Arn
              Condition: { ForAllValues:StringLike: { "dynamodb:LeadingKeys": ["a#*", b] } }
            - { Effect: Allow, Action: dynamodb:BatchGetItem, Resource: !GetAtt Table.Arn, Condition: { ForAllValues:StringEquals: { "dynamodb:LeadingKeys": [c] } } }
            - { Effect: Allow, Action: dynamodb:Query, Resource: !Sub "${Table.Arn}/index/i" }
"#;

    #[test]
    fn only_what_one_statement_allows_is_allowed() {
        let rights = Rights::of(SMALL, "x");
        assert_eq!(rights.id("t-x"), "Table");
        assert_eq!(rights.all().len(), 6);
        let rows: [(&str, &str, &[&str], bool); 9] = [
            ("GetItem", "Table", &["a#1"], true),
            ("GetItem", "Table", &["b"], true),
            ("GetItem", "Table", &["b#1"], false),
            ("GetItem", "Table", &["c"], false),
            ("GetItem", "Table", &[], false),
            ("BatchGetItem", "Table", &["a#1", "b"], true),
            ("BatchGetItem", "Table", &["a#1", "c"], false),
            ("Query", "Table/index/i", &["anything"], true),
            ("Query", "Table", &["a#1"], false),
        ];
        for (action, resource, keys, allowed) in rows {
            let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
            let found = rights.allow("worker", &format!("dynamodb:{action}"), resource, &keys);
            assert_eq!(found.is_some(), allowed, "{action} {resource} {keys:?}");
            assert_eq!(rights.allow("other", &format!("dynamodb:{action}"), resource, &keys), None);
        }
    }
}
