//! One queue and its dead-letter queue under random histories, against a model that is too simple to be wrong: a list
//! of messages. Every receive must return exactly what the model says, and at the end nothing is lost or doubled.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, path::Path};

use proptest::{prelude::*, sample::Index};
use rusqlite::Connection;

use super::{message_attributes::MessageAttributes, messages::NewMessage, receipts::Receipt, schema, server::SqsLocation, writer::Store};

const RECEIVES_MAX: u32 = 3;
const VISIBILITY_SECONDS: u32 = 30;

#[derive(Debug, Clone)]
enum Step {
    Send {
        delay_seconds: u32,
    },
    Receive {
        limit: usize,
    },
    ReceiveDead {
        limit: usize,
    },
    /// Deletes by any handle that was ever given out, stale ones too.
    Delete(Index),
    Hide(Index, u32),
    Pass {
        seconds: i64,
    },
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop_oneof![3 => Just(0), 1 => 1_u32..=60].prop_map(|delay_seconds| Step::Send { delay_seconds }),
        4 => (1_usize..=10).prop_map(|limit| Step::Receive { limit }),
        1 => (1_usize..=10).prop_map(|limit| Step::ReceiveDead { limit }),
        2 => any::<Index>().prop_map(Step::Delete),
        1 => (any::<Index>(), 0_u32..=60).prop_map(|(which, seconds)| Step::Hide(which, seconds)),
        3 => (0_i64..=40).prop_map(|seconds| Step::Pass { seconds }),
        1 => Just(Step::Restart),
    ]
}

#[derive(Debug, Clone)]
struct Expected {
    number: usize,
    dead: bool,
    visible_ms: i64,
    receives: u32,
    /// The number of the receive whose handle counts.
    latest: Option<u32>,
}

/// The queue as a list in the order of sending.
#[derive(Default)]
struct Model {
    messages: Vec<Expected>,
    sent: usize,
}

impl Model {
    /// Numbers of the visible messages in the order in which they became visible.
    fn visible(&self, dead: bool, now_ms: i64) -> Vec<usize> {
        let mut visible: Vec<&Expected> =
            self.messages.iter().filter(|message| message.dead == dead && message.visible_ms <= now_ms).collect();
        visible.sort_by_key(|message| (message.visible_ms, message.number));
        visible.into_iter().map(|message| message.number).collect()
    }

    fn get(&mut self, number: usize) -> &mut Expected {
        self.messages.iter_mut().find(|message| message.number == number).unwrap()
    }

    /// What a receive returns: number and count of receives each.
    fn receive(&mut self, dead: bool, limit: usize, now_ms: i64) -> Vec<(usize, u32)> {
        let mut received = Vec::new();
        for number in self.visible(dead, now_ms) {
            if received.len() == limit {
                break;
            }
            let message = self.get(number);
            if !dead && message.receives >= RECEIVES_MAX {
                *message = Expected { dead: true, visible_ms: now_ms, latest: None, ..message.clone() };
                continue;
            }
            message.receives += 1;
            message.latest = Some(message.receives);
            message.visible_ms = now_ms + i64::from(VISIBILITY_SECONDS) * 1_000;
            received.push((number, message.receives));
        }
        received
    }
}

/// The real thing beside its model.
struct Pair<'f> {
    file: &'f Path,
    database: Connection,
    now_ms: i64,
    model: Model,
    /// Every handle given out, with the message and the queue it was for.
    receipts: Vec<(usize, bool, Receipt)>,
}

impl<'f> Pair<'f> {
    fn new(file: &'f Path) -> Self {
        let database = schema::open(&SqsLocation::File(file.to_owned()), 0).unwrap();
        let pair = Self { file, database, now_ms: 0, model: Model::default(), receipts: Vec::new() };
        let policy = format!(r#"{{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":{RECEIVES_MAX}}}"#);
        pair.store().create_queue("dead", &BTreeMap::new()).unwrap();
        pair.store().create_queue("q", &BTreeMap::from([("RedrivePolicy".to_owned(), policy)])).unwrap();
        pair
    }

    fn store(&self) -> Store<'_> {
        Store { database: &self.database, now_ms: self.now_ms }
    }

