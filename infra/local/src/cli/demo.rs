//! `demo`: the whole story on a fresh stack in memory, ending by itself.

use super::{Failure, say};
use crate::{
    binaries,
    demo::{self, Told},
    stack::{Stack, StackOptions, TemplateSource},
};
use clap::Args;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// What `demo` takes.
#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Print one JSON object at the end instead of a line per step.
    #[arg(long)]
    json: bool,
    /// Another DynamoDB, for example Amazon's DynamoDB Local. It should hold no tables of ours yet.
    #[arg(long, value_name = "URL")]
    dynamodb_endpoint: Option<String>,
    /// Another SQS.
    #[arg(long, value_name = "URL")]
    sqs_endpoint: Option<String>,
    /// Show the functions' logs.
    #[arg(long)]
    logs: bool,
}

pub(super) async fn demo(arguments: DemoArguments) -> Result<ExitCode, Failure> {
    tracing_subscriber::fmt().with_env_filter(EnvFilter::new("error")).with_writer(std::io::stderr).with_target(false).init();
    let functions = crate::template::function_names(TemplateSource::Project.text())?;
    if !arguments.json {
        say("Building the functions …")?;
    }
    let functions_dir = binaries::build(&functions.iter().map(String::as_str).collect::<Vec<_>>())?;
    let stack = Stack::start(StackOptions {
        dynamodb_endpoint: arguments.dynamodb_endpoint,
        sqs_endpoint: arguments.sqs_endpoint,
        show_logs: arguments.logs,
        ..StackOptions::new(functions_dir)
    })
    .await?;
    let told = demo::tell(&stack, |step| {
        if arguments.json {
            return;
        }
        let mark = if step.ok { "ok  " } else { "FAIL" };
        // Who reads this may have gone; the story ends all the same.
        drop(say(&format!("{mark}  {:<24} {}", step.name, step.detail)));
    })
    .await;
    stack.stop().await;
    if arguments.json {
        say(&serde_json::to_string(&told)?)?;
    } else {
        summary(&told)?;
    }
    Ok(if told.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn summary(told: &Told) -> Result<(), Failure> {
    say("")?;
    for (name, figure) in &told.audit {
        say(&format!("{figure:>6}  {name}"))?;
    }
    say(if told.ok {
        "\nEvery step went as it should, and every figure of the audit is zero."
    } else {
        "\nSomething went wrong: see above."
    })?;
    Ok(())
}
