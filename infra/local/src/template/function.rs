//! `AWS::Serverless::Function`, with what `Globals` says for all.

use super::{
    TemplateError, events,
    intrinsic::Names,
    node::{Fields, Node},
    spec::{FunctionSpec, Text},
};
use std::{collections::BTreeMap, time::Duration};

/// The environment variable in which a function is told its own timeout.
const TIMEOUT_VARIABLE: &str = "FUNCTION_TIMEOUT_SECONDS";

const PROPERTIES: Fields<'static> = Fields {
    read: &["FunctionName", "Runtime", "Handler", "CodeUri", "MemorySize", "Timeout", "Environment", "Events", "EventInvokeConfig"],
    cloud_only: &["Architectures", "Tracing", "LoggingConfig", "Policies", "Role", "Description", "Tags"],
};

/// `Globals.Function`, checked.
pub(super) fn globals<'a>(root: &Node<'a>) -> Result<Option<Node<'a>>, TemplateError> {
    let Some(globals) = root.get("Globals") else {
        return Ok(None);
    };
    globals.only(&Fields { read: &["Function"], cloud_only: &[] })?;
    let function = globals.need("Function")?;
    function.only(&PROPERTIES)?;
    Ok(Some(function))
}

/// Reads one function.
pub(super) fn read(resource: &Node<'_>, globals: Option<&Node<'_>>, names: &Names) -> Result<FunctionSpec, TemplateError> {
    let properties = resource.need("Properties")?;
    properties.only(&PROPERTIES)?;
    let merged = Merged { own: &properties, globals };
    merged.need("Runtime")?.one_of(&["provided.al2023"])?;
    merged.need("Handler")?.one_of(&["bootstrap"])?;
    merged.need("CodeUri")?.one_of(&["."])?;

    let timeout_node = merged.need("Timeout")?;
    let timeout_seconds = timeout_node.integer(1..=900)?;
    let environment = environment(&merged, names)?;
    check_timeout_variable(&timeout_node, timeout_seconds, &environment)?;

    let sources = events::read(&properties, names)?;
    if !sources.schedules.is_empty() {
        check_retries(&properties)?;
    }
    let name = binary(resource)?;
    Ok(FunctionSpec {
        cloud_name: match properties.get("FunctionName") {
            Some(node) => names.plain(&node)?,
            None => name.clone(),
        },
        name,
        timeout: Duration::from_secs(timeout_seconds),
        memory_mb: merged.need("MemorySize")?.integer(128..=10_240)?,
        environment,
        routes: sources.routes,
        queues: sources.queues,
        schedules: sources.schedules,
    })
}

/// A function's own properties before those of all functions.
struct Merged<'n, 'a> {
    own: &'n Node<'a>,
    globals: Option<&'n Node<'a>>,
}

impl<'a> Merged<'_, 'a> {
    fn need(&self, key: &str) -> Result<Node<'a>, TemplateError> {
        self.own
            .get(key)
            .or_else(|| self.globals.and_then(|globals| globals.get(key)))
            .ok_or_else(|| self.own.error(format!("needs `{key}`, here or in Globals.Function")))
    }
}

/// The name of a function's binary.
pub(super) fn binary(resource: &Node<'_>) -> Result<String, TemplateError> {
    let metadata = resource.need("Metadata")?;
    metadata.only(&Fields { read: &["BuildMethod", "BuildProperties"], cloud_only: &[] })?;
    metadata.need("BuildMethod")?.one_of(&["rust-cargolambda"])?;
    let properties = metadata.need("BuildProperties")?;
    properties.only(&Fields { read: &["Binary"], cloud_only: &[] })?;
    let node = properties.need("Binary")?;
    let name = node.text()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(fits) {
        return Err(node.error(format!("`{name}` cannot be the name of a binary")));
    }
    Ok(name.to_owned())
}

fn environment(merged: &Merged<'_, '_>, names: &Names) -> Result<BTreeMap<String, Text>, TemplateError> {
    let mut all = BTreeMap::new();
    // The function's own come last, and win.
    for side in [merged.globals, Some(merged.own)].into_iter().flatten() {
        let Some(environment) = side.get("Environment") else {
            continue;
        };
        environment.only(&Fields { read: &["Variables"], cloud_only: &[] })?;
        for (name, node) in environment.need("Variables")?.members()? {
            check_variable(&name, &node)?;
            all.insert(name, names.text(&node)?);
        }
    }
    Ok(all)
}

/// Lambda refuses names that it sets itself; here they would silently replace the stack's.
fn check_variable(name: &str, node: &Node<'_>) -> Result<(), TemplateError> {
    let reserved = ["AWS_", "LAMBDA_", "_"].iter().any(|p| name.starts_with(p));
    let fits = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if reserved || name == "PATH" {
        return Err(node.error("is a name that Lambda keeps for itself"));
    }
    if name.is_empty() || !fits {
        return Err(node.error("must be written in capitals, digits and underscores"));
    }
    Ok(())
}

/// The timeout is said twice, since CloudFormation cannot compute; the two must agree.
fn check_timeout_variable(timeout: &Node<'_>, seconds: u64, environment: &BTreeMap<String, Text>) -> Result<(), TemplateError> {
    match environment.get(TIMEOUT_VARIABLE).map(Text::plain) {
        Some(said) if said.as_deref() != Some(seconds.to_string().as_str()) => {
            Err(timeout.error(format!("is {seconds}, but {TIMEOUT_VARIABLE} says otherwise")))
        }
        Some(_) | None => Ok(()),
    }
}

/// Lambda repeats a failed schedule's invocation by default; the local stack never does.
fn check_retries(properties: &Node<'_>) -> Result<(), TemplateError> {
    let config = properties.need("EventInvokeConfig")?;
    config.only(&Fields { read: &["MaximumRetryAttempts"], cloud_only: &[] })?;
    config.need("MaximumRetryAttempts")?.integer(0..=0)?;
    Ok(())
}
