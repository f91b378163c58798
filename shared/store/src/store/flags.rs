//! Purchases whose facts contradict each other.

use super::{ListPage, Store, lists::Part};
use crate::{
    StoreError,
    backend::Index,
    keys,
    records::flag::{self, Flagged},
};

impl Store {
    /// The flagged purchases, newest first, some moments behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn flagged(&self, before: Option<&str>, limit: u32) -> Result<ListPage<Flagged>, StoreError> {
        self.page(&Part { index: Index::ByStatus, pk: keys::FLAGGED, from: "0", to: keys::LAST, before, limit }, flag::read).await
    }
}
