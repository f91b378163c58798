//! Where the visitor is sent: the page, with the receipt and the campaign's parameters, and nothing else of the query.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The receipt's name in the query, for browsers that lose cookies on the way to the signup.
const RECEIPT: &str = "receipt";

const CAMPAIGN_PARAMETERS_MAX: usize = 8;
const CAMPAIGN_VALUE_BYTES_MAX: usize = 200;

/// RFC 3986's unreserved characters stay; every other byte is written in hexadecimal.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The page's address with the parameters added before its fragment. `query` is the visitor's, decoded.
pub(crate) fn address(page: &str, query: &[(String, String)], receipt: Option<&str>) -> String {
    let (page, fragment) = page.split_once('#').map_or((page, None), |(page, fragment)| (page, Some(fragment)));
    let mut address = page.to_owned();
    for (name, value) in campaign(query).chain(receipt.map(|receipt| (RECEIPT, receipt))) {
        let glue = match address.find('?') {
            None => "?",
            Some(_) if address.ends_with(['?', '&']) => "",
            Some(_) => "&",
        };
        address = format!("{address}{glue}{name}={}", utf8_percent_encode(value, ESCAPED));
    }
    fragment.map_or(address.clone(), |fragment| format!("{address}#{fragment}"))
}

/// The `utm_…` parameters: the first of each name, short, and of characters that people type.
fn campaign(query: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    let named = |name: &str| {
        let rest = name.strip_prefix("utm_").unwrap_or_default();
        (1..=32).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let typed = |value: &str| {
        value.len() <= CAMPAIGN_VALUE_BYTES_MAX
            && !value.contains(|letter: char| letter.is_control() || letter == char::REPLACEMENT_CHARACTER)
    };
    query
        .iter()
        .enumerate()
        .filter(move |(place, (name, value))| named(name) && typed(value) && !query.iter().take(*place).any(|(earlier, _)| earlier == name))
        .map(|(_, (name, value))| (name.as_str(), value.as_str()))
        .take(CAMPAIGN_PARAMETERS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn parameters_join_the_pages_own() {
        let utm = query(&[("utm_source", "news letter"), ("utm_medium", "é&=#")]);
        for (page, address_made) in [
            ("https://example.com/join", "https://example.com/join?utm_source=news%20letter&utm_medium=%C3%A9%26%3D%23&receipt=v1.a"),
            ("https://example.com", "https://example.com?utm_source=news%20letter&utm_medium=%C3%A9%26%3D%23&receipt=v1.a"),
            ("https://example.com/?a=b", "https://example.com/?a=b&utm_source=news%20letter&utm_medium=%C3%A9%26%3D%23&receipt=v1.a"),
            ("https://example.com/?a=b&", "https://example.com/?a=b&utm_source=news%20letter&utm_medium=%C3%A9%26%3D%23&receipt=v1.a"),
            ("https://example.com/#top", "https://example.com/?utm_source=news%20letter&utm_medium=%C3%A9%26%3D%23&receipt=v1.a#top"),
        ] {
            assert_eq!(address(page, &utm, Some("v1.a")), address_made);
        }
        assert_eq!(address("https://example.com/#top", &[], None), "https://example.com/#top");
    }

    #[test]
    fn nothing_but_campaigns_passes() {
        let long = "x".repeat(201);
        for (name, value) in [
            ("next", "https://evil.test"),
            ("receipt", "v1.forged"),
            ("utm_", "x"),
            ("utm_source]", "x"),
            ("utm_a&receipt", "x"),
            ("UTM_SOURCE", "x"),
            ("utm_source", "a\r\nset-cookie: b=c"),
            ("utm_source", "a\u{fffd}"),
            ("utm_source", &long),
        ] {
            assert_eq!(address("https://example.com/", &query(&[(name, value)]), None), "https://example.com/", "{name}");
        }
        let twice = query(&[("utm_source", "a"), ("utm_source", "b")]);
        assert_eq!(address("https://example.com/", &twice, None), "https://example.com/?utm_source=a");
        let many: Vec<_> = (0..100).map(|place| (format!("utm_{place}"), "x".to_owned())).collect();
        assert_eq!(address("https://example.com/", &many, None).matches("utm_").count(), CAMPAIGN_PARAMETERS_MAX);
    }
}
