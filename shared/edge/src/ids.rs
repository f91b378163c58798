//! Ids that sort by time and can't be guessed.

use chrono::{DateTime, Utc};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Where the random part of an id comes from.
pub trait IdSource: Send + Sync {
    /// Sixteen bytes that were never given before.
    fn bytes16(&self) -> [u8; 16];

    /// A random wait of up to `most` milliseconds: full jitter, so that those who collided part.
    fn jitter_ms(&self, most: u64) -> u64 {
        let random = self.bytes16().into_iter().take(8).fold(0_u64, |word, byte| (word << 8) | u64::from(byte));
        most.checked_add(1).map_or(random, |choices| random % choices)
    }
}

/// Waits up to `most` milliseconds before the next attempt. Where the source says not to wait at all,
/// others still have their turn first.
pub async fn pause(ids: &dyn IdSource, most: u64) {
    match ids.jitter_ms(most) {
        0 => tokio::task::yield_now().await,
        millis => tokio::time::sleep(Duration::from_millis(millis)).await,
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    #[expect(clippy::expect_used, reason = "an id that can be guessed is worse than a failed invocation")]
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads randomness")]
    fn bytes16(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system has randomness");
        bytes
    }
}

/// The same bytes each time, by seed: for tests and replayed histories.
#[derive(Debug)]
pub struct SequenceIds(AtomicU64);

impl SequenceIds {
    /// Starts the sequence of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// One step of splitmix64, which visits every 64-bit value once, so that no two ids of a seed are the same.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut word = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }
}

impl IdSource for SequenceIds {
    fn bytes16(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        bytes
    }

    /// None: who replays a history drives time as well.
    fn jitter_ms(&self, _most: u64) -> u64 {
        0
    }
}

/// Crockford's base 32: no I, L, O or U, so that an id can be read aloud.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// An id of 26 characters behind its prefix (`"pay_"`, with the underscore), in the layout of a ULID: 48 bits of
/// milliseconds, then 80 random bits, the first ten of `bytes`. Ids of later milliseconds sort later. A time before
/// 1970 counts as 1970.
#[must_use]
pub fn prefixed_id(prefix: &str, now: DateTime<Utc>, bytes: [u8; 16]) -> String {
    let millis = u128::try_from(now.timestamp_millis()).unwrap_or_default() & 0xFFFF_FFFF_FFFF;
    let random = bytes.iter().take(10).fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
    let bits = (millis << 80) | random;
    let digit = |place: u32| {
        let index = usize::try_from((bits >> (place * 5)) & 31).unwrap_or_default();
        char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
    };
    prefix.chars().chain((0..26).rev().map(digit)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(millis).unwrap()
    }

    #[test]
    fn the_layout_is_a_ulids() {
        assert_eq!(prefixed_id("clk_", at(0), [0; 16]), "clk_00000000000000000000000000");
        assert_eq!(prefixed_id("", at(1_469_918_176_385), [0xFF; 16]), "01ARYZ6S41ZZZZZZZZZZZZZZZZ", "the specification's example time");
        assert_eq!(prefixed_id("", at(0x7FFF_FFFF_FFFF), [0; 16]), "3ZZZZZZZZZ0000000000000000");
        assert_eq!(prefixed_id("", at(-5), [0; 16]), "0".repeat(26));
    }

    #[test]
    fn ids_are_never_given_twice() {
        let (sequence, ids) = (SequenceIds::new(7), SystemIds);
        let made: BTreeSet<_> = (0..1_000).flat_map(|_| [sequence.bytes16(), ids.bytes16()]).collect();
        assert_eq!(made.len(), 2_000);
        assert_eq!(SequenceIds::new(7).bytes16(), SequenceIds::new(7).bytes16());
        assert_ne!(SequenceIds::new(7).bytes16(), SequenceIds::new(8).bytes16());
    }

    #[test]
    fn a_wait_is_random_within_its_bounds_and_none_in_a_replay() {
        assert!((0..100).all(|_| SystemIds.jitter_ms(5) <= 5));
        assert!((0..100).any(|_| SystemIds.jitter_ms(1_000_000) > 0));
        assert_eq!((SystemIds.jitter_ms(0), SequenceIds::new(7).jitter_ms(1_000)), (0, 0));
    }

    proptest! {
        #[test]
        fn later_sorts_later(early in 0_i64..0xFFFF_FFFF, later in 1_i64..0xFFFF, a: [u8; 16], b: [u8; 16]) {
            let (first, second) = (prefixed_id("x_", at(early), a), prefixed_id("x_", at(early + later), b));
            prop_assert!(first < second);
            prop_assert_eq!(first.len(), 28);
        }
    }
}
