//! What an instance remembers for a minute.

use chrono::{DateTime, Duration, Utc};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

/// How long an answer is kept, found or not found.
const KEPT_SECONDS: i64 = 60;

/// How many answers at most: about a megabyte.
const ENTRIES_MAX: usize = 4096;

/// Answers by key, each with the time at which it was read.
pub(crate) struct Cache<K, V>(Mutex<HashMap<K, (DateTime<Utc>, V)>>);

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// Time may be moved back under an instance; what was read in the future then is not trusted.
fn is_fresh(read_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    read_at <= now && now - read_at < Duration::seconds(KEPT_SECONDS)
}

impl<K: Eq + Hash + Clone, V: Clone> Cache<K, V> {
    pub(crate) fn get(&self, key: &K, now: DateTime<Utc>) -> Option<V> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(key).filter(|(read_at, _)| is_fresh(*read_at, now)).map(|(_, value)| value.clone())
    }

    /// Whoever asks for many different keys only makes the instance forget: its memory stays bounded.
    pub(crate) fn put(&self, key: &K, now: DateTime<Utc>, value: V) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES_MAX {
            entries.retain(|_, (read_at, _)| is_fresh(*read_at, now));
        }
        if entries.len() >= ENTRIES_MAX {
            entries.clear();
        }
        entries.insert(key.clone(), (now, value));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_answer_is_kept_for_its_minute() {
        let (cache, read_at) = (Cache::default(), DateTime::from_timestamp(1_795_000_000, 0).unwrap());
        cache.put(&"a", read_at, None::<u8>);
        let after = |seconds| cache.get(&"a", read_at + Duration::seconds(seconds));
        assert_eq!((after(0), after(59), after(60), after(-1)), (Some(None), Some(None), None, None));
        assert_eq!(cache.get(&"b", read_at), None);
    }

    #[test]
    fn it_never_grows_beyond_its_bound() {
        let (cache, read_at) = (Cache::default(), DateTime::from_timestamp(1_795_000_000, 0).unwrap());
        for key in 0..ENTRIES_MAX * 2 + 5 {
            cache.put(&key, read_at, key);
            assert!(cache.0.lock().unwrap().len() <= ENTRIES_MAX);
        }
        let last = ENTRIES_MAX * 2 + 4;
        assert_eq!(cache.get(&last, read_at), Some(last));
        for key in 0..ENTRIES_MAX {
            cache.put(&key, read_at + Duration::minutes(5), key);
        }
        assert_eq!(cache.get(&0, read_at + Duration::minutes(5)), Some(0), "the stale ones go first");
    }
}
