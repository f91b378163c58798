//! A history as data: who does what and when, and in what weather. Nothing of it depends on how it
//! runs, so that steps can be taken away and the rest stays what it was.

use crate::{
    bank::Course,
    clock::Time,
    telling::{Person, Telling, Way, name},
};
use std::fmt;

/// What makes one person like or unlike another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    /// Whose mailbox it has: another's, where two accounts are one person's.
    pub mailbox: Person,
    /// Which browser it uses.
    pub device: u8,
    /// Which network it is on.
    pub network: u8,
    /// Whether it also works for finance.
    pub finance: bool,
}

/// A change of the programme's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Small payouts to young payout accounts, two approvals above a small amount.
    Easy,
    /// The rate, in ten-thousandths.
    Rate(u32),
    /// The days of hold.
    Hold(u32),
    /// The cashable share, in hundredths.
    Share(u32),
    /// The days that a receipt is good for.
    Window(u32),
    /// The oldest click is credited.
    FirstClick,
    /// The months that purchases earn.
    Months(u32),
    /// What an account may ask for in a day, in units.
    DailyLimit(u32),
    /// Whether any payout goes out.
    PayoutsEnabled(bool),
    /// Rewards are computed from credits spent.
    ByUsage,
    /// Rewards are computed from credits bought.
    ByPurchase,
}

/// What somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentence of each variant names its fields")]
pub enum Act {
    /// Follows a link. By the function, or with a receipt as it would have made one.
    Visit { visitor: Person, link_of: Person, template: bool, handled: bool },
    /// Signs up with the receipts that the browser holds.
    SignUp { who: Person },
    /// The outside tells something.
    Tell { telling: Telling, way: Way },
    /// Sets a payout account; `value` says which mailbox it is, so that two can have the same.
    Destination { who: Person, rail: u8, value: u8, default: bool },
    /// Asks for a payout of this many thousandths of what can be cashed.
    Request { who: Person, key: u32, per_mille: i64 },
    /// Cancels a payout of its own.
    Cancel { nth: usize },
    /// Approves a payout.
    Approve { by: Person, nth: usize },
    /// Rejects a payout.
    Reject { by: Person, nth: usize },
    /// Gives an account a rate of its own, in ten-thousandths.
    Rate { by: Person, who: Person, rate: u32, ahead_minutes: i64 },
    /// Changes the programme's settings.
    Programme { by: Person, setting: Setting, ahead_minutes: i64 },
    /// Decides a review.
    Review { by: Person, who: Person, clear: bool },
    /// Puts something on the queue that is no fact.
    Poison { number: usize },
    /// Orders a run of all that is approved.
    OrderRun { by: Person, key: u32 },
    /// Orders one payout.
    PayNow { by: Person, nth: usize },
    /// Turns the kill switch.
    Switch { by: Person, on: bool },
    /// Says how it wants to be named on invoices.
    Billing { who: Person, version: u8 },
    /// The regular look at what is open.
    Sweep,
    /// Something becomes of a payment at its rail, which tells so by webhooks: at least once, perhaps late.
    Course { nth: usize, course: Course, hints: u8, by_reference: bool, delay_seconds: u16 },
    /// A rail's webhook about a payment, or about a payout that it may not have.
    Hint { nth: usize, by_reference: bool },
}

