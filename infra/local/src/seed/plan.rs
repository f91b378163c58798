//! Two years as data: slots in time, and what happens in each. Always the same, but for the day it ends on.

use super::{
    people::{SHARERS, Sharer, referee},
    random::Random,
};
use serde_json::{Value, json};

/// How many days the history has: two years, and a few days so that the first month is whole.
pub(super) const DAYS: u64 = 735;

const DAY: i64 = 86_400;
/// Days of a week on which something happens.
const WEEKDAYS: [i64; 2] = [1, 4];
/// From this week on there is something every week. What would have been on the days before is on the next one that there is.
const WEEKLY_FROM: u64 = 52;
/// From this week on there is something on both days: the charts by day show these.
const DAILY_FROM: u64 = 78;
/// Before this month, payouts are asked for in every fourth month.
const MONTHLY_FROM: u64 = 9;
/// What people buy, in cents: the small ones are the usual ones.
const PRICES: [i64; 12] = [2_000, 2_500, 5_000, 5_000, 10_000, 10_000, 10_000, 20_000, 20_000, 50_000, 50_000, 100_000];

/// A link: whose, and to which of the templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) of: &'static str,
    pub(super) template: Option<usize>,
}

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    /// Somebody looks and goes.
    Visit(Link),
    /// Somebody signs up, by a link where there is one.
    SignUp { who: String, link: Option<Link> },
    /// A template is made and shared.
    Template { of: &'static str, place: usize },
    /// Stripe tells something.
    Stripe(Value),
    /// The platform tells something.
    Platform(Value),
    /// Somebody of finance does something.
    Finance { method: reqwest::Method, path: String, body: Value },
    /// The month ends: payouts are asked for, approved and run.
    MonthEnd { number: u64 },
}

impl Act {
    /// In which round of its slot it comes: links before visits, visits before purchases.
    pub(super) const fn round(&self) -> u8 {
        match self {
            Self::Template { .. } => 0,
            Self::Visit(_) | Self::SignUp { .. } => 1,
            Self::Stripe(_) | Self::Platform(_) | Self::Finance { .. } => 2,
            Self::MonthEnd { .. } => 3,
        }
    }
}

/// What happens at one time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slot {
    /// Seconds since 1970.
    pub(super) at: i64,
    pub(super) acts: Vec<Act>,
}

/// Everything, in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) slots: Vec<Slot>,
}

#[derive(Debug, Clone)]
struct Referee {
    name: String,
    since_week: u64,
}

/// The first or the second of a week's days.
#[derive(Debug, Clone, Copy)]
struct Day {
    week: u64,
    first: bool,
}

/// Whether something is shown on a day of its own.
fn is_shown(week: u64, day: i64) -> bool {
    week >= DAILY_FROM || (day == WEEKDAYS[1] && (week >= WEEKLY_FROM || week % 2 == 1))
}

struct Making {
    random: Random,
    referees: Vec<Referee>,
    payments: u64,
}

impl Plan {
    /// The history that begins at `begin`, in seconds since 1970.
    pub(super) fn new(begin: i64) -> Self {
        let mut making = Making { random: Random::new(20_241_119), referees: Vec::new(), payments: 0 };
        // From midnight on, so that a slot is in the midst of a day.
        let midnight = begin - begin.rem_euclid(DAY) + DAY;
        let mut slots = vec![opening(midnight + 9 * 3600)];
        let mut waiting = Vec::new();
        for week in 0..DAYS.div_euclid(7) {
            for day in WEEKDAYS {
                waiting.push(Day { week, first: day == WEEKDAYS[0] });
                if !is_shown(week, day) {
                    continue;
                }
                let at = midnight + (i64::try_from(week).unwrap_or(0) * 7 + day) * DAY + 10 * 3600 + making.seconds(6 * 3600);
                slots.push(Slot { at, acts: making.slot(&std::mem::take(&mut waiting), at) });
            }
            let number = week / 4;
            if week % 4 == 3 && (number >= MONTHLY_FROM || number % 4 == 3) {
                let at = midnight + (i64::try_from(week).unwrap_or(0) * 7 + 6) * DAY + 17 * 3600;
                slots.push(Slot { at, acts: vec![Act::MonthEnd { number }] });
            }
        }
        Self { slots }
    }

