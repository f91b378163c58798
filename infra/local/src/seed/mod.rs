//! Sample people on the first start, with two years behind them, made through the system's own doors
//! in moved time: nothing is written into a table by hand.
//!
//! [`plan`] says who does what and when, as data; [`drive`] goes through it, slot by slot, as
//! visitors, customers and processors would; [`cash`] asks for payouts and has finance pay them.

mod brief;
mod cash;
mod drive;
mod people;
mod plan;
mod progress;
mod random;

pub use brief::briefly;

use crate::{
    demo::Wrong,
    stack::{Data, Stack},
};
use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// How far back the history begins.
pub const BEGINS_AGO: Duration = Duration::from_secs(plan::DAYS * 86_400);

/// The file that says that a data directory has its sample people.
const DONE: &str = "seeded";

/// The file that says that they are being made: found at a start, the last one was interrupted.
const BEGUN: &str = "seeding";

/// Whether this data is to be given sample people: where there is nothing yet.
#[must_use]
pub fn is_due(data: &Data) -> bool {
    data.dir().is_none_or(|dir| !dir.join(DONE).exists() && (dir.join(BEGUN).exists() || is_fresh(dir)))
}

fn is_fresh(dir: &Path) -> bool {
    std::fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none())
}

/// Makes a directory ready for sample people. What an interrupted start left there is only part of them, and goes.
///
/// # Errors
/// Where the directory can't be read or written.
pub fn prepare(data: &Data) -> io::Result<()> {
    let Some(dir) = data.dir() else { return Ok(()) };
    if dir.join(BEGUN).exists() {
        for entry in std::fs::read_dir(dir)? {
            remove(&entry?.path())?;
        }
    }
    std::fs::create_dir_all(dir)?;
    std::fs::write(dir.join(BEGUN), b"the sample people are being made\n")
}

fn remove(path: &PathBuf) -> io::Result<()> {
    if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

/// Two years of people, on a stack whose clock began so far back; at the end it shows the machine's time.
///
/// # Errors
/// What a door answered instead of what it should. The next start begins again.
pub async fn seed(stack: &Stack, data: &Data) -> Result<(), Wrong> {
    stack.rest_schedules(true);
    let ended = drive::drive(stack, &plan::Plan::new(stack.clock().now_ms() / 1000)).await;
    stack.rest_schedules(false);
    ended?;
    if let Some(dir) = data.dir() {
        std::fs::write(dir.join(DONE), b"the sample people are here\n")?;
        std::fs::remove_file(dir.join(BEGUN))?;
    }
    Ok(())
}
