//! Ids as types, so that one can't be passed for another.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Why a text is no id of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}: {rule}")]
pub struct IdError {
    /// What it should have been.
    pub kind: &'static str,
    /// What is allowed.
    pub rule: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a text as an id.
            ///
            /// # Errors
            /// [`IdError`] with the rule that the text breaks.
            pub fn try_new(text: &str) -> Result<Self, IdError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(IdError { kind: $kind, rule: $rule }) }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::try_new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::try_new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

text_id!(
    /// One customer of the platform: the token's `sub`, an opaque text of 1 to 128 visible ASCII characters.
    AccountId,
    "account id",
    "1 to 128 visible ASCII characters",
    |text| (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
);

text_id!(
    /// A template's id: `tpl_` and its random part.
    TemplateId,
    "template id",
    "tpl_ and 1 to 40 letters or digits",
    |text| text.strip_prefix("tpl_").is_some_and(|rest| (1..=40).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
);

text_id!(
    /// An ISO 4217 code in capitals: `USD`.
    Currency,
    "currency",
    "three capital letters",
    |text| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
);

/// How cash leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rail {
    /// A transfer to a connected account.
    StripeConnect,
    /// A payout to an e-mail address or payer id.
    Paypal,
    /// A transfer to a recipient account.
    Wise,
}

impl Rail {
    /// Every rail.
    pub const ALL: [Self; 3] = [Self::StripeConnect, Self::Paypal, Self::Wise];

    /// Its name in URLs, tables and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StripeConnect => "stripe_connect",
            Self::Paypal => "paypal",
            Self::Wise => "wise",
        }
    }
}

impl fmt::Display for Rail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Rail {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL.into_iter().find(|rail| rail.as_str() == text).ok_or(IdError { kind: "rail", rule: "stripe_connect, paypal or wise" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_refuses_what_is_not_its_own() {
        for (text, fits) in
            [("a", true), ("acct_alice", true), ("", false), ("a b", false), ("é", false), ("a\u{0}", false), ("a\n", false)]
        {
            assert_eq!(AccountId::try_new(text).is_ok(), fits, "{text:?}");
        }
        assert!(AccountId::try_new(&"x".repeat(128)).is_ok());
        assert!(AccountId::try_new(&"x".repeat(129)).is_err());
        for (text, fits) in [("tpl_1", true), ("tpl_", false), ("1", false), ("tpl_a-b", false), ("tpl_a/b", false)] {
            assert_eq!(TemplateId::try_new(text).is_ok(), fits, "{text:?}");
        }
        assert!(TemplateId::try_new(&format!("tpl_{}", "x".repeat(41))).is_err());
        for (text, fits) in [("USD", true), ("usd", false), ("US", false), ("USDT", false), ("U1D", false)] {
            assert_eq!(Currency::try_new(text).is_ok(), fits, "{text:?}");
        }
        for rail in Rail::ALL {
            assert_eq!(rail.as_str().parse(), Ok(rail));
        }
        assert!("bitcoin".parse::<Rail>().is_err());
    }
}