    /// How many acts there are.
    pub(super) fn len(&self) -> usize {
        self.slots.iter().map(|slot| slot.acts.len()).sum()
    }
}

/// The three sign up; Alice buys a little, and spends more than that.
fn opening(at: i64) -> Slot {
    let signs_up = |who: &str, link| Act::SignUp { who: who.into(), link };
    let alices = Link { of: "alice", template: None };
    Slot {
        at,
        acts: vec![
            signs_up("alice", None),
            signs_up("bob", Some(alices)),
            signs_up("hana", Some(alices)),
            Act::Stripe(crate::demo::captured("pi_sample_alice", "acct_alice", 4_000, at)),
            Act::Platform(spent("use_sample_alice", "alice", 4_000, at)),
        ],
    }
}

/// Credits spent, in cents.
fn spent(id: &str, who: &str, cents: i64, at: i64) -> Value {
    event(
        "credits.spent",
        at,
        json!({ "usage_id": id, "account_id": format!("acct_{who}"), "amount": amount(cents), "currency": "USD", "at": time(at) }),
    )
}

fn rented(id: &str, machine: u64, cents: i64, at: i64) -> Value {
    let machine = format!("m-{machine}");
    event(
        "rental.earned",
        at,
        json!({ "earning_id": id, "account_id": "acct_hana", "machine_id": machine, "amount": amount(cents), "currency": "USD", "at": time(at) }),
    )
}

fn event(kind: &str, at: i64, data: Value) -> Value {
    json!({ "type": kind, "timestamp": time(at), "data": data })
}

