//! Cuts messages into the batches that a queue takes at once.

use super::{Outgoing, QueueError};

/// Messages in a batch.
pub(super) const BATCH_MAX: usize = 10;
/// Bytes of one message, and of all messages of a batch together.
pub(super) const BYTES_MAX: usize = 1024 * 1024;
/// The longest that a queue keeps a message back.
const DELAY_MAX_SECONDS: u16 = 900;

/// Cuts `messages` into batches, in their order.
///
/// # Errors
/// [`QueueError::Unsendable`] when one of them fits no batch: before any is sent.
#[cfg_attr(not(feature = "queue"), expect(dead_code, reason = "only the queue feature sends"))]
pub(super) fn batches(messages: Vec<Outgoing>) -> Result<Vec<Vec<Outgoing>>, QueueError> {
    let mut batches: Vec<Vec<Outgoing>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        check(&message)?;
        bytes += message.body.len();
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_MAX && bytes <= BYTES_MAX => batch.push(message),
            _ => {
                bytes = message.body.len();
                batches.push(vec![message]);
            }
        }
    }
    Ok(batches)
}

fn check(message: &Outgoing) -> Result<(), QueueError> {
    let reason = if message.body.is_empty() {
        "it is empty"
    } else if message.body.len() > BYTES_MAX {
        "it is over 1 MiB"
    } else if message.delay_seconds > DELAY_MAX_SECONDS {
        "its delay is over 900 s"
    } else {
        return Ok(());
    };
    Err(QueueError::Unsendable { reason })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_no_queue_takes_is_refused_before_any_is_sent() {
        let message = |bytes: usize, delay_seconds| Outgoing { body: "x".repeat(bytes), delay_seconds };
        for (bad, takes) in
            [(message(0, 0), false), (message(BYTES_MAX + 1, 0), false), (message(1, 901), false), (message(BYTES_MAX, 900), true)]
        {
            assert_eq!(batches(vec![Outgoing::new("fine"), bad]).is_ok(), takes);
        }
        assert_eq!(batches(Vec::new()).unwrap().len(), 0);
    }

    proptest! {
        #[test]
        fn every_message_is_in_one_batch_in_order_and_none_is_too_large(sizes in proptest::collection::vec(prop_oneof![1_usize..50, 300_000_usize..BYTES_MAX + 1], 0..40)) {
            let messages: Vec<_> = sizes.iter().map(|size| Outgoing::new("x".repeat(*size))).collect();
            let made = batches(messages.clone()).unwrap();
            for batch in &made {
                prop_assert!((1..=BATCH_MAX).contains(&batch.len()));
                prop_assert!(batch.iter().map(|message| message.body.len()).sum::<usize>() <= BYTES_MAX);
            }
            prop_assert!(made.into_iter().flatten().eq(messages));
        }
    }
}
