//! What the checker answers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Examples kept for one invariant.
const EXAMPLES_MAX: usize = 10;

/// One invariant's figure.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figure {
    /// How many violations. Zero is the only good one.
    pub violations: u64,
    /// What was looked at.
    pub checked: u64,
    /// The first violations, each with the key it was found at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
}

/// What an audit looked at, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// When it began. What bears a date is checked up to the end of the day before, and whole on tables at rest.
    pub from: DateTime<Utc>,
    /// When it ended: each figure that stands was right at some moment between the two.
    pub until: DateTime<Utc>,
    /// How many items it read from first to last, each once.
    pub items: u64,
    /// How many accounts, purchases and payouts it looked at again, since their items did not agree at first sight.
    pub looked_again: u64,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// By invariant.
    pub figures: BTreeMap<String, Figure>,
    /// By invariant that could not be checked: why.
    pub not_checked: BTreeMap<String, String>,
    /// What it looked at, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
}

impl Report {
    /// An invariant's figure, made where it is not there: one that found nothing to look at is a zero, too.
    pub fn figure(&mut self, name: &str) -> &mut Figure {
        self.figures.entry(name.to_owned()).or_default()
    }

    /// Counts one look at an invariant.
    pub fn looked(&mut self, name: &str) {
        // The name is a key already, but for the first look: nothing is copied.
        match self.figures.get_mut(name) {
            Some(figure) => figure.checked += 1,
            None => self.figure(name).checked += 1,
        }
    }

    /// Counts one look at an invariant, and a violation where `fault` tells one.
    pub fn look(&mut self, name: &str, key: &dyn fmt::Display, fault: Option<String>) {
        self.looked(name);
        if let Some(fault) = fault {
            self.violation(name, key, &fault);
        }
    }

    /// Counts a violation of what was looked at before.
    pub fn violation(&mut self, name: &str, key: &dyn fmt::Display, fault: &str) {
        let figure = self.figure(name);
        figure.violations += 1;
        if figure.examples.len() < EXAMPLES_MAX {
            figure.examples.push(format!("{key}: {fault}"));
        }
    }

    /// Takes in what another one counted.
    pub fn merge(&mut self, other: Self) {
        for (name, figure) in other.figures {
            let mine = self.figure(&name);
            mine.violations += figure.violations;
            mine.checked += figure.checked;
            let room = EXAMPLES_MAX.saturating_sub(mine.examples.len());
            mine.examples.extend(figure.examples.into_iter().take(room));
        }
        self.not_checked.extend(other.not_checked);
    }

    /// How many violations in all.
    #[must_use]
    pub fn violations(&self) -> u64 {
        self.figures.values().map(|figure| figure.violations).sum()
    }

    /// Whether every figure is zero.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations() == 0
    }
}

/// A line per invariant, for people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, figure) in &self.figures {
            writeln!(f, "{:>6}  {name}  ({} checked)", figure.violations, figure.checked)?;
            for example in &figure.examples {
                writeln!(f, "          {example}")?;
            }
        }
        for (name, why) in &self.not_checked {
            writeln!(f, "     -  {name}  (not checked: {why})")?;
        }
        if let Some(span) = &self.span {
            writeln!(f, "        {} items read, {} looked at again", span.items, span.looked_again)?;
        }
        Ok(())
    }
}
