//! Queues in the database: create, find, change, list, count, purge.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row, params};

use super::{attributes::QueueAttributes, error::Refusal, names, writer::Store};

/// A queue may be purged once in this time.
const PURGE_PAUSE_MS: i64 = 60_000;

/// One queue as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) attributes: QueueAttributes,
    created_ms: i64,
    modified_ms: i64,
    purged_ms: Option<i64>,
}

/// How many messages a queue holds, by what can be done with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDepth {
    /// Name of the queue.
    pub queue: String,
    /// Messages that a receive could return.
    pub visible: u64,
    /// Messages that were received and are hidden until their visibility timeout ends.
    pub in_flight: u64,
    /// Messages whose delay has not ended.
    pub delayed: u64,
}

impl QueueDepth {
    /// Whether the queue holds nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.visible == 0 && self.in_flight == 0 && self.delayed == 0
    }
}

const COLUMNS: &str = "id, name, attributes, created_ms, modified_ms, purged_ms";

fn read(row: &Row<'_>) -> rusqlite::Result<Queue> {
    let attributes: String = row.get(2)?;
    Ok(Queue {
        id: row.get(0)?,
        name: row.get(1)?,
        attributes: serde_json::from_str(&attributes)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(error)))?,
        created_ms: row.get(3)?,
        modified_ms: row.get(4)?,
        purged_ms: row.get(5)?,
    })
}

impl Queue {
    /// Every attribute of the queue, counts included, in AWS's names.
    pub(super) fn texts(&self, depth: &QueueDepth) -> BTreeMap<&'static str, String> {
        let seconds = |ms: i64| ms.div_euclid(1_000).to_string();
        let mut texts = self.attributes.texts();
        texts.extend([
            ("QueueArn", names::arn(&self.name)),
            ("CreatedTimestamp", seconds(self.created_ms)),
            ("LastModifiedTimestamp", seconds(self.modified_ms)),
            ("ApproximateNumberOfMessages", depth.visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", depth.in_flight.to_string()),
            ("ApproximateNumberOfMessagesDelayed", depth.delayed.to_string()),
        ]);
        texts
    }
}

impl Store<'_> {
    /// The queue of this name.
    pub(super) fn queue(&self, name: &str) -> Result<Queue, Refusal> {
        self.find_queue(name)?.ok_or(Refusal::QueueDoesNotExist)
    }

    pub(super) fn find_queue(&self, name: &str) -> Result<Option<Queue>, Refusal> {
        let sql = format!("SELECT {COLUMNS} FROM queues WHERE name = ?1");
        let mut statement = self.database.prepare_cached(&sql)?;
        Ok(statement.query_row([name], read).optional()?)
    }

    /// Queues whose name starts with `prefix` and comes after `after`, by name, `limit` at most.
    pub(super) fn queues(&self, prefix: &str, after: &str, limit: u32) -> Result<Vec<Queue>, Refusal> {
        let sql = format!(
            "SELECT {COLUMNS} FROM queues WHERE substr(name, 1, length(?1)) = ?1 AND name > ?2
             ORDER BY name LIMIT ?3"
        );
        let mut statement = self.database.prepare_cached(&sql)?;
        let rows = statement.query_map(params![prefix, after, limit], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Creates a queue. The same name with the same settings again is the same queue; with others it is refused.
    pub(super) fn create_queue(&self, name: &str, given: &BTreeMap<String, String>) -> Result<(), Refusal> {
        if let Some(existing) = self.find_queue(name)? {
            let wanted = existing.attributes.with(given)?;
            return match existing.attributes.first_difference(&wanted) {
                None => Ok(()),
                Some(attribute) => Err(Refusal::QueueNameExists(attribute.to_owned())),
            };
        }
        let attributes = QueueAttributes::default().with(given)?;
        self.check_dead_letter_queue(&attributes)?;
        self.database
            .prepare_cached(
                "INSERT INTO queues (name, attributes, created_ms, modified_ms)
                 VALUES (?1, ?2, ?3, ?3)",
            )?
            .execute(params![name, text(&attributes)?, self.now_ms])?;
        Ok(())
    }

    /// Changes settings of a queue.
    pub(super) fn set_attributes(&self, name: &str, given: &BTreeMap<String, String>) -> Result<(), Refusal> {
        let queue = self.queue(name)?;
        let attributes = queue.attributes.with(given)?;
        self.check_dead_letter_queue(&attributes)?;
        self.database.prepare_cached("UPDATE queues SET attributes = ?2, modified_ms = ?3 WHERE id = ?1")?.execute(params![
            queue.id,
            text(&attributes)?,
            self.now_ms
        ])?;
        Ok(())
    }

    fn check_dead_letter_queue(&self, attributes: &QueueAttributes) -> Result<(), Refusal> {
        let Some(redrive) = &attributes.redrive else {
            return Ok(());
        };
        match self.find_queue(&redrive.dead_letter_queue)? {
            Some(_) => Ok(()),
            None => Err(Refusal::value(names::arn(&redrive.dead_letter_queue), "RedrivePolicy", "Dead letter target does not exist.")),
        }
    }

    /// Counts a queue's messages, those beyond its retention taken away first.
    pub(super) fn depth(&self, queue: &Queue) -> Result<QueueDepth, Refusal> {
        self.expire(queue)?;
        let mut statement = self.database.prepare_cached(
            "SELECT count(*) FILTER (WHERE visible_ms <= ?2),
                    count(*) FILTER (WHERE visible_ms > ?2 AND receipt IS NOT NULL),
                    count(*) FILTER (WHERE visible_ms > ?2 AND receipt IS NULL)
             FROM messages WHERE queue = ?1",
        )?;
        let depth = statement.query_row(params![queue.id, self.now_ms], |row| {
            Ok(QueueDepth { queue: queue.name.clone(), visible: row.get(0)?, in_flight: row.get(1)?, delayed: row.get(2)? })
        })?;
        Ok(depth)
    }

    /// Deletes messages that are older than their queue keeps them, in flight or not.
    pub(super) fn expire(&self, queue: &Queue) -> Result<(), Refusal> {
        let retention_ms = i64::from(queue.attributes.retention_seconds) * 1_000;
        self.database
            .prepare_cached("DELETE FROM messages WHERE queue = ?1 AND sent_ms <= ?2")?
            .execute(params![queue.id, self.now_ms.saturating_sub(retention_ms)])?;
        Ok(())
    }

    /// Deletes every message of a queue, at most once a minute.
    pub(super) fn purge_with_pause(&self, name: &str) -> Result<(), Refusal> {
        let queue = self.queue(name)?;
        let since = queue.purged_ms.map(|purged_ms| self.now_ms.saturating_sub(purged_ms));
        if since.is_some_and(|since| (0..PURGE_PAUSE_MS).contains(&since)) {
            return Err(Refusal::PurgeQueueInProgress(queue.name));
        }
        self.database.prepare_cached("UPDATE queues SET purged_ms = ?2 WHERE id = ?1")?.execute(params![queue.id, self.now_ms])?;
        self.purge(&queue)
    }

    /// Deletes every message of a queue.
    pub(super) fn purge(&self, queue: &Queue) -> Result<(), Refusal> {
        self.database.prepare_cached("DELETE FROM messages WHERE queue = ?1")?.execute([queue.id])?;
        Ok(())
    }
}

fn text(attributes: &QueueAttributes) -> Result<String, Refusal> {
    serde_json::to_string(attributes).map_err(|error| {
        tracing::error!(%error, "queue attributes cannot be written");
        Refusal::Unavailable
    })
}
