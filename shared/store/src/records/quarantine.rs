//! Signed events that could not be read: kept whole until someone decides.

use super::{Reader, time};
use crate::{
    StoreError,
    backend::{Item, Value},
    keys,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};

/// An event in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// `qua_…`, made from source and body, so that a redelivery adds nothing.
    pub id: String,
    /// Whose signature it bears, or the queue that it died in.
    pub source: String,
    /// Why it could not be read.
    pub reason: String,
    /// The raw body.
    pub body: Vec<u8>,
    /// When it first came in.
    pub received_at: DateTime<Utc>,
}

/// As an item.
#[must_use]
pub fn write(event: &Quarantined) -> Item {
    let body = kept(&event.body);
    Item::from([
        ("src".into(), event.source.as_str().into()),
        ("why".into(), event.reason.as_str().into()),
        ("body".into(), body),
        ("at".into(), time(event.received_at).into()),
        ("g2pk".into(), keys::QUARANTINE_OPEN.into()),
        ("g2sk".into(), format!("{}#{}", time(event.received_at), event.id).into()),
    ])
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

    #[test]
    fn a_body_is_kept_whole() {
        for body in [b"{\"a\":1}".to_vec(), vec![0xff, 0x00, 0x7f], Vec::new(), "é:x".as_bytes().to_vec()] {
            let event = Quarantined {
                id: "qua_1".into(),
                source: "stripe".into(),
                reason: "r".into(),
                body,
                received_at: "2026-11-21T10:00:00Z".parse().unwrap(),
            };
            let mut item = write(&event);
            item.insert("pk".into(), "quarantine#qua_1".into());
            assert_eq!(read(&item), Ok(event));
        }
    }
}
