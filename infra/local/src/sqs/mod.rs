//! A durable SQS of one machine: the operations this system uses, in the AWS JSON 1.0 protocol, over SQLite.
//!
//! A webhook's 2xx promises that its facts are safe, so a send is answered only after its commit is synced to the
//! disk. One thread owns the database and commits once for everything that waits (see [`writer`]); the async side
//! only parses, checks limits and waits.
//!
//! What differs from AWS, on purpose:
//! - every time (delay, visibility, retention, the minute between purges) is measured on the clock passed in; only a
//!   long poll waits in real time;
//! - a start makes messages in flight visible at once: who held them died with the stack;
//! - delivery is in order of visibility, a message is moved to its dead-letter queue by the receive that would exceed
//!   the limit, and a move task is finished when it is answered;
//! - requests need no signature, since the server listens on the loopback address only;
//! - absent: FIFO and fair queues, tags, policies, KMS keys, `DeleteQueue`, and the ceilings of 120,000 messages in
//!   flight and of 12 hours over several extensions.

mod attributes;
mod batches;
mod digests;
mod error;
mod limits;
mod message_attributes;
mod message_operations;
mod messages;
mod moves;
mod names;
mod protocol;
mod queue_operations;
mod queues;
mod receipts;
mod requests;
mod schema;
mod server;
mod wake;
mod writer;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

pub use error::SqsError;
pub use messages::{MessageState, PeekedMessage};
pub use queues::QueueDepth;
pub use server::{Clock, SqsLocation, SqsServer};
