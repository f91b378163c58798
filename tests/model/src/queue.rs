//! The queue: any order, twice, delays, visibility, redelivery, dead letters.

use crate::{
    bugs::LayerBug,
    control::{Control, turn},
    tally::Fault,
};
use edge::{
    events::Record,
    queue::{Outgoing, Queue, QueueError},
};
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// For how long those of the facts are another's, as the template says, in milliseconds.
pub const FACTS_VISIBILITY_MS: i64 = 130_000;
/// The same of the errands of payouts.
pub const ERRANDS_VISIBILITY_MS: i64 = 360_000;
const RECEIVES_MAX: u32 = 5;
/// From this delivery on, nothing more is done to a message on purpose: its deliveries would be used up by the model alone.
pub const SPARED_FROM: u32 = 3;

#[derive(Debug, Clone)]
struct Message {
    id: u64,
    body: Arc<str>,
    sent_ms: i64,
    visible_ms: i64,
    receives: u32,
}

/// The queue and its dead letters.
#[derive(Debug)]
pub struct ModelQueue {
    control: Arc<Control>,
    visibility_ms: i64,
    messages: Mutex<Messages>,
}

#[derive(Debug, Default)]
struct Messages {
    waiting: Vec<Message>,
    dead: Vec<String>,
    numbered: u64,
}

/// A batch on its way to a handler.
#[derive(Debug, Clone)]
pub struct Received {
    /// The records.
    pub records: Vec<Record>,
    /// The highest count of deliveries among them.
    pub receives: u32,
}

impl ModelQueue {
    /// An empty queue, whose messages are another's for so long once they are handed out.
    #[must_use]
    pub fn new(control: Arc<Control>, visibility_ms: i64) -> Self {
        Self { control, visibility_ms, messages: Mutex::default() }
    }

    fn messages(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a message on the queue, as somebody outside the model would.
    pub fn put(&self, body: &str, delay_seconds: u16) {
        let now = self.control.clock.millis();
        let mut messages = self.messages();
        messages.numbered += 1;
        let id = messages.numbered;
        messages.waiting.push(Message {
            id,
            body: body.into(),
            sent_ms: now,
            visible_ms: now + i64::from(delay_seconds) * 1_000,
            receives: 0,
        });
    }

    /// Whether a message can be had now.
    #[must_use]
    pub fn has_visible(&self) -> bool {
        let now = self.control.clock.millis();
        self.messages().waiting.iter().any(|message| message.visible_ms <= now)
    }

    /// When the next message can be had; none where there is none at all.
    #[must_use]
    pub fn next_visible_ms(&self) -> Option<i64> {
        self.messages().waiting.iter().map(|message| message.visible_ms).min()
    }

    /// How many messages wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.messages().waiting.len()
    }

    /// The dead letters.
    #[must_use]
    pub fn dead(&self) -> Vec<String> {
        self.messages().dead.clone()
    }

    /// Hands out up to `most` messages in no order. Those that were handed out too often die.
    pub fn receive(&self, most: usize) -> Received {
        let now = self.control.clock.millis();
        let mut state = self.control.state();
        let mut messages = self.messages();
        let mut picked: Vec<usize> =
            messages.waiting.iter().enumerate().filter(|(_, message)| message.visible_ms <= now).map(|(place, _)| place).collect();
        for place in 0..picked.len() {
            let other = place + state.random.index(picked.len() - place);
            picked.swap(place, other);
        }
        picked.truncate(most);
        let mut received = Received { records: Vec::new(), receives: 0 };
        let mut died = Vec::new();
        for place in picked {
            let Some(message) = messages.waiting.get_mut(place) else { continue };
            if message.receives >= RECEIVES_MAX {
                died.push(message.id);
                continue;
            }
            message.receives += 1;
            message.visible_ms = now + self.visibility_ms;
            let twice = state.weather.twice;
            if message.receives < SPARED_FROM && twice > 0 && state.random.chance(twice) {
                message.visible_ms = now;
                state.tally.fault(Fault::HandedOutTwice);
            }
            received.receives = received.receives.max(message.receives);
            received.records.push(Record {
                message_id: message.id.to_string(),
                body: message.body.to_string(),
                receive_count: message.receives,
                sent_at: Some(crate::clock::time(message.sent_ms)),
            });
        }
        if state.bug == Some(LayerBug::AckedBeforeHandled) {
            let ids: Vec<String> = received.records.iter().map(|record| record.message_id.clone()).collect();
            messages.waiting.retain(|message| !ids.contains(&message.id.to_string()));
        }
        for id in died {
            let letter = messages.waiting.iter().find(|message| message.id == id).map(|message| message.body.to_string());
            messages.dead.extend(letter);
            messages.waiting.retain(|message| message.id != id);
        }
        received
    }

    /// Takes a handler's answer: what is not among the failed is done.
    pub fn acknowledge(&self, received: &Received, failed: &[String]) {
        let failed: &[String] = if self.control.state().bug == Some(LayerBug::FailedAcked) { &[] } else { failed };
        let done = |id: &String| received.records.iter().any(|record| record.message_id == *id) && !failed.contains(id);
        self.messages().waiting.retain(|message| !done(&message.id.to_string()));
    }
}

impl Queue for ModelQueue {
    fn send<'a>(&'a self, messages: Vec<Outgoing>) -> BoxFuture<'a, Result<(), QueueError>> {
        Box::pin(async move {
            let fault = self.control.queue_fault();
            turn().await;
            let count = messages.len();
            let (taken, unsent) = {
                let mut state = self.control.state();
                match fault {
                    Some(Fault::SendFails) => (0, count),
                    Some(Fault::SendPartly) => {
                        let taken = state.random.index(count);
                        (taken, count - taken)
                    }
                    Some(_) => (count, count),
                    None => (count, 0),
                }
            };
            for message in messages.iter().take(taken) {
                self.keep(message);
            }
            self.control.tell(|| match fault {
                Some(fault) => format!("sends {count} messages: {}", fault.words()),
                None => format!("sends {count} messages{}", delays(&messages)),
            });
            turn().await;
            if unsent > 0 || fault.is_some() {
                Err(QueueError::Unavailable { unsent, source: "a fault of the model".into() })
            } else {
                Ok(())
            }
        })
    }
}

fn delays(messages: &[Outgoing]) -> String {
    let longest = messages.iter().map(|message| message.delay_seconds).max().unwrap_or(0);
    if longest > 0 { format!(", delayed {longest} s") } else { String::new() }
}

impl ModelQueue {
    fn keep(&self, message: &Outgoing) {
        let (lost, twice) = {
            let mut state = self.control.state();
            let lost = state.bug == Some(LayerBug::SentAndLost) && state.random.chance(200);
            let often = state.weather.twice;
            let twice = often > 0 && state.random.chance(often / 2);
            if twice {
                state.tally.fault(Fault::KeptTwice);
            }
            (lost, twice)
        };
        if !lost {
            self.put(&message.body, message.delay_seconds);
        }
        if twice {
            self.put(&message.body, message.delay_seconds);
        }
    }
}
