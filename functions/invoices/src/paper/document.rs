//! What is on the paper, in words: the renderer arranges it and adds nothing but page numbers.

use chrono::{DateTime, Utc};

/// An invoice or a credit note, ready to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is: "Invoice".
    pub title: String,
    /// Its number.
    pub number: String,
    /// Whose paper it is: in the corner, and in the file's properties.
    pub author: String,
    /// When it was issued: the only time that the file knows.
    pub issued_at: DateTime<Utc>,
    /// The dates and such under the title.
    pub summary: Vec<Fact>,
    /// Who supplied, and to whom.
    pub parties: [Party; 2],
    /// What is charged or credited.
    pub items: Vec<Item>,
    /// The heading over the amounts: "Amount (USD)".
    pub amount_heading: String,
    /// What the items come to.
    pub totals: Vec<Total>,
    /// The heading over the facts below the totals.
    pub details_heading: String,
    /// How it was paid.
    pub details: Vec<Fact>,
    /// What the law or the platform wants to have said.
    pub notes: Vec<String>,
    /// At the foot of each page.
    pub footer: String,
}

/// A label and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Such as "Issued".
    pub label: String,
    /// Such as a date.
    pub value: String,
}

/// One side of the supply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Which side.
    pub role: String,
    /// Its name.
    pub name: String,
    /// Its address and numbers, a line each.
    pub lines: Vec<String>,
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What was supplied.
    pub description: String,
    /// More of it, in small print.
    pub detail: String,
    /// How it is taxed.
    pub tax: String,
    /// How much.
    pub amount: String,
}

/// A line below the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// Of what.
    pub label: String,
    /// How much.
    pub amount: String,
    /// Whether it is the one that counts.
    pub strong: bool,
}
