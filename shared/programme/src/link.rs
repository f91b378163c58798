//! Referral links: codes and aliases, the pages that a link may lead to, and the receipt of a click.

mod receipt;

use std::fmt;

/// The most characters of a code that is looked up at all; a longer one was never given to anybody.
pub const CODE_LENGTH_MAX: usize = 64;

/// How long a default code is: 40 bits, so that among a million accounts one can't be guessed by trying.
const DEFAULT_LENGTH: usize = 8;

/// Crockford's base 32: no I, L, O or U, so that a code can be read aloud.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A default code from random bytes: eight upper-case Crockford characters.
#[must_use]
pub fn default_code(random: [u8; 16]) -> String {
    let digit = |byte: &u8| char::from(ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or(b'0'));
    random.iter().take(DEFAULT_LENGTH).map(digit).collect()
}

/// How a code that somebody typed is stored, if it can be one at all: a default code in capitals, an alias in small
/// letters. An alias never has a default code's form, so a typed text means one of the two.
#[must_use]
pub fn code_as_stored(typed: &str) -> Option<String> {
    if is_default(typed) { Some(typed.to_ascii_uppercase()) } else { alias(typed).ok() }
}

fn is_default(text: &str) -> bool {
    text.len() == DEFAULT_LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte.to_ascii_uppercase()))
}

/// Why a text can't be an alias: for the person who chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AliasError {
    /// Too short, too long, or of other characters.
    #[error("an alias has 3 to 32 of the characters a-z, 0-9 and -, and begins and ends with a letter or digit")]
    Form,
    /// It would read as somebody's default code.
    #[error("an alias of 8 characters needs a hyphen or one of the letters i, l, o, u: without, it reads as a default code")]
    ReadsAsCode,
}

/// A chosen alias as it is stored: in small letters.
///
/// # Errors
/// [`AliasError`] with the rule that it breaks.
pub fn alias(chosen: &str) -> Result<String, AliasError> {
    let alias = chosen.to_ascii_lowercase();
    let fits =
        (3..=32).contains(&alias.len()) && alias.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !fits || alias.starts_with('-') || alias.ends_with('-') {
        return Err(AliasError::Form);
    }
    if is_default(&alias) { Err(AliasError::ReadsAsCode) } else { Ok(alias) }
}

/// The host of a page, with the port that its URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageHost {
    name: String,
    port: Option<u16>,
}

impl PageHost {
    /// Reads the host of a page's URL, by a grammar so narrow that no browser can read another host from it: `https`
    /// (or `http` on this machine), a plain host name, a port, then visible ASCII without backslashes. No user name.
    #[must_use]
    pub fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let (name, port) = match authority.split_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok().filter(|_| port.bytes().all(|byte| byte.is_ascii_digit()))?)),
            None => (authority, None),
        };
        let label = |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let plain = name.split('.').all(label) && tail.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte));
        let name = name.to_ascii_lowercase();
        let safe =
            scheme.eq_ignore_ascii_case("https") || (scheme.eq_ignore_ascii_case("http") && (name == "localhost" || name == "127.0.0.1"));
        (plain && safe).then_some(Self { name, port })
    }

    /// Whether a list of hosts has it: an entry is a name, or a name and the one port meant.
    #[must_use]
    pub fn is_on<T: AsRef<str>>(&self, hosts: &[T]) -> bool {
        hosts.iter().any(|host| host.as_ref().eq_ignore_ascii_case(&self.name) || host.as_ref().eq_ignore_ascii_case(&self.to_string()))
    }
}

