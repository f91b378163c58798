//! Events that could not be read or posted: kept whole until someone decides, and after that too.

use super::{Reader, time};
use crate::{
    StoreError,
    backend::{Condition, Item, Operation, Value, Write},
    keys,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use ledger::AccountId;
use sha2::{Digest, Sha256};

/// The source of what the facts queue gave up, or the accrual could not post.
pub const FACTS: &str = "facts";

/// The source of what the payouts queue gave up.
pub const PAYOUTS: &str = "payouts";

/// How much of the hash names a body: 104 bits.
const HEX_DIGITS: usize = 26;

/// An event in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// `qua_…`, made from source and body, so that a redelivery adds nothing.
    pub id: String,
    /// Whose signature it bears, or the queue that it died in.
    pub source: String,
    /// Why it could not be read, or posted.
    pub reason: String,
    /// The raw body.
    pub body: Vec<u8>,
    /// When it first came in.
    pub received_at: DateTime<Utc>,
}

impl Quarantined {
    /// Names an event by its source and bytes: however often it comes, it is kept once.
    #[must_use]
    pub fn new(source: &str, reason: String, body: Vec<u8>, received_at: DateTime<Utc>) -> Self {
        let digest = Sha256::new().chain_update(source).chain_update([0]).chain_update(&body).finalize();
        let mut id = hex::encode(digest);
        id.truncate(HEX_DIGITS);
        Self { id: format!("qua_{id}"), source: source.to_owned(), reason, body, received_at }
    }
}

/// A replay: somebody had the event read again, and its facts were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Who.
    pub by: AccountId,
    /// When.
    pub at: DateTime<Utc>,
    /// How many facts it told.
    pub facts: u32,
}

/// An event, and what became of it. It is never deleted: a replay closes it, a failure after that opens it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The event.
    pub event: Quarantined,
    /// How often it was replayed.
    pub replays: u32,
    /// The last replay, unless the event has failed again since; none: it is open.
    pub replayed: Option<Replay>,
}

impl Kept {
    /// An event that nobody has decided about.
    #[must_use]
    pub const fn open(event: Quarantined) -> Self {
        Self { event, replays: 0, replayed: None }
    }

    /// The event after a replay.
    #[must_use]
    pub fn after(&self, replay: Replay) -> Self {
        Self { event: self.event.clone(), replays: self.replays.saturating_add(1), replayed: Some(replay) }
    }

    /// The event after it failed again, for this reason.
    #[must_use]
    pub fn reopened(&self, reason: &str) -> Self {
        Self { event: Quarantined { reason: reason.to_owned(), ..self.event.clone() }, replays: self.replays, replayed: None }
    }

    /// The write that keeps it where nothing is kept under its id.
    #[must_use]
    pub fn create(&self) -> Write {
        Write::create(keys::quarantine(&self.event.id), self.item())
    }

    /// The write that puts it in the place of `before`, where that still stands.
    #[must_use]
    pub fn replace(&self, before: &Self) -> Write {
        let replays = if before.replays == 0 { Condition::Absent("rep") } else { Condition::Equals("rep", before.replays.into()) };
        let conditions = vec![Condition::Equals("g2pk", before.list().into()), replays];
        Write { key: keys::quarantine(&self.event.id), conditions, operation: Operation::Put(self.item()) }
    }

