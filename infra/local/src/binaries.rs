//! Builds the functions' binaries, with the cargo and the profile that built this program.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

/// The workspace that this program was built from.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Why there are no binaries.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo could not be started.
    #[error("cargo does not start, which builds the functions: {0}")]
    Start(std::io::Error),
    /// Cargo said why.
    #[error("the functions do not build: cargo ended with {0}")]
    Failed(ExitStatus),
    /// It is unknown where this program lies.
    #[error("the directory of this program is unknown: {0}")]
    Directory(std::io::Error),
}

/// Builds the binaries of these names and gives their directory.
///
/// They are named without their packages: cargo then decides features for the whole workspace, as it does for `cargo run` and
/// `cargo test --workspace`, and the AWS SDK is compiled once for all three.
///
/// # Errors
/// Where cargo does not start, or ends with an error, which it has told on standard error.
pub fn build(names: &[&str]) -> Result<PathBuf, BuildError> {
    let directory = directory().map_err(BuildError::Directory)?;
    let mut command = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    command.arg("build").current_dir(workspace()).stdin(Stdio::null());
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    for name in names {
        command.args(["--bin", name]);
    }
    // Cargo sets these for a program that it runs; they would not be true for the build.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text.starts_with("CARGO_BIN_") {
            command.env_remove(&name);
        }
    }
    let status = command.status().map_err(BuildError::Start)?;
    if status.success() { Ok(directory) } else { Err(BuildError::Failed(status)) }
}

/// The root of the workspace.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(WORKSPACE)
}

/// The directory of this profile's binaries: that of this program, or the one above it for tests and examples.
///
/// # Errors
/// What the operating system says.
pub fn directory() -> std::io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let own = program.parent().unwrap_or(Path::new("."));
    let nested = own.file_name().is_some_and(|name| name == "deps" || name == "examples");
    Ok(if nested { own.parent().unwrap_or(own) } else { own }.to_owned())
}
