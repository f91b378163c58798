//! Why a stack does not start.

use super::queues::QueuesError;
use crate::{
    clock::ClockError, dynamo::DynamoError, identity::IdentityError, rails::RailsError, run_file::RunFileError, secrets::SecretsError,
    sqs::SqsError, template::TemplateError,
};
use std::{io, path::PathBuf};

/// Why a stack does not start, or cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// Another program listens there.
    #[error("port {0} is taken: stop what listens there, or choose another one with --port")]
    PortTaken(u16),
    /// A listener could not be opened.
    #[error("127.0.0.1:{port} cannot be listened on: {source}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another stack works on the same data.
    #[error("another stack uses {0}: stop it, or choose another directory with --data")]
    DataInUse(PathBuf),
    /// The data directory cannot be used.
    #[error("the data directory {path} cannot be used: {source}")]
    Data {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The template asks for what this machine cannot do.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The clock.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The secrets.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The tables.
    #[error(transparent)]
    Dynamo(#[from] DynamoError),
    /// The embedded queues.
    #[error(transparent)]
    Sqs(#[from] SqsError),
    /// The queues, whoever holds them.
    #[error(transparent)]
    Queues(#[from] QueuesError),
    /// The stand-ins of the rails.
    #[error(transparent)]
    Rails(#[from] RailsError),
    /// The issuer.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The file in which other commands find this stack.
    #[error(transparent)]
    RunFile(#[from] RunFileError),
    /// A fault proxy has no client.
    #[error("the fault proxies do not start: {0}")]
    Faults(#[from] reqwest::Error),
    /// A schedule that should be fired failed.
    #[error(transparent)]
    Invoke(#[from] crate::runtime::InvokeError),
}
