//! What an audit keeps while it is not at its end, and the report of the last one that came to it.
//!
//! The text of an audit is cut into parts that fit items, and written beside the parts of the text before; the head that
//! names them changes last. So an audit that ends in the middle of keeping goes on from where it was kept before. Two that
//! keep at the same moment could mix their parts: the head has a digest of the whole, and what does not fit it is not read.

use super::Store;
use crate::{
    StoreError,
    backend::{Condition, Item, Key, Operation, Reason, Write, WriteError},
    keys,
    records::{Reader, time},
};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Bytes of text in one item, which may have 400 KB.
const PART: usize = 350_000;

/// Parts read at once: an answer has 16 MB at most.
const PARTS_AT_ONCE: usize = 20;

/// An audit as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAudit {
    /// When it began.
    pub began: DateTime<Utc>,
    version: u64,
    parts: usize,
    digest: String,
}

impl KeptAudit {
    /// Whether it has not come to its end.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.parts > 0
    }

    /// Texts are kept in two places by turns.
    fn part_keys(version: u64, parts: usize) -> impl Iterator<Item = Key> {
        (0..parts).map(move |part| keys::audit_part(version % 2, part))
    }
}

impl Store {
    /// The audit that was kept last, every write before seen; none before the first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn kept_audit(&self) -> Result<Option<KeptAudit>, StoreError> {
        let found = self.backend.get_many(&[keys::audit_head()], true).await?;
        let Some((_, item)) = found.first() else { return Ok(None) };
        let reader = Reader::new(item);
        let parts = usize::try_from(reader.count("n")?).map_err(|_| reader.corrupt("n"))?;
        let digest = reader.text_or_none("sum")?.unwrap_or_default().to_owned();
        Ok(Some(KeptAudit { began: reader.parse("at")?, version: reader.count("ver")?, parts, digest }))
    }

    /// The text of a kept audit.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Corrupt`] where a part is missing, or is not of this text.
    pub async fn audit_text(&self, kept: &KeptAudit) -> Result<String, StoreError> {
        let wanted: Vec<Key> = KeptAudit::part_keys(kept.version, kept.parts).collect();
        let mut found = BTreeMap::new();
        for wanted in wanted.chunks(PARTS_AT_ONCE) {
            found.extend(self.backend.get_many(wanted, true).await?);
        }
        let corrupt = |reason: &str| StoreError::Corrupt { key: keys::audit_head().pk, reason: reason.into() };
        let part = |key: &Key| Reader::new(found.get(key).ok_or_else(|| corrupt("a part is missing"))?).text("txt");
        let text = wanted.iter().map(part).collect::<Result<String, _>>()?;
        if digest(&text) == kept.digest { Ok(text) } else { Err(corrupt("a part is of another text")) }
    }

    /// Keeps an audit in the place of `before`; an empty text: it has come to its end. False where somebody else went on
    /// with it meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_audit(&self, before: Option<&KeptAudit>, began: DateTime<Utc>, text: &str) -> Result<bool, StoreError> {
        if self.kept_audit().await?.as_ref() != before {
            return Ok(false);
        }
        let version = before.map_or(0, |before| before.version) + 1;
        let parts = cut(text);
        for (key, part) in KeptAudit::part_keys(version, parts.len()).zip(&parts) {
            self.backend.write(&[Write::put(key, Item::from([("txt".into(), (*part).into())]))]).await?;
        }
        let count = u64::try_from(parts.len()).unwrap_or(u64::MAX);
        let head = Item::from([
            ("at".into(), time(began).into()),
            ("ver".into(), version.into()),
            ("n".into(), count.into()),
            ("sum".into(), digest(text).into()),
        ]);
        let unchanged = before.map_or(Condition::Absent("ver"), |before| Condition::Equals("ver", before.version.into()));
        let write = Write { key: keys::audit_head(), conditions: vec![unchanged], operation: Operation::Put(head) };
        match self.backend.write(&[write]).await {
            Ok(()) => Ok(true),
            Err(WriteError::Canceled(reasons)) if reasons.contains(&Reason::ConditionFailed) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The report of the last audit that came to its end, as it was put.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_report(&self) -> Result<Option<String>, StoreError> {
        let found = self.backend.get_many(&[keys::audit_report()], true).await?;
        found.first().map(|(_, item)| Reader::new(item).text("txt").map(str::to_owned)).transpose()
    }

    /// Puts the report of an audit that came to its end.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_audit_report(&self, report: &str) -> Result<(), StoreError> {
        let item = Item::from([("txt".into(), report.into())]);
        Ok(self.backend.write(&[Write::put(keys::audit_report(), item)]).await?)
    }
}

fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// A text in parts that fit items.
fn cut(mut text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    while !text.is_empty() {
        let (part, rest) = text.split_at(text.floor_char_boundary(PART));
        parts.push(part);
        text = rest;
    }
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ledger::KeyRing;

    #[tokio::test]
    async fn a_text_of_any_length_is_kept_and_only_one_goes_on_with_it() {
        let (store, memory) = Store::in_memory(KeyRing::none());
        let began = "2026-11-21T10:00:00Z".parse().unwrap();
        assert_eq!(store.kept_audit().await.unwrap(), None);
        let mut before = None;
        for length in [1, 3_000_000, PART, PART + 1, 0, 5] {
            let text = "é1".repeat(length / 3 + usize::from(length > 0));
            assert!(store.keep_audit(before.as_ref(), began, &text).await.unwrap());
            assert!(!store.keep_audit(before.as_ref(), began, "another's").await.unwrap(), "what was read is old");
            let kept = store.kept_audit().await.unwrap().unwrap();
            assert_eq!((kept.is_open(), kept.began), (length > 0, began));
            assert!(store.audit_text(&kept).await.unwrap() == text, "{length}");
            before = Some(kept);
        }
        assert!(memory.dump().len() < 30, "texts take the places of older ones");
    }

    #[tokio::test]
    async fn a_part_that_is_missing_or_anothers_is_told() {
        let (store, memory) = Store::in_memory(KeyRing::none());
        store.keep_audit(None, DateTime::default(), "text").await.unwrap();
        let kept = store.kept_audit().await.unwrap().unwrap();
        assert_eq!(store.audit_text(&kept).await.as_deref(), Ok("text"));
        memory.tamper(&keys::audit_part(1, 0), |item| drop(item.as_mut().unwrap().insert("txt".into(), "another's".into())));
        assert!(matches!(store.audit_text(&kept).await, Err(StoreError::Corrupt { .. })));
        memory.tamper(&keys::audit_part(1, 0), |item| *item = None);
        assert!(matches!(store.audit_text(&kept).await, Err(StoreError::Corrupt { .. })));
    }

    #[tokio::test]
    async fn the_last_report_stands() {
        let (store, _) = Store::in_memory(KeyRing::none());
        assert_eq!(store.audit_report().await.unwrap(), None);
        for report in ["{}", "{\"figures\":{}}"] {
            store.put_audit_report(report).await.unwrap();
            assert_eq!(store.audit_report().await.unwrap().as_deref(), Some(report));
        }
    }
}
