//! A linear sketch of differences by name, in bounded memory.
//!
//! Every figure of every name is added twice: once as the lines have it, and once, with the other sign, as it is
//! materialised. Whatever is right cancels out, in any order; of what differs the sketch gives the names back.
//!
//! A name's figures are put together into one number `x` modulo 2^61 − 1, each times a coefficient that a secret key
//! makes of name and figure. So `x` is 0 where all figures agree, and else with a chance of 2^-61. A name has one cell in
//! each of three rows; a cell holds the sums over its names of `x`, of `x` times a digest of the name, and of `x` times
//! each piece of the name's text. A cell in which one name alone differs therefore tells that name: the sums divided by
//! the sum of `x`; the digest proves it. Taken out of its other cells, it lays bare further names (an invertible Bloom
//! lookup table). It names up to about 0.8 names a cell; with more it says that there are more, never that there are none.

mod field;
mod words;

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher24;
use std::hash::{Hash, Hasher};

/// Cells that a name has, each in a row of its own.
const ROWS: usize = 3;

/// Bytes of a name in one number: they stay below the field's prime.
const PIECE: usize = 7;

/// The secret that makes coefficients and places: without it nobody can bend two figures so that they cancel out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Secret(u64, u64);

impl Secret {
    /// From at least 16 secret bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let word = |from: usize| {
            let part = bytes.iter().skip(from).take(8);
            part.fold(0_u64, |word, byte| (word << 8) | u64::from(*byte))
        };
        Self(word(0), word(8))
    }

    fn digest(self, of: &impl Hash) -> u64 {
        let mut hasher = SipHasher24::new_with_keys(self.0, self.1);
        of.hash(&mut hasher);
        hasher.finish()
    }
}

/// Sums of differences by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sketch {
    secret: Secret,
    /// Cells in one row.
    width: usize,
    /// Sums of `x`, row after row.
    #[serde(with = "words")]
    sums: Vec<u64>,
    /// Sums of `x` times the name's digest.
    #[serde(with = "words")]
    digests: Vec<u64>,
    /// Sums of `x` times a piece of the name: as many pieces as the longest name has.
    pieces: Vec<Column>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Column(#[serde(with = "words")] Vec<u64>);

/// What a sketch gave back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The names that differ, as far as they could be told.
    pub(crate) names: Vec<String>,
    /// Whether these are all.
    pub(crate) all: bool,
}

impl Sketch {
    /// An empty one of `width` cells a row.
    pub(crate) fn new(secret: Secret, width: usize) -> Self {
        let cells = width.max(1) * ROWS;
        Self { secret, width: width.max(1), sums: vec![0; cells], digests: vec![0; cells], pieces: Vec::new() }
    }

    /// Adds to a figure of a name. Names hold no NUL.
    pub(crate) fn add(&mut self, name: &str, figure: &impl Hash, amount: i128) {
        let coefficient = field::reduce(self.secret.digest(&(0_u8, name, figure))).max(1);
        self.put(name, field::multiply(coefficient, field::of_signed(amount)));
    }

    /// A number that stands for a name: which part of all names it is in.
    pub(crate) fn part_of(&self, name: &str, parts: u64) -> u64 {
        self.secret.digest(&(3_u8, name)) % parts.max(1)
    }

    fn put(&mut self, name: &str, x: u64) {
        if x == 0 {
            return;
        }
        let pieces: Vec<u64> = name.as_bytes().chunks(PIECE).map(piece).collect();
        while self.pieces.len() < pieces.len() {
            self.pieces.push(Column(vec![0; self.sums.len()]));
        }
        let digest = field::multiply(x, self.digest(name));
        for cell in self.cells(name) {
            grow(&mut self.sums, cell, x);
            grow(&mut self.digests, cell, digest);
            for (column, piece) in self.pieces.iter_mut().zip(&pieces) {
                grow(&mut column.0, cell, field::multiply(x, *piece));
            }
        }
    }

    fn digest(&self, name: &str) -> u64 {
        field::reduce(self.secret.digest(&(1_u8, name)))
    }

    fn cells(&self, name: &str) -> [usize; ROWS] {
        let bits = self.secret.digest(&(2_u8, name));
        let of_row = |row: usize| {
            let part = (bits >> (21 * row)) & ((1 << 21) - 1);
            usize::try_from(part).unwrap_or(0) % self.width + row * self.width
        };
        std::array::from_fn(of_row)
    }

    /// How many numbers it holds: what its memory is made of.
    pub(crate) fn numbers(&self) -> usize {
        self.sums.len() * (2 + self.pieces.len())
    }

    /// Gives the names back that differ, and is empty of them after.
    pub(crate) fn take(&mut self) -> Named {
        let mut names = Vec::new();
        let mut to_see: Vec<usize> = (0..self.sums.len()).collect();
        while let Some(cell) = to_see.pop() {
            if let Some((name, x)) = self.only_name(cell) {
                self.put(&name, field::negate(x));
                to_see.extend(self.cells(&name));
                names.push(name);
            }
        }
        let all = self.sums.iter().chain(&self.digests).all(|sum| *sum == 0);
        Named { names, all }
    }

    /// The name of a cell in which one alone differs, and its `x`.
    fn only_name(&self, cell: usize) -> Option<(String, u64)> {
        let x = self.sums.get(cell).copied().filter(|x| *x != 0)?;
        let share = field::invert(x);
        let mut bytes = Vec::new();
        for column in &self.pieces {
            let piece = field::multiply(column.0.get(cell).copied()?, share);
            let text = piece.to_be_bytes();
            bytes.extend_from_slice(text.strip_prefix(&[0])?);
        }
        while bytes.last() == Some(&0) {
            bytes.pop();
        }
        let name = String::from_utf8(bytes).ok()?;
        let proved = self.digests.get(cell) == Some(&field::multiply(x, self.digest(&name))) && self.cells(&name).contains(&cell);
        proved.then_some((name, x))
    }
}

/// Up to seven bytes as a number, the first one the highest.
fn piece(bytes: &[u8]) -> u64 {
    (0..PIECE).fold(0, |number, place| (number << 8) | bytes.get(place).copied().map_or(0, u64::from))
}

fn grow(sums: &mut [u64], cell: usize, by: u64) {
    if let Some(sum) = sums.get_mut(cell) {
        *sum = field::add(*sum, by);
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
