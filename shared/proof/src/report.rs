//! What the checker answers.

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

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// By invariant.
    pub figures: BTreeMap<String, Figure>,
    /// By invariant that could not be checked: why.
    pub not_checked: BTreeMap<String, String>,
}

impl Report {
    /// An invariant's figure, made where it is not there: one that found nothing to look at is a zero, too.
    pub fn figure(&mut self, name: &str) -> &mut Figure {
        self.figures.entry(name.to_owned()).or_default()
    }

    /// Counts one look at an invariant, and a violation where `fault` tells one.
    pub fn look(&mut self, name: &str, key: &dyn fmt::Display, fault: Option<String>) {
        let figure = self.figure(name);
        figure.checked += 1;
        if let Some(fault) = fault {
            figure.violations += 1;
            if figure.examples.len() < EXAMPLES_MAX {
                figure.examples.push(format!("{key}: {fault}"));
            }
        }
    }

    /// Whether every figure is zero.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.figures.values().all(|figure| figure.violations == 0)
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
        Ok(())
    }
}
