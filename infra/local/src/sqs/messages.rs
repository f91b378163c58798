//! Messages in the database: send, receive, delete, hide, peek.

use rusqlite::{Row, params};

use super::{
    error::Refusal,
    limits,
    message_attributes::MessageAttributes,
    queues::Queue,
    receipts::{self, Receipt},
    writer::Store,
};

/// Messages that one receive moves to the dead-letter queue at most; a longer row of them is left to the next one.
const MOVES_MAX: usize = 1_000;

/// A message that passed all checks that need no database.
#[derive(Debug, Clone)]
pub(super) struct NewMessage {
    pub(super) body: String,
    pub(super) attributes: MessageAttributes,
    pub(super) trace_header: Option<String>,
    /// Seconds until it is visible; None takes the queue's own.
    pub(super) delay_seconds: Option<u32>,
    /// Body and attributes, in bytes.
    pub(super) bytes: usize,
}

/// A message as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) row: i64,
    pub(super) body: String,
    pub(super) attributes: MessageAttributes,
    pub(super) trace_header: Option<String>,
    pub(super) sent_ms: i64,
    pub(super) receives: u32,
    pub(super) first_received_ms: Option<i64>,
    /// The queue that gave it up, where this is its dead-letter queue.
    pub(super) source: Option<String>,
    visible_ms: i64,
    receipt: Option<u32>,
}

/// What a receive found.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) messages: Vec<(Message, Receipt)>,
    /// The dead-letter queue, if messages were moved there.
    pub(super) moved_to: Option<String>,
    /// The queue's own long poll, in seconds.
    pub(super) wait_seconds: u32,
}

/// Where a message is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageState {
    /// A receive would return it.
    Visible,
    /// It was received and is hidden until its visibility timeout ends.
    InFlight,
    /// Its delay has not ended.
    Delayed,
}

/// A message seen without receiving it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeekedMessage {
    /// Its id, as the sender was told.
    pub message_id: String,
    /// Its body.
    pub body: String,
    /// When it was sent, in epoch milliseconds of the stack's clock.
    pub sent_ms: i64,
    /// How often it was received, in this queue and those before.
    pub receive_count: u32,
    /// What would happen to it now.
    pub state: MessageState,
    /// The queue that gave it up, where this is its dead-letter queue.
    pub dead_letter_source: Option<String>,
}

const COLUMNS: &str = "row, body, attributes, trace_header, sent_ms, receives, first_received_ms,
    source, visible_ms, receipt";

fn read(row: &Row<'_>) -> rusqlite::Result<Message> {
    let attributes: Option<String> = row.get(2)?;
    let attributes = match attributes {
        None => MessageAttributes::new(),
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(error)))?,
    };
    Ok(Message {
        row: row.get(0)?,
        body: row.get(1)?,
        attributes,
        trace_header: row.get(3)?,
        sent_ms: row.get(4)?,
        receives: row.get(5)?,
        first_received_ms: row.get(6)?,
        source: row.get(7)?,
        visible_ms: row.get(8)?,
        receipt: row.get(9)?,
    })
}

