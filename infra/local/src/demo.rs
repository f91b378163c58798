//! The whole story, told over HTTP on a fresh stack: each step says what it did and saw, and the
//! audit has the last word.

mod client;
mod events;
mod story;

pub(crate) use client::{Answer, FrontDoor};
pub(crate) use events::{captured, charged, disputed, refunded};

use crate::stack::Stack;
use serde::Serialize;
use std::collections::BTreeMap;

/// One step as it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Whether everything was as it should be.
    pub ok: bool,
    /// What was done and seen, or what was wrong.
    pub detail: String,
}

/// The story as it went.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Told {
    /// Whether every step went as it should and every figure of the audit is zero.
    pub ok: bool,
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// By invariant, how many violations.
    pub audit: BTreeMap<String, u64>,
    /// By invariant that this evidence can't show, why.
    pub not_checked: BTreeMap<String, String>,
}

/// What goes wrong in a step: a sentence.
pub(crate) type Wrong = Box<dyn std::error::Error + Send + Sync>;

/// Tells the story on a fresh stack; `heard` gets each step as it ends. A step that goes wrong ends
/// the story, since the later ones build on it; the audit is made all the same.
pub async fn tell(stack: &Stack, mut heard: impl FnMut(&Step)) -> Told {
    let mut told = Told::default();
    let mut note = |told: &mut Told, name: &str, outcome: Result<String, Wrong>| {
        let step = Step { name: name.to_owned(), ok: outcome.is_ok(), detail: outcome.unwrap_or_else(|error| error.to_string()) };
        heard(&step);
        told.steps.push(step);
    };
    let mut story = story::Story::new(stack);
    for name in story::STEPS {
        let outcome = story.step(name).await;
        let went_wrong = outcome.is_err();
        note(&mut told, name, outcome);
        if went_wrong {
            break;
        }
    }
    match story.audit().await {
        Ok(report) => {
            told.audit = report.figures.iter().map(|(name, figure)| (name.clone(), figure.violations)).collect();
            told.not_checked = report.not_checked.clone();
            let sum: u64 = told.audit.values().sum();
            let outcome =
                if sum == 0 { Ok(format!("{} invariants, every figure 0", told.audit.len())) } else { Err(report.to_string().into()) };
            note(&mut told, "audit", outcome);
        }
        Err(error) => note(&mut told, "audit", Err(error)),
    }
    told.ok = told.steps.len() == story::STEPS.len() + 1 && told.steps.iter().all(|step| step.ok);
    told
}
