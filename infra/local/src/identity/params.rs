//! Parameters of the protocol's requests, from a query or from a form.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use std::collections::BTreeMap;

/// The longest value that is taken, in bytes; all of the protocol's own are far shorter.
const VALUE_LENGTH_MAX: usize = 2048;

/// Named values, each at most once.
#[derive(Debug, Default)]
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads `name=value&…`. An empty value counts as none, as RFC 6749 (section 3.1) has it.
    ///
    /// # Errors
    /// A sentence for the caller when a name comes twice, which is how one party is made to read
    /// another value than the next, or when a value is too long.
    pub(super) fn parse(encoded: &[u8]) -> Result<Self, &'static str> {
        let mut values = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(encoded) {
            if value.len() > VALUE_LENGTH_MAX || name.len() > VALUE_LENGTH_MAX {
                return Err("A parameter is too long.");
            }
            if values.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err("A parameter is given twice.");
            }
        }
        values.retain(|_, value| !value.is_empty());
        Ok(Self(values))
    }

    /// Reads the body of a form.
    ///
    /// # Errors
    /// As [`Params::parse`], and when the body is said to be something else than a form.
    pub(super) fn from_form(headers: &HeaderMap, body: &[u8]) -> Result<Self, &'static str> {
        let media_type =
            headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).and_then(|value| value.split(';').next()).map(str::trim);
        if media_type.is_some_and(|is| is.eq_ignore_ascii_case("application/x-www-form-urlencoded")) {
            Self::parse(body)
        } else {
            Err("The content type must be application/x-www-form-urlencoded.")
        }
    }

    /// The value of this name, if there is one.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of this name, owned.
    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn values_are_decoded_and_empty_ones_dropped() {
        let params = Params::parse(b"a=1%202&b=&c=%3Cx%3E").unwrap();
        assert_eq!(params.get("a"), Some("1 2"));
        assert_eq!(params.get("b"), None);
        assert_eq!(params.get("c"), Some("<x>"));
    }

    #[test]
    fn doubles_and_giants_are_refused() {
        assert!(Params::parse(b"a=1&a=1").is_err());
        assert!(Params::parse(b"a=1&a=").is_err());
        assert!(Params::parse(format!("a={}", "x".repeat(2049)).as_bytes()).is_err());
    }

    #[test]
    fn only_a_form_is_read_as_one() {
        for (media_type, read) in [
            ("application/x-www-form-urlencoded", true),
            ("Application/X-WWW-Form-Urlencoded; charset=UTF-8", true),
            ("application/json", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, media_type.parse().unwrap())]);
            assert_eq!(Params::from_form(&headers, b"a=1").is_ok(), read, "{media_type}");
        }
        assert!(Params::from_form(&HeaderMap::new(), b"a=1").is_err());
    }
}