    /// The list that it stands in.
    const fn list(&self) -> &'static str {
        match self.replayed {
            None => keys::QUARANTINE_OPEN,
            Some(_) => keys::QUARANTINE_REPLAYED,
        }
    }

    fn item(&self) -> Item {
        let event = &self.event;
        let listed_at = time(self.replayed.as_ref().map_or(event.received_at, |replay| replay.at));
        let mut item = Item::from([
            ("src".into(), event.source.as_str().into()),
            ("why".into(), event.reason.as_str().into()),
            ("body".into(), kept(&event.body)),
            ("at".into(), time(event.received_at).into()),
            ("g2pk".into(), self.list().into()),
            ("g2sk".into(), format!("{listed_at}#{}", event.id).into()),
        ]);
        if self.replays > 0 {
            item.insert("rep".into(), self.replays.into());
        }
        if let Some(replay) = &self.replayed {
            item.insert("by".into(), replay.by.as_str().into());
            item.insert("rat".into(), time(replay.at).into());
            item.insert("nf".into(), replay.facts.into());
        }
        item
    }

    /// Reads an event and what became of it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        let count = |name| u32::try_from(reader.count(name)?).map_err(|_| reader.corrupt(name));
        let replayed = match reader.parse_or_none("by")? {
            Some(by) => Some(Replay { by, at: reader.parse("rat")?, facts: count("nf")? }),
            None => None,
        };
        Ok(Self { event: read(item)?, replays: count("rep")?, replayed })
    }
}

/// A body that is UTF-8 is kept readable; any other as base64, so that the largest event still fits an item.
fn kept(body: &[u8]) -> Value {
    match std::str::from_utf8(body) {
        Ok(text) => Value::S(format!("t:{text}")),
        Err(_) => Value::S(format!("b:{}", STANDARD.encode(body))),
    }
}

/// Reads an event.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read(item: &Item) -> Result<Quarantined, StoreError> {
    let reader = Reader::new(item);
    let id = reader.text("pk")?.strip_prefix("quarantine#").ok_or_else(|| reader.corrupt("no id"))?.to_owned();
    let body = match reader.text("body")?.split_once(':') {
        Some(("t", text)) => text.as_bytes().to_vec(),
        Some(("b", text)) => STANDARD.decode(text).map_err(|_| reader.corrupt("body"))?,
        _ => return Err(reader.corrupt("body")),
    };
    Ok(Quarantined { id, source: reader.text("src")?.into(), reason: reader.text("why")?.into(), body, received_at: reader.parse("at")? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn event(body: &[u8]) -> Quarantined {
        Quarantined::new("stripe", "r".into(), body.to_vec(), "2026-11-21T10:00:00Z".parse().unwrap())
    }

    fn stored(kept: &Kept) -> Item {
        let mut item = kept.item();
        item.insert("pk".into(), keys::quarantine(&kept.event.id).pk.as_str().into());
        item
    }

    #[test]
    fn a_body_is_kept_whole() {
        for body in [b"{\"a\":1}".to_vec(), vec![0xff, 0x00, 0x7f], Vec::new(), "é:x".as_bytes().to_vec()] {
            let kept = Kept::open(event(&body));
            assert_eq!(Kept::read(&stored(&kept)), Ok(kept));
        }
    }

    #[test]
    fn a_name_tells_source_and_bytes_apart() {
        let name = |source, body: &[u8]| Quarantined::new(source, String::new(), body.to_vec(), DateTime::default()).id;
        assert_eq!(name("stripe", b"x"), event(b"x").id);
        assert!(name("stripe", b"x").len() == 30 && name("stripe", b"x").starts_with("qua_"));
        for (source, body) in [("platform", &b"x"[..]), ("stripe", b"y"), ("strip", b"ex"), ("stripe", b"")] {
            assert_ne!(name(source, body), name("stripe", b"x"), "{source}");
        }
    }

    #[test]
    fn every_state_reads_back() {
        let open = Kept::open(event(b"x"));
        let replayed = open.after(Replay { by: "fin1".parse().unwrap(), at: "2026-11-22T10:00:00Z".parse().unwrap(), facts: 2 });
        let reopened = replayed.reopened("again");
        assert_eq!((reopened.replays, reopened.event.reason.as_str(), &reopened.event.body), (1, "again", &open.event.body));
        for kept in [open, replayed, reopened] {
            assert_eq!(Kept::read(&stored(&kept)), Ok(kept));
        }
    }
}
