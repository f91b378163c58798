//! The commands of `cargo run`.

mod audit;
mod demo;
mod door;
mod run;
mod secrets;
mod sign;
#[cfg(test)]
mod testing;
mod token;

use clap::{Parser, Subcommand};
use std::{
    io::{self, Write as _},
    process::ExitCode,
};

/// The whole referral programme on one machine.
#[derive(Debug, Parser)]
#[command(name = "cargo run --", disable_version_flag = true, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(flatten)]
    run: run::RunArguments,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the local stack (without a command, too).
    Run(run::RunArguments),
    /// Tells the whole story on a fresh stack in memory, step by step over HTTP, and audits it.
    Demo(demo::DemoArguments),
    /// Checks every invariant over the running stack, or over a data directory.
    Audit(audit::AuditArguments),
    /// Prints a bearer token for a sample person, or for a new customer of any other name.
    Token(token::TokenArguments),
    /// Prints the signature headers of an event file, as arguments for curl.
    Sign(sign::SignArguments),
    /// Prints the local webhook secrets and the accounts of the sample people.
    Secrets(secrets::SecretsArguments),
}

/// What a command ends with when it fails: a sentence for who gave it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Reads the arguments of this process, does what they say, and tells errors on standard error.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = tokio::runtime::Runtime::new().map_err(Failure::from).and_then(|runtime| runtime.block_on(dispatch(arguments)));
    match done {
        Ok(code) => code,
        Err(error) => {
            // Standard error may be closed: nobody is left to tell.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.command.unwrap_or(Command::Run(arguments.run)) {
        Command::Run(arguments) => run::run(arguments).await,
        Command::Demo(arguments) => demo::demo(arguments).await,
        Command::Audit(arguments) => audit::audit(arguments).await,
        Command::Token(arguments) => token::token(arguments).await,
        Command::Sign(arguments) => sign::sign(arguments).await,
        Command::Secrets(arguments) => secrets::secrets(arguments).await,
    }
}

/// Prints a line on standard output.
fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
