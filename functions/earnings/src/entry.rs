//! A ledger line as its account gets to see it, in JSON and in CSV.

use chrono::{NaiveDate, SecondsFormat};
use ledger::{AccountId, Currency, KeyRing, Money, Rate, TemplateId};
use programme::{
    fact::FactBody,
    plan::{Body, Line, Subject},
    wording::statement,
};
use serde::Serialize;
use store::Listed;

/// Hexadecimal digits of a reference: 96 bits, more than anybody can try or make collide.
const REFERENCE_DIGITS: usize = 24;

/// One line of an account. It names neither the buyer nor the processor's payment.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    /// `lin_…`
    pub(crate) line_id: String,
    /// When it was written, in UTC.
    pub(crate) at: String,
    /// `purchase`, `usage`, `rental`, `payout`, or `usage_reward`: what a referred account's usage earns.
    pub(crate) subject: &'static str,
    /// Which: the same for all lines of one purchase, usage, earning, payout or referred account.
    pub(crate) reference: String,
    /// The kinds of its transfers that touch the account; none where it moved nothing.
    pub(crate) kinds: Vec<&'static str>,
    /// What it changed for the account.
    pub(crate) amount: Money,
    pub(crate) currency: Currency,
    /// Why, in words.
    pub(crate) cause: String,
    /// The rule that decided: a purchase's outcome, else the subject.
    pub(crate) rule: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate: Option<Rate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) settings_version: Option<u32>,
    /// The version of the account's own rate, where that was in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate_version: Option<u32>,
    /// The day on which it stands in the charts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) earned_on: Option<NaiveDate>,
    /// The day from which a reward can be cashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) matures_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) template_id: Option<TemplateId>,
    /// The rented machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) machine: Option<String>,
}

/// What entries are made with.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// Whose lines.
    pub(crate) account: &'a AccountId,
    /// The keys of references.
    pub(crate) keys: &'a KeyRing,
    /// The programme's currency, for lines that moved nothing.
    pub(crate) currency: &'a Currency,
}

impl Reading<'_> {
    /// The id of a line in this account's list.
    pub(crate) fn line_id(&self, place: &str) -> String {
        self.opaque("lin_", place)
    }

    /// A text's stand-in, of which the text can't be guessed. The oldest key makes it: a key that is
    /// added changes none that somebody has written down.
    fn opaque(&self, prefix: &str, text: &str) -> String {
        let bytes = format!("{} {text}", self.account);
        let digest = self.keys.sign_all("line-reference", bytes.as_bytes()).pop().map(|made| hex::encode(made.mac)).unwrap_or_default();
        format!("{prefix}{}", digest.get(..REFERENCE_DIGITS).unwrap_or_default())
    }

    pub(crate) fn entry(&self, listed: &Listed<Line>) -> Entry {
        let line = &listed.entry;
        let told = statement(line, self.account);
        let (subject, reference, machine) = self.subject(line);
        let rented_on = match &line.body {
            Body::Single { fact } => match &fact.body {
                FactBody::Rental { at, .. } => Some(at.date_naive()),
                FactBody::Purchase { .. } | FactBody::Spent { .. } | FactBody::Closed { .. } | FactBody::Settle { .. } => None,
            },
            Body::Purchase { .. } | Body::Spent { .. } | Body::UsageReward { .. } | Body::Payout { .. } => None,
        };
        let reward = told.reward;
        Entry {
            line_id: self.line_id(&listed.place),
            at: line.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            subject,
            reference,
            kinds: told.kinds.iter().map(|kind| kind.as_str()).collect(),
            amount: told.amount,
            currency: told.currency.unwrap_or(self.currency).clone(),
            cause: told.cause,
            rule: told.rule,
            rate: reward.map(|reward| reward.rate),
            settings_version: reward.map(|reward| reward.settings_version),
            rate_version: reward.and_then(|reward| reward.rate_version),
            earned_on: reward.map(|reward| reward.day).or(rented_on),
            matures_on: reward.and_then(|reward| reward.matures_on),
            template_id: reward.and_then(|reward| reward.template.clone()),
            machine,
        }
    }

    /// What the line is about. The platform's own ids are told of the account's own usage and rent;
    /// a purchase is somebody else's, and its id is a processor's.
    fn subject(&self, line: &Line) -> (&'static str, String, Option<String>) {
        let own = match &line.body {
            Body::Single { fact } | Body::Spent { fact, .. } => match &fact.body {
                FactBody::Spent { account, .. } => (account == self.account).then_some(None),
                FactBody::Rental { account, machine, .. } => (account == self.account).then(|| Some(machine.clone())),
                FactBody::Purchase { .. } | FactBody::Closed { .. } | FactBody::Settle { .. } => None,
            },
            Body::Purchase { .. } | Body::UsageReward { .. } | Body::Payout { .. } => None,
        };
        let told = |prefix, id: &str| if own.is_some() { id.to_owned() } else { self.opaque(prefix, id) };
        let (subject, reference) = match &line.subject {
            Subject::Purchase(purchase) => ("purchase", self.opaque("pur_", &purchase.to_string())),
            Subject::Usage(id) => ("usage", told("use_", id)),
            Subject::Rental(id) => ("rental", told("ren_", id)),
            Subject::Payout(id) => ("payout", id.clone()),
            Subject::UsageReward(referee) => ("usage_reward", self.opaque("ref_", referee.as_str())),
        };
        (subject, reference, own.flatten())
    }
}
