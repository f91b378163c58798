//! Generated histories with faults, through the real handlers, against the tables in memory.
//!
//! A [`history`] is data, made from a seed: who does what and when, and in what weather. It is run by
//! one thread that gives the handlers in flight their turns in an order drawn from the seed too, so
//! that a seed replays a history exactly. At the end faults stop, everything comes to rest, and the
//! books are checked twice: by the checker of the invariants, and by an oracle that computes them
//! anew from what the history told.

pub mod apps;
pub mod bank;
pub mod batch;
pub mod bugs;
pub mod calls;
pub mod cash_desk;
pub mod caught;
pub mod clock;
pub mod control;
pub mod exact;
pub mod generate;
pub mod history;
pub mod issuer;
pub mod oracle;
pub mod queue;
pub mod random;
pub mod reconciled;
pub mod report;
pub mod run;
pub mod scheduler;
pub mod shrink;
pub mod switch;
pub mod tables;
pub mod tally;
pub mod telling;
pub mod witness;
pub mod world;
