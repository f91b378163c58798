//! How an invocation ends without an answer.

/// Why an invocation has no answer. The texts are for logs and operators, never for a caller over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// No function has this name.
    #[error("no function is called `{0}`")]
    Unknown(String),
    /// The event is larger than Lambda takes.
    #[error("the event is larger than 6 MB")]
    EventTooLarge,
    /// The answer is larger than Lambda takes.
    #[error("the answer is larger than 6 MB")]
    AnswerTooLarge,
    /// The function said that it failed.
    #[error("{kind}: {message}")]
    Failed {
        /// `errorType` of its report.
        kind: String,
        /// `errorMessage` of its report.
        message: String,
    },
    /// It took longer than its timeout, and was killed.
    #[error("Task timed out after {seconds}.00 seconds")]
    TimedOut {
        /// The timeout, in seconds.
        seconds: u64,
    },
    /// Its process ended while it worked.
    #[error("Runtime exited with error: {0}")]
    Exited(String),
    /// Its process ended, or never started, before it asked for work.
    #[error("the function does not start: {0}")]
    Init(String),
    /// The stack is stopping.
    #[error("the local stack is stopping")]
    Stopped,
}
