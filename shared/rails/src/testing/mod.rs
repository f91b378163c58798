//! Rails in memory, for the tests of other crates and the model: stateful and deterministic, with faults on demand.
//! They need no runtime: their futures give others a turn and are ready.

mod fake;
mod fault;
mod go;
mod onboarding;
#[cfg(test)]
mod tests;

pub use fake::{FakeRail, Fate, Payment};
pub use fault::{Fault, Op};
pub use go::{Always, Never};
pub use onboarding::FakeOnboarding;

use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// Gives the others a turn, once.
async fn turn() {
    struct Turn(bool);
    impl Future for Turn {
        type Output = ();
        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            if std::mem::replace(&mut self.0, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }
    Turn(false).await;
}