impl Store<'_> {
    /// Stores a message and gives its id.
    pub(super) fn send(&self, queue: &Queue, message: &NewMessage) -> Result<String, Refusal> {
        let bytes_max = usize::try_from(queue.attributes.message_bytes_max).unwrap_or(usize::MAX);
        limits::check_message_bytes(message.bytes, bytes_max)?;
        let delay = message.delay_seconds.unwrap_or(queue.attributes.delay_seconds);
        let attributes =
            (!message.attributes.is_empty()).then(|| serde_json::to_string(&message.attributes)).transpose().map_err(|error| {
                tracing::error!(%error, "message attributes cannot be written");
                Refusal::Unavailable
            })?;
        self.database
            .prepare_cached(
                "INSERT INTO messages (queue, body, attributes, trace_header, sent_ms, visible_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![queue.id, message.body, attributes, message.trace_header, self.now_ms, self.after(delay),])?;
        let row = self.database.last_insert_rowid();
        Ok(receipts::message_id(row, self.now_ms))
    }

    /// Takes up to `limit` visible messages and hides them. A message that was received as often as its queue allows
    /// goes to the dead-letter queue instead, its send time and count kept.
    pub(super) fn receive(&self, queue: &Queue, limit: usize, visibility_seconds: u32) -> Result<Received, Refusal> {
        self.expire(queue)?;
        let mut received = Received { messages: Vec::new(), moved_to: None, wait_seconds: queue.attributes.wait_seconds };
        let mut moved = 0;
        loop {
            let candidates = self.visible(queue, limit - received.messages.len())?;
            let moved_before = moved;
            for message in candidates {
                match self.dead_letter_queue_of(queue, &message)? {
                    Some(target) => {
                        self.move_to_dead_letters(queue, &target, &message)?;
                        received.moved_to = Some(target.name);
                        moved += 1;
                    }
                    None => {
                        let taken = self.take(queue, message, visibility_seconds)?;
                        received.messages.push(taken);
                    }
                }
            }
            let full = received.messages.len() >= limit;
            // What was taken with a visibility of 0 is visible still, and must not be taken twice by one receive.
            let would_repeat = visibility_seconds == 0 && !received.messages.is_empty();
            if moved == moved_before || full || would_repeat || moved >= MOVES_MAX {
                return Ok(received);
            }
        }
    }

    /// The visible messages of a queue, in the order in which they became visible.
    fn visible(&self, queue: &Queue, limit: usize) -> Result<Vec<Message>, Refusal> {
        let sql = format!(
            "SELECT {COLUMNS} FROM messages WHERE queue = ?1 AND visible_ms <= ?2
             ORDER BY visible_ms, row LIMIT ?3"
        );
        let mut statement = self.database.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![queue.id, self.now_ms, limit], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn dead_letter_queue_of(&self, queue: &Queue, message: &Message) -> Result<Option<Queue>, Refusal> {
        match &queue.attributes.redrive {
            Some(redrive) if message.receives >= redrive.receives_max => self.find_queue(&redrive.dead_letter_queue),
            Some(_) | None => Ok(None),
        }
    }

    fn move_to_dead_letters(&self, queue: &Queue, target: &Queue, message: &Message) -> Result<(), Refusal> {
        self.database
            .prepare_cached(
                "UPDATE messages SET queue = ?2, source = ?3, receipt = NULL, visible_ms = ?4
                 WHERE row = ?1",
            )?
            .execute(params![message.row, target.id, queue.name, self.now_ms])?;
        Ok(())
    }

    fn take(&self, queue: &Queue, mut message: Message, visibility_seconds: u32) -> Result<(Message, Receipt), Refusal> {
        message.receives = message.receives.saturating_add(1);
        message.first_received_ms.get_or_insert(self.now_ms);
        self.database
            .prepare_cached(
                "UPDATE messages
                 SET receives = ?2, receipt = ?2, first_received_ms = ?3, visible_ms = ?4
                 WHERE row = ?1",
            )?
            .execute(params![message.row, message.receives, message.first_received_ms, self.after(visibility_seconds),])?;
        let receipt = Receipt { queue: queue.id, row: message.row, receive: message.receives, sent_ms: message.sent_ms };
        Ok((message, receipt))
    }

    /// Deletes the message of a receipt. A handle that is not its latest has no effect, and that is no error.
    pub(super) fn delete(&self, receipt: Receipt) -> Result<(), Refusal> {
        self.database
            .prepare_cached(
                "DELETE FROM messages
                 WHERE row = ?1 AND queue = ?2 AND receipt = ?3 AND sent_ms = ?4",
            )?
            .execute(params![receipt.row, receipt.queue, receipt.receive, receipt.sent_ms])?;
        Ok(())
    }

    /// Hides the message of a receipt for so many seconds from now; 0 makes it visible. Only its latest handle can.
    pub(super) fn hide(&self, receipt: Receipt, seconds: u32) -> Result<(), Refusal> {
        let changed = self
            .database
            .prepare_cached(
                "UPDATE messages SET visible_ms = ?5
                 WHERE row = ?1 AND queue = ?2 AND receipt = ?3 AND sent_ms = ?4",
            )?
            .execute(params![receipt.row, receipt.queue, receipt.receive, receipt.sent_ms, self.after(seconds),])?;
        if changed > 0 {
            return Ok(());
        }
        Err(Refusal::value(receipt.handle(), "ReceiptHandle", "Message does not exist or is not available for visibility timeout change."))
    }

    /// The first messages of a queue in the order of sending, untouched.
    pub(super) fn peek(&self, queue: &Queue, limit: u32) -> Result<Vec<PeekedMessage>, Refusal> {
        self.expire(queue)?;
        let sql = format!("SELECT {COLUMNS} FROM messages WHERE queue = ?1 ORDER BY sent_ms, row LIMIT ?2");
        let mut statement = self.database.prepare_cached(&sql)?;
        let rows = statement.query_map(params![queue.id, limit], |row| {
            let message = read(row)?;
            let state = match (message.visible_ms > self.now_ms, message.receipt) {
                (false, _) => MessageState::Visible,
                (true, Some(_)) => MessageState::InFlight,
                (true, None) => MessageState::Delayed,
            };
            Ok(PeekedMessage {
                message_id: receipts::message_id(message.row, message.sent_ms),
                body: message.body,
                sent_ms: message.sent_ms,
                receive_count: message.receives,
                state,
                dead_letter_source: message.source,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn after(&self, seconds: u32) -> i64 {
        self.now_ms.saturating_add(i64::from(seconds) * 1_000)
    }
}
