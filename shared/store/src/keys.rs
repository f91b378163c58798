//! The only place that spells partition and sort keys.
//!
//! | table | pk | sk | what |
//! |---|---|---|---|
//! | accounts | `account#{id}` | `n` | figures, holds, attribution |
//! | accounts | `account#{id}` | `m#{YYYY-MM}#{template or -}` | chart buckets of a month |
//! | accounts | `account#{id}` | `profile` | code, alias |
//! | accounts | `account#{id}` | `rates` | own rates |
//! | accounts | `account#{id}` | `tpl#{id}` | a template of the account, for its list |
//! | accounts | `account#{id}` | `dest#{rail}` | a payout account |
//! | accounts | `account#{id}` | `payouts` | open payouts, what was asked for today, the default rail |
//! | accounts | `account#{id}` | `billing` | how the payee is named on invoices |
//! | accounts | `account#{id}` | `connect` | the account's own account at Stripe |
//! | accounts | `programme` | `v#{number}` | settings of a version |
//! | accounts | `programme` | `switch` | whether payouts go out |
//! | accounts | `rollup` | `cursor` | the minute up to which clicks are counted |
//! | referrals | `code#{code}` | `-` | whose link |
//! | referrals | `tpl#{id}` | `-` | a template, for its link |
//! | referrals | `clicks#{YYYY-MM}#{shard}` | `{DD}T{HH:MM}#{click id}` | a raw click; expires |
//! | referrals | `sig#{kind}#{digest}` | `-` | whose hard signal: one account's, for ever |
//! | referrals | `sig#{kind}#{digest}` | `{account}` | a soft signal of that account, one of many; expires |
//! | referrals | `rolled#{minute}` | `{chunk}` | the clicks of a minute are counted; expires with them |
//! | ledger | `purchase#{id}`, `usage#{id}`, `rental#{id}`, `payout#{id}` | `{number}` | lines |
//! | ledger | `usage_reward#{referee}` | `{number}` | lines: what a referee's usage earns its referrer |
//! | ledger | `payout#{id}` | `head` | where a payout stands |
//! | ledger | `lease#{payout}` | `-` | which worker has a payout in hand |
//! | ledger | `ref#{rail}#{reference}` | `-` | whose a rail's payment is |
//! | ledger | `ref#stripe_account#{id}` | `-` | whose an account at Stripe is |
//! | ledger | `run#{id}` | `head`, `p#{part}`, `x#{part}` | a run of payouts: who ordered it, its list, what was left out |
//! | ledger | `invoice#{year}`, `creditnote#{year}` | `{number}` | what was invoiced, as it was then |
//! | ledger | `invoice#{year}`, `creditnote#{year}` | `last` | the last number given |
//! | ledger | `recon#{day}` | `head`, `{time}#{part}` | what a reconciliation with the rails found |
//! | ledger | `acts#{day}` | `{time}#{id}` | what finance did |
//! | ledger | `approved#{day}` | `-` | how much was approved on a day |
//! | ledger | `audit#run` | `head`, `{place}#{part}` | an audit that has not come to its end |
//! | ledger | `audit#report` | `-` | the report of the last one that has |
//! | ledger | `review#{account}` | `-` | an attribution that finance is to look at |
//! | ledger | `flag#{purchase}` | `-` | a purchase whose facts contradict each other |
//! | ledger | `quarantine#{id}` | `-` | an event that could not be read or posted |

use crate::backend::{Key, Table};
use ledger::{AccountId, Rail, TemplateId};
use programme::{
    fact::PurchaseId,
    payout::{PayoutId, PayoutStatus, RunId},
    plan::Subject,
};

fn key(table: Table, pk: String, sk: impl Into<String>) -> Key {
    Key { table, pk, sk: sk.into() }
}

/// The partition of an account.
#[must_use]
pub fn account_partition(account: &AccountId) -> String {
    format!("account#{account}")
}

/// An account's figures.
#[must_use]
pub fn figures(account: &AccountId) -> Key {
    key(Table::Accounts, account_partition(account), "n")
}

/// An account's code and alias.
#[must_use]
pub fn profile(account: &AccountId) -> Key {
    key(Table::Accounts, account_partition(account), "profile")
}

/// An account's own rates.
#[must_use]
pub fn rates(account: &AccountId) -> Key {
    key(Table::Accounts, account_partition(account), "rates")
}

/// The chart buckets of a month (`YYYY-MM`) and a template; none: the plain link.
#[must_use]
pub fn month(account: &AccountId, month: &str, template: Option<&TemplateId>) -> Key {
    key(Table::Accounts, account_partition(account), format!("m#{month}#{}", template.map_or("-", TemplateId::as_str)))
}

