//! `!Ref`, `!Sub`, `!GetAtt` and `{{resolve:…}}`, as far as one machine can answer them.

use super::{
    TemplateError,
    node::Node,
    spec::{Part, Text},
};
use std::collections::BTreeMap;

/// The region that everything on this machine claims to be in.
pub const REGION: &str = "us-east-1";
/// The account that everything on this machine claims to belong to.
pub const ACCOUNT: &str = "000000000000";

/// The names that a template's references can mean.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Parameter → its value.
    pub(super) parameters: BTreeMap<String, String>,
    /// Logical id → resource type.
    pub(super) resources: BTreeMap<String, String>,
    /// Logical id of a table → its name.
    pub(super) tables: BTreeMap<String, String>,
    /// Logical id of a queue → its name.
    pub(super) queues: BTreeMap<String, String>,
}

/// Attributes of cloud-only resources are never asked for at run time, but a misspelled one should not wait for the deploy.
const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("AWS::DynamoDB::Table", &["Arn"]),
    ("AWS::SQS::Queue", &["Arn", "QueueName", "QueueUrl"]),
    ("AWS::Serverless::Function", &["Arn"]),
    ("AWS::Logs::LogGroup", &["Arn"]),
    ("AWS::IAM::Role", &["Arn"]),
    ("AWS::SNS::Topic", &["TopicArn", "TopicName"]),
    ("AWS::Serverless::HttpApi", &[]),
];

impl Names {
    /// The text at `node`, its references followed.
    ///
    /// # Errors
    /// Where it is no text, or names what the local stack does not know.
    pub(super) fn text(&self, node: &Node<'_>) -> Result<Text, TemplateError> {
        let Some((function, argument)) = node.intrinsic() else {
            return self.resolve_secrets(node, vec![Part::Plain(node.text()?.to_owned())]);
        };
        match function.as_str() {
            "Ref" => Ok(Text(vec![self.reference(node, argument.text()?)?])),
            "GetAtt" => Ok(Text(vec![self.attribute(node, argument.text()?)?])),
            "Sub" => {
                let parts = self.substitute(node, argument.text()?)?;
                self.resolve_secrets(node, parts)
            }
            other => Err(node.error(format!("the local stack does not know `!{other}`"))),
        }
    }

    /// A text that is known before anything runs: no queue URL, no secret.
    pub(super) fn plain(&self, node: &Node<'_>) -> Result<String, TemplateError> {
        self.text(node)?.plain().ok_or_else(|| node.error("must not hold a secret or a queue's URL"))
    }

    /// The logical id of the queue whose ARN stands at `node`.
    pub(super) fn queue_of_arn(&self, node: &Node<'_>) -> Result<String, TemplateError> {
        let wrong = || node.error("must be `!GetAtt <queue>.Arn`");
        let (function, argument) = node.intrinsic().ok_or_else(wrong)?;
        let id = argument.text()?.strip_suffix(".Arn").ok_or_else(wrong)?;
        if function == "GetAtt" && self.queues.contains_key(id) { Ok(id.to_owned()) } else { Err(wrong()) }
    }

    /// Follows every reference below `node`, those of cloud-only properties too.
    pub(super) fn check(&self, node: &Node<'_>) -> Result<(), TemplateError> {
        if node.intrinsic().is_some() {
            return self.text(node).map(drop);
        }
        if node.value.is_mapping() {
            for (key, member) in node.members()? {
                if key.starts_with("Fn::") || key == "Ref" {
                    return Err(member.error("write intrinsic functions in their short form"));
                }
                self.check(&member)?;
            }
        } else if node.value.is_sequence() {
            for element in node.elements()? {
                self.check(&element)?;
            }
        }
        Ok(())
    }

    fn reference(&self, node: &Node<'_>, name: &str) -> Result<Part, TemplateError> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(Part::Plain(value.clone()));
        }
        if let Some(table) = self.tables.get(name) {
            return Ok(Part::Plain(table.clone()));
        }
        if self.queues.contains_key(name) {
            return Ok(Part::QueueUrl(name.to_owned()));
        }
        if self.resources.contains_key(name) {
            return Ok(Part::Plain(format!("local:{name}")));
        }
        match name {
            "AWS::Region" => Ok(Part::Plain(REGION.into())),
            "AWS::AccountId" => Ok(Part::Plain(ACCOUNT.into())),
            "AWS::Partition" => Ok(Part::Plain("aws".into())),
            "AWS::URLSuffix" => Ok(Part::Plain("amazonaws.com".into())),
            "AWS::StackName" => Ok(Part::Plain("local".into())),
            unknown => Err(node.error(format!("`{unknown}` is neither a parameter nor a resource"))),
        }
    }

    fn attribute(&self, node: &Node<'_>, path: &str) -> Result<Part, TemplateError> {
        let (id, attribute) = path.split_once('.').ok_or_else(|| node.error(format!("`{path}` names no attribute")))?;
        let kind = self.resources.get(id).ok_or_else(|| node.error(format!("`{id}` is not a resource")))?;
        let known = ATTRIBUTES.iter().any(|(of, names)| of == kind && names.contains(&attribute));
        if !known {
            return Err(node.error(format!("a {kind} has no attribute `{attribute}` here")));
        }
        let part = match (attribute, self.queues.get(id), self.tables.get(id)) {
            ("QueueUrl", Some(_), _) => Part::QueueUrl(id.to_owned()),
            ("QueueName", Some(name), _) => Part::Plain(name.clone()),
            ("Arn", Some(name), _) => Part::Plain(queue_arn(name)),
            ("Arn", None, Some(name)) => Part::Plain(format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")),
            (attribute, _, _) => Part::Plain(format!("local:{id}.{attribute}")),
        };
        Ok(part)
    }

    fn substitute(&self, node: &Node<'_>, pattern: &str) -> Result<Vec<Part>, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, remainder) = after.split_once('}').ok_or_else(|| node.error("has a `${` without its `}`"))?;
            parts.push(Part::Plain(before.to_owned()));
            parts.push(if name.contains('.') { self.attribute(node, name)? } else { self.reference(node, name)? });
            rest = remainder;
        }
        parts.push(Part::Plain(rest.to_owned()));
        Ok(parts)
    }

    /// Turns `{{resolve:secretsmanager:…:SecretString:key}}` into the secret's key.
    fn resolve_secrets(&self, node: &Node<'_>, parts: Vec<Part>) -> Result<Text, TemplateError> {
        let text = Text(parts);
        let Some(plain) = text.plain() else {
            return Ok(text);
        };
        if !plain.contains("{{resolve:") {
            return Ok(Text(vec![Part::Plain(plain)]));
        }
        let wrong = || node.error("must be `{{resolve:secretsmanager:<secret>:SecretString:<key>}}`");
        let inner = plain.strip_prefix("{{resolve:secretsmanager:").and_then(|rest| rest.strip_suffix("}}")).ok_or_else(wrong)?;
        let (_secret, key) = inner.split_once(":SecretString:").ok_or_else(wrong)?;
        if key.is_empty() || key.contains([':', '{', '}']) {
            return Err(wrong());
        }
        Ok(Text(vec![Part::Secret(key.to_owned())]))
    }
}

/// The ARN of a queue on this machine.
#[must_use]
pub fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}
