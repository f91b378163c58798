//! The environment, typed. Nothing else in the project reads a variable.

use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc};

/// Why a variable can't be used. It names the variable and never tells its value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is not set, or empty.
    #[error("the variable {name} is not set")]
    Missing {
        /// Which one.
        name: String,
    },
    /// It is set to something that does not fit.
    #[error("the variable {name} has an unusable value")]
    Invalid {
        /// Which one.
        name: String,
    },
}

/// A text that must not be seen: no `Display`, and a `Debug` that prints `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text as a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The variables as they were when the function started.
#[derive(Clone)]
pub struct Env(Arc<BTreeMap<String, String>>);

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Env {
    /// Those of the process. A variable that is not UTF-8 counts as not set.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn process() -> Self {
        Self::from_pairs(std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))))
    }

    /// Made up ones, for tests.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(Arc::new(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()))
    }

    fn get(&self, name: &str) -> Result<&str, ConfigError> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or_else(|| ConfigError::Missing { name: name.to_owned() })
    }

    /// A text that must be there. An empty one counts as not set.
    ///
    /// # Errors
    /// [`ConfigError::Missing`].
    pub fn text(&self, name: &str) -> Result<String, ConfigError> {
        self.get(name).map(str::to_owned)
    }

    /// A text that may be there.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        self.text(name).ok()
    }

    /// A value with a text form.
    ///
    /// # Errors
    /// [`ConfigError::Missing`], or [`ConfigError::Invalid`] when the text is no such value.
    pub fn parse<T: FromStr>(&self, name: &str) -> Result<T, ConfigError> {
        self.parse_with(name, str::parse)
    }

    /// A value read by `read`, whose own error is dropped: it could quote a secret.
    ///
    /// # Errors
    /// [`ConfigError::Missing`], or [`ConfigError::Invalid`] when `read` refuses the text.
    pub fn parse_with<T, E>(&self, name: &str, read: impl FnOnce(&str) -> Result<T, E>) -> Result<T, ConfigError> {
        read(self.get(name)?).map_err(|_| ConfigError::Invalid { name: name.to_owned() })
    }

    /// A list of at least one text, each trimmed, empty ones left out.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] when nothing is in it.
    pub fn list(&self, name: &str, separator: char) -> Result<Vec<String>, ConfigError> {
        let list: Vec<_> = self.get(name)?.split(separator).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect();
        if list.is_empty() { Err(ConfigError::Missing { name: name.to_owned() }) } else { Ok(list) }
    }

    /// A secret that must be there.
    ///
    /// # Errors
    /// [`ConfigError::Missing`].
    pub fn secret(&self, name: &str) -> Result<Secret, ConfigError> {
        self.text(name).map(Secret::new)
    }

    /// A list of at least one secret: the newest first, while one is rotated.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] when nothing is in it.
    pub fn secrets(&self, name: &str, separator: char) -> Result<Vec<Secret>, ConfigError> {
        Ok(self.list(name, separator)?.into_iter().map(Secret::new).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn env() -> Env {
        Env::from_pairs([("NUMBER", "12"), ("EMPTY", ""), ("KEYS", " whsec_a  whsec_b "), ("COMMAS", "a, b,,"), ("BLANK", " , ")])
    }

    #[test]
    fn values_are_read_by_kind() {
        assert_eq!(env().parse::<u32>("NUMBER"), Ok(12));
        assert_eq!(env().text("NUMBER").unwrap(), "12");
        assert_eq!(env().list("COMMAS", ',').unwrap(), ["a", "b"]);
        assert_eq!(env().secrets("KEYS", ' ').unwrap()[1].expose(), "whsec_b");
        assert_eq!(env().optional("EMPTY"), None);
        assert_eq!(env().parse_with("NUMBER", |text| if text == "12" { Ok(1) } else { Err(()) }), Ok(1));
    }

    #[test]
    fn what_is_missing_or_unusable_is_named_and_never_shown() {
        for name in ["ABSENT", "EMPTY"] {
            assert_eq!(env().text(name), Err(ConfigError::Missing { name: name.to_owned() }));
        }
        assert_eq!(env().list("BLANK", ','), Err(ConfigError::Missing { name: "BLANK".to_owned() }));
        let error = env().parse::<u32>("KEYS").unwrap_err();
        assert_eq!(error, ConfigError::Invalid { name: "KEYS".to_owned() });
        for shown in [error.to_string(), format!("{error:?}"), format!("{:?}", env()), format!("{:?}", env().secret("KEYS"))] {
            assert!(!shown.contains("whsec"), "{shown}");
        }
        assert_eq!(format!("{:?}", Secret::new("x")), "***");
    }

    #[test]
    fn the_process_has_an_environment() {
        assert!(Env::process().optional("PATH").is_some());
    }
}
