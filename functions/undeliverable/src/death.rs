//! Why a message died. The queue can't tell, so the body is looked at again.

use crate::Queue;
use programme::{fact::Fact, payout::Errand};
use serde::de::DeserializeOwned;

/// How often a queue delivers a message before it gives it up: the `maxReceiveCount` of both.
const DELIVERIES: u32 = 5;

/// How much of a reader's complaint is kept, in characters. It may quote the body.
const COMPLAINT_MAX: usize = 300;

/// Why a message died.
pub(crate) enum Death {
    /// It tells no fact, with the reader's complaint.
    NoFact(String),
    /// It is a fact that could not be posted.
    NotPosted,
    /// It is no errand, with the reader's complaint.
    NoErrand(String),
    /// It is an errand that could not be done.
    NotDone,
}

impl Death {
    pub(crate) fn of(queue: Queue, body: &str) -> Self {
        match queue {
            Queue::Facts => complaint::<Fact>(body).map_or(Self::NotPosted, Self::NoFact),
            Queue::Payouts => complaint::<Errand>(body).map_or(Self::NotDone, Self::NoErrand),
        }
    }

    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::NoFact(_) => "no_fact",
            Self::NotPosted => "not_posted",
            Self::NoErrand(_) => "no_errand",
            Self::NotDone => "not_done",
        }
    }

    pub(crate) fn sentence(&self, message_id: &str) -> String {
        match self {
            Self::NoFact(complaint) => format!("no fact: {complaint}"),
            Self::NoErrand(complaint) => format!("no errand: {complaint}"),
            Self::NotPosted | Self::NotDone => {
                format!("delivered {DELIVERIES} times without success; see the log for message id {message_id}")
            }
        }
    }
}

/// What a reader says who can't read it.
fn complaint<T: DeserializeOwned>(body: &str) -> Option<String> {
    serde_json::from_str::<T>(body).err().map(|error| error.to_string().chars().take(COMPLAINT_MAX).collect())
}