/// The first sort key of a month's buckets.
#[must_use]
pub fn month_start(month: &str) -> String {
    format!("m#{month}#")
}

/// A template in its owner's list.
#[must_use]
pub fn own_template(account: &AccountId, template: &TemplateId) -> Key {
    key(Table::Accounts, account_partition(account), format!("tpl#{template}"))
}

/// A payout account.
#[must_use]
pub fn destination(account: &AccountId, rail: Rail) -> Key {
    key(Table::Accounts, account_partition(account), format!("dest#{rail}"))
}

/// An account's open payouts, what it asked for today, its default rail.
#[must_use]
pub fn payout_book(account: &AccountId) -> Key {
    key(Table::Accounts, account_partition(account), "payouts")
}

/// How an account is named on its invoices.
#[must_use]
pub fn billing(account: &AccountId) -> Key {
    key(Table::Accounts, account_partition(account), "billing")
}

/// An account's own account at Stripe.
#[must_use]
pub fn connected(account: &AccountId) -> Key {
    key(Table::Accounts, account_partition(account), "connect")
}

/// Whether payouts go out.
#[must_use]
pub fn switch() -> Key {
    key(Table::Accounts, "programme".into(), "switch")
}

/// A version of the programme's settings.
#[must_use]
pub fn programme_version(number: u32) -> Key {
    key(Table::Accounts, "programme".into(), format!("v#{number:06}"))
}

/// A code or an alias.
#[must_use]
pub fn code(code: &str) -> Key {
    key(Table::Referrals, format!("code#{code}"), "-")
}

/// A template, by its link.
#[must_use]
pub fn template(template: &TemplateId) -> Key {
    key(Table::Referrals, format!("tpl#{template}"), "-")
}

/// A raw click, in a partition of its month, in the order of time. Clicks are spread over `shard`s, so that no partition is hot;
/// a month of silence is passed over with one query a shard.
#[must_use]
pub fn click(month: &str, shard: u8, minute_of_month: &str, click: &str) -> Key {
    key(Table::Referrals, clicks_partition(month, shard), format!("{minute_of_month}#{click}"))
}

/// A partition of a month's clicks.
#[must_use]
pub fn clicks_partition(month: &str, shard: u8) -> String {
    format!("clicks#{month}#{shard:02}")
}

/// How many partitions the clicks of a month are spread over: each takes 1,000 a second.
pub const CLICK_SHARDS: u8 = 8;

/// A hard signal's owner.
#[must_use]
pub fn signal(kind: &str, digest: &str) -> Key {
    key(Table::Referrals, format!("sig#{kind}#{digest}"), "-")
}

/// A signal of an account that others may share.
#[must_use]
pub fn soft_signal(kind: &str, digest: &str, account: &AccountId) -> Key {
    key(Table::Referrals, format!("sig#{kind}#{digest}"), account.as_str())
}

/// The claim of having counted a part of a minute's clicks.
#[must_use]
pub fn rolled(minute: &str, chunk: usize) -> Key {
    key(Table::Referrals, format!("rolled#{minute}"), format!("{chunk:04}"))
}

/// Up to where clicks are counted.
#[must_use]
pub fn rollup_cursor() -> Key {
    key(Table::Accounts, "rollup".into(), "cursor")
}

/// A ledger record.
#[must_use]
pub fn line(subject: &Subject, number: u32) -> Key {
    key(Table::Ledger, subject.to_string(), line_number(number))
}

/// A record's number as a sort key.
#[must_use]
pub fn line_number(number: u32) -> String {
    format!("{number:08}")
}

/// Where a payout stands.
#[must_use]
pub fn payout_head(payout: &str) -> Key {
    key(Table::Ledger, format!("payout#{payout}"), "head")
}

/// Which worker has a payout in hand.
#[must_use]
pub fn lease(payout: &PayoutId) -> Key {
    key(Table::Ledger, format!("lease#{payout}"), "-")
}

/// Whose a payment of a rail is.
#[must_use]
pub fn payment(rail: Rail, reference: &str) -> Key {
    key(Table::Ledger, format!("ref#{rail}#{reference}"), "-")
}

/// Whose an account at Stripe is.
#[must_use]
pub fn stripe_account(id: &str) -> Key {
    key(Table::Ledger, format!("ref#stripe_account#{id}"), "-")
}

/// The partition of a run.
#[must_use]
pub fn run_partition(run: &RunId) -> String {
    format!("run#{run}")
}

/// A run.
#[must_use]
pub fn run(run: &RunId) -> Key {
    key(Table::Ledger, run_partition(run), "head")
}

