//! Numbers of invoices and credit notes: counted from 1 in each year, without a gap.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A text is no number of its series.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the number of {0}")]
pub struct NumberError(&'static str);

macro_rules! series_number {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name {
            /// The UTC year of the record that it was given with: four digits.
            pub year: u16,
            /// Its place in the year, from 1.
            pub number: u32,
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "-{:04}-{:06}"), self.year, self.number)
            }
        }

        impl FromStr for $name {
            type Err = NumberError;
            fn from_str(text: &str) -> Result<Self, NumberError> {
                let read = || {
                    let (year, number) = text.strip_prefix(concat!($prefix, "-"))?.split_once('-')?;
                    let made = Self { year: year.parse().ok()?, number: number.parse().ok()? };
                    // One number has one form: no signs, no further zeros.
                    (made.year <= 9999 && made.number > 0 && made.to_string() == text).then_some(made)
                };
                read().ok_or(NumberError($what))
            }
        }

        impl TryFrom<String> for $name {
            type Error = NumberError;
            fn try_from(text: String) -> Result<Self, NumberError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> Self {
                number.to_string()
            }
        }
    };
}

series_number!(
    /// The number of an invoice: `INV-2026-000001`.
    InvoiceNumber,
    "INV",
    "an invoice"
);

series_number!(
    /// The number of a credit note: `CN-2026-000001`.
    CreditNoteNumber,
    "CN",
    "a credit note"
);

/// The next free number of each series in one UTC year, as it was read. Whoever writes a record with
/// one takes it from the counter in the same transaction, or loses to another and reads again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// For an invoice.
    pub invoice: InvoiceNumber,
    /// For a credit note.
    pub credit_note: CreditNoteNumber,
}

impl Numbers {
    /// The numbers after the last ones of a year; 0: none was given yet.
    #[must_use]
    pub const fn after(year: u16, invoice: u32, credit_note: u32) -> Self {
        Self {
            invoice: InvoiceNumber { year, number: invoice.saturating_add(1) },
            credit_note: CreditNoteNumber { year, number: credit_note.saturating_add(1) },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_number_reads_as_it_is_written() {
        let numbers = Numbers::after(2026, 0, 1_234_567);
        assert_eq!((numbers.invoice.to_string(), numbers.credit_note.to_string()), ("INV-2026-000001".into(), "CN-2026-1234568".into()));
        assert_eq!(numbers.invoice.to_string().parse(), Ok(numbers.invoice));
        assert_eq!(numbers.credit_note.to_string().parse(), Ok(numbers.credit_note));
        assert_eq!(serde_json::to_string(&numbers.invoice).unwrap(), r#""INV-2026-000001""#);
        for text in [
            "",
            "INV",
            "INV-2026",
            "INV-2026-",
            "INV-2026-000000",
            "INV-2026-1",
            "INV-2026-0000001",
            "INV-+026-000001",
            "INV-2026-+00001",
            "INV-26-000001",
            "INV-12026-000001",
            "CN-2026-000001",
            "inv-2026-000001",
            "INV-2026-000001 ",
        ] {
            assert!(text.parse::<InvoiceNumber>().is_err(), "{text:?}");
        }
        assert!("INV-2026-000001".parse::<CreditNoteNumber>().is_err());
    }
}
