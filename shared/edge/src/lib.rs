//! The shell of a Lambda function: everything that a function needs from the world outside comes through here.
//!
//! It is the only crate that reads the environment, a clock or randomness, and the only one that knows what an
//! HTTP reply looks like. A function parses with it, decides with `programme`, writes with `store`.

#[cfg(feature = "auth")]
pub mod auth;
pub mod aws;
pub mod clock;
pub mod config;
pub mod csv;
pub mod cursor;
pub mod events;
pub mod http;
pub mod ids;
pub mod problem;
pub mod queue;
pub mod range;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;

/// What ends a function's start, or one of its invocations.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Runs a function's main future on one thread: an instance serves one invocation at a time, so more threads would
/// only cost start-up time and memory.
///
/// # Errors
/// Those of the future, and the operating system's when it has no event queue for us.
pub fn block_on<F: Future<Output = Result<(), Error>>>(main: F) -> Result<(), Error> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(main)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_main_future_runs_and_its_error_comes_out() {
        assert!(crate::block_on(async { Ok(()) }).is_ok());
        assert!(crate::block_on(async { Err("no".into()) }).is_err());
    }
}
