//! What a call to a rail is about, in one word for all three: faults and kill points are asked for by it.

use http::Method;
use ledger::Rail;
use serde::{Deserialize, Serialize};

/// What a call to a rail does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// PayPal: an access token.
    Token,
    /// Stripe: a connected account is made.
    Onboard,
    /// Stripe: a link to the pages where its owner fills it in.
    Link,
    /// A connected account or recipient is read.
    Account,
    /// What the platform has there.
    Balance,
    /// Wise: a price.
    Quote,
    /// Wise: a recipient is made.
    Recipient,
    /// The payment is made: a transfer, a batch. At Wise no money moves yet.
    Create,
    /// Wise: the transfer is paid for.
    Fund,
    /// One payment is read.
    LookUp,
    /// Payments are listed.
    List,
    /// A payment is canceled.
    Cancel,
    /// Stripe: a transfer is taken back.
    Reverse,
}

impl Operation {
    const ALL: [Self; 13] = [
        Self::Token,
        Self::Onboard,
        Self::Link,
        Self::Account,
        Self::Balance,
        Self::Quote,
        Self::Recipient,
        Self::Create,
        Self::Fund,
        Self::LookUp,
        Self::List,
        Self::Cancel,
        Self::Reverse,
    ];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Onboard => "onboard",
            Self::Link => "link",
            Self::Account => "account",
            Self::Balance => "balance",
            Self::Quote => "quote",
            Self::Recipient => "recipient",
            Self::Create => "create",
            Self::Fund => "fund",
            Self::LookUp => "look_up",
            Self::List => "list",
            Self::Cancel => "cancel",
            Self::Reverse => "reverse",
        }
    }

    /// What a request does, by its method and its path at the provider; none where it does nothing that the stand-in knows.
    #[must_use]
    pub fn of(rail: Rail, method: &Method, path: &str) -> Option<Self> {
        let known = match rail {
            Rail::StripeConnect => STRIPE,
            Rail::Paypal => PAYPAL,
            Rail::Wise => WISE,
        };
        let path = path.trim_start_matches('/');
        let (_, _, word) = known.iter().find(|(verb, pattern, _)| *verb == method.as_str() && fits(pattern, path))?;
        Self::ALL.into_iter().find(|operation| operation.as_str() == *word)
    }
}

type Known = (&'static str, &'static str, &'static str);

const STRIPE: &[Known] = &[
    ("POST", "v1/accounts", "onboard"),
    ("GET", "v1/accounts/*", "account"),
    ("POST", "v1/account_links", "link"),
    ("GET", "v1/balance", "balance"),
    ("POST", "v1/transfers", "create"),
    ("GET", "v1/transfers", "list"),
    ("GET", "v1/transfers/*", "look_up"),
    ("POST", "v1/transfers/*/reversals", "reverse"),
];

const PAYPAL: &[Known] = &[
    ("POST", "v1/oauth2/token", "token"),
    ("POST", "v1/payments/payouts", "create"),
    ("GET", "v1/payments/payouts/*", "look_up"),
    ("GET", "v1/payments/payouts-item/*", "look_up"),
    ("POST", "v1/payments/payouts-item/*/cancel", "cancel"),
    ("GET", "v1/reporting/transactions", "list"),
];

const WISE: &[Known] = &[
    ("POST", "v3/profiles/*/quotes", "quote"),
    ("POST", "v1/accounts", "recipient"),
    ("GET", "v1/accounts/*", "account"),
    ("GET", "v2/accounts/*", "account"),
    ("POST", "v1/transfers", "create"),
    ("GET", "v1/transfers", "list"),
    ("GET", "v1/transfers/*", "look_up"),
    ("GET", "v1/transfers/*/payments", "look_up"),
    ("PUT", "v1/transfers/*/cancel", "cancel"),
    ("POST", "v3/profiles/*/transfers/*/payments", "fund"),
    ("GET", "v4/profiles/*/balances", "balance"),
];

fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("*"), Some(part)) if !part.is_empty() => {}
            (Some(wanted), Some(part)) if wanted == part => {}
            (Some(_) | None, Some(_) | None) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_request_has_its_word() {
        for (rail, method, path, word) in [
            (Rail::StripeConnect, Method::POST, "/v1/transfers", Some("create")),
            (Rail::StripeConnect, Method::GET, "v1/transfers/tr_1", Some("look_up")),
            (Rail::Paypal, Method::GET, "v1/payments/payouts/B", Some("look_up")),
            (Rail::Paypal, Method::GET, "v1/payments/payouts", None),
            (Rail::Wise, Method::POST, "v3/profiles/1/transfers/2/payments", Some("fund")),
            (Rail::Wise, Method::POST, "v3/profiles//transfers/2/payments", None),
            (Rail::Wise, Method::DELETE, "v1/transfers/2", None),
        ] {
            assert_eq!(Operation::of(rail, &method, path).map(Operation::as_str), word, "{method} {path}");
        }
    }

    #[test]
    fn the_words_of_the_tables_are_all_known_and_written_alike() {
        for (verb, pattern, word) in [STRIPE, PAYPAL, WISE].concat() {
            assert!(Operation::ALL.iter().any(|operation| operation.as_str() == word), "{verb} {pattern}");
        }
        for operation in Operation::ALL {
            assert_eq!(serde_json::to_value(operation).unwrap(), operation.as_str());
        }
    }
}
