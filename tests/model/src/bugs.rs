//! Deliberate bugs, to prove that each is found. Most are made here, in the model's own tables and
//! queue; those of the rules are a seam of `programme` that only the feature `bugs` compiles.

mod bend;

pub use bend::bend_writes;

/// A bug in the layers below the functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerBug {
    /// A purchase is posted whatever became of its buyer's attribution meanwhile.
    AttributionUnchecked,
    /// A line is written also where one stands.
    LineUnchecked,
    /// A reserve holds whatever lowered the cashable meanwhile.
    CashVersionUnchecked,
    /// A signup does not notice purchases that came in meanwhile.
    WaitingUnchecked,
    /// Nobody notices that the payout book has changed.
    BookUnchecked,
    /// A signal becomes the newest account's.
    SignalUnchecked,
    /// An addition now and then gets lost.
    AddLost,
    /// An addition is now and then made twice.
    AddTwice,
    /// Lines without their chart buckets.
    BucketsMissing,
    /// Lines expire.
    LinesExpire,
    /// A transaction is two writes, one after the other.
    SplitTransaction,
    /// A payout is written first, and its reserve after it.
    ReserveOutside,
    /// An index entry of a line is not written.
    UnlistedLines,
    /// A line's seal is of other content.
    LineBent,
    /// A send says yes, and now and then the message is gone.
    SentAndLost,
    /// Failed messages are taken for done.
    FailedAcked,
    /// Messages are taken for done before they are handled.
    AckedBeforeHandled,
    /// Nobody minds whether somebody else has a payout in hand.
    LeaseUnchecked,
    /// A rail is called before the intent to pay is written.
    IntentUnwritten,
    /// A lost answer of a rail is taken for a refusal.
    DoubtIsFailure,
    /// Nobody minds whether a number of invoices is taken.
    NumberUnchecked,
    /// Nobody looks at the kill switch.
    SwitchUnseen,
    /// The way from a rail's id back to its payout is not written.
    ReferenceUnwritten,
    /// A payout is paid without an invoice.
    VoucherUnwritten,
}

impl LayerBug {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::AttributionUnchecked,
        Self::LineUnchecked,
        Self::CashVersionUnchecked,
        Self::WaitingUnchecked,
        Self::BookUnchecked,
        Self::SignalUnchecked,
        Self::AddLost,
        Self::AddTwice,
        Self::BucketsMissing,
        Self::LinesExpire,
        Self::SplitTransaction,
        Self::ReserveOutside,
        Self::UnlistedLines,
        Self::LineBent,
        Self::SentAndLost,
        Self::FailedAcked,
        Self::AckedBeforeHandled,
        Self::LeaseUnchecked,
        Self::IntentUnwritten,
        Self::DoubtIsFailure,
        Self::NumberUnchecked,
        Self::SwitchUnseen,
        Self::ReferenceUnwritten,
        Self::VoucherUnwritten,
    ];

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::AttributionUnchecked => "the buyer's attribution version is not checked",
            Self::LineUnchecked => "a line is put without attribute_not_exists",
            Self::CashVersionUnchecked => "the cash version is not checked on a reserve",
            Self::WaitingUnchecked => "the count of waiting purchases is not checked on a signup",
            Self::BookUnchecked => "the payout book's version is not checked",
            Self::SignalUnchecked => "a hard signal is put without attribute_not_exists",
            Self::AddLost => "an ADD gets lost",
            Self::AddTwice => "an ADD is applied twice",
            Self::BucketsMissing => "lines are written without their chart buckets",
            Self::LinesExpire => "lines have a TTL",
            Self::SplitTransaction => "a transaction is split into two writes",
            Self::ReserveOutside => "the reserve is outside of the payout's transaction",
            Self::UnlistedLines => "a line misses its entry in the index of its buyer",
            Self::LineBent => "a line's amount is bent after it was sealed",
            Self::SentAndLost => "the queue says yes and drops a message",
            Self::FailedAcked => "failed messages are acknowledged",
            Self::AckedBeforeHandled => "messages are acknowledged before they are handled",
            Self::LeaseUnchecked => "the lease on a payout is not checked",
            Self::IntentUnwritten => "a rail is called before the intent to pay is written",
            Self::DoubtIsFailure => "a lost answer of a rail is taken for a refusal",
            Self::NumberUnchecked => "the counter of invoices is not checked",
            Self::SwitchUnseen => "the kill switch is not looked at",
            Self::ReferenceUnwritten => "the way back from a rail's id is not written",
            Self::VoucherUnwritten => "a payout is paid without an invoice",
        }
    }
}
