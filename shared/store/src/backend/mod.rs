//! The few things a table can do, as data: conditions and changes are values, so that DynamoDB and
//! the table in memory read the same ones.

pub mod dynamo;
pub mod faulty;
pub mod memory;
mod value;
mod write;

pub use value::{Item, Value};
pub use write::{Change, Condition, Operation, Write};

use crate::StoreError;
use futures::future::BoxFuture;

/// The three tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Accounts: figures, profiles, chart buckets, settings.
    Accounts,
    /// Codes, templates, clicks, signals. The only one whose items may expire.
    Referrals,
    /// Lines, payouts, acts, quarantine.
    Ledger,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 3] = [Self::Accounts, Self::Referrals, Self::Ledger];
}

/// An item's full key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The table.
    pub table: Table,
    /// The partition.
    pub pk: String,
    /// The place in the partition.
    pub sk: String,
}

/// A secondary index of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// `g1pk`, `g1sk`: what belongs to somebody, by time.
    ByOwner,
    /// `g2pk`, `g2sk`: what is in some state.
    ByStatus,
}

impl Index {
    /// Its name and its two key attributes.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::ByOwner => ("by_owner", "g1pk", "g1sk"),
            Self::ByStatus => ("by_status", "g2pk", "g2sk"),
        }
    }
}

/// A part of one partition, in the order of its sort keys.
#[derive(Debug, Clone)]
pub struct Query {
    /// The table.
    pub table: Table,
    /// An index of it, read some moments later than the table itself.
    pub index: Option<Index>,
    /// The partition.
    pub pk: String,
    /// The first sort key, included.
    pub from: String,
    /// The last sort key, included.
    pub to: String,
    /// Whether to begin at the end.
    pub backward: bool,
    /// How many items at most.
    pub limit: u32,
    /// Where the page before ended.
    pub after: Option<Item>,
    /// Whether every write before must be seen; not possible on an index.
    pub consistent: bool,
}

/// A page of items and where the next one begins.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The items.
    pub items: Vec<Item>,
    /// To be passed as `after`; none at the end.
    pub next: Option<Item>,
}

/// What became of one operation of a transaction that was canceled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Nothing wrong with this one.
    None,
    /// Its condition did not hold.
    ConditionFailed,
    /// Another transaction held the item.
    Conflict,
    /// Throttled.
    Throttled,
    /// Anything else, which will not pass on a second try.
    Other(String),
}

/// Why a write did not happen, or may not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteError {
    /// The transaction was canceled as a whole: a reason for each operation, in their order.
    Canceled(Vec<Reason>),
    /// The tables are throttled or away, or the answer was lost: it may or may not have happened.
    Unavailable(String),
    /// The request itself is refused.
    Rejected(String),
}

impl From<WriteError> for StoreError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Canceled(reasons) => Self::Unavailable(format!("canceled: {reasons:?}")),
            WriteError::Unavailable(reason) => Self::Unavailable(reason),
            WriteError::Rejected(reason) => Self::Rejected(reason),
        }
    }
}

/// A segment of a whole table, for the audit alone.
#[derive(Debug, Clone)]
pub struct Scan {
    /// The table.
    pub table: Table,
    /// Where the page before ended.
    pub after: Option<Key>,
    /// How many items at most.
    pub limit: u32,
}

/// Items of a scan, and where the next page begins; none at the end.
pub type Scanned = (Vec<Item>, Option<Key>);

/// A store of items: DynamoDB, or the memory.
pub trait Backend: Send + Sync {
    /// Reads one item.
    fn get<'a>(&'a self, key: &'a Key, consistent: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>>;
    /// Reads up to 100 items, in no order; those that are not there are left out.
    fn get_many<'a>(&'a self, keys: &'a [Key], consistent: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>>;
    /// Reads part of a partition.
    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>>;
    /// Writes up to 100 operations on different items, all or none.
    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>>;
    /// Reads a page of a whole table, in no particular order.
    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<Scanned, StoreError>>;
}
