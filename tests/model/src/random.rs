//! Randomness from a seed: the same seed gives the same history, on every machine.

/// A splitmix64 sequence.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The sequence of a seed. Neighbouring seeds give unlike sequences.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A sequence of its own, apart from this one: what is drawn from it moves nothing else.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self(self.word())
    }

    /// Any 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// A number from 0 to below `choices`; 0 where there is no choice.
    pub fn below(&mut self, choices: u64) -> u64 {
        self.word().checked_rem(choices).unwrap_or(0)
    }

    /// An index below `choices`.
    pub fn index(&mut self, choices: usize) -> usize {
        usize::try_from(self.below(u64::try_from(choices).unwrap_or(u64::MAX))).unwrap_or(0)
    }

    /// A whole number from `least` to `most`, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let choices = u64::try_from(most.saturating_sub(least)).unwrap_or(0).saturating_add(1);
        least.saturating_add(i64::try_from(self.below(choices)).unwrap_or(0))
    }

    /// Whether something of this probability happens, in thousandths.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, choices: &[T], none: T) -> T {
        choices.get(self.index(choices.len())).copied().unwrap_or(none)
    }
}
