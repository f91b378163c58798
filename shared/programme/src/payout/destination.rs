//! Where a payout goes: what each rail needs to know, checked, and how it may be shown.

use ledger::{Currency, Rail};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why something is no destination: the field and its rule, for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct DestinationError {
    /// Which field.
    pub field: &'static str,
    /// What is allowed.
    pub rule: &'static str,
}

/// What a rail pays to. It is needed to pay, and shown to nobody: `Debug` prints the masked form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Destination {
    /// A connected account of Stripe: `acct_…`.
    StripeAccount {
        /// Its id.
        account: String,
    },
    /// Whoever holds this e-mail address at PayPal.
    PaypalEmail {
        /// The address, in lower case.
        email: String,
    },
    /// A PayPal account by its payer id.
    PaypalPayer {
        /// The id.
        payer_id: String,
    },
    /// A recipient account at Wise.
    WiseRecipient {
        /// The recipient's number.
        recipient_id: String,
        /// The currency that the recipient is paid in.
        currency: Currency,
    },
}

impl Destination {
    /// A connected account.
    ///
    /// # Errors
    /// [`DestinationError`] unless it is `acct_` and 1 to 64 letters or digits.
    pub fn stripe(account: &str) -> Result<Self, DestinationError> {
        let fits = account.strip_prefix("acct_").is_some_and(|rest| (1..=64).contains(&rest.len()) && alphanumeric(rest));
        checked(fits, "stripe_account", "acct_ and letters or digits", || Self::StripeAccount { account: account.to_owned() })
    }

    /// An e-mail address.
    ///
    /// # Errors
    /// [`DestinationError`] unless it has the plain form `name@host.tld`.
    pub fn paypal_email(email: &str) -> Result<Self, DestinationError> {
        checked(is_address(email), "email", "an address of the form name@example.com", || Self::PaypalEmail {
            email: email.to_ascii_lowercase(),
        })
    }

    /// A payer id.
    ///
    /// # Errors
    /// [`DestinationError`] unless it is 13 capital letters or digits.
    pub fn paypal_payer(payer_id: &str) -> Result<Self, DestinationError> {
        let fits = payer_id.len() == 13 && payer_id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        checked(fits, "payer_id", "13 capital letters or digits", || Self::PaypalPayer { payer_id: payer_id.to_owned() })
    }

    /// A recipient account.
    ///
    /// # Errors
    /// [`DestinationError`] unless it is a whole number above zero of at most 18 digits.
    pub fn wise(recipient_id: &str, currency: Currency) -> Result<Self, DestinationError> {
        let fits = (1..=18).contains(&recipient_id.len())
            && recipient_id.bytes().all(|byte| byte.is_ascii_digit())
            && !recipient_id.starts_with('0');
        checked(fits, "recipient_id", "a whole number of at most 18 digits", || Self::WiseRecipient {
            recipient_id: recipient_id.to_owned(),
            currency,
        })
    }

    /// The rail that pays to it.
    #[must_use]
    pub const fn rail(&self) -> Rail {
        match self {
            Self::StripeAccount { .. } => Rail::StripeConnect,
            Self::PaypalEmail { .. } | Self::PaypalPayer { .. } => Rail::Paypal,
            Self::WiseRecipient { .. } => Rail::Wise,
        }
    }

    /// The text whose digest tells whether two accounts are paid to the same place.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            Self::StripeAccount { account } => format!("stripe_connect:{account}"),
            Self::PaypalEmail { email } => format!("paypal:email:{email}"),
            Self::PaypalPayer { payer_id } => format!("paypal:payer:{payer_id}"),
            Self::WiseRecipient { recipient_id, .. } => format!("wise:{recipient_id}"),
        }
    }

    /// Enough for its owner to know it again, and for nobody else to use.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::StripeAccount { account } => format!("acct_…{}", tail(account.trim_start_matches("acct_"))),
            Self::PaypalEmail { email } => {
                let (name, host) = email.split_once('@').unwrap_or_default();
                format!("{}…@{host}", name.chars().take(1).collect::<String>())
            }
            Self::PaypalPayer { payer_id } => format!("…{}", tail(payer_id)),
            Self::WiseRecipient { recipient_id, currency } => format!("…{} {currency}", tail(recipient_id)),
        }
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Destination").field(&self.masked()).finish()
    }
}

