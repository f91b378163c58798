//! Where the figures of all records go: two sketches, of what is kept twice and of what bears a date.

use crate::{
    entries::{Entry, Owner, Sink},
    sketch::{Named, Secret, Sketch},
};
use chrono::NaiveDate;
use ledger::Money;
use serde::{Deserialize, Serialize};

/// A part of all accounts, by a digest of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slice {
    part: u64,
    of: u64,
}

/// Into how many parts a slice falls whose differences a sketch can't name.
const PARTS: u64 = 8;

impl Slice {
    pub(super) const WHOLE: Self = Self { part: 0, of: 1 };

    /// The parts of this part.
    pub(super) fn parts(self) -> impl Iterator<Item = Self> {
        (0..PARTS).map(move |part| Self { part: self.part + self.of * part, of: self.of.saturating_mul(PARTS) })
    }
}

/// The two sketches of a pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sketches {
    books: Sketch,
    dated: Sketch,
    slice: Slice,
    /// What bears a date is checked where its day is before this one.
    before: NaiveDate,
}

impl Sketches {
    pub(super) fn new(secret: Secret, width: usize, slice: Slice, before: NaiveDate) -> Self {
        Self { books: Sketch::new(secret, width), dated: Sketch::new(secret, width), slice, before }
    }

    pub(super) const fn slice(&self) -> Slice {
        self.slice
    }

    /// What differs: figures that are kept twice, and those that bear a date.
    pub(super) fn take(&mut self) -> (Named, Named) {
        (self.books.take(), self.dated.take())
    }

    /// Numbers that it holds.
    pub(super) fn numbers(&self) -> usize {
        self.books.numbers() + self.dated.numbers()
    }

    fn put(&mut self, owner: &Owner, entry: &Entry, micros: i128) {
        let is_over = match (owner, entry) {
            (Owner::Day(day), _) | (Owner::Account(_), Entry::Signups(day, _)) => *day < self.before,
            (Owner::Account(_), _) => true,
        };
        let name = owner.name();
        if is_over && (self.slice == Slice::WHOLE || self.books.part_of(&name, self.slice.of) == self.slice.part) {
            let sketch = if entry.is_dated() { &mut self.dated } else { &mut self.books };
            sketch.add(&name, entry, micros);
        }
    }
}

impl Sink for Sketches {
    fn told(&mut self, owner: &Owner, entry: Entry, amount: Money) {
        self.put(owner, &entry, micros(amount));
    }

    fn kept(&mut self, owner: &Owner, entry: Entry, amount: Money) {
        self.put(owner, &entry, -micros(amount));
    }
}

/// An amount in millionths.
fn micros(amount: Money) -> i128 {
    let decimal = amount.decimal();
    (decimal.scale()..6).fold(decimal.mantissa(), |mantissa, _| mantissa * 10)
}
