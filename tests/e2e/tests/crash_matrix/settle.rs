//! Waiting until everything has come to rest, and moving the clock to what rests until later.

use crate::stage::Stage;
use local::stack::Depth;
use std::time::Duration;
use tokio::time::Instant;

/// Generous: a debug build on a busy machine.
const LONG: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);

/// Looks in a row at a message that nobody works on, before its receiver counts as dead: between a receive and an invocation, and
/// between an answer and a delete, there are moments too.
const LOOKS: u32 = 8;

/// Longer than the visibility of a fact that was received by somebody who died, and than every delay of a message.
const STEP_SECONDS: u64 = 131;

impl Stage<'_> {
    /// What all queues hold, and whether any function works.
    async fn load(&self) -> (Depth, bool) {
        let mut sum = Depth::default();
        for depth in self.stack.queues().depths().await.expect("the queues answer").into_values() {
            sum.visible += depth.visible;
            sum.in_flight += depth.in_flight;
            sum.delayed += depth.delayed;
        }
        (sum, self.stack.functions().status().values().any(|function| function.busy + function.waiting > 0))
    }

    /// Waits until no message can be received now, or until `early` says so. Those with a delay stay.
    pub(crate) async fn quiet(&self, early: impl Fn() -> bool) {
        let end = Instant::now() + LONG;
        loop {
            let (depth, busy) = self.load().await;
            if early() || (depth.visible == 0 && depth.in_flight == 0 && !busy) {
                return;
            }
            assert!(Instant::now() < end, "{}: the queue never comes to rest: {depth:?}", self.tag);
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until every message is done, those with a delay and those of a dead receiver included.
    pub(crate) async fn settle(&self) {
        let end = Instant::now() + LONG;
        let mut looks = 0;
        loop {
            let (depth, busy) = self.load().await;
            if depth == Depth::default() && !busy {
                return;
            }
            looks = if depth.visible == 0 && !busy { looks + 1 } else { 0 };
            if looks >= LOOKS || (looks > 0 && depth.in_flight == 0) {
                self.advance(STEP_SECONDS).await;
                looks = 0;
            }
            assert!(Instant::now() < end, "{}: the queues never run empty: {depth:?}", self.tag);
            tokio::time::sleep(POLL).await;
        }
    }
}
