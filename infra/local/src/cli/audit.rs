//! `audit`: every invariant over the running stack, or over a data directory at rest.

use super::{Failure, door::Door, say};
use crate::{
    audit::check_directory,
    run_file::{DIR, discover},
};
use clap::Args;
use proof::Report;
use std::{path::PathBuf, process::ExitCode};

/// What `audit` takes.
#[derive(Debug, Args)]
pub(super) struct AuditArguments {
    /// Port of the running stack; the newest one without it.
    #[arg(long)]
    port: Option<u16>,
    /// A data directory; that of the running stack, else .local, without it.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Audit while others write, without waiting for the queues to be empty: what is in them is then not checked.
    #[arg(long)]
    no_drain: bool,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn audit(arguments: AuditArguments) -> Result<ExitCode, Failure> {
    let report = report(&arguments).await?;
    if arguments.json {
        say(&serde_json::to_string_pretty(&report)?)?;
    } else {
        say(report.to_string().trim_end())?;
        say(if report.is_clean() { "Every figure is zero." } else { "Not every figure is zero." })?;
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The running stack's report where one runs on the data that is asked for; else that of the directory.
async fn report(arguments: &AuditArguments) -> Result<Report, Failure> {
    let asked = arguments.data.as_deref().map(std::path::absolute).transpose()?;
    match discover(arguments.port) {
        Ok(stack) if asked.is_none() || asked == stack.data => {
            let path = if arguments.no_drain { "audit?drain=false" } else { "audit" };
            Door::patient(stack)?.post(path, &()).await
        }
        Err(error) if arguments.port.is_some() => Err(error.into()),
        Ok(_) | Err(_) => {
            let dir = asked.unwrap_or_else(|| PathBuf::from(DIR));
            let clock = crate::clock::Clock::open(Some(&dir))?;
            let now = chrono::DateTime::from_timestamp_millis(clock.now_ms()).ok_or("the clock of this data is out of range")?;
            check_directory(&dir, now).await
        }
    }
}
