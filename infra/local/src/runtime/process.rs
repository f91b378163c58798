//! A copy's process, from its start to its end.

use super::{
    Functions,
    function::{Function, NewCopy},
};
use crate::template::REGION;
use std::{
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
};

/// How long a process may take to ask for its first work. Generous: a debug build on a busy machine.
const INIT_MAX: Duration = Duration::from_secs(30);

/// Starts a copy, and its successors where they are needed.
pub(super) fn spawn(all: &Arc<Functions>, function: &Arc<Function>, copy: NewCopy) {
    let (all, function) = (Arc::clone(all), Arc::clone(function));
    tokio::spawn(async move {
        let mut next = Some(copy);
        while let Some(copy) = next {
            if let Some(kill) = function.kill_signal(copy.number) {
                tokio::select! {
                    () = tokio::time::sleep(copy.pause) => {}
                    () = kill.notified() => kill.notify_one(),
                }
            }
            let how = run(&all, &function, copy.number).await;
            next = function.ended(copy.number, &how);
        }
    });
}

/// Runs one process and says how it ended.
async fn run(all: &Functions, function: &Arc<Function>, copy: u64) -> String {
    let Some(kill) = function.kill_signal(copy) else {
        return "it was not started".into();
    };
    if *all.stopping.borrow() {
        return "the local stack is stopping".into();
    }
    let name = &function.launch.spec.name;
    let mut child = match command(all, function, copy).spawn() {
        Ok(child) => child,
        Err(error) => {
            let problem = format!("{}: {error}", function.launch.binary.display());
            all.logs.write(name, &format!("does not start: {problem}"));
            return problem;
        }
    };
    let readers =
        [child.stdout.take().map(|pipe| copy_lines(all, name, pipe)), child.stderr.take().map(|pipe| copy_lines(all, name, pipe))];
    let how = tokio::select! {
        status = child.wait() => described(status),
        () = kill.notified() => end(&mut child, "it was killed").await,
        () = crate::stopped(all.stopping.clone()) => end(&mut child, "the local stack is stopping").await,
        () = never_ready(function, copy) => end(&mut child, "it did not ask for work in 30 seconds").await,
    };
    // What it wrote last says why it ended.
    for reader in readers.into_iter().flatten() {
        let _ = reader.await;
    }
    if !*all.stopping.borrow() {
        all.logs.write(name, &format!("the process has ended: {how}"));
    }
    how
}

/// Ends once a copy has had its time to start, and has not. Else never.
async fn never_ready(function: &Function, copy: u64) {
    tokio::time::sleep(INIT_MAX).await;
    if function.is_ready(copy) {
        std::future::pending::<()>().await;
    }
}

async fn end(child: &mut Child, why: &str) -> String {
    match child.kill().await {
        Ok(()) => why.to_owned(),
        Err(error) => format!("{why}, but: {error}"),
    }
}

fn described(status: std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a process without PATH is no process that Lambda starts; nothing decides by it here")]
fn command(all: &Functions, function: &Function, copy: u64) -> Command {
    let launch = &function.launch;
    let mut command = Command::new(&launch.binary);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).env_clear();
    // A Ctrl-C in the terminal is for the stack, which then ends its functions in order.
    #[cfg(unix)]
    command.process_group(0);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    let spec = &launch.spec;
    let copy_text = copy.to_string();
    for (name, value) in &launch.environment {
        command.env(name, value.replace("{copy}", &copy_text));
    }
    command
        .env("AWS_LAMBDA_FUNCTION_NAME", &spec.cloud_name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", spec.memory_mb.to_string())
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", spec.cloud_name))
        .env("AWS_LAMBDA_LOG_STREAM_NAME", format!("copy-{copy}"))
        .env("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023")
        .env("AWS_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", crate::ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", crate::ACCESS_KEY)
        .env("_HANDLER", "bootstrap")
        .env("TZ", ":UTC")
        .env("AWS_LAMBDA_RUNTIME_API", format!("http://{}/{}/{}/{copy}", all.address, all.run_token, spec.name));
    command
}

fn copy_lines(all: &Functions, name: &str, pipe: impl AsyncRead + Unpin + Send + 'static) -> tokio::task::JoinHandle<()> {
    let (logs, name) = (Arc::clone(&all.logs), name.to_owned());
    tokio::spawn(async move {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        // An error here is the end of the pipe, too.
        while matches!(reader.read_until(b'\n', &mut line).await, Ok(1..)) {
            logs.write(&name, String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    })
}
