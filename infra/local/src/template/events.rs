//! A function's event sources: routes, queues, schedules.

use super::{
    HTTP_API, TemplateError,
    intrinsic::Names,
    node::{Fields, Node},
    spec::{QueueSource, Route, Schedule},
};
use http::Method;
use std::time::Duration;

/// The event sources of one function.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) routes: Vec<Route>,
    pub(super) queues: Vec<QueueSource>,
    pub(super) schedules: Vec<Schedule>,
}

/// Reads `Events`.
pub(super) fn read(properties: &Node<'_>, names: &Names) -> Result<Sources, TemplateError> {
    let mut sources = Sources::default();
    let Some(events) = properties.get("Events") else {
        return Ok(sources);
    };
    for (name, event) in events.members()? {
        event.only(&Fields { read: &["Type", "Properties"], cloud_only: &[] })?;
        let kind = event.need("Type")?;
        let properties = event.need("Properties")?;
        match kind.text()? {
            "HttpApi" => sources.routes.push(route(&properties, names)?),
            "SQS" => sources.queues.push(queue(&properties, names)?),
            "Schedule" => sources.schedules.push(schedule(&name, &properties)?),
            other => {
                return Err(kind.error(format!("the local stack knows no event type `{other}`")));
            }
        }
    }
    Ok(sources)
}

fn route(properties: &Node<'_>, names: &Names) -> Result<Route, TemplateError> {
    properties.only(&Fields { read: &["ApiId", "Method", "Path"], cloud_only: &[] })?;
    let api = properties.need("ApiId")?;
    let known = api.intrinsic().is_some_and(|(function, argument)| {
        let kind = argument.value.as_str().and_then(|id| names.resources.get(id));
        function == "Ref" && kind.is_some_and(|kind| kind == HTTP_API)
    });
    if !known {
        return Err(api.error(format!("must be `!Ref` to a resource of type {HTTP_API}")));
    }
    let path = properties.need("Path")?;
    check_path(&path)?;
    Ok(Route { method: method(&properties.need("Method")?)?, path: path.text()?.to_owned() })
}

fn method(node: &Node<'_>) -> Result<Option<Method>, TemplateError> {
    let text = node.text()?;
    let known = match text.to_ascii_uppercase().as_str() {
        "ANY" => None,
        "GET" => Some(Method::GET),
        "HEAD" => Some(Method::HEAD),
        "POST" => Some(Method::POST),
        "PUT" => Some(Method::PUT),
        "PATCH" => Some(Method::PATCH),
        "DELETE" => Some(Method::DELETE),
        "OPTIONS" => Some(Method::OPTIONS),
        _ => return Err(node.error(format!("`{text}` is no method of a route"))),
    };
    Ok(known)
}

fn check_path(node: &Node<'_>) -> Result<(), TemplateError> {
    let path = node.text()?;
    let Some(rest) = path.strip_prefix('/') else {
        return Err(node.error("must begin with `/`"));
    };
    if rest.is_empty() {
        return Ok(());
    }
    let name_fits = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let literal_fits = |segment: &str| !segment.is_empty() && segment.chars().all(|c| c.is_ascii_alphanumeric() || "-_.~".contains(c));
    for segment in rest.split('/') {
        let fits = match segment.strip_prefix('{') {
            Some(inner) => inner.strip_suffix('}').is_some_and(name_fits),
            None => literal_fits(segment),
        };
        if !fits {
            return Err(node.error(format!("the local stack cannot match `{segment}`")));
        }
    }
    Ok(())
}

fn queue(properties: &Node<'_>, names: &Names) -> Result<QueueSource, TemplateError> {
    properties.only(&Fields {
        read: &["Queue", "BatchSize", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes", "ScalingConfig"],
        cloud_only: &[],
    })?;
    let batch = properties.need("BatchSize")?;
    let batch_size = batch.integer(1..=10_000)?;
    let window = match properties.get("MaximumBatchingWindowInSeconds") {
        Some(node) => node.integer(0..=300)?,
        None => 0,
    };
    if batch_size > 10 && window == 0 {
        return Err(batch.error("needs a batching window above 10"));
    }
    Ok(QueueSource {
        queue: names.queue_of_arn(&properties.need("Queue")?)?,
        batch_size: whole(&batch, batch_size)?,
        window: Duration::from_secs(window),
        reports_failures: reports_failures(properties)?,
        concurrency_max: concurrency_max(properties)?,
    })
}

fn reports_failures(properties: &Node<'_>) -> Result<bool, TemplateError> {
    let Some(types) = properties.get("FunctionResponseTypes") else {
        return Ok(false);
    };
    let types = types.elements()?;
    for kind in &types {
        kind.one_of(&["ReportBatchItemFailures"])?;
    }
    Ok(!types.is_empty())
}

fn concurrency_max(properties: &Node<'_>) -> Result<Option<usize>, TemplateError> {
    let Some(config) = properties.get("ScalingConfig") else {
        return Ok(None);
    };
    config.only(&Fields { read: &["MaximumConcurrency"], cloud_only: &[] })?;
    let node = config.need("MaximumConcurrency")?;
    let most = node.integer(2..=1000)?;
    whole(&node, most).map(Some)
}

fn whole(node: &Node<'_>, number: u64) -> Result<usize, TemplateError> {
    usize::try_from(number).map_err(|_| node.error("is too large"))
}

fn schedule(name: &str, properties: &Node<'_>) -> Result<Schedule, TemplateError> {
    properties.only(&Fields { read: &["Schedule"], cloud_only: &["Description", "Name"] })?;
    let node = properties.need("Schedule")?;
    Ok(Schedule {
        name: name.to_ascii_lowercase(),
        every: rate(node.text()?).ok_or_else(|| node.error("must be `rate(1 minute)`, `rate(N minutes)`, hours or days"))?,
    })
}

/// EventBridge takes the singular for 1 only, and the plural for more only.
fn rate(text: &str) -> Option<Duration> {
    let inner = text.strip_prefix("rate(")?.strip_suffix(')')?;
    let (count, unit) = inner.split_once(' ')?;
    let count: u32 = count.parse().ok()?;
    let unit = match (count, unit) {
        (0, _) => return None,
        (1, "minute") | (2.., "minutes") => Duration::from_secs(60),
        (1, "hour") | (2.., "hours") => Duration::from_secs(3600),
        (1, "day") | (2.., "days") => Duration::from_secs(86_400),
        _ => return None,
    };
    unit.checked_mul(count)
}
