//! What was answered with 2xx survives `kill -9` of the stack and of any function.

use e2e::{World, captured, functions_dir};
use futures::stream::{self, StreamExt};
use local::stack::{Data, Stack, StackOptions};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

const PURCHASES: usize = 300;

fn options(data: &Path) -> StackOptions {
    StackOptions { data: Data::Dir(data.to_owned()), ..StackOptions::new(functions_dir()) }
}

/// The stack as another process, which can be killed as a whole; its URL; and its output, which stays
/// open: a stack that can't say its greeting to the end would end itself.
#[expect(clippy::zombie_processes, reason = "whoever asked for it waits for its end")]
fn spawn(data: &Path) -> (Child, String, BufReader<ChildStdout>) {
    let mut child = Command::new(functions_dir().join("local"))
        .args(["--port", "0", "--empty", "--data"])
        .arg(data)
        .current_dir(data)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the stack starts");
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    loop {
        let mut line = String::new();
        let read = output.read_line(&mut line).expect("its output reads");
        assert!(read > 0, "the stack says no URL");
        if let Some((_, url)) = line.split_once("runs at ") {
            return (child, url.trim().to_owned(), output);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_survives_the_killing_of_everything() {
    if e2e::foreign_dynamodb().is_some() {
        println!("skipped: a foreign DynamoDB keeps its own data");
        return;
    }
    let data = tempfile::tempdir().unwrap();
    // Started once in this process, to sign people up with tokens at hand.
    let stack = Stack::start(options(data.path())).await.unwrap();
    let world = World::of(&stack);
    let code = world.sign_up(&stack.token_for("alice").unwrap(), None).await["code"].as_str().unwrap().to_owned();
    let receipt = world.click(&code).await;
    world.sign_up(&stack.token_for("bob").unwrap(), Some(&receipt)).await;
    let at = stack.clock().now_ms() / 1000;
    let (stripe, platform) = (stack.secrets().stripe().to_owned(), stack.secrets().platform().to_owned());
    stack.stop().await;

    let (mut child, url, _output) = spawn(data.path());
    let world = World::new(&url, &stripe, &platform);
    let accepted = AtomicUsize::new(0);
    let pid = child.id();
    let posts = (0..PURCHASES).map(|n| {
        let (world, accepted) = (&world, &accepted);
        async move {
            let status = world.stripe(&captured(&format!("pi_{n}"), "acct_bob", 10_000, at), at).await;
            if status == Some(200) && accepted.fetch_add(1, Ordering::SeqCst) + 1 == PURCHASES / 2 {
                // In the middle of it, with messages in flight.
                Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill runs");
            }
            (n, status == Some(200))
        }
    });
    let answers: Vec<(usize, bool)> = stream::iter(posts).buffer_unordered(8).collect().await;
    child.wait().unwrap();
    let kept: Vec<usize> = answers.iter().filter(|(_, accepted)| *accepted).map(|(n, _)| *n).collect();
    assert!(kept.len() >= PURCHASES / 2 && kept.len() < PURCHASES, "{} were accepted before the end", kept.len());

    let stack = Stack::start(options(data.path())).await.unwrap();
    e2e::assert_audit(&stack).await;
    let world = World::of(&stack);
    let alice = stack.token_for("alice").unwrap();
    let earned = world.earnings(&alice).await["total_referral_earnings"].as_str().unwrap().to_owned();
    let purchases: usize = earned.strip_suffix(".00").and_then(|whole| whole.parse::<usize>().ok()).unwrap() / 3;
    // One that was stored but whose answer was lost with the process may be there beyond the accepted ones.
    assert!((kept.len()..=kept.len() + 8).contains(&purchases), "{} accepted, {purchases} rewarded", kept.len());
    // Delivered again, as processors do: each is rewarded once, whatever became of its first delivery.
    for n in 0..PURCHASES {
        assert_eq!(world.stripe(&captured(&format!("pi_{n}"), "acct_bob", 10_000, at), at).await, Some(200));
    }
    e2e::assert_audit(&stack).await;
    assert_eq!(world.earnings(&alice).await["total_referral_earnings"], "900.00");
    stack.stop().await;
}
