//! Why a stand-in's books can't be opened or asked.

use std::path::PathBuf;

/// Why the stand-ins don't start, or don't answer.
#[derive(Debug, thiserror::Error)]
pub enum RailsError {
    /// Another process has the file.
    #[error("the rails' books in {} are in use by another stack", .0.display())]
    InUse(PathBuf),
    /// Another version of this program wrote the file.
    #[error("the rails' books have version {found}, this stack reads version {expected}: move them away to start with new ones")]
    Version {
        /// The version in the file.
        found: i64,
        /// The version of this code.
        expected: i64,
    },
    /// SQLite does not do what it should.
    #[error("the rails' books cannot be read or written: {0}")]
    Database(#[from] rusqlite::Error),
    /// A document in the books is not what this program wrote.
    #[error("the rails' books hold something that is not theirs: {0}")]
    Damaged(#[from] serde_json::Error),
    /// A random text was needed, and there is none.
    #[error(transparent)]
    Secrets(#[from] crate::secrets::SecretsError),
    /// No HTTP client can be made.
    #[error("the rails cannot send webhooks: {0}")]
    Client(#[from] reqwest::Error),
    /// They were closed.
    #[error("the rails' books are closed")]
    Closed,
    /// No payment has this name.
    #[error("no payment is called {0}")]
    NoPayment(String),
    /// The request makes no sense for this rail or this payment.
    #[error("{0}")]
    Refused(String),
}