impl Act {
    /// Its kind, for counting.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Visit { .. } => "visits",
            Self::SignUp { .. } => "signups",
            Self::Tell { way: Way::Queue, .. } => "facts on the queue",
            Self::Tell { way: Way::Stripe, .. } => "stripe webhooks",
            Self::Tell { way: Way::Platform, .. } => "platform webhooks",
            Self::Destination { .. } => "payout accounts",
            Self::Request { .. } => "payout requests",
            Self::Cancel { .. } => "cancels",
            Self::Approve { .. } => "approvals",
            Self::Reject { .. } => "rejections",
            Self::Rate { .. } => "account rates",
            Self::Programme { .. } => "settings",
            Self::Review { .. } => "reviews",
            Self::Poison { .. } => "poison",
            Self::OrderRun { .. } => "runs",
            Self::PayNow { .. } => "pay now",
            Self::Switch { .. } => "switch",
            Self::Billing { .. } => "billing details",
            Self::Sweep => "sweeps",
            Self::Course { .. } => "turns of payments",
            Self::Hint { .. } => "hints",
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Visit { visitor, link_of, template, .. } => {
                write!(f, "{} follows {}'s {}link", name(*visitor), name(*link_of), if *template { "template " } else { "" })
            }
            Self::SignUp { who } => write!(f, "{} signs up", name(*who)),
            Self::Tell { telling, way } => write!(f, "{way:?} tells {telling}"),
            Self::Destination { who, rail, value, default } => {
                write!(f, "{} sets payout account {value} of rail {rail}{}", name(*who), if *default { ", the default" } else { "" })
            }
            Self::Request { who, key, per_mille } => {
                write!(f, "{} asks for a payout (key {key}) of {per_mille} thousandths of the cashable", name(*who))
            }
            Self::Cancel { nth } => write!(f, "the payee cancels payout {nth}"),
            Self::Approve { by, nth } => write!(f, "{} approves payout {nth}", name(*by)),
            Self::Reject { by, nth } => write!(f, "{} rejects payout {nth}", name(*by)),
            Self::Rate { by, who, rate, ahead_minutes } => {
                write!(f, "{} gives {} the rate {rate}/10000 in {ahead_minutes} minutes", name(*by), name(*who))
            }
            Self::Programme { by, setting, ahead_minutes } => {
                write!(f, "{} changes the settings to {setting:?} in {ahead_minutes} minutes", name(*by))
            }
            Self::Review { by, who, clear } => {
                write!(f, "{} {} the review of {}", name(*by), if *clear { "clears" } else { "confirms" }, name(*who))
            }
            Self::Poison { number } => write!(f, "something puts no fact on the queue ({number})"),
            Self::OrderRun { by, key } => write!(f, "{} orders a run (key {key})", name(*by)),
            Self::PayNow { by, nth } => write!(f, "{} orders payout {nth}", name(*by)),
            Self::Switch { by, on } => write!(f, "{} switches payouts {}", name(*by), if *on { "on" } else { "off" }),
            Self::Billing { who, version } => write!(f, "{} gives billing details {version}", name(*who)),
            Self::Sweep => f.write_str("the payout worker sweeps"),
            Self::Course { nth, course, hints, .. } => write!(f, "payment {nth}: {course:?}, told {hints} times"),
            Self::Hint { nth, by_reference } => {
                write!(f, "a webhook about {nth}, by {}", if *by_reference { "the rail's id" } else { "ours" })
            }
        }
    }
}

/// An act and when it is begun at the earliest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Time,
    /// What.
    pub act: Act,
}

/// How often what goes wrong, in thousandths of the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weather {
    /// Faults of store calls.
    pub store: u64,
    /// Faults of sends.
    pub queue: u64,
    /// Faults of calls to rails.
    pub rail: u64,
    /// A handler dies, of its turns.
    pub crash: u64,
    /// Messages handed out twice.
    pub twice: u64,
    /// Spells in which the store is away, of its calls.
    pub outage: u64,
    /// Index entries that are some moments behind.
    pub behind: u64,
    /// Turns after which some seconds have passed.
    pub slow: u64,
    /// Turns after which a handler is left aside for a while: the others overtake it by far.
    pub stall: u64,
}

/// A whole history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The seed that it was made from.
    pub seed: u64,
    /// The seed of the order in which handlers have their turns, and of the faults.
    pub order: u64,
    /// The customers.
    pub people: Vec<Traits>,
    /// What happens, in the order of time.
    pub steps: Vec<Step>,
    /// What goes wrong.
    pub weather: Weather,
    /// How many handlers run at once at most.
    pub width: usize,
}
