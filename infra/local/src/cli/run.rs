//! `run`: build the functions, start the stack, say where to click, stop on Ctrl-C.

use super::{Failure, say};
use crate::{
    binaries,
    run_file::DIR,
    seed,
    stack::{self, Data, Stack, StackOptions, TemplateSource},
};
use clap::Args;
use std::{path::PathBuf, process::ExitCode, time::Duration};
use tracing_subscriber::EnvFilter;

/// The stack's own troubles. A canceled transaction is none: the functions know what to do about it.
const LOG: &str = "warn,dynoxide=error";

/// What `run` takes.
#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// Port of the front door on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Directory of everything that must outlive the stack.
    #[arg(long, default_value = DIR)]
    data: PathBuf,
    /// Keep everything in memory instead.
    #[arg(long, conflicts_with = "data")]
    memory: bool,
    /// Start without sample people and their history.
    #[arg(long)]
    empty: bool,
    /// Another DynamoDB, for example Amazon's DynamoDB Local.
    #[arg(long, value_name = "URL")]
    dynamodb_endpoint: Option<String>,
    /// Another SQS.
    #[arg(long, value_name = "URL")]
    sqs_endpoint: Option<String>,
    /// Put proxies before the stores, whose faults POST /_local/faults sets.
    #[arg(long)]
    faults: bool,
    /// Show the functions' logs.
    #[arg(long)]
    logs: bool,
}

pub(super) async fn run(arguments: RunArguments) -> Result<ExitCode, Failure> {
    tracing_subscriber::fmt().with_env_filter(EnvFilter::new(LOG)).with_writer(std::io::stderr).with_target(false).init();
    // Before the build, which takes minutes the first time.
    stack::check_port(arguments.port).await?;
    let empty = arguments.empty;
    let options = options(arguments)?;
    let (data, ephemeral) = (options.data.clone(), options.data == Data::Memory);
    let seeds = !empty && seed::is_due(&data);
    if seeds {
        seed::prepare(&data)?;
    }
    let begins = if seeds { seed::BEGINS_AGO } else { Duration::ZERO };
    let stack = Stack::start(StackOptions { clock_begins_ago: begins, ..options }).await?;
    if seeds {
        seed::seed(&stack, &data).await?;
    }
    greet(&stack, &data)?;
    interrupted().await?;
    say("Stopping.")?;
    stack.stop().await;
    say(if ephemeral { "Stopped; what was in memory is gone." } else { "Stopped." })?;
    Ok(ExitCode::SUCCESS)
}

fn options(arguments: RunArguments) -> Result<StackOptions, Failure> {
    say("Building the functions …")?;
    let functions = crate::template::function_names(TemplateSource::Project.text())?;
    let functions_dir = binaries::build(&functions.iter().map(String::as_str).collect::<Vec<_>>())?;
    Ok(StackOptions {
        port: arguments.port,
        data: if arguments.memory { Data::Memory } else { Data::Dir(arguments.data) },
        dynamodb_endpoint: arguments.dynamodb_endpoint,
        sqs_endpoint: arguments.sqs_endpoint,
        faults: arguments.faults,
        show_logs: arguments.logs,
        run_files: Some(PathBuf::from(DIR)),
        ..StackOptions::new(functions_dir)
    })
}

fn greet(stack: &Stack, data: &Data) -> Result<(), Failure> {
    let url = stack.url();
    let kept = match data {
        Data::Memory => "in memory; it is gone at the end".to_owned(),
        Data::Dir(dir) => format!("in {}", dir.display()),
    };
    let names: Vec<String> = stack.issuer().people().into_keys().collect();
    say(&format!(
        "
The referral programme runs at {url}
  data       {kept}
  sign in    {url}/login, as {names}, or any new name: no password
  a token    cargo run -- token alice
  try it     curl -H \"Authorization: Bearer $(cargo run -q -- token alice)\" {url}/earnings
  an event   curl {url}/webhooks/stripe --data-binary @event.json $(cargo run -q -- sign stripe event.json)

Ctrl-C stops it.",
        names = names.join(", "),
    ))?;
    Ok(())
}

/// Resolves at Ctrl-C, or when the process is asked to end.
async fn interrupted() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
