//! What invokes functions besides HTTP: queues and schedules.

mod batch;
mod poller;
mod schedule;

pub(crate) use poller::Poller;
pub(crate) use schedule::Schedules;
