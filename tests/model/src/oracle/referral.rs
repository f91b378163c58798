//! A referral as it stands at the end: whom it rewards, for what, and when.

use super::{
    figures::Due,
    tables::{Books, json},
    truth::Truth,
};
use crate::{
    exact::{Micros, ten_thousandths},
    telling::name,
};
use chrono::{DateTime, Months, Utc};
use serde_json::Value as Json;

/// One that earns, in review or not.
pub(super) struct Referral {
    pub(super) referee: String,
    pub(super) referrer: String,
    pub(super) in_review: bool,
    pub(super) by_usage: bool,
    pub(super) signed_up_at: DateTime<Utc>,
    clicked_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    template: String,
}

impl Referral {
    /// The referral that an account came by; none where it earns nothing.
    pub(super) fn of(referee: &str, books: &Books) -> Option<Self> {
        let attribution = json(books.figures.get(referee)?, "att");
        let in_review = attribution["status"] == "in_review";
        if !in_review && attribution["status"] != "attributed" {
            return None;
        }
        let credit = &attribution["credit"];
        let (clicked_at, signed_up_at) = (moment(&credit["clicked_at"])?, moment(&attribution["signed_up_at"])?);
        let months = credit["duration"]["months"].as_u64().and_then(|months| u32::try_from(months).ok());
        Some(Self {
            referee: referee.to_owned(),
            referrer: credit["referrer"].as_str()?.to_owned(),
            in_review,
            by_usage: credit["basis"] == "usage",
            signed_up_at,
            clicked_at,
            ends_at: months.and_then(|months| signed_up_at.checked_add_months(Months::new(months))),
            template: credit["template"].as_str().unwrap_or("-").to_owned(),
        })
    }

    /// Whether something of this time earns by it.
    pub(super) fn covers(&self, at: DateTime<Utc>, truth: &Truth) -> bool {
        let closed = truth.closed.iter().find(|(who, _)| name(**who) == self.referrer).is_some_and(|(_, closed)| at > *closed);
        at.timestamp() >= self.clicked_at.timestamp() && self.ends_at.is_none_or(|ends| at < ends) && !closed
    }

    /// The referrer's rate at a time, in ten-thousandths.
    pub(super) fn rate(&self, at: DateTime<Utc>, books: &Books) -> Micros {
        let own = books.rates.get(&self.referrer).and_then(|versions| {
            let known = versions.iter().filter(|(from, _)| *from <= at);
            known.max_by_key(|(from, _)| *from)
        });
        own.map(|(_, rate)| rate).or_else(|| books.setting(at, "reward_rate")).and_then(Json::as_str).map_or(300, ten_thousandths)
    }

    /// The series of the referrer's chart.
    pub(super) fn series(&self) -> String {
        format!("e#{}", self.template)
    }

    /// Adds a reward to what both accounts should say.
    pub(super) fn earns(&self, reward: Micros, due: &mut Due) {
        due.add(&self.referrer, "R", reward);
        due.add(&self.referee, "G", reward);
        if self.in_review {
            due.add(&self.referrer, "W", reward);
            due.add(&self.referee, "GW", reward);
        }
    }
}

fn moment(value: &Json) -> Option<DateTime<Utc>> {
    value.as_str()?.parse().ok()
}
