//! What a template says, typed.

use http::Method;
use std::{collections::BTreeMap, time::Duration};

/// Everything that the local stack has to set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackTemplate {
    /// The functions, in the template's order.
    pub functions: Vec<FunctionSpec>,
    /// The tables, in the template's order.
    pub tables: Vec<TableSpec>,
    /// The queues, dead-letter queues first, since the others name them.
    pub queues: Vec<QueueSpec>,
}

/// One Lambda function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionSpec {
    /// Its binary, which names it on this machine.
    pub name: String,
    /// Its name in the cloud.
    pub cloud_name: String,
    /// After this an invocation is killed.
    pub timeout: Duration,
    /// What it is told it has; nothing enforces it here.
    pub memory_mb: u64,
    /// Its environment.
    pub environment: BTreeMap<String, Text>,
    /// The HTTP routes that it answers.
    pub routes: Vec<Route>,
    /// The queues that it consumes.
    pub queues: Vec<QueueSource>,
    /// Its schedules.
    pub schedules: Vec<Schedule>,
}

impl FunctionSpec {
    /// The largest number of copies that its event sources let run at once, where they say one.
    #[must_use]
    pub fn concurrency_max(&self) -> Option<usize> {
        if !self.routes.is_empty() || !self.schedules.is_empty() {
            return None;
        }
        self.queues.iter().map(|source| source.concurrency_max).sum::<Option<usize>>()
    }
}

/// A route of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method; `None` is `ANY`.
    pub method: Option<Method>,
    /// The path, with `{name}` for a segment that may be anything.
    pub path: String,
}

impl Route {
    /// The route as API Gateway spells it, for example `GET /r/{code}`.
    #[must_use]
    pub fn key(&self) -> String {
        let method = self.method.as_ref().map_or("ANY", Method::as_str);
        format!("{method} {}", self.path)
    }
}

/// A queue that invokes a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSource {
    /// Logical id of the queue.
    pub queue: String,
    /// Most messages in one invocation.
    pub batch_size: usize,
    /// How long a batch may wait to fill.
    pub window: Duration,
    /// Whether the function names the messages that failed.
    pub reports_failures: bool,
    /// Most invocations at once.
    pub concurrency_max: Option<usize>,
}

/// A schedule that invokes a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The event's name in the template, in lower case: what an operator calls it.
    pub name: String,
    /// The time between two invocations.
    pub every: Duration,
}

/// A DynamoDB table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSpec {
    /// Its name.
    pub name: String,
    /// Attribute and type of every key.
    pub attributes: Vec<(String, AttributeType)>,
    /// Its primary key.
    pub key: KeySpec,
    /// Its global secondary indexes, all attributes projected.
    pub indexes: Vec<IndexSpec>,
    /// The attribute, in epoch seconds, after which an item may be deleted.
    pub ttl: Option<String>,
}

/// The type of a key attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// `S`
    Text,
    /// `N`
    Number,
    /// `B`
    Binary,
}

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpec {
    /// The partition key.
    pub hash: String,
    /// The sort key.
    pub range: Option<String>,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSpec {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: KeySpec,
}

/// An SQS queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSpec {
    /// Logical id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How long a received message is hidden.
    pub visibility: Duration,
    /// How long a message is kept.
    pub retention: Duration,
    /// Bytes that a message may have; SQS's own limit where the template does not say.
    pub message_bytes_max: Option<u64>,
    /// Where messages go that were received too often.
    pub redrive: Option<Redrive>,
}

/// When a message is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// Name of the dead-letter queue.
    pub dead_letter_queue: String,
    /// Receives after which it goes there.
    pub receives_max: u64,
}

/// A text whose last pieces are known only when the stack runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub Vec<Part>);

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Known.
    Plain(String),
    /// The URL of the queue with this logical id.
    QueueUrl(String),
    /// The value of this key of the secret.
    Secret(String),
}

impl Text {
    /// The text, where nothing in it waits for the stack.
    #[must_use]
    pub fn plain(&self) -> Option<String> {
        self.0
            .iter()
            .map(|part| match part {
                Part::Plain(text) => Some(text.as_str()),
                Part::QueueUrl(_) | Part::Secret(_) => None,
            })
            .collect()
    }
}
