//! Which function answers a request.

use crate::template::{FunctionSpec, Route};
use http::Method;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// The routes of all functions.
pub(crate) struct Routes(Vec<Entry>);

struct Entry {
    route: Route,
    function: String,
    segments: Vec<Segment>,
}

enum Segment {
    Fixed(String),
    Variable(String),
}

/// A route that matches.
pub(crate) struct Found<'r> {
    pub(crate) function: &'r str,
    /// For example `GET /r/{code}`.
    pub(crate) key: String,
    /// Decoded; `None` where a segment is not UTF-8 once decoded.
    pub(crate) parameters: Option<BTreeMap<String, String>>,
}

impl Routes {
    pub(crate) fn new(functions: &[FunctionSpec]) -> Self {
        let mut entries: Vec<Entry> = functions
            .iter()
            .flat_map(|function| function.routes.iter().map(move |route| (function, route)))
            .map(|(function, route)| Entry {
                route: route.clone(),
                function: function.name.clone(),
                segments: route.path.split('/').map(Segment::read).collect(),
            })
            .collect();
        // The most fixed route wins, compared from the left; then a named method before ANY.
        entries.sort_by_cached_key(|entry| {
            let variables: Vec<bool> = entry.segments.iter().map(Segment::is_variable).collect();
            (variables, entry.route.method.is_none())
        });
        Self(entries)
    }

    /// The route of a request, by its method and its path as it came.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<Found<'_>> {
        let segments: Vec<&str> = path.split('/').collect();
        let entry = self.0.iter().find(|entry| entry.route.method.as_ref().is_none_or(|own| own == method) && entry.matches(&segments))?;
        Some(Found { function: &entry.function, key: entry.route.key(), parameters: entry.parameters(&segments) })
    }
}

impl Segment {
    fn read(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
            Some(name) => Self::Variable(name.to_owned()),
            None => Self::Fixed(text.to_owned()),
        }
    }

    fn is_variable(&self) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Variable(_) => true,
        }
    }
}

impl Entry {
    fn matches(&self, segments: &[&str]) -> bool {
        segments.len() == self.segments.len()
            && self.segments.iter().zip(segments).all(|(own, given)| match own {
                Segment::Fixed(text) => text == given,
                Segment::Variable(_) => !given.is_empty(),
            })
    }

    fn parameters(&self, segments: &[&str]) -> Option<BTreeMap<String, String>> {
        self.segments
            .iter()
            .zip(segments)
            .filter_map(|(own, given)| match own {
                Segment::Fixed(_) => None,
                Segment::Variable(name) => Some((name, given)),
            })
            .map(|(name, given)| {
                let value = percent_decode_str(given).decode_utf8().ok()?;
                Some((name.clone(), value.into_owned()))
            })
            .collect()
    }
}