fn checked(
    fits: bool,
    field: &'static str,
    rule: &'static str,
    made: impl FnOnce() -> Destination,
) -> Result<Destination, DestinationError> {
    if fits { Ok(made()) } else { Err(DestinationError { field, rule }) }
}

fn alphanumeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The last characters, never more than half of them. Every destination is ASCII.
fn tail(text: &str) -> &str {
    let shown = (text.len() / 2).min(4);
    text.get(text.len() - shown..).unwrap_or_default()
}

/// The plain form alone: quoted names and bare hosts exist, and no rail takes them.
fn is_address(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let named =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte));
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let top = host.rsplit('.').next().unwrap_or_default();
    text.len() <= 254
        && name.len() <= 64
        && name.split('.').all(named)
        && host.contains('.')
        && host.split('.').all(label)
        && top.len() >= 2
        && !top.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn eur() -> Currency {
        Currency::try_new("EUR").unwrap()
    }

    #[test]
    fn each_rail_takes_its_own_form_and_no_other() {
        for (text, fits) in
            [("acct_1032D82eZvKYlo2C", true), ("acct_", false), ("1032D82eZvKYlo2C", false), ("acct_1/../x", false), ("acct_é", false)]
        {
            assert_eq!(Destination::stripe(text).is_ok(), fits, "{text}");
        }
        assert!(Destination::stripe(&format!("acct_{}", "1".repeat(65))).is_err());
        let good = ["ann@example.com", "a.b+c@mail.example.co.uk", "o'neil@example.org"];
        let bad = [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@host",
            "ann@@example.com",
            "a b@example.com",
            ".ann@example.com",
            "a..b@example.com",
            "ann@-x.com",
            "ann@example.c",
            "ann@127.0.0.1",
            "ann@example.com\r\nbcc:x",
            "änn@example.com",
        ];
        assert!(good.into_iter().all(|text| Destination::paypal_email(text).is_ok()));
        for text in bad {
            assert!(Destination::paypal_email(text).is_err(), "{text}");
        }
        assert!(Destination::paypal_email(&format!("{}@example.com", "a".repeat(65))).is_err());
        for (text, fits) in [("ABCDEFGHJ1234", true), ("abcdefghj1234", false), ("ABC", false)] {
            assert_eq!(Destination::paypal_payer(text).is_ok(), fits, "{text}");
        }
        for (text, fits) in [("40000000", true), ("0", false), ("-1", false), ("1.5", false), ("", false), ("9999999999999999999", false)] {
            assert_eq!(Destination::wise(text, eur()).is_ok(), fits, "{text}");
        }
    }

    #[test]
    fn nothing_whole_is_shown() {
        let all = [
            (Destination::stripe("acct_1032D82eZvKYlo2C").unwrap(), "acct_…lo2C"),
            (Destination::stripe("acct_12").unwrap(), "acct_…2"),
            (Destination::paypal_email("Ann.Smith@Example.com").unwrap(), "a…@example.com"),
            (Destination::paypal_payer("ABCDEFGHJ1234").unwrap(), "…1234"),
            (Destination::wise("40000001", eur()).unwrap(), "…0001 EUR"),
            (Destination::wise("7", eur()).unwrap(), "… EUR"),
        ];
        for (destination, masked) in all {
            assert_eq!(destination.masked(), masked);
            assert_eq!(format!("{destination:?}"), format!("Destination({masked:?})"));
        }
    }

    #[test]
    fn one_place_has_one_identity() {
        let identity = |destination: Result<Destination, DestinationError>| destination.unwrap().identity();
        assert_eq!(identity(Destination::paypal_email("ANN@example.com")), identity(Destination::paypal_email("ann@EXAMPLE.com")));
        assert_eq!(identity(Destination::wise("7", eur())), identity(Destination::wise("7", Currency::try_new("USD").unwrap())));
        assert_ne!(identity(Destination::paypal_email("a@example.com")), identity(Destination::paypal_email("b@example.com")));
    }
}