/// A part of a run's list.
#[must_use]
pub fn run_part(run: &RunId, part: usize) -> Key {
    key(Table::Ledger, run_partition(run), format!("p#{part:04}"))
}

/// A part of what a run left out.
#[must_use]
pub fn run_left_out(run: &RunId, part: usize) -> Key {
    key(Table::Ledger, run_partition(run), format!("x#{part:04}"))
}

/// An invoice or a credit note: `series` is `invoice` or `creditnote`.
#[must_use]
pub fn voucher(series: &str, year: u16, number: u32) -> Key {
    key(Table::Ledger, format!("{series}#{year:04}"), line_number(number))
}

/// The last number of a series in a year.
#[must_use]
pub fn last_number(series: &str, year: u16) -> Key {
    key(Table::Ledger, format!("{series}#{year:04}"), "last")
}

/// The partition of a day's reconciliations.
#[must_use]
pub fn reconciliation_partition(day: &str) -> String {
    format!("recon#{day}")
}

/// What a day's reconciliation found, in sum.
#[must_use]
pub fn reconciliation(day: &str) -> Key {
    key(Table::Ledger, reconciliation_partition(day), "head")
}

/// A part of the findings of the reconciliation that ran at `time`.
#[must_use]
pub fn reconciliation_part(day: &str, time: &str, part: usize) -> Key {
    key(Table::Ledger, reconciliation_partition(day), format!("{time}#{part:04}"))
}

/// An act of finance.
#[must_use]
pub fn act(day: &str, time_and_id: &str) -> Key {
    key(Table::Ledger, format!("acts#{day}"), time_and_id)
}

/// How much was approved on an UTC day.
#[must_use]
pub fn approved_on(day: &str) -> Key {
    key(Table::Ledger, format!("approved#{day}"), "-")
}

/// An attribution that finance is to look at, by the referee.
#[must_use]
pub fn review(account: &AccountId) -> Key {
    key(Table::Ledger, format!("review#{account}"), "-")
}

/// An event in quarantine.
#[must_use]
pub fn quarantine(id: &str) -> Key {
    key(Table::Ledger, format!("quarantine#{id}"), "-")
}

/// In the index by owner: the lines of an account.
#[must_use]
pub fn lines_of(account: &AccountId) -> String {
    format!("lines#{account}")
}

/// In the index by owner: the payouts of an account.
#[must_use]
pub fn payouts_of(account: &AccountId) -> String {
    format!("payouts#{account}")
}

/// In the index by status: the purchases of a buyer, and its usages that waited for its signup.
#[must_use]
pub fn purchases_of(account: &AccountId) -> String {
    format!("buyer#{account}")
}

/// In the index by status: the payouts of a status.
#[must_use]
pub fn payouts_in(status: PayoutStatus) -> String {
    format!("payouts#{status}")
}

/// In the index by status: what finance did, by time.
pub const ACTS: &str = "acts";

/// In the index by status: the runs that are not done, by time.
pub const RUNS_OPEN: &str = "runs#open";

/// In the index by status: the runs that are done, by the time at which they were ordered.
pub const RUNS_CLOSED: &str = "runs#closed";

/// In the index by status: the reconciliations, by day.
pub const RECONCILIATIONS: &str = "recon";

/// In the index by status: the reviews that are not decided.
pub const REVIEWS_OPEN: &str = "reviews#open";

/// Where an audit is kept that has not come to its end.
#[must_use]
pub fn audit_head() -> Key {
    key(Table::Ledger, "audit#run".into(), "head")
}

/// A part of its text; texts are kept in two places by turns.
#[must_use]
pub fn audit_part(place: u64, part: usize) -> Key {
    key(Table::Ledger, "audit#run".into(), format!("{place}#{part:04}"))
}

/// The report of the last audit that came to its end.
#[must_use]
pub fn audit_report() -> Key {
    key(Table::Ledger, "audit#report".into(), "-")
}

/// The marker of a flagged purchase.
#[must_use]
pub fn flag(purchase: &PurchaseId) -> Key {
    key(Table::Ledger, format!("flag#{purchase}"), "-")
}

/// In the index by status: the flagged purchases that wait for a decision.
pub const FLAGGED: &str = "flags";

/// In the index by status: the open quarantine.
pub const QUARANTINE_OPEN: &str = "quarantine#open";

/// In the index by status: what was replayed from the quarantine, by the time of that.
pub const QUARANTINE_REPLAYED: &str = "quarantine#replayed";

/// The greatest sort key there is.
pub const LAST: &str = "\u{10ffff}";
