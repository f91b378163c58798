//! What can go wrong in the issuer, apart from what a caller of its HTTP side did.

use std::path::PathBuf;

/// Why the issuer could not be opened, could not keep its keys, or would not make a token.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The name is no name of a person or machine. What was asked for is not repeated: it may be anything.
    #[error("a name has 1 to 40 of a-z, 0-9, '-', '_' and '.', with no dot at either end and no two in a row")]
    Name,
    /// The lifetime asked for is 0 or beyond the longest one.
    #[error("a token lives for 1 to {max_seconds} seconds")]
    Lifetime {
        /// The longest lifetime, in seconds.
        max_seconds: u32,
    },
    /// The issuer's URL is not the stack's origin followed by the issuer's path.
    #[error("the issuer URL {0:?} is not http(s)://host[:port]/path without query and fragment")]
    IssuerUrl(String),
    /// The file with the signing keys could not be read or written.
    #[error("the signing keys in {path} cannot be read or written: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file with the signing keys was read, but is not what this program wrote.
    #[error("{path} does not hold signing keys; move it away to start with new ones")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A key could not be made or used.
    #[error("a signing key could not be made or used: {0}")]
    Crypto(String),
}

impl From<jsonwebtoken::errors::Error> for IdentityError {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        Self::Crypto(error.to_string())
    }
}
