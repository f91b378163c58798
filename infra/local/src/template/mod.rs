//! Reads `template.yaml`, so that the local stack and the cloud cannot drift.
//!
//! Strict on purpose: what this machine cannot honour is refused with its place, never skipped. What has a meaning in the cloud only
//! (roles, alarms, log groups, encryption …) is listed by type and by property in [`cloud`], and its references are still followed.

#[cfg(test)]
mod alarms_tests;
mod cloud;
mod error;
mod events;
mod function;
mod intrinsic;
mod node;
mod queue;
mod spec;
mod table;
#[cfg(test)]
mod tests;

pub use error::TemplateError;
pub use intrinsic::{ACCOUNT, REGION, queue_arn};
pub use spec::{
    AttributeType, FunctionSpec, IndexSpec, KeySpec, Part, QueueSource, QueueSpec, Redrive, Route, Schedule, StackTemplate, TableSpec, Text,
};

use intrinsic::Names;
use node::{Fields, Node};
use serde_yaml_ng::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What the stack brings to a template.
#[derive(Debug, Default)]
pub struct Setting<'a> {
    /// Values of parameters; a template may have fewer.
    pub parameters: BTreeMap<String, String>,
    /// The keys that the local secret has.
    pub secrets: &'a [&'a str],
}

const TOP: Fields<'static> = Fields {
    read: &["Transform", "Parameters", "Globals", "Resources"],
    cloud_only: &["AWSTemplateFormatVersion", "Description", "Outputs"],
};

const FUNCTION: &str = "AWS::Serverless::Function";
const TABLE: &str = "AWS::DynamoDB::Table";
const QUEUE: &str = "AWS::SQS::Queue";
const HTTP_API: &str = "AWS::Serverless::HttpApi";

/// Reads a template.
///
/// # Errors
/// The first place that is malformed, unresolved, or beyond what the local stack can do.
pub fn parse(text: &str, setting: &Setting<'_>) -> Result<StackTemplate, TemplateError> {
    let value: Value = serde_yaml_ng::from_str(text).map_err(|error| TemplateError::new("template", error.to_string()))?;
    let root = Node::root(&value);
    root.only(&TOP)?;
    root.need("Transform")?.one_of(&["AWS::Serverless-2016-10-31"])?;

    let resources = root.need("Resources")?.members()?;
    let names = names(&root, &resources, setting)?;
    for (_, resource) in &resources {
        cloud::check_frame(resource)?;
        names.check(resource)?;
    }
    if let Some(outputs) = root.get("Outputs") {
        names.check(&outputs)?;
    }

    let globals = function::globals(&root)?;
    let mut stack = StackTemplate { functions: Vec::new(), tables: Vec::new(), queues: Vec::new() };
    for (id, resource) in &resources {
        match resource.need("Type")?.text()? {
            FUNCTION => stack.functions.push(function::read(resource, globals.as_ref(), &names)?),
            TABLE => stack.tables.push(table::read(resource, &names)?),
            QUEUE => stack.queues.push(queue::read(id, resource, &names)?),
            kind => cloud::check(kind, resource)?,
        }
    }
    // A queue's redrive policy names a queue that has to exist already.
    stack.queues.sort_by_key(|queue| queue.redrive.is_some());
    check_whole(&stack, setting)?;
    Ok(stack)
}

/// The binaries of a template's functions, before anything of the setting is known.
///
/// # Errors
/// Where the template is no template, or a function has no binary.
pub fn function_names(text: &str) -> Result<Vec<String>, TemplateError> {
    let value: Value = serde_yaml_ng::from_str(text).map_err(|error| TemplateError::new("template", error.to_string()))?;
    let mut names = Vec::new();
    for (_, resource) in Node::root(&value).need("Resources")?.members()? {
        if resource.need("Type")?.text()? == FUNCTION {
            names.push(function::binary(&resource)?);
        }
    }
    Ok(names)
}

