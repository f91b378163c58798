//! A click receipt as a text that a browser carries: `v1.{key id}.{payload}.{mac}`, the last two in base64url.

use crate::attribution::Receipt;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ledger::{KeyRing, KeyedMac};

/// Keeps receipts apart from everything else that the same keys might sign.
const DOMAIN: &str = "receipt";

/// The form's version: its first part.
const VERSION: &str = "v1";

/// A longer text is no receipt; a real one has about 250 characters.
const TEXT_LENGTH_MAX: usize = 1024;

impl Receipt {
    /// The signed text. Its characters need no escaping in a cookie or a query.
    #[must_use]
    pub fn to_text(&self, keys: &KeyRing) -> String {
        // A receipt is texts and a time: it always has a JSON form.
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default());
        let signed = keys.sign(DOMAIN, payload.as_bytes());
        format!("{VERSION}.{}.{payload}.{}", signed.key_id, URL_SAFE_NO_PAD.encode(&signed.mac))
    }

    /// Reads what [`Receipt::to_text`] wrote under one of the keys; none of anything else. The payload is looked at
    /// only once its signature fits.
    #[must_use]
    pub fn from_text(text: &str, keys: &KeyRing) -> Option<Self> {
        if text.len() > TEXT_LENGTH_MAX {
            return None;
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [VERSION, key_id, payload, mac] = parts.as_slice() else { return None };
        let claim = KeyedMac { key_id: (*key_id).to_owned(), mac: URL_SAFE_NO_PAD.decode(mac).ok()? };
        if !keys.verify(DOMAIN, payload.as_bytes(), &claim) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::DateTime;
    use ledger::TemplateId;
    use proptest::prelude::*;

    const OLD: &str = "k1:000102030405060708090a0b0c0d0e0f";
    const BOTH: &str = "k2:ff0102030405060708090a0b0c0d0e0f k1:000102030405060708090a0b0c0d0e0f";

    fn keys(text: &str) -> KeyRing {
        KeyRing::parse(text).unwrap()
    }

    fn receipt(click: &str, millis: i64, template: bool) -> Receipt {
        Receipt {
            click: click.to_owned(),
            code: "K7QMX2P8".into(),
            template: template.then(|| TemplateId::try_new("tpl_1").unwrap()),
            at: DateTime::from_timestamp_millis(millis).unwrap(),
        }
    }

    #[test]
    fn it_outlives_a_rotation_until_its_key_is_gone() {
        let text = receipt("clk_1", 1_795_000_000_123, true).to_text(&keys(OLD));
        assert_eq!(Receipt::from_text(&text, &keys(BOTH)), Some(receipt("clk_1", 1_795_000_000_123, true)));
        assert_eq!(Receipt::from_text(&text, &keys("k2:ff0102030405060708090a0b0c0d0e0f")), None);
    }

    #[test]
    fn what_is_no_receipt_is_none() {
        let keys = keys(BOTH);
        let text = receipt("clk_1", 0, false).to_text(&keys);
        let parts: Vec<&str> = text.split('.').collect();
        let foreign = {
            let payload = URL_SAFE_NO_PAD.encode(b"{}");
            let mac = keys.sign(DOMAIN, payload.as_bytes());
            format!("v1.k2.{payload}.{}", URL_SAFE_NO_PAD.encode(mac.mac))
        };
        let other_use = URL_SAFE_NO_PAD.encode(keys.sign("cursor", parts[2].as_bytes()).mac);
        let cases = [
            String::new(),
            "v1...".into(),
            "v1.k2".into(),
            format!("v2.{}.{}.{}", parts[1], parts[2], parts[3]),
            format!("v1.k1.{}.{}", parts[2], parts[3]),
            format!("v1.k9.{}.{}", parts[2], parts[3]),
            format!("v1.k2.{}.", parts[2]),
            format!("v1.k2.{}.{other_use}", parts[2]),
            format!("{text}."),
            format!("{text}.x"),
            format!("{text}="),
            format!(" {text}"),
            foreign,
            "x".repeat(100_000),
        ];
        for case in cases {
            assert_eq!(Receipt::from_text(&case, &keys), None, "{case:.80}");
        }
    }

    /// Also a text that we signed ourselves: the bound is looked at before anything else.
    #[test]
    fn a_text_up_to_the_bound_is_read() {
        let keys = keys(BOTH);
        let made = |length: usize| receipt(&"x".repeat(length), 0, false);
        let longest = (0..TEXT_LENGTH_MAX).rev().find(|length| made(*length).to_text(&keys).len() <= TEXT_LENGTH_MAX).unwrap();
        assert_eq!(made(longest).to_text(&keys).len(), TEXT_LENGTH_MAX);
        for (length, read) in [(longest - 1, true), (longest, true), (longest + 1, false), (longest + 9, false)] {
            assert_eq!(Receipt::from_text(&made(length).to_text(&keys), &keys), read.then(|| made(length)), "{length}");
        }
    }

    proptest! {
        #[test]
        fn it_reads_back_and_needs_no_escaping(click in "clk_[0-9A-Z]{26}", millis in 0_i64..4_102_444_800_000, template: bool) {
            let (keys, made) = (keys(BOTH), receipt(&click, millis, template));
            let text = made.to_text(&keys);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
            prop_assert!(text.len() < 300);
            prop_assert_eq!(Receipt::from_text(&text, &keys), Some(made));
        }

        /// One character replaced, dropped or added anywhere: never a receipt.
        #[test]
        fn a_changed_one_never_verifies(place: prop::sample::Index, with in "[A-Za-z0-9_.=-]", kind in 0_u8..3) {
            let keys = keys(BOTH);
            let text = receipt("clk_00000000000000000000000000", 1_795_000_000_000, true).to_text(&keys);
            let at = place.index(text.len());
            let (before, after) = text.split_at(at);
            let changed = match kind {
                0 => format!("{before}{with}{}", &after[1..]),
                1 => format!("{before}{}", &after[1..]),
                _ => format!("{before}{with}{after}"),
            };
            prop_assume!(changed != text);
            prop_assert_eq!(Receipt::from_text(&changed, &keys), None);
        }

        #[test]
        fn noise_never_verifies(noise in "\\PC{0,200}") {
            prop_assert_eq!(Receipt::from_text(&noise, &keys(BOTH)), None);
        }
    }
}
