//! What was counted.

use std::collections::BTreeMap;

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A store's write that did not happen.
    WriteFails,
    /// A transaction canceled since another held an item.
    Conflict,
    /// A transaction canceled since the table is throttled.
    Throttle,
    /// A write that happened, and nobody heard of it.
    AnswerLost,
    /// A read that failed.
    ReadFails,
    /// A spell in which the store was away.
    Outage,
    /// A send that did not happen.
    SendFails,
    /// A send of which the queue took only a part.
    SendPartly,
    /// A send that happened, and nobody heard of it.
    SendAnswerLost,
    /// A handler that died.
    Crash,
    /// A handler that was stopped at its timeout.
    Timeout,
    /// A message handed out to two at once.
    HandedOutTwice,
    /// A message sent once and kept twice.
    KeptTwice,
    /// An index entry that was not there yet.
    IndexBehind,
    /// A request that no rail heard.
    RailUnheard,
    /// A payment that was made, and nobody heard of it.
    RailAnswerLost,
    /// An answer of a rail that can't be read; what was asked is done.
    RailUnreadable,
    /// A rail that fails on its own side, done or not.
    RailFails,
    /// A rail that refuses for good.
    RailRefuses,
    /// A rail that takes nothing now.
    RailBusy,
    /// A rail that does not accept our access.
    RailLocked,
}

impl Fault {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::WriteFails => "write fails before",
            Self::Conflict => "conflict",
            Self::Throttle => "throttled",
            Self::AnswerLost => "committed, answer lost",
            Self::ReadFails => "read fails",
            Self::Outage => "outage begins",
            Self::SendFails => "send fails before",
            Self::SendPartly => "sent in part",
            Self::SendAnswerLost => "sent, answer lost",
            Self::Crash => "handler crashes",
            Self::Timeout => "handler times out",
            Self::HandedOutTwice => "message handed out twice",
            Self::KeptTwice => "message kept twice",
            Self::IndexBehind => "index behind",
            Self::RailUnheard => "rail does not hear",
            Self::RailAnswerLost => "rail pays, answer lost",
            Self::RailUnreadable => "rail is unreadable",
            Self::RailFails => "rail fails on its side",
            Self::RailRefuses => "rail refuses",
            Self::RailBusy => "rail is busy",
            Self::RailLocked => "rail locks us out",
        }
    }
}

/// Sums over histories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Histories run.
    pub histories: u64,
    /// Calls of the store.
    pub store_calls: u64,
    /// Calls of the queue.
    pub queue_calls: u64,
    /// Calls of the rails.
    pub rail_calls: u64,
    /// Turns given to handlers.
    pub turns: u64,
    /// Turns that went to another handler while the one before was still in flight.
    pub interleavings: u64,
    /// Faults by kind.
    pub faults: BTreeMap<Fault, u64>,
    /// Operations by kind, with those of the accrual.
    pub operations: BTreeMap<&'static str, u64>,
    /// Answers by operation and status.
    pub answers: BTreeMap<(&'static str, u16), u64>,
    /// Ledger lines at the end.
    pub lines: u64,
    /// Payments in the books of rails at the end.
    pub payments: u64,
    /// Payouts by where they stand at the end.
    pub payouts: BTreeMap<String, u64>,
    /// Those of rewards by usage among them.
    pub usage_rewards: u64,
}

impl Tally {
    /// Counts a fault.
    pub fn fault(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// Counts an operation.
    pub fn operation(&mut self, kind: &'static str) {
        *self.operations.entry(kind).or_default() += 1;
    }

    /// Adds another's sums.
    pub fn add(&mut self, other: &Self) {
        self.histories += other.histories;
        self.store_calls += other.store_calls;
        self.queue_calls += other.queue_calls;
        self.rail_calls += other.rail_calls;
        self.turns += other.turns;
        self.interleavings += other.interleavings;
        self.lines += other.lines;
        self.payments += other.payments;
        other.payouts.iter().for_each(|(status, count)| *self.payouts.entry(status.clone()).or_default() += count);
        self.usage_rewards += other.usage_rewards;
        other.faults.iter().for_each(|(kind, count)| *self.faults.entry(*kind).or_default() += count);
        other.operations.iter().for_each(|(kind, count)| *self.operations.entry(kind).or_default() += count);
        other.answers.iter().for_each(|(kind, count)| *self.answers.entry(*kind).or_default() += count);
    }
}