fn names(root: &Node<'_>, resources: &[(String, Node<'_>)], setting: &Setting<'_>) -> Result<Names, TemplateError> {
    let mut names = Names::default();
    if let Some(parameters) = root.get("Parameters") {
        for (name, parameter) in parameters.members()? {
            let value = parameter_value(&name, &parameter, setting)?;
            names.parameters.insert(name, value);
        }
    }
    for (id, resource) in resources {
        let kind = resource.need("Type")?.text()?;
        names.resources.insert(id.clone(), kind.to_owned());
    }
    // Names of tables and queues can only hold parameters, which are all known by now.
    for (id, resource) in resources {
        let property = match resource.need("Type")?.text()? {
            TABLE => "TableName",
            QUEUE => "QueueName",
            _ => continue,
        };
        let name = names.plain(&resource.need("Properties")?.need(property)?)?;
        let group = if property == "TableName" { &mut names.tables } else { &mut names.queues };
        group.insert(id.clone(), name);
    }
    Ok(names)
}

fn parameter_value(name: &str, parameter: &Node<'_>, setting: &Setting<'_>) -> Result<String, TemplateError> {
    parameter.only(&Fields {
        read: &["Type", "Default", "AllowedValues"],
        cloud_only: &["Description", "AllowedPattern", "ConstraintDescription"],
    })?;
    parameter.need("Type")?.one_of(&["String"])?;
    let value = match (setting.parameters.get(name), parameter.get("Default")) {
        (Some(value), _) => value.clone(),
        (None, Some(default)) => default.text()?.to_owned(),
        (None, None) => {
            return Err(parameter.error("has no default, and the local stack has no value for it"));
        }
    };
    if let Some(allowed) = parameter.get("AllowedValues") {
        let mut known = Vec::new();
        for element in allowed.elements()? {
            known.push(element.text()?);
        }
        if !known.contains(&value.as_str()) {
            return Err(parameter.error(format!("`{value}` is none of {}", known.join(", "))));
        }
    }
    Ok(value)
}

/// What can be wrong between places that are right by themselves.
fn check_whole(stack: &StackTemplate, setting: &Setting<'_>) -> Result<(), TemplateError> {
    let mut binaries = BTreeSet::new();
    let mut routes = BTreeSet::new();
    let mut consumed = BTreeSet::new();
    for function in &stack.functions {
        let place = format!("function {}", function.name);
        let refuse = |problem: String| Err(TemplateError::new(place.clone(), problem));
        if !binaries.insert(&function.name) {
            return refuse("its binary is another function's too".into());
        }
        for (variable, text) in &function.environment {
            for part in &text.0 {
                if let Part::Secret(key) = part
                    && !setting.secrets.contains(&key.as_str())
                {
                    return refuse(format!("{variable}: the local secret has no key `{key}`"));
                }
            }
        }
        for route in &function.routes {
            if !routes.insert(shape(route)) {
                return refuse(format!("the route `{}` is there twice", route.key()));
            }
        }
        for source in &function.queues {
            if !consumed.insert(&source.queue) {
                return refuse(format!("`{}` has a consumer already", source.queue));
            }
            check_visibility(stack, function, source)?;
        }
    }
    Ok(())
}

/// AWS asks for six times the timeout: with less, a slow batch is delivered again while it is worked on.
fn check_visibility(stack: &StackTemplate, function: &FunctionSpec, source: &QueueSource) -> Result<(), TemplateError> {
    let least = function.timeout.saturating_mul(6) + source.window;
    match stack.queues.iter().find(|queue| queue.id == source.queue) {
        Some(queue) if queue.visibility < least => Err(TemplateError::new(
            format!("Resources.{}.Properties.VisibilityTimeout", queue.id),
            format!("must be at least {} s: six times the timeout of {}, and its window", least.as_secs(), function.name),
        )),
        Some(_) => Ok(()),
        None => Err(TemplateError::new(format!("function {}", function.name), format!("`{}` is not a queue", source.queue))),
    }
}

/// A route without the names of its variables: two with the same shape match the same requests.
fn shape(route: &Route) -> String {
    let path: Vec<&str> = route.path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect();
    let method = route.method.as_ref().map_or("ANY", http::Method::as_str);
    format!("{method} {}", path.join("/"))
}