impl fmt::Display for PageHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_typed_code_means_one_stored_code() {
        for (typed, stored) in [
            ("K7QMX2P8", Some("K7QMX2P8")),
            ("k7qmx2p8", Some("K7QMX2P8")),
            ("Alices-Shop", Some("alices-shop")),
            ("gpu", Some("gpu")),
            ("alicehub", Some("alicehub")),
            ("k7qmx2p", Some("k7qmx2p")),
            ("", None),
            ("ab", None),
            ("a b", None),
            ("a/b", None),
            ("-ab", None),
            ("ab-", None),
            ("caf\u{e9}", None),
            ("\u{212a}7QMX2P8", None),
        ] {
            assert_eq!(code_as_stored(typed).as_deref(), stored, "{typed}");
        }
        assert_eq!(code_as_stored(&"a".repeat(33)), None);
    }

    /// Five bits of each of the first eight bytes, so that every code is as likely as another.
    #[test]
    fn a_default_code_is_made_of_the_low_bits() {
        for (random, code) in [([0, 1, 9, 10, 18, 31, 32, 255], "019AJZ0Z"), ([64, 97, 130, 163, 196, 229, 230, 231], "01234567")] {
            let mut bytes = [7; 16];
            bytes[..8].copy_from_slice(&random);
            assert_eq!(default_code(bytes), code);
        }
    }

    #[test]
    fn an_alias_has_its_form_and_is_never_a_default_code() {
        for (chosen, made) in [
            ("abc", Ok("abc")),
            ("My-Rig-42", Ok("my-rig-42")),
            ("ab", Err(AliasError::Form)),
            ("under_score", Err(AliasError::Form)),
            ("-abc", Err(AliasError::Form)),
            ("abc-", Err(AliasError::Form)),
            ("bestgear", Err(AliasError::ReadsAsCode)),
            ("12345678", Err(AliasError::ReadsAsCode)),
            ("best-gea", Ok("best-gea")),
            ("goodgear", Ok("goodgear")),
        ] {
            assert_eq!(alias(chosen), made.map(str::to_owned), "{chosen}");
        }
        assert_eq!(alias(&"a".repeat(32)), Ok("a".repeat(32)));
        assert_eq!(alias(&"a".repeat(33)), Err(AliasError::Form));
    }

    #[test]
    fn a_page_has_one_host_or_none() {
        for (url, host) in [
            ("https://example.com", Some("example.com")),
            ("https://Example.COM/a?b=c#d", Some("example.com")),
            ("https://example.com:8443/a", Some("example.com:8443")),
            ("http://127.0.0.1:8080/landing", Some("127.0.0.1:8080")),
            ("HTTP://localhost", Some("localhost")),
            ("https://example.com?x=//evil.test", Some("example.com")),
            ("http://example.com/", None),
            ("https://example.com@evil.test/", None),
            ("https://example.com:443@evil.test/", None),
            ("https://evil.test\\@example.com/", None),
            ("https://example.com\\evil", None),
            ("https://example.com/a\\b", None),
            ("https://example.com/a b", None),
            ("https://example.com/\r\nset-cookie: a=b", None),
            ("https://example.com/\u{e9}", None),
            ("https://example.com:port/", None),
            ("https://example.com:+443/", None),
            ("https://example.com:99999/", None),
            ("https://exam%70le.com/", None),
            ("https://[::1]/", None),
            ("https:///path", None),
            ("//example.com/", None),
            ("javascript://example.com/%0aalert(1)", None),
            ("https:example.com", None),
            ("https://example..com/", None),
            ("", None),
        ] {
            assert_eq!(PageHost::of(url).map(|host| host.to_string()).as_deref(), host, "{url:?}");
        }
    }

    #[test]
    fn a_list_names_hosts_with_or_without_their_port() {
        let on = |url: &str, hosts: &[&str]| PageHost::of(url).unwrap().is_on(hosts);
        assert!(on("https://example.com/", &["other.test", "Example.com"]));
        assert!(on("https://example.com:8443/", &["example.com"]));
        assert!(on("http://127.0.0.1:8080/", &["127.0.0.1:8080"]));
        assert!(!on("http://127.0.0.1:8081/", &["127.0.0.1:8080"]));
        assert!(!on("https://sub.example.com/", &["example.com"]));
        assert!(!on("https://example.com.evil.test/", &["example.com"]));
        assert!(!on("https://example.com/", &[]));
    }

    proptest! {
        #[test]
        fn a_default_code_is_found_in_either_case(random: [u8; 16]) {
            let code = default_code(random);
            prop_assert_eq!(code_as_stored(&code), Some(code.clone()));
            prop_assert_eq!(code_as_stored(&code.to_lowercase()), Some(code.clone()));
            prop_assert_eq!(alias(&code), Err(AliasError::ReadsAsCode));
        }

        #[test]
        fn every_alias_is_found_as_it_was_chosen(chosen in "[A-Za-z0-9-]{1,34}") {
            if let Ok(alias) = alias(&chosen) {
                prop_assert_eq!(code_as_stored(&chosen), Some(alias));
            }
        }
    }
}
