//! How long an invocation may still work.

use futures::FutureExt;
use std::{pin::Pin, time::Duration};
use tokio::time::{Sleep, sleep};

/// Time that runs out while the tables are waited for.
pub(crate) struct Budget(Option<Pin<Box<Sleep>>>);

impl Budget {
    /// From now on.
    pub(crate) fn of(time: Duration) -> Self {
        Self((!time.is_zero()).then(|| Box::pin(sleep(time))))
    }

    /// Whether it has run out.
    pub(crate) fn is_over(&mut self) -> bool {
        self.0.as_mut().is_none_or(|left| left.as_mut().now_or_never().is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_runs_out() {
        assert!(Budget::of(Duration::ZERO).is_over());
        let mut budget = Budget::of(Duration::from_millis(1));
        while !budget.is_over() {
            sleep(Duration::from_millis(1)).await;
        }
        assert!(!Budget::of(Duration::from_secs(3600)).is_over());
    }
}
