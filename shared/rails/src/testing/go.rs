//! Platforms that always say the same when a rail asks whether money may move.

use crate::{GoAhead, Held};
use futures::future::BoxFuture;

/// Says go at every call.
#[derive(Debug, Clone, Copy)]
pub struct Always;

impl GoAhead for Always {
    fn ask(&self) -> BoxFuture<'_, Result<(), Held>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Holds every call back.
#[derive(Debug, Clone, Copy)]
pub struct Never(pub Held);

impl GoAhead for Never {
    fn ask(&self) -> BoxFuture<'_, Result<(), Held>> {
        Box::pin(std::future::ready(Err(self.0)))
    }
}
