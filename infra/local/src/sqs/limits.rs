//! The limits AWS enforces on messages and batches, and how it words a breach.

use std::{collections::HashSet, ops::RangeInclusive};

use super::error::Refusal;

/// Largest message, and largest sum of a batch: body plus attributes, 1 MiB.
pub(super) const MESSAGE_BYTES_MAX: usize = 1_048_576;
/// The longest time a message can be hidden: 12 hours, in seconds.
pub(super) const VISIBILITY_SECONDS_MAX: u32 = 43_200;
/// The longest delay of a message: 15 minutes, in seconds.
pub(super) const DELAY_SECONDS_MAX: u32 = 900;
/// The longest long poll, in seconds.
pub(super) const WAIT_SECONDS_MAX: u32 = 20;
const BATCH_ENTRIES_MAX: usize = 10;
const ENTRY_ID_CHARACTERS_MAX: usize = 80;

/// Checks that a body is there and has only characters that XML 1.0 allows, which is SQS's rule.
pub(super) fn check_body(body: &str) -> Result<(), Refusal> {
    if body.is_empty() {
        return Err(Refusal::MissingParameter("MessageBody"));
    }
    if body.chars().all(is_allowed) {
        return Ok(());
    }
    Err(Refusal::InvalidMessageContents)
}

/// Tab, line feed, carriage return, and U+0020 to U+FFFD without surrogates, and everything above U+FFFF.
pub(super) fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Checks the size of one message against its queue's `MaximumMessageSize`.
pub(super) fn check_message_bytes(bytes: usize, limit: usize) -> Result<(), Refusal> {
    if bytes <= limit {
        return Ok(());
    }
    Err(Refusal::InvalidParameterValue(format!("One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes.")))
}

/// Checks the sum of a batch's messages.
pub(super) fn check_batch_bytes(bytes: usize) -> Result<(), Refusal> {
    if bytes <= MESSAGE_BYTES_MAX {
        return Ok(());
    }
    Err(Refusal::BatchRequestTooLong { limit: MESSAGE_BYTES_MAX, sent: bytes })
}

/// Checks the entry ids of a batch: 1 to 10 of them, well formed and distinct. `entry` names the shape for the message.
pub(super) fn check_entry_ids<'a>(ids: impl ExactSizeIterator<Item = &'a str>, entry: &'static str) -> Result<(), Refusal> {
    let count = ids.len();
    if count == 0 {
        return Err(Refusal::EmptyBatchRequest(entry));
    }
    if count > BATCH_ENTRIES_MAX {
        return Err(Refusal::TooManyEntriesInBatchRequest(count));
    }
    let mut seen = HashSet::with_capacity(count);
    for id in ids {
        let well_formed = (1..=ENTRY_ID_CHARACTERS_MAX).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !well_formed {
            return Err(Refusal::InvalidBatchEntryId);
        }
        if !seen.insert(id) {
            return Err(Refusal::BatchEntryIdsNotDistinct(id.to_owned()));
        }
    }
    Ok(())
}

/// Checks an integer parameter of a request, and gives it back in the type the store uses.
pub(super) fn in_range(value: i64, range: RangeInclusive<u32>, parameter: &str) -> Result<u32, Refusal> {
    u32::try_from(value).ok().filter(|value| range.contains(value)).ok_or_else(|| {
        let reason = format!("Must be between {} and {}.", range.start(), range.end());
        Refusal::value(value, parameter, &reason)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_only_characters_of_xml() {
        for good in ["a", "\t\n\r", "\u{D7FF}\u{E000}\u{FFFD}", "\u{10000}\u{10FFFF}"] {
            assert_eq!(check_body(good), Ok(()), "{good:?}");
        }
        for bad in ["a\0", "\u{B}", "\u{1F}", "\u{FFFE}", "\u{FFFF}"] {
            assert_eq!(check_body(bad), Err(Refusal::InvalidMessageContents), "{bad:?}");
        }
        assert_eq!(check_body(""), Err(Refusal::MissingParameter("MessageBody")));
    }

    #[test]
    fn a_batch_has_one_to_ten_distinct_well_formed_ids() {
        let check = |ids: &[&str]| check_entry_ids(ids.iter().copied(), "Entry");
        assert_eq!(check(&["a", "b-_9"]), Ok(()));
        assert_eq!(check(&[]), Err(Refusal::EmptyBatchRequest("Entry")));
        assert_eq!(check(&["a"; 11]), Err(Refusal::TooManyEntriesInBatchRequest(11)));
        assert_eq!(check(&["a", "a"]), Err(Refusal::BatchEntryIdsNotDistinct("a".to_owned())));
        for bad in ["", "a b", "é", &"x".repeat(81)] {
            assert_eq!(check(&[bad]), Err(Refusal::InvalidBatchEntryId), "{bad}");
        }
    }

    #[test]
    fn sizes_are_allowed_up_to_the_limit_itself() {
        assert_eq!(check_message_bytes(1_024, 1_024), Ok(()));
        assert!(check_message_bytes(1_025, 1_024).is_err());
        assert_eq!(check_batch_bytes(MESSAGE_BYTES_MAX), Ok(()));
        assert!(check_batch_bytes(MESSAGE_BYTES_MAX + 1).is_err());
    }

    #[test]
    fn a_number_out_of_range_is_refused_whatever_its_size() {
        assert_eq!(in_range(10, 1..=10, "N"), Ok(10));
        for bad in [0, 11, -1, i64::MIN, i64::MAX] {
            assert!(in_range(bad, 1..=10, "N").is_err(), "{bad}");
        }
    }
}
