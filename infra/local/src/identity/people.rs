//! Who can sign in: a few sample people, a machine, and anybody else as a new customer.

use super::error::IdentityError;
use std::collections::BTreeMap;

/// The machine that speaks for the platform. It takes its token from the command line only.
pub(super) const MACHINE: &str = "platform";

/// The longest name, in characters.
const NAME_LENGTH_MAX: usize = 40;

/// A sample person, as the sign-in page shows them.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) display: &'static str,
    pub(super) role: &'static str,
}

/// The sample people, in the order of the sign-in page.
pub(super) const SAMPLES: [Sample; 5] = [
    Sample { name: "alice", display: "Alice", role: "Referrer" },
    Sample { name: "bob", display: "Bob", role: "Referrer" },
    Sample { name: "hana", display: "Hana", role: "Referrer and host" },
    Sample { name: "fin1", display: "Fin One", role: "Finance" },
    Sample { name: "fin2", display: "Fin Two", role: "Finance" },
];

/// Somebody a token can be made for: a valid name, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person(String);

impl Person {
    /// The person of this name.
    ///
    /// A name is also the local part of an e-mail address, hence the rule for dots.
    ///
    /// # Errors
    /// [`IdentityError::Name`] when it is not 1 to 40 of `a-z0-9-_.+`, or its dots are misplaced. A name
    /// with a plus is another account with the same mailbox: `carol+second`.
    pub(super) fn named(name: &str) -> Result<Self, IdentityError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.+".contains(&byte);
        let length_fits = (1..=NAME_LENGTH_MAX).contains(&name.len());
        let dots_fit = !name.starts_with('.') && !name.ends_with('.') && !name.contains("..");
        if length_fits && dots_fit && name.bytes().all(allowed) { Ok(Self(name.to_owned())) } else { Err(IdentityError::Name) }
    }

    /// The account id, which is the token's `sub`: the same for the same name on every machine.
    pub(super) fn account_id(&self) -> String {
        format!("acct_{}", self.0)
    }

    /// An address under a domain that can never receive mail.
    pub(super) fn email(&self) -> String {
        format!("{}@example.com", self.0)
    }

    /// What a page calls the person.
    pub(super) fn display(&self) -> &str {
        SAMPLES.iter().find(|sample| sample.name == self.0).map_or(&self.0, |sample| sample.display)
    }

    /// The groups: rights follow from them. Only the two sample finance people are in `finance`,
    /// so that no name that anybody may type gives a right.
    pub(super) fn groups(&self) -> Vec<&'static str> {
        match self.0.as_str() {
            "fin1" | "fin2" => vec!["finance"],
            MACHINE => vec!["platform"],
            _ => Vec::new(),
        }
    }

    /// Whether this is the platform's machine, which has no business at a sign-in page.
    pub(super) fn is_machine(&self) -> bool {
        self.0 == MACHINE
    }
}

/// The sample people: name to account id.
pub(super) fn samples() -> BTreeMap<String, String> {
    SAMPLES.iter().map(|sample| (sample.name.to_owned(), Person(sample.name.to_owned()).account_id())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_that_are_taken() {
        for name in ["a", "alice", "new-customer_7", "a.b", "a+b", "0", "-", &"x".repeat(40)] {
            assert_eq!(Person::named(name).unwrap().account_id(), format!("acct_{name}"));
        }
    }

    #[test]
    fn hostile_names_are_refused() {
        let long = "x".repeat(41);
        for name in [
            "",
            " ",
            "Alice",
            "al ice",
            "alice ",
            "alice\0",
            "alice\n",
            "ａlice",
            "älice",
            "a@b",
            "a/b",
            "../etc",
            ".",
            "..",
            ".a",
            "a.",
            "a..b",
            "<script>",
            "a\"b",
            "a'b",
            "%61lice",
            "a,finance",
            &long,
        ] {
            assert!(Person::named(name).is_err(), "{name:?} must be refused");
        }
    }

    #[test]
    fn only_two_names_are_finance_and_one_is_the_platform() {
        for (name, groups) in [
            ("fin1", vec!["finance"]),
            ("fin2", vec!["finance"]),
            ("platform", vec!["platform"]),
            ("alice", vec![]),
            ("fin3", vec![]),
            ("fin", vec![]),
            ("fin11", vec![]),
            ("finance", vec![]),
        ] {
            assert_eq!(Person::named(name).unwrap().groups(), groups, "{name}");
        }
    }

    #[test]
    fn every_sample_person_has_a_valid_name() {
        for (name, account) in samples() {
            assert_eq!(Person::named(&name).unwrap().account_id(), account);
        }
        assert_eq!(samples().len(), SAMPLES.len());
    }
}
