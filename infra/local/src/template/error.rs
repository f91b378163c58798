//! What is wrong with a template, and where.

/// A place in the template that the local stack cannot honour.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template: {place}: {problem}")]
pub struct TemplateError {
    /// The path to the place, for example `Resources.ClickFunction.Properties.Timeout`.
    pub place: String,
    /// What is wrong there, as a sentence's second half.
    pub problem: String,
}

impl TemplateError {
    pub(super) fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }
}
