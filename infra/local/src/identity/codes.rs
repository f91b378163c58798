//! Authorization codes: good once, for a minute, for what they were made for.

use super::people::Person;
use std::collections::HashMap;

/// How long a code is good for, in milliseconds.
const CODE_LIFETIME_MS: i64 = 60_000;

/// How many codes may wait at once. A browser signs in one person at a time, so more than this
/// within a minute is a loop gone wild, and memory stays bounded.
const WAITING_MAX: usize = 10_000;

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    /// The PKCE challenge (S256).
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
    pub(super) scope: String,
    pub(super) person: Person,
    /// When the person signed in, in milliseconds of the stack's clock.
    pub(super) made_at_ms: i64,
}

impl Grant {
    /// A clock that was moved back makes a code as useless as one moved on does.
    fn is_good_at(&self, now_ms: i64) -> bool {
        (0..CODE_LIFETIME_MS).contains(&now_ms.saturating_sub(self.made_at_ms))
    }
}

/// The codes that wait to be exchanged. A restart forgets them: one signs in again.
#[derive(Debug, Default)]
pub(super) struct Codes {
    waiting: HashMap<String, Grant>,
}

impl Codes {
    /// Keeps a grant under an unguessable code. `false` when too many wait.
    pub(super) fn keep(&mut self, code: String, grant: Grant) -> bool {
        let now_ms = grant.made_at_ms;
        self.waiting.retain(|_, waiting| waiting.is_good_at(now_ms));
        let room = self.waiting.len() < WAITING_MAX;
        if room {
            self.waiting.insert(code, grant);
        }
        room
    }

    /// Takes the grant of a code. The code is spent by it, whatever the caller then finds wrong.
    pub(super) fn take(&mut self, code: &str, now_ms: i64) -> Option<Grant> {
        self.waiting.remove(code).filter(|grant| grant.is_good_at(now_ms))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn grant(made_at_ms: i64) -> Grant {
        Grant {
            client_id: "c".to_owned(),
            redirect_uri: "r".to_owned(),
            challenge: "x".to_owned(),
            nonce: None,
            scope: "openid".to_owned(),
            person: Person::named("alice").unwrap(),
            made_at_ms,
        }
    }

    #[test]
    fn a_code_is_good_once() {
        let mut codes = Codes::default();
        assert!(codes.keep("k".to_owned(), grant(0)));
        assert_eq!(codes.take("k", 1), Some(grant(0)));
        assert_eq!(codes.take("k", 1), None);
    }

    #[test]
    fn a_code_is_good_for_less_than_a_minute() {
        for (now_ms, good) in [(0, true), (59_999, true), (60_000, false), (i64::MAX, false), (-1, false)] {
            let mut codes = Codes::default();
            codes.keep("k".to_owned(), grant(0));
            assert_eq!(codes.take("k", now_ms).is_some(), good, "{now_ms}");
        }
    }

    #[test]
    fn waiting_codes_are_bounded_and_old_ones_make_room() {
        let mut codes = Codes::default();
        for n in 0..WAITING_MAX {
            assert!(codes.keep(n.to_string(), grant(0)));
        }
        assert!(!codes.keep("one too many".to_owned(), grant(0)));
        assert!(codes.keep("later".to_owned(), grant(CODE_LIFETIME_MS)));
    }
}
