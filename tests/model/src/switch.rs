//! The kill switch as a witness sees it: who has read it on, and since when it is off.

use std::collections::BTreeMap;

/// What was seen of the switch. Moments are counted in turns.
#[derive(Debug, Default)]
pub struct Switch {
    off_since: Option<u64>,
    /// By handler: how often it read that payouts are on, and has not sent one upon it.
    read_on: BTreeMap<u32, u32>,
}

impl Switch {
    /// Somebody turned it.
    pub fn turned(&mut self, on: bool, turn: u64) {
        self.off_since = if on { None } else { self.off_since.or(Some(turn)) };
    }

    /// A handler read it.
    pub fn read(&mut self, task: u32, on: bool) {
        if on {
            *self.read_on.entry(task).or_default() += 1;
        }
    }

    /// Whether a handler that has been at work since `began` may send a payout now: it has read, for this one, that it may,
    /// and payouts were not off when it began.
    pub fn may_send(&mut self, task: u32, began: u64) -> bool {
        let reads = self.read_on.entry(task).or_default();
        let read = *reads > 0;
        *reads = reads.saturating_sub(1);
        read && self.off_since.is_none_or(|since| since >= began)
    }

    /// Whether payouts are on.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.off_since.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sends_only_upon_a_look_at_it() {
        let mut switch = Switch::default();
        assert!(!switch.may_send(1, 0), "nobody looked");
        switch.read(1, true);
        assert!(switch.may_send(1, 0) && !switch.may_send(1, 0), "a look is good for one");
        switch.read(1, true);
        switch.turned(false, 5);
        assert!(switch.may_send(1, 4), "it was on when it was looked at");
        switch.read(2, true);
        assert!(!switch.may_send(2, 6), "it was off before it began: whatever it says to have read");
        switch.turned(true, 9);
        switch.read(3, false);
        assert!(switch.is_on() && !switch.may_send(3, 10));
    }
}
