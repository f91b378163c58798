//! Those whose items did not agree at first sight.

use super::Patience;
use crate::{
    looks::{Verdict, Who},
    report::Report,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
};

/// How many are looked at again in one pass.
const SUSPECTS_MAX: usize = 50_000;

/// How many are named among those that could not be judged.
const NAMED_MAX: usize = 5;

/// What was seen of one so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Seen {
    /// What the difference was like.
    mark: Option<u64>,
    /// In how many looks in a row.
    same: u32,
    /// Whether it may be about to change by itself.
    under_way: bool,
}

/// Those to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Suspects {
    seen: BTreeMap<Kept, Seen>,
    /// How many did not fit.
    beyond: u64,
}

/// A suspect as a key of a map in JSON, where keys are texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Kept(Who);

impl From<Kept> for String {
    fn from(kept: Kept) -> Self {
        serde_json::to_string(&kept.0).unwrap_or_default()
    }
}

impl TryFrom<String> for Kept {
    type Error = serde_json::Error;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        serde_json::from_str(&text).map(Self)
    }
}

/// What is left after the last round.
pub(super) struct Closed {
    pub(super) not_checked: Vec<(String, String)>,
}

impl Suspects {
    pub(super) fn extend(&mut self, more: impl IntoIterator<Item = Who>) {
        for who in more {
            if self.seen.len() < SUSPECTS_MAX {
                self.seen.entry(Kept(who)).or_default();
            } else {
                self.beyond += 1;
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.seen.len()
    }

    /// Up to `most` of them after the one.
    pub(super) fn after(&self, after: Option<&Who>, most: usize) -> Vec<Who> {
        let from = after.map_or(Unbounded, |who| Excluded(Kept(who.clone())));
        self.seen.range((from, Unbounded)).take(most).map(|(kept, _)| kept.0.clone()).collect()
    }

    /// Takes in a verdict; gives the violations where the difference has been the same often enough.
    pub(super) fn judge(&mut self, who: &Who, verdict: Verdict, patience: &Patience) -> Option<Report> {
        let kept = Kept(who.clone());
        match verdict {
            Verdict::Agrees => drop(self.seen.remove(&kept)),
            Verdict::Moves => {}
            Verdict::Differs { mark, under_way, report } => {
                let seen = self.seen.entry(kept.clone()).or_default();
                let same = if seen.mark == Some(mark) { seen.same + 1 } else { 1 };
                *seen = Seen { mark: Some(mark), same, under_way };
                if patience.looks(under_way).is_some_and(|looks| same >= looks) {
                    self.seen.remove(&kept);
                    return Some(report);
                }
            }
        }
        None
    }

    /// Whether another look can change anything.
    pub(super) fn are_to_be_seen_again(&self, round: u32, patience: &Patience) -> bool {
        let settled = |seen: &Seen| seen.under_way && patience.looks(true).is_none() && Some(seen.same) >= patience.looks(false);
        round < patience.rounds() && self.seen.values().any(|seen| !settled(seen))
    }

    /// Ends the looks: what could not be judged is told, never taken for right.
    pub(super) fn close(&mut self) -> Closed {
        let mut not_checked = Vec::new();
        let (under_way, moving): (Vec<_>, Vec<_>) = self.seen.iter().partition(|(_, seen)| seen.under_way);
        let mut tell = |name: &str, left: &[(&Kept, &Seen)], why: &str| {
            if !left.is_empty() {
                let named: Vec<String> = left.iter().take(NAMED_MAX).map(|(kept, _)| kept.0.to_string()).collect();
                let more = if left.len() > NAMED_MAX { " …" } else { "" };
                not_checked.push((name.to_owned(), format!("{} {why}: {}{more}", left.len(), named.join(", "))));
            }
        };
        tell("purchases_under_way", &under_way, "are not posted as their buyer's attribution asks, and may be about to be");
        tell("figures_in_motion", &moving, "changed in or between all looks");
        if self.beyond > 0 {
            not_checked.push(("differences_beyond_these".to_owned(), format!("{} more did not agree at first sight", self.beyond)));
        }
        *self = Self::default();
        Closed { not_checked }
    }
}
