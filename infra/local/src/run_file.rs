//! How other commands find a running stack: a file with its address and the token of its run.

use serde::{Deserialize, Serialize};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    time::Duration,
};

/// The directory of the files, under the one in which a command is given.
pub const DIR: &str = ".local";

/// The file of the stack that was started last.
const LATEST: &str = "run.json";

/// A listener on this machine answers at once or not at all.
const CONNECT_MAX: Duration = Duration::from_millis(500);

/// What a running stack says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFile {
    /// The port of its front door.
    pub port: u16,
    /// Its process.
    pub pid: u32,
    /// The token of its run, for the header `x-local-token` of its own door.
    pub token: String,
    /// The URL of its front door.
    pub url: String,
    /// Its data directory, where it has one.
    pub data: Option<PathBuf>,
    /// When it was started, in milliseconds since 1970 on its own clock.
    pub started_at: i64,
}

/// Why no running stack is found.
#[derive(Debug, thiserror::Error)]
pub enum RunFileError {
    /// None runs here.
    #[error("no stack runs here: start one with `cargo run`, in the same directory")]
    NoneRuns,
    /// None runs on this port.
    #[error("no stack of this directory runs on port {0}")]
    NoneOnPort(u16),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

fn fail(path: &Path) -> impl FnOnce(io::Error) -> RunFileError + '_ {
    |source| RunFileError::File { path: path.to_owned(), source }
}

/// Finds the stack that was started in this directory: the one on `port`, else the newest that lives.
///
/// # Errors
/// Where none lives, or the files cannot be read.
pub fn discover(port: Option<u16>) -> Result<RunFile, RunFileError> {
    discover_in(Path::new(DIR), port)
}

fn discover_in(dir: &Path, port: Option<u16>) -> Result<RunFile, RunFileError> {
    let mut found: Vec<RunFile> = all(dir)?.into_iter().filter(|file| port.is_none_or(|port| port == file.port)).collect();
    found.sort_by_key(|file| std::cmp::Reverse(file.started_at));
    found.into_iter().find(RunFile::is_alive).ok_or(match port {
        Some(port) => RunFileError::NoneOnPort(port),
        None => RunFileError::NoneRuns,
    })
}

fn all(dir: &Path) -> Result<Vec<RunFile>, RunFileError> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fail(dir)(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(fail(dir))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !(name.starts_with("run-") && name.ends_with(".json")) {
            continue;
        }
        // One that has just been removed, or is torn, belongs to no stack that lives.
        if let Some(file) = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            files.push(file);
        }
    }
    Ok(files)
}

impl RunFile {
    /// Whether something listens on its port. A stack that was killed leaves its file behind.
    fn is_alive(&self) -> bool {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        TcpStream::connect_timeout(&address, CONNECT_MAX).is_ok()
    }

    fn paths(&self, dir: &Path) -> [PathBuf; 2] {
        [dir.join(format!("run-{}.json", self.port)), dir.join(LATEST)]
    }

    /// Writes the files, readable by their owner alone.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), RunFileError> {
        std::fs::create_dir_all(dir).map_err(fail(dir))?;
        for path in self.paths(dir) {
            let bytes = serde_json::to_vec_pretty(self).map_err(|error| fail(&path)(error.into()))?;
            crate::files::write_private(&path, &bytes).map_err(fail(&path))?;
        }
        Ok(())
    }

    /// Removes the files, where they are still this run's.
    pub(crate) fn remove(&self, dir: &Path) {
        for path in self.paths(dir) {
            let own = std::fs::read(&path)
                .ok()
                .and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok())
                .is_some_and(|file| file.token == self.token);
            if own && let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "the run file stays");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::net::TcpListener;

    fn file(port: u16, started_at: i64) -> RunFile {
        RunFile { port, pid: 1, token: format!("t{port}"), url: String::new(), data: None, started_at }
    }

    #[test]
    fn finds_the_newest_that_lives_or_the_one_on_a_port() {
        let dir = tempfile::tempdir().unwrap();
        let listeners: Vec<TcpListener> = (0..2).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = listeners.iter().map(|listener| listener.local_addr().unwrap().port()).collect();
        let gone = { TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port() };
        file(ports[0], 2).write(dir.path()).unwrap();
        file(ports[1], 1).write(dir.path()).unwrap();
        file(gone, 3).write(dir.path()).unwrap();
        assert_eq!(discover_in(dir.path(), None).unwrap().port, ports[0]);
        assert_eq!(discover_in(dir.path(), Some(ports[1])).unwrap().port, ports[1]);
        assert!(matches!(discover_in(dir.path(), Some(gone)), Err(RunFileError::NoneOnPort(_))));
    }

    #[test]
    fn a_directory_without_a_stack_says_so() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(discover_in(dir.path(), None), Err(RunFileError::NoneRuns)));
        assert!(matches!(discover_in(&dir.path().join("none"), None), Err(RunFileError::NoneRuns)));
    }

    #[test]
    fn removes_its_own_files_only() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (file(1, 1), RunFile { token: "new".into(), ..file(1, 2) });
        new.write(dir.path()).unwrap();
        old.remove(dir.path());
        assert!(dir.path().join(LATEST).exists());
        new.remove(dir.path());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
