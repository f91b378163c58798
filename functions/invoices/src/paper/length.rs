//! Lengths on paper, in whole thousandths of a point.

use rust_decimal::{Decimal, prelude::ToPrimitive};
use std::ops::{Add, AddAssign, Mul, Sub};

/// A length, or a place on one of the two axes: from the left, from the top. Whole numbers, so that the same document
/// comes out the same on every machine; 72 points are an inch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Length(i64);

impl Length {
    pub(crate) const ZERO: Self = Self(0);

    /// Whole points.
    pub(crate) const fn pt(points: i64) -> Self {
        Self(points * 1000)
    }

    /// Tenths of a point: type sizes and strokes.
    pub(crate) const fn tenths(tenths: i64) -> Self {
        Self(tenths * 100)
    }

    /// Thousandths of a point: the size of a page.
    pub(crate) const fn thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// What a number of a font's own units comes to at this type size.
    pub(crate) fn of_units(self, units: i32, units_per_em: i32) -> Self {
        Self(self.0 * i64::from(units) / i64::from(units_per_em.max(1)))
    }

    /// Half of it.
    pub(crate) const fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// In points, as the PDF writer takes it.
    pub(crate) fn points(self) -> f32 {
        as_f32(Decimal::new(self.0, 3))
    }
}

/// Font units as a part of the em, as the PDF writer takes them.
pub(crate) fn em(units: i32, units_per_em: i32) -> f32 {
    as_f32(Decimal::from(units) / Decimal::from(units_per_em.max(1)))
}

/// The one place where paper meets floating point. Every value here is small and fits.
fn as_f32(value: Decimal) -> f32 {
    value.to_f32().unwrap_or_default()
}

impl Add for Length {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Length {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Length {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul<i64> for Length {
    type Output = Self;
    fn mul(self, times: i64) -> Self {
        Self(self.0 * times)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[test]
    fn lengths_are_exact_and_meet_the_writer_in_points() {
        assert_eq!((Length::pt(2) + Length::tenths(5)).points(), 2.5);
        assert_eq!(Length::pt(595) - Length::pt(600), Length::pt(-5));
        assert_eq!(Length::tenths(85) * 2, Length::pt(17));
        assert_eq!(Length::pt(17).half(), Length::tenths(85));
        assert_eq!(Length::pt(10).of_units(1024, 2048), Length::pt(5));
        assert_eq!(em(512, 2048), 0.25);
        assert_eq!(em(1, 0), 1.0);
    }
}
