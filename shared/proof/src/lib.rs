//! The checker of the invariants: coded once, used by the audit function, by `cargo run -- audit`,
//! by the tests and by the model.
//!
//! It reads every item once, in any order, and then answers one figure for each invariant. Zero is
//! the only good one. What the evidence at hand can't show is told as not checked, never as zero.

mod books;
mod checks;
mod report;

pub use books::Books;
pub use report::{Figure, Report};

use chrono::{DateTime, Utc};
use store::{
    Store, StoreError,
    backend::{Scan, Table},
};

/// Items read at once.
const PAGE: u32 = 500;

/// Reads the tables and checks them as they stand at `now`.
///
/// The tables should be at rest: what is written between two pages of the scan can show as a
/// difference that is none.
///
/// # Errors
/// [`StoreError`] where the tables can't be read.
pub async fn audit(store: &Store, now: DateTime<Utc>) -> Result<Report, StoreError> {
    let mut books = Books::new(store.seal_keys().clone());
    for table in Table::ALL {
        let mut scan = Scan { table, after: None, limit: PAGE };
        loop {
            let (items, next) = store.backend().scan(&scan).await?;
            items.iter().for_each(|item| books.take(table, item));
            match next {
                Some(next) => scan.after = Some(next),
                None => break,
            }
        }
    }
    Ok(books.check(now))
}
