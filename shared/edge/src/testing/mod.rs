//! Fakes for the tests of other crates and for generated histories. No function links them.

#[cfg(feature = "auth")]
mod issuer;
mod queue;

#[cfg(feature = "auth")]
pub use issuer::{StaticKeys, TestIssuer};
pub use queue::MemoryQueue;
