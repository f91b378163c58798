//! What this system expects of an SQS, said through the AWS SDK.
//!
//! Every case runs against the stack's own queues, in memory and in a file. With `SQS_CONTRACT_ENDPOINT` set, the same
//! assertions run against that endpoint too, so that the stack's queues are not only true to themselves. Where the
//! other server is looser than AWS, the assertion is skipped there and the reason printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "says what was skipped on a foreign endpoint")]
#![allow(clippy::disallowed_methods, reason = "which endpoint, and which file, is said by the environment")]

mod cases;
mod durability;
mod refusals;
mod target;
