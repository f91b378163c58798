//! The local stack: everything on one machine, with the production binaries.
//!
//! [`stack::Stack`] starts it: an embedded DynamoDB, a durable SQS, the Lambda Runtime API with the functions as child processes,
//! the HTTP front door, queue and schedule sources, and an OpenID Connect issuer. What it starts is read from `template.yaml`.
//! Nothing of it is deployed, and it listens on 127.0.0.1 only.

pub mod audit;
pub mod binaries;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod dynamo;
pub mod faults;
mod files;
mod gateway;
pub mod identity;
pub mod paypal;
pub mod rails;
pub mod run_file;
pub mod runtime;
pub mod secrets;
pub mod seed;
pub mod signing;
mod sources;
pub mod sqs;
pub mod stack;
pub mod template;

use tokio::sync::watch;

/// The access key of everything on this machine: a name, not a secret. One for all, since Amazon's DynamoDB Local keeps a database for each.
pub(crate) const ACCESS_KEY: &str = "local";

/// Resolves when the stack stops, or is dropped.
pub(crate) async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that the stack is gone, which is the same news.
    let _ = stopping.wait_for(|stop| *stop).await;
}