fn amount(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn time(at: i64) -> String {
    chrono::DateTime::from_timestamp(at, 0).unwrap_or_default().to_rfc3339()
}

/// What does not happen every week: a card that two accounts share, a payment told in two ways, an event that can't be
/// read, a rate of somebody's own.
fn odd(week: u64, at: i64) -> Vec<Act> {
    let paid = |payment: &str, account: &str, card: &str| {
        let events = [crate::demo::captured(payment, account, 2_500, at), crate::demo::charged(payment, card, at)];
        events.map(Act::Stripe).to_vec()
    };
    match week {
        1 => vec![Act::Stripe(crate::demo::charged("pi_sample_alice", "card_of_alice", at))],
        // Both came by Alice's link, and pay with Alice's card.
        40 => paid("pi_sample_shared_1", "acct_maya", "card_of_alice"),
        46 => vec![Act::Finance { method: reqwest::Method::POST, path: "/finance/reviews/acct_maya/clear".into(), body: json!({}) }],
        60 => vec![Act::Finance {
            method: reqwest::Method::PUT,
            path: "/finance/accounts/acct_bob/rate".into(),
            body: json!({ "rate": "0.05", "from": time(at + 3_600), "reason": "A larger referral partner." }),
        }],
        88 => paid("pi_sample_shared_2", "acct_zoe", "card_of_alice"),
        94 => [5_000, 4_500].map(|cents| Act::Stripe(crate::demo::captured("pi_sample_odd", "acct_noah", cents, at))).to_vec(),
        99 => {
            let mut unreadable = crate::demo::captured("pi_sample_unreadable", "acct_aria", 5_000, at);
            unreadable["data"]["object"]["amount_received"] = json!("fifty dollars");
            vec![Act::Stripe(unreadable)]
        }
        _ => Vec::new(),
    }
}

impl Making {
    fn seconds(&mut self, within: u64) -> i64 {
        i64::try_from(self.random.below(within)).unwrap_or(0)
    }

    /// All of some days at one time. Who signs up then buys from the next time on.
    fn slot(&mut self, days: &[Day], at: i64) -> Vec<Act> {
        let known = self.referees.len();
        let mut acts = Vec::new();
        for day in days {
            self.day(*day, known, at, &mut acts);
        }
        acts
    }

    fn day(&mut self, Day { week, first }: Day, known: usize, at: i64, acts: &mut Vec<Act>) {
        for sharer in &SHARERS {
            let templates = sharer.templates.iter().enumerate().filter(|(_, template)| first && template.from_week == week);
            acts.extend(templates.map(|(place, _)| Act::Template { of: sharer.name, place }));
            if week >= sharer.from_week {
                self.visits(sharer, week, acts);
            }
        }
        for referee in self.referees.get(..known).unwrap_or_default().to_vec() {
            self.purchases(&referee, week, at, acts);
        }
        if first {
            self.rentals(week, at, acts);
            acts.extend(odd(week, at));
        }
    }

    fn visits(&mut self, sharer: &'static Sharer, week: u64, acts: &mut Vec<Act>) {
        let mean = sharer.visits.0 + sharer.visits.1 * (week - sharer.from_week);
        // Between half and one and a half times the mean, in thousandths.
        let count = (mean / 2 + self.random.below(mean)) / 1000;
        for _ in 0..count {
            let mut drawn = self.random.below(100);
            let open = sharer.templates.iter().enumerate().filter(|(_, template)| template.from_week < week);
            let template = open.into_iter().find_map(|(place, template)| {
                let hit = drawn < template.share;
                drawn = drawn.saturating_sub(template.share);
                hit.then_some(place)
            });
            let link = Link { of: sharer.name, template };
            if self.random.chance(110) {
                let name = referee(self.referees.len());
                acts.push(Act::SignUp { who: name.clone(), link: Some(link) });
                self.referees.push(Referee { name, since_week: week });
            } else {
                acts.push(Act::Visit(link));
            }
        }
    }

    fn purchases(&mut self, referee: &Referee, week: u64, at: i64, acts: &mut Vec<Act>) {
        let age = week.saturating_sub(referee.since_week);
        // Many buy in their first weeks; some stay for long.
        let likely = if age < 4 { 360 } else { (2_000 / (age + 12)).min(125) };
        if !self.random.chance(likely) {
            return;
        }
        self.payments += 1;
        let (payment, account) = (format!("pi_sample_{}", self.payments), format!("acct_{}", referee.name));
        let cents = self.random.pick(&PRICES).copied().unwrap_or(1_000);
        let bought_at = if age == 0 { at } else { at - self.seconds(2 * 86_400) };
        acts.push(Act::Stripe(crate::demo::captured(&payment, &account, cents, bought_at)));
        if self.random.chance(45) {
            let part = if self.random.chance(400) { cents } else { cents * 4 / 10 };
            acts.push(Act::Stripe(crate::demo::refunded(&payment, &format!("re_{payment}"), part, at)));
        }
        if self.random.chance(12) {
            let status = if self.random.chance(500) { "won" } else { "lost" };
            let dispute = format!("dp_{payment}");
            acts.push(Act::Stripe(crate::demo::disputed("created", &payment, &dispute, cents, "needs_response", bought_at + 60)));
            acts.push(Act::Stripe(crate::demo::disputed("closed", &payment, &dispute, cents, status, at + 60)));
        }
        if self.random.chance(300) {
            acts.push(Act::Platform(spent(&format!("use_{payment}"), &referee.name, cents * 7 / 10, at)));
        }
    }

    /// Hana rents machines out from her tenth week on: one, then three.
    fn rentals(&mut self, week: u64, at: i64, acts: &mut Vec<Act>) {
        let machines = if week < 10 { 0 } else { 1 + (week / 30).min(2) };
        for machine in 1..=machines {
            let cents = 1_800 + self.seconds(4_200);
            acts.push(Act::Platform(rented(&format!("rent_sample_{week}_{machine}"), machine, cents, at - 3_600)));
        }
    }
}
