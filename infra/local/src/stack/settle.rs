//! Until nothing is under way: neither in a queue, nor between a rail and the front door.

use super::{Queues, QueuesError};
use crate::rails::Rails;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Waits until the queues that functions consume are empty and what the rails have to tell by now is told, since the one makes more
/// of the other. What a rail could not deliver is not waited for. False where that takes longer than `longest`.
///
/// # Errors
/// Where a queue does not answer.
pub(crate) async fn settle(queues: &Queues, rails: &Arc<Rails>, longest: Duration, poll: Duration) -> Result<bool, QueuesError> {
    until(queues, rails, longest, poll, false).await
}

/// As [`settle`], but messages that are to be seen later may stay.
///
/// # Errors
/// Where a queue does not answer.
pub(crate) async fn settle_due(queues: &Queues, rails: &Arc<Rails>, longest: Duration, poll: Duration) -> Result<bool, QueuesError> {
    until(queues, rails, longest, poll, true).await
}

async fn until(queues: &Queues, rails: &Arc<Rails>, longest: Duration, poll: Duration, later_may_stay: bool) -> Result<bool, QueuesError> {
    let end = Instant::now() + longest;
    loop {
        advance(rails).await;
        let posted = rails.posted();
        let left = end.saturating_duration_since(Instant::now());
        let drained = if later_may_stay { queues.drain_due(left, poll).await? } else { queues.drain(left, poll).await? };
        if !drained {
            return Ok(false);
        }
        advance(rails).await;
        // What was posted since may have filled a queue again.
        if rails.posted() == posted {
            return Ok(true);
        }
    }
}

async fn advance(rails: &Arc<Rails>) {
    if let Err(error) = rails.advance().await {
        tracing::warn!(%error, "the stand-ins of the rails do not move");
    }
}
