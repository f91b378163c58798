//! What may not be in a log, found by the name of its field or by its looks.

use serde::{Serialize, Serializer};
use std::{
    borrow::Cow,
    fmt,
    net::{IpAddr, SocketAddr},
};

const MASK: &str = "***";

/// Words that make a field's name telling. `source_ip`, `clientIp` and `http.cookie` are.
const TELLING: [&str; 25] = [
    "authorization",
    "cookie",
    "cookies",
    "token",
    "tokens",
    "jwt",
    "bearer",
    "secret",
    "secrets",
    "password",
    "credential",
    "credentials",
    "session",
    "email",
    "mail",
    "ip",
    "address",
    "body",
    "payload",
    "signature",
    "receipt",
    "query",
    "header",
    "headers",
    "destination",
];

/// A value that goes along and is never seen: printed, it is `***`.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Redacted<T>(pub T);

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> Serialize for Redacted<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

/// Whether a field of this name is masked whatever is in it.
pub(super) fn is_telling(name: &str) -> bool {
    let mut word = String::new();
    let mut previous_is_lower = false;
    for character in name.chars() {
        let starts_a_word = !character.is_ascii_alphanumeric() || (character.is_ascii_uppercase() && previous_is_lower);
        if starts_a_word && TELLING.contains(&word.as_str()) {
            return true;
        }
        if starts_a_word {
            word.clear();
        }
        if character.is_ascii_alphanumeric() {
            word.push(character.to_ascii_lowercase());
        }
        previous_is_lower = character.is_ascii_lowercase();
    }
    TELLING.contains(&word.as_str())
}

/// The text with `***` in place of every part that looks like a bearer token, a JWT, a webhook secret or API key, an
/// e-mail address or an IP address. It rather masks too much.
#[must_use]
pub fn mask_text(text: &str) -> Cow<'_, str> {
    let mut masked = String::new();
    let mut kept_until = 0;
    let mut follows_bearer = false;
    let mut place = 0;
    while let Some((start, end)) = next_word(text, place) {
        place = end;
        let word = text.get(start..end).unwrap_or_default();
        let mut mask_end = None;
        if looks_like_a_key(word) || follows_bearer {
            // Keys and tokens have characters that end a word elsewhere.
            place = end + text.get(end..).unwrap_or_default().find(|character| !is_of_a_token(character)).unwrap_or(text.len() - end);
            mask_end = Some(place);
        } else if looks_like_a_person(word) {
            mask_end = Some(end);
        }
        follows_bearer = ["bearer", "basic"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
        if let Some(mask_end) = mask_end {
            masked.push_str(text.get(kept_until..start).unwrap_or_default());
            masked.push_str(MASK);
            kept_until = mask_end;
        }
    }
    if kept_until == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(text.get(kept_until..).unwrap_or_default());
    Cow::Owned(masked)
}

/// Where the next run of characters that belong together begins and ends.
fn next_word(text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    let start = from + rest.find(|character| !is_between_words(character))?;
    let end = text.get(start..)?.find(is_between_words).map_or(text.len(), |length| start + length);
    Some((start, end))
}

fn is_between_words(character: char) -> bool {
    character.is_whitespace() || character.is_control() || "\"'`,;()[]{}<>=&?/|\\!*^#".contains(character)
}

fn is_of_a_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~+/=".contains(character)
}

fn looks_like_a_key(word: &str) -> bool {
    const STARTS: [&str; 5] = ["whsec_", "sk_", "rk_", "AKIA", "ASIA"];
    // Not in the middle of a word, or every `task_id` would be a Stripe key.
    let begins = |(place, start): (usize, &str)| {
        let before = word.get(..place).unwrap_or_default();
        word.len() > place + start.len() && !before.ends_with(|character: char| character.is_ascii_alphanumeric())
    };
    let is_a_key = STARTS.iter().any(|start| word.match_indices(start).any(begins));
    let is_a_jwt = word.split_once("eyJ").is_some_and(|(_, rest)| rest.len() > 10 && rest.contains('.'));
    is_a_key || is_a_jwt
}

fn looks_like_a_person(word: &str) -> bool {
    let mail = |at: &str| word.trim_start_matches(at).trim_end_matches(at).contains(at);
    let word_alone = word.trim_matches(|character: char| character == '.' || character == ':');
    let address = word_alone.parse::<IpAddr>().is_ok() || word_alone.parse::<SocketAddr>().is_ok();
    mail("@") || mail("%40") || address
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn telling_names() {
        for name in [
            "authorization",
            "Authorization",
            "access_token",
            "sessionToken",
            "source_ip",
            "clientIp",
            "http.request.body",
            "e-mail",
            "stripe-signature",
            "x_secret",
        ] {
            assert!(is_telling(name), "{name}");
        }
        for name in ["message", "ipso", "tokenizer", "status", "route", "request_id", "key_id", "bodyguard", "zip", "recipient"] {
            assert!(!is_telling(name), "{name}");
        }
    }

    #[test]
    fn telling_texts() {
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl-_x";
        for (text, expected) in [
            ("nothing to see: 12 of 13, std::io, v1.2", "nothing to see: 12 of 13, std::io, v1.2"),
            ("Authorization: Bearer abc/def+g==, next", "Authorization: Bearer ***, next"),
            ("sent bearer  x.y.z", "sent bearer  ***"),
            (&format!("token={jwt}; rest"), "token=***; rest"),
            (&format!("({jwt})"), "(***)"),
            ("secret whsec_C2FVsBQ/hrs+chl==\n", "secret ***\n"),
            ("key sk_live_abc, api:rk_test_abc", "key ***, ***"),
            ("task_id work_id mask_text keyJson sk_ AKIA", "task_id work_id mask_text keyJson sk_ AKIA"),
            ("AKIAIOSFODNN7EXAMPLE", "***"),
            ("mail to Ann.O+tag@sub.example.com!", "mail to ***!"),
            ("to <ann@example.com>, \"bob@example.org\"", "to <***>, \"***\""),
            ("?email=ann%40example.com&x=1", "?email=***&x=1"),
            ("from 203.0.113.9 and 203.0.113.9:443.", "from *** and ***"),
            ("from 2001:db8::1, [2001:db8::1]:443", "from ***, [***]:443"),
            ("http://127.0.0.1:8080/x", "http://***/x"),
            ("é@ü.example und 😀", "*** und 😀"),
        ] {
            assert_eq!(mask_text(text), expected);
        }
    }

    #[test]
    fn redacted_is_never_seen() {
        let value = Redacted("hush");
        assert_eq!(format!("{value:?} {value} {}", serde_json::json!(value)), "*** *** \"***\"");
        assert_eq!(value.0, "hush");
    }

    proptest! {
        #[test]
        fn a_secret_is_found_in_any_company(before in "[^a-zA-Z0-9_.~+/=-]{0,6}", after in "[^a-zA-Z0-9_.~+/=-]{0,6}", text in ".{0,30}") {
            for secret in ["whsec_C2FVsBQIhrscChlQIMV", "ann@example.com", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln"] {
                let line = format!("{text} {before}{secret}{after} {text}");
                prop_assert!(!mask_text(&line).contains(secret), "{}", line);
            }
        }
    }
}
