//! Who stands on an invoice: the programme that issues it, and the payee as she wants to be named.
//! Both are frozen into each invoice, so that it reads the same for ever.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest name or line of an address, in characters.
const LINE_MAX: usize = 200;
/// The most lines of an address.
const LINES_MAX: usize = 6;
/// The longest tax id, in characters.
const TAX_ID_MAX: usize = 40;
/// The longest note, in characters.
const NOTE_MAX: usize = 500;

/// Why something can't stand on an invoice: the field and its rule, for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct PartyError {
    /// Which field.
    pub field: &'static str,
    /// What is allowed.
    pub rule: &'static str,
}

/// Who issues the invoices, as configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The legal name.
    pub name: String,
    /// The address, a line each.
    pub address: Vec<String>,
    /// The country, two capital letters of ISO 3166.
    pub country: String,
    /// The tax id.
    pub tax_id: String,
    /// What the law wants said about who owes the tax.
    pub reverse_charge_note: String,
}

impl Issuer {
    /// Reads the configured JSON.
    ///
    /// # Errors
    /// [`PartyError`] for the first field that breaks its rule.
    pub fn parse(text: &str) -> Result<Self, PartyError> {
        let issuer: Self = serde_json::from_str(text)
            .map_err(|_| PartyError { field: "issuer", rule: "JSON with name, address, country, tax_id, reverse_charge_note" })?;
        issuer.check()?;
        Ok(issuer)
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`PartyError`] for the first that breaks its rule.
    pub fn check(&self) -> Result<(), PartyError> {
        party(&self.name, &self.address, &self.country)?;
        tax_id(&self.tax_id)?;
        ruled(line(&self.reverse_charge_note, NOTE_MAX), "reverse_charge_note", "1 to 500 characters without control characters")
    }
}

/// Whom a payout is invoiced to, in the payee's own words. `Debug` shows the country alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Billing {
    /// The name of a person or firm.
    pub name: String,
    /// The address, a line each.
    pub address: Vec<String>,
    /// The country, two capital letters of ISO 3166.
    pub country: String,
    /// The tax id, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<String>,
}

impl Billing {
    /// Checks every field.
    ///
    /// # Errors
    /// [`PartyError`] for the first that breaks its rule.
    pub fn check(&self) -> Result<(), PartyError> {
        party(&self.name, &self.address, &self.country)?;
        self.tax_id.as_deref().map_or(Ok(()), tax_id)
    }
}

impl fmt::Debug for Billing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Billing").field(&self.country).finish()
    }
}

fn party(name: &str, address: &[String], country: &str) -> Result<(), PartyError> {
    ruled(line(name, LINE_MAX), "name", "1 to 200 characters without control characters")?;
    let lines = (1..=LINES_MAX).contains(&address.len()) && address.iter().all(|text| line(text, LINE_MAX));
    ruled(lines, "address", "1 to 6 lines of 1 to 200 characters without control characters")?;
    let code = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    ruled(code, "country", "two capital letters")
}

fn tax_id(text: &str) -> Result<(), PartyError> {
    ruled(line(text, TAX_ID_MAX), "tax_id", "1 to 40 characters without control characters")
}

fn line(text: &str, most: usize) -> bool {
    text.trim() == text && (1..=most).contains(&text.chars().count()) && !text.chars().any(is_control)
}

/// Control characters, and those that turn the direction of the text around them: on a printed page
/// they make a line read as another one.
fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn ruled(fits: bool, field: &'static str, rule: &'static str) -> Result<(), PartyError> {
    if fits { Ok(()) } else { Err(PartyError { field, rule }) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn billing() -> Billing {
        Billing { name: "Ann Smith".into(), address: vec!["1 High Street".into()], country: "GB".into(), tax_id: None }
    }

    fn issuer() -> Issuer {
        Issuer {
            name: "Example GmbH".into(),
            address: vec!["Weg 1".into(), "10115 Berlin".into()],
            country: "DE".into(),
            tax_id: "DE123456789".into(),
            reverse_charge_note: "Reverse charge: the recipient owes the tax.".into(),
        }
    }

    #[test]
    fn each_field_has_its_rule() {
        let good = billing();
        assert_eq!(good.check(), Ok(()));
        assert_eq!(Billing { tax_id: Some("GB 1".into()), name: "Łukasz Żółć".into(), ..good.clone() }.check(), Ok(()));
        assert_eq!(Billing { name: "é".repeat(200), address: vec!["é".repeat(200); 6], ..good.clone() }.check(), Ok(()));
        let cases = [
            ("name", Billing { name: String::new(), ..good.clone() }),
            ("name", Billing { name: " Ann".into(), ..good.clone() }),
            ("name", Billing { name: "x".repeat(201), ..good.clone() }),
            ("name", Billing { name: "Ann\u{7}".into(), ..good.clone() }),
            ("name", Billing { name: "Ann \u{202e}htimS".into(), ..good.clone() }),
            ("address", Billing { address: vec![], ..good.clone() }),
            ("address", Billing { address: vec!["x".into(); 7], ..good.clone() }),
            ("address", Billing { address: vec!["a\nb".into()], ..good.clone() }),
            ("address", Billing { address: vec!["x".into(), String::new()], ..good.clone() }),
            ("country", Billing { country: "gb".into(), ..good.clone() }),
            ("country", Billing { country: "GBR".into(), ..good.clone() }),
            ("tax_id", Billing { tax_id: Some(String::new()), ..good.clone() }),
            ("tax_id", Billing { tax_id: Some("x".repeat(41)), ..good }),
        ];
        for (field, bent) in cases {
            assert_eq!(bent.check().map_err(|error| error.field), Err(field));
        }
        assert_eq!(issuer().check(), Ok(()));
        assert_eq!(Issuer { tax_id: String::new(), ..issuer() }.check().map_err(|error| error.field), Err("tax_id"));
        assert_eq!(Issuer { reverse_charge_note: "x".repeat(501), ..issuer() }.check().map_err(|e| e.field), Err("reverse_charge_note"));
    }

    #[test]
    fn an_issuer_is_read_and_a_payee_is_not_printed() {
        assert_eq!(Issuer::parse(&serde_json::to_string(&issuer()).unwrap()), Ok(issuer()));
        for text in ["", "{}", r#"{"name":"x"}"#] {
            assert!(Issuer::parse(text).is_err(), "{text}");
        }
        let mut bent = issuer();
        bent.country = "Germany".into();
        assert_eq!(Issuer::parse(&serde_json::to_string(&bent).unwrap()).map_err(|error| error.field), Err("country"));
        let told = format!("{:?}", billing());
        assert!(told.contains("GB") && !told.contains("Ann") && !told.contains("High"), "{told}");
        let text = serde_json::to_string(&billing()).unwrap();
        assert_eq!(serde_json::from_str::<Billing>(&text).unwrap(), billing());
    }
}
