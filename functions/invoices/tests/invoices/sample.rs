//! Documents to be set.

use chrono::DateTime;
use invoices::paper::{Document, Fact, Item, Party, Total};

pub(crate) fn fact(label: &str, value: &str) -> Fact {
    Fact { label: label.to_owned(), value: value.to_owned() }
}

pub(crate) fn party(role: &str, name: &str, lines: &[&str]) -> Party {
    Party { role: role.to_owned(), name: name.to_owned(), lines: lines.iter().map(|line| (*line).to_owned()).collect() }
}

pub(crate) fn item(description: &str, detail: &str, amount: &str) -> Item {
    Item { description: description.to_owned(), detail: detail.to_owned(), tax: "Reverse charge".to_owned(), amount: amount.to_owned() }
}

fn total(label: &str, amount: &str, strong: bool) -> Total {
    Total { label: label.to_owned(), amount: amount.to_owned(), strong }
}

/// A document as the function makes them.
pub(crate) fn sample() -> Document {
    let issuer = ["Torstraße 1", "10119 Berlin", "Germany", "Tax ID DE123456789"];
    Document {
        title: "Invoice".to_owned(),
        number: "INV-2026-000042".to_owned(),
        author: "Example Cloud GmbH".to_owned(),
        issued_at: DateTime::from_timestamp(1_770_000_000, 0).unwrap(),
        summary: vec![fact("Issued", "2 February 2026"), fact("Currency", "USD")],
        parties: [
            party("Supplier", "Ana Lovrić", &["Ulica Ivana Gundulića 12", "10000 Zagreb", "HR", "Account alice"]),
            party("Customer", "Example Cloud GmbH", &issuer),
        ],
        items: vec![item("Referral rewards", "Requested on 28 January 2026", "1,234.50"), item("Rental earnings", "Of machines", "98.00")],
        amount_heading: "Amount (USD)".to_owned(),
        totals: vec![total("Net", "1,332.50", false), total("VAT", "0.00", false), total("Total paid", "1,332.50 USD", true)],
        details_heading: "Payment".to_owned(),
        details: vec![fact("Paid by", "PayPal"), fact("Payout", "pay_01KG3Q6WZ0M3R8V5T7XJ9B2N4C")],
        notes: vec!["Reverse charge: the recipient owes the tax.".to_owned()],
        footer: "Example Cloud GmbH · DE123456789".to_owned(),
    }
}