    fn after(&self, seconds: u32) -> i64 {
        self.now_ms + i64::from(seconds) * 1_000
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Send { delay_seconds } => self.send(*delay_seconds),
            Step::Receive { limit } => self.receive(false, *limit),
            Step::ReceiveDead { limit } => self.receive(true, *limit),
            Step::Delete(which) => self.delete(which),
            Step::Hide(which, seconds) => self.hide(which, *seconds),
            Step::Pass { seconds } => self.now_ms += seconds * 1_000,
            Step::Restart => self.restart(),
        }
    }

    fn send(&mut self, delay_seconds: u32) {
        let number = self.model.sent;
        let message = NewMessage {
            body: number.to_string(),
            attributes: MessageAttributes::new(),
            trace_header: None,
            delay_seconds: Some(delay_seconds),
            bytes: 1,
        };
        self.store().send(&self.store().queue("q").unwrap(), &message).unwrap();
        let visible_ms = self.after(delay_seconds);
        self.model.messages.push(Expected { number, dead: false, visible_ms, receives: 0, latest: None });
        self.model.sent += 1;
    }

    fn receive(&mut self, dead: bool, limit: usize) {
        let queue = self.store().queue(if dead { "dead" } else { "q" }).unwrap();
        let received = self.store().receive(&queue, limit, VISIBILITY_SECONDS).unwrap().messages;
        let expected = self.model.receive(dead, limit, self.now_ms);
        let numbers: Vec<(usize, u32)> = received.iter().map(|(message, _)| (message.body.parse().unwrap(), message.receives)).collect();
        assert_eq!(numbers, expected);
        self.receipts.extend(received.into_iter().map(|(message, receipt)| (message.body.parse().unwrap(), dead, receipt)));
    }

    /// Whether a handle counts: the message is still there, in that queue, and not received since.
    fn counts(&self, number: usize, dead: bool, receipt: Receipt) -> bool {
        let alive = |message: &&Expected| message.number == number && message.dead == dead;
        self.model.messages.iter().find(alive).is_some_and(|message| message.latest == Some(receipt.receive))
    }

    fn delete(&mut self, which: &Index) {
        if self.receipts.is_empty() {
            return;
        }
        let (number, dead, receipt) = *which.get(&self.receipts);
        let counts = self.counts(number, dead, receipt);
        self.store().delete(receipt).unwrap();
        self.model.messages.retain(|message| !(counts && message.number == number));
    }

    fn hide(&mut self, which: &Index, seconds: u32) {
        if self.receipts.is_empty() {
            return;
        }
        let (number, dead, receipt) = *which.get(&self.receipts);
        let counts = self.counts(number, dead, receipt);
        assert_eq!(self.store().hide(receipt, seconds).is_ok(), counts);
        let visible_ms = self.after(seconds);
        if counts {
            self.model.get(number).visible_ms = visible_ms;
        }
    }

    fn restart(&mut self) {
        self.database = Connection::open_in_memory().unwrap();
        self.database = schema::open(&SqsLocation::File(self.file.to_owned()), self.now_ms).unwrap();
        for message in &mut self.model.messages {
            if message.latest.is_some() && message.visible_ms > self.now_ms {
                message.visible_ms = self.now_ms;
            }
        }
    }

    /// The queues hold what the model holds, in the same state.
    fn compare(&self) {
        for (name, dead) in [("q", false), ("dead", true)] {
            let queue = self.store().queue(name).unwrap();
            let expected: Vec<&Expected> = self.model.messages.iter().filter(|message| message.dead == dead).collect();
            let count =
                |is: &dyn Fn(&Expected) -> bool| -> u64 { expected.iter().filter(|message| is(message)).count().try_into().unwrap() };
            let depth = self.store().depth(&queue).unwrap();
            let hidden = |message: &Expected| message.visible_ms > self.now_ms;
            assert_eq!(depth.visible, count(&|message| !hidden(message)));
            assert_eq!(depth.in_flight, count(&|message| hidden(message) && message.latest.is_some()));
            assert_eq!(depth.delayed, count(&|message| hidden(message) && message.latest.is_none()));
            let kept: Vec<usize> =
                self.store().peek(&queue, u32::MAX).unwrap().iter().map(|message| message.body.parse().unwrap()).collect();
            assert_eq!(kept, expected.iter().map(|message| message.number).collect::<Vec<_>>());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_ends_as_the_model_says(steps in prop::collection::vec(step(), 1..80)) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("queues.sqlite");
        let mut pair = Pair::new(&file);
        for step in &steps {
            pair.apply(step);
            pair.compare();
        }
    }
}
