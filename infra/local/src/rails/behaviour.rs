//! What becomes of a payment, by a word or a number in its destination.

use serde::{Deserialize, Serialize};

/// How a destination behaves. Not every rail knows every way; it then behaves as [`Behaviour::Ok`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Behaviour {
    /// It is paid, in the time that the rail takes.
    #[default]
    Ok,
    /// It is paid at once.
    Instant,
    /// It is refused: the account was closed.
    Closed,
    /// It is refused: the account may not receive.
    Restricted,
    /// It is refused: the platform has too little money there.
    Insufficient,
    /// It is taken, and refused a moment later.
    Denied,
    /// Nobody claims it: it comes back.
    Unclaimed,
    /// It is claimed days later.
    Claimed,
    /// It is looked into for days.
    OnHold,
    /// It is paid, and comes back weeks later.
    Bounced,
    /// It is paid, and a part of it comes back.
    Partly,
    /// It is paid, and the rail takes it back.
    Reversed,
    /// It is sent, is not any more, and is again.
    RolledBack,
    /// It is paid, but the bank of the connected account does not take it.
    PayoutFails,
}

/// The first that fits decides: `claimed` is a part of `unclaimed`.
const WORDS: [(&str, Behaviour); 13] = [
    ("instant", Behaviour::Instant),
    ("closed", Behaviour::Closed),
    ("restricted", Behaviour::Restricted),
    ("insufficient", Behaviour::Insufficient),
    ("denied", Behaviour::Denied),
    ("unclaimed", Behaviour::Unclaimed),
    ("claimed", Behaviour::Claimed),
    ("onhold", Behaviour::OnHold),
    ("bounced", Behaviour::Bounced),
    ("partly", Behaviour::Partly),
    ("reversed", Behaviour::Reversed),
    ("rolledback", Behaviour::RolledBack),
    ("payoutfails", Behaviour::PayoutFails),
];

impl Behaviour {
    /// By a word in the text, in capitals or not.
    pub(super) fn of_text(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        WORDS.iter().find(|(word, _)| text.contains(word)).map_or(Self::Ok, |(_, behaviour)| *behaviour)
    }

    /// By the last three digits of a number.
    pub(super) const fn of_number(number: i64) -> Self {
        match number.rem_euclid(1000) {
            901 => Self::Closed,
            902 => Self::Insufficient,
            903 => Self::Bounced,
            904 => Self::RolledBack,
            905 => Self::OnHold,
            906 => Self::Instant,
            907 => Self::Reversed,
            908 => Self::Denied,
            _ => Self::Ok,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_anywhere_decides_whatever_its_case() {
        for (text, behaviour) in [
            ("ann@example.com", Behaviour::Ok),
            ("ann.unclaimed@example.com", Behaviour::Unclaimed),
            ("ann@claimed.example.com", Behaviour::Claimed),
            ("acct_1CLOSEDx", Behaviour::Closed),
            ("ONHOLD1234567", Behaviour::OnHold),
        ] {
            assert_eq!(Behaviour::of_text(text), behaviour, "{text}");
        }
        for (word, behaviour) in WORDS {
            assert_eq!(Behaviour::of_text(word), behaviour, "no other word hides it");
        }
    }

    #[test]
    fn the_last_three_digits_of_a_number_decide() {
        assert_eq!(Behaviour::of_number(40_000_000), Behaviour::Ok);
        assert_eq!(Behaviour::of_number(40_000_903), Behaviour::Bounced);
        assert_eq!(Behaviour::of_number(902), Behaviour::Insufficient);
    }
}
