//! Paging: a cursor that only we can make, and only for the list that it came from.

use crate::{http::Call, problem::Problem};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ledger::{KeyRing, KeyedMac};

/// Keeps cursors apart from everything else that the same keys could sign.
const DOMAIN: &str = "cursor";
/// A longer one was not made here.
const CURSOR_LIMIT_BYTES: usize = 2048;
const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 100;

/// Makes a cursor of `value`, good only in `scope`: the list and whose it is (`/payouts acct_1`).
///
/// The value is authenticated, not hidden: it should hold nothing that its owner may not know.
#[must_use]
pub fn seal(keys: &KeyRing, scope: &str, value: &str) -> String {
    let mac = keys.sign(DOMAIN, &signed(scope, value));
    BASE64_URL_SAFE_NO_PAD.encode(format!("{} {value}", mac.to_text()))
}

/// Opens a cursor that [`seal`] made in the same scope.
///
/// # Errors
/// 400 for anything else: forged, cut, of another list or another account. They all read the same.
pub fn open(keys: &KeyRing, scope: &str, cursor: &str) -> Result<String, Problem> {
    opened(keys, scope, cursor).ok_or_else(|| Problem::malformed("The cursor is not one of this list."))
}

fn opened(keys: &KeyRing, scope: &str, cursor: &str) -> Option<String> {
    if cursor.len() > CURSOR_LIMIT_BYTES {
        return None;
    }
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (mac, value) = text.split_once(' ')?;
    if keys.verify(DOMAIN, &signed(scope, value), &KeyedMac::from_text(mac)?) { Some(value.to_owned()) } else { None }
}

/// The scope's length stands before it, so that no other pair of scope and value gives the same bytes.
fn signed(scope: &str, value: &str) -> Vec<u8> {
    format!("{} {scope} {value}", scope.len()).into_bytes()
}

/// How many items of a list are wanted: `limit`, 1 to 100, else 50.
///
/// # Errors
/// 400 for another number, and for what is none.
pub fn limit(call: &Call) -> Result<u32, Problem> {
    let Some(text) = call.query("limit")? else { return Ok(LIMIT_DEFAULT) };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { text.parse().ok() } else { None };
    number.filter(|number| (1..=LIMIT_MAX).contains(number)).ok_or_else(|| Problem::malformed("The limit must be a number from 1 to 100."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::DateTime;
    use http::Method;
    use proptest::prelude::*;

    fn keys() -> KeyRing {
        KeyRing::parse("k2:ff0102030405060708090a0b0c0d0e0f k1:000102030405060708090a0b0c0d0e0f").unwrap()
    }

    fn limit_of(query: &str) -> Result<u32, u16> {
        limit(&Call::builder(Method::GET, "/payouts", DateTime::UNIX_EPOCH).raw_query(query).build())
            .map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn a_cursor_is_good_in_its_own_scope_and_after_a_rotation() {
        let old = KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap();
        let cursor = seal(&old, "/payouts alice", "account#alice 2026");
        assert_eq!(open(&keys(), "/payouts alice", &cursor).unwrap(), "account#alice 2026");
        assert_eq!(open(&keys(), "/payouts bob", &cursor).unwrap_err().status(), 400, "of another account");
        assert_eq!(
            open(&old, "/payouts alice", &seal(&keys(), "/payouts alice", "x")).unwrap_err().status(),
            400,
            "of a key that is not known"
        );
        let (one, other) = (seal(&keys(), "a b", "c"), seal(&keys(), "a", "b c"));
        assert!(open(&keys(), "a", &one).is_err() && open(&keys(), "a b", &other).is_err(), "scope and value do not run into each other");
    }

    #[test]
    fn what_is_no_cursor_is_400() {
        let foreign = BASE64_URL_SAFE_NO_PAD.encode("k1.00 x");
        for cursor in ["", "x", "!!!!", "a b", "\u{e9}", foreign.as_str(), &"A".repeat(5_000)] {
            assert_eq!(open(&keys(), "s", cursor).unwrap_err().status(), 400, "{cursor}");
        }
    }

    #[test]
    fn limits() {
        for (query, expected) in [
            ("", Ok(50)),
            ("limit=1", Ok(1)),
            ("limit=100", Ok(100)),
            ("limit=0", Err(400)),
            ("limit=101", Err(400)),
            ("limit=1e9", Err(400)),
            ("limit=-1", Err(400)),
            ("limit=%2B5", Err(400)),
            ("limit=", Err(400)),
            ("limit=99999999999999999999", Err(400)),
            ("limit=5&limit=6", Err(400)),
        ] {
            assert_eq!(limit_of(query), expected, "{query}");
        }
    }

    proptest! {
        #[test]
        fn any_value_comes_back(scope in ".{0,20}", value in ".{0,60}") {
            prop_assert_eq!(open(&keys(), &scope, &seal(&keys(), &scope, &value)).unwrap(), value);
        }

        #[test]
        fn no_changed_byte_is_taken(value in "[ -~]{0,30}", place in 0_usize..200, flip in 1_u8..=255) {
            let cursor = seal(&keys(), "s", &value);
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(&cursor).unwrap();
            let place = place % bytes.len();
            bytes[place] ^= flip;
            let forged = BASE64_URL_SAFE_NO_PAD.encode(&bytes);
            // Hexadecimal digits read the same in both cases: what counts is that no other value is ever read.
            if let Ok(read) = open(&keys(), "s", &forged) {
                prop_assert_eq!(read, value);
            }
        }

        #[test]
        fn no_text_makes_it_panic(cursor in ".{0,80}") {
            prop_assert!(open(&keys(), "s", &cursor).is_err());
        }
    }
}
