//! What the functions write: in files of the data directory, and the latest lines in memory.

use std::{
    collections::{BTreeMap, VecDeque},
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// The lines of a function that stay in memory.
const LINES_MAX: usize = 1000;

#[derive(Default)]
struct Log {
    latest: VecDeque<String>,
    file: Option<File>,
}

/// The logs of all functions.
pub struct Logs {
    dir: Option<PathBuf>,
    show: bool,
    logs: Mutex<BTreeMap<String, Log>>,
}

impl Logs {
    /// Logs into `logs/` of a data directory, and to standard error where `show` is set.
    ///
    /// # Errors
    /// Where the directory cannot be made.
    pub fn open(data: Option<&Path>, show: bool) -> io::Result<Self> {
        let dir = data.map(|data| data.join("logs"));
        if let Some(dir) = &dir {
            std::fs::create_dir_all(dir)?;
        }
        Ok(Self { dir, show, logs: Mutex::default() })
    }

    /// The latest lines of a function, the oldest first.
    #[must_use]
    pub fn latest(&self, function: &str) -> Vec<String> {
        let logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.get(function).map(|log| log.latest.iter().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn write(&self, function: &str, line: &str) {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let log = logs.entry(function.to_owned()).or_default();
        if log.latest.len() == LINES_MAX {
            log.latest.pop_front();
        }
        log.latest.push_back(line.to_owned());
        if log.file.is_none() {
            log.file = self.dir.as_deref().and_then(|dir| open(dir, function));
        }
        if let Some(file) = &mut log.file
            && let Err(error) = writeln!(file, "{line}")
        {
            tracing::warn!(function, %error, "a log line was lost");
        }
        if self.show {
            // Standard error may be closed: nobody is left to tell.
            let _ = writeln!(io::stderr(), "{function}: {line}");
        }
    }
}

fn open(dir: &Path, function: &str) -> Option<File> {
    let path = dir.join(format!("{function}.log"));
    match OpenOptions::new().create(true).append(true).open(&path) {
        Ok(file) => Some(file),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "no log file");
            None
        }
    }
}
