//! What a stack is started with.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// Where a stack keeps what it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// In this process, gone with it.
    Memory,
    /// In a directory that outlives a `kill -9`.
    Dir(PathBuf),
}

impl Data {
    /// The directory, where there is one.
    #[must_use]
    pub fn dir(&self) -> Option<&Path> {
        match self {
            Self::Memory => None,
            Self::Dir(dir) => Some(dir),
        }
    }
}

/// Which template a stack reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateSource {
    /// The project's own, as it was when this program was built.
    Project,
    /// Any other.
    Text(String),
}

/// The project's template.
const PROJECT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml"));

impl TemplateSource {
    /// The template's text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Project => PROJECT,
            Self::Text(text) => text,
        }
    }
}

/// What a stack is started with.
#[derive(Debug, Clone)]
pub struct StackOptions {
    /// The port of the front door on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Where tables, queues, keys and logs live.
    pub data: Data,
    /// The directory of the functions' binaries.
    pub functions_dir: PathBuf,
    /// What to start.
    pub template: TemplateSource,
    /// Another DynamoDB instead of the embedded one.
    pub dynamodb_endpoint: Option<String>,
    /// Another SQS instead of the embedded one.
    pub sqs_endpoint: Option<String>,
    /// The template's `Stage`: part of every table's and queue's name. A fresh one gives fresh tables on a foreign endpoint.
    pub stage: String,
    /// How far in the past the clock of fresh data begins, for sample data that has a history.
    pub clock_begins_ago: Duration,
    /// Most processes of one function.
    pub copies_max: usize,
    /// Puts proxies before the stores that can fail on purpose.
    pub faults: bool,
    /// Shows the functions' logs on standard error.
    pub show_logs: bool,
    /// The directory in which other commands find the running stack.
    pub run_files: Option<PathBuf>,
}

impl StackOptions {
    /// A stack in memory on a free port, with the project's template.
    #[must_use]
    pub fn new(functions_dir: PathBuf) -> Self {
        Self {
            port: 0,
            data: Data::Memory,
            functions_dir,
            template: TemplateSource::Project,
            dynamodb_endpoint: None,
            sqs_endpoint: None,
            stage: "local".into(),
            clock_begins_ago: Duration::ZERO,
            copies_max: 4,
            faults: false,
            show_logs: false,
            run_files: None,
        }
    }
}
