//! `cargo run --release -p model -- --histories N --seed S`: generated histories, and what they found.
#![allow(clippy::print_stdout, reason = "a command for people")]

use clap::Parser;
use model::{
    batch::{run_many, with_timer},
    caught::{Bug, catch_all},
    generate::generate,
    report::report,
    run::run,
    shrink::Shrinker,
};
use std::{
    num::NonZero,
    process::{Command, ExitCode},
    thread,
    time::Instant,
};

/// Histories are made of small allocations, which this one is quick with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Generated histories with faults, through the real handlers, against the tables in memory.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many histories.
    #[arg(long, default_value_t = 10_000)]
    histories: u64,
    /// The seed that all of them come from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads; by default one a core.
    #[arg(long)]
    jobs: Option<usize>,
    /// Runs the one history of this seed and tells its story.
    #[arg(long)]
    replay: Option<u64>,
    /// With --replay: makes the history smaller first, where it fails.
    #[arg(long)]
    shrink: bool,
    /// Runs histories with each deliberate bug until it is found.
    #[arg(long)]
    bugs: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let jobs = arguments.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZero::get));
    let held = match arguments.replay {
        Some(seed) => with_timer(|| replay(seed, arguments.shrink)),
        None if arguments.bugs => bugs(arguments.seed, jobs),
        None => histories(&arguments, jobs),
    };
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn histories(arguments: &Arguments, jobs: usize) -> bool {
    let begun = Instant::now();
    let sum = run_many(arguments.seed, arguments.histories, jobs);
    print!("{}", report(&sum.tally, sum.worked, begun.elapsed(), sum.failures.len()));
    for (seed, violations) in &sum.failures {
        println!("\nhistory {seed} (again: --replay {seed}):");
        violations.iter().for_each(|violation| println!("  {violation}"));
    }
    if let Some((seed, _)) = sum.failures.first() {
        println!();
        with_timer(|| replay(*seed, true));
    }
    sum.failures.is_empty()
}

/// Tells the story of a history; true where nothing is wrong with it.
fn replay(seed: u64, smaller: bool) -> bool {
    let mut history = generate(seed);
    let failed = smaller && !run(&history, false, None).violations.is_empty();
    if failed {
        history = Shrinker::new(&|history| run(history, false, None)).shrink(&history);
        println!("history {seed}, made smaller to {} steps: {:?}, {} at once", history.steps.len(), history.weather, history.width);
    } else {
        println!("history {seed}: {} steps, {:?}, {} at once", history.steps.len(), history.weather, history.width);
    }
    let outcome = run(&history, true, None);
    outcome.story.iter().for_each(|line| println!("{line}"));
    println!("{} violations", outcome.violations.len());
    outcome.violations.is_empty()
}

fn bugs(seed: u64, jobs: usize) -> bool {
    if !cfg!(feature = "bugs") {
        // The bugs in the rules are only in a build of their own, which no other build of the workspace sees.
        println!("building the rules with their deliberate bugs …");
        let arguments = ["run", "--release", "-p", "model", "--features", "bugs", "--", "--bugs", "--seed"];
        let again = Command::new("cargo").args(arguments).arg(seed.to_string()).arg("--jobs").arg(jobs.to_string()).status();
        return again.is_ok_and(|status| status.success());
    }
    let all = Bug::all();
    let caught = catch_all(&all, seed, jobs, &|caught| match &caught.found {
        Some((count, seed, sign)) => {
            println!("caught after {count:>5}  {}\n                    history {seed}: {}", caught.bug.words(), shortened(sign))
        }
        None => println!("NOT CAUGHT          {}", caught.bug.words()),
    });
    let missed = caught.iter().filter(|caught| caught.found.is_none()).count();
    println!("{} deliberate bugs, {missed} not caught", all.len());
    missed == 0
}

fn shortened(text: &str) -> String {
    let short: String = text.chars().take(160).collect();
    if short.len() < text.len() { format!("{short} …") } else { short }
}
