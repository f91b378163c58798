//! Amounts: exact decimals with at most six places, and the one rounding there is, down.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{fmt, iter::Sum, str::FromStr};

/// The greatest amount that one fact may carry, in units of its currency: anything above is no
/// purchase but a mistake. With it every product below fits an `i128`.
pub const AMOUNT_MAX: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// Decimal places kept.
const PLACES: u32 = 6;
const MICROS: i128 = 1_000_000;

/// Why a figure is no [`Money`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not a plain decimal number.
    #[error("not a plain decimal number")]
    Malformed,
    /// More than six decimal places.
    #[error("more than 6 decimal places")]
    PrecisionLoss,
    /// Beyond the range of amounts.
    #[error("out of range")]
    OutOfRange,
}

/// An amount in units of its currency (1.50 is one and a half dollars), signed, at most six decimal
/// places. The currency stands beside it: there is one currency for credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(Decimal);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Takes a decimal as an amount.
    ///
    /// # Errors
    /// [`MoneyError::PrecisionLoss`] with more than six places; [`MoneyError::OutOfRange`] where the
    /// figure is beyond a million times [`AMOUNT_MAX`], which no sum of a real programme reaches.
    pub fn try_new(value: Decimal) -> Result<Self, MoneyError> {
        let value = value.normalize();
        if value.scale() > PLACES {
            return Err(MoneyError::PrecisionLoss);
        }
        if value.abs() > AMOUNT_MAX * Decimal::ONE_HUNDRED * Decimal::ONE_HUNDRED * Decimal::ONE_HUNDRED {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Self(value))
    }

    /// An amount from minor units: `from_minor(1099, 2)` is 10.99.
    ///
    /// # Errors
    /// As [`Money::try_new`].
    pub fn from_minor(minor: i64, exponent: u32) -> Result<Self, MoneyError> {
        Decimal::try_new(minor, exponent).map_err(|_| MoneyError::OutOfRange).and_then(Self::try_new)
    }

    /// The exact decimal.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.0
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is greater than zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.0 > Decimal::ZERO
    }

    /// Whether it is less than zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0 < Decimal::ZERO
    }

    /// The greater of this and zero.
    #[must_use]
    pub fn floor_zero(self) -> Self {
        self.max(Self::ZERO)
    }

    /// Its size without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// Rounded down (towards minus infinity) to `places`, as a payout is to what a rail can send.
    #[must_use]
    pub fn floor_to(self, places: u32) -> Self {
        Self(self.0.round_dp_with_strategy(places.min(PLACES), rust_decimal::RoundingStrategy::ToNegativeInfinity))
    }

    /// `floor6(rate × self)`.
    #[must_use]
    pub fn share(self, rate: Rate) -> Self {
        Self((self.0 * rate.decimal()).round_dp_with_strategy(PLACES, rust_decimal::RoundingStrategy::ToNegativeInfinity))
    }

    /// `floor6(rate × self × part ÷ whole)` of the exact product: one rounding, at the end. Zero
    /// where there is no whole, or where any factor is negative.
    #[must_use]
    pub fn pro_rata(self, rate: Rate, part: Self, whole: Self) -> Self {
        if !whole.is_positive() || part.is_negative() || self.is_negative() {
            return Self::ZERO;
        }
        // At most 10^4 × 10^15 × 10^15: see AMOUNT_MAX. Sums beyond it do not reach this function
        // with real purchases; were they to, the checked product refuses rather than wraps.
        let product = rate.ten_thousandths().checked_mul(self.micros()).and_then(|product| product.checked_mul(part.micros()));
        let Some(product) = product else { return Self::ZERO };
        let micros = product / (whole.micros() * 10_000);
        Decimal::try_from_i128_with_scale(micros, PLACES).map_or(Self::ZERO, |value| Self(value.normalize()))
    }

    fn micros(self) -> i128 {
        let scale = self.0.scale().min(PLACES);
        (scale..PLACES).fold(self.0.mantissa(), |mantissa, _| mantissa * 10).min(i128::MAX / MICROS)
    }
}

impl std::ops::Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

impl std::ops::AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |total, amount| total + amount)
    }
}

/// At least two decimals, and as many more as the amount has: `1.80`, `0.0003`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut value = self.0.normalize();
        if value.is_zero() {
            value.set_sign_positive(true);
        }
        value.rescale(value.scale().max(2));
        value.fmt(f)
    }
}

/// A plain decimal: an optional minus, digits, and a dot with digits. No exponent, plus sign, blank
/// or separator.
impl FromStr for Money {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(whole) || !fraction.is_none_or(plain) {
            return Err(MoneyError::Malformed);
        }
        if text.len() > 40 {
            return Err(MoneyError::OutOfRange);
        }
        let too_fine = |error: &rust_decimal::Error| *error == rust_decimal::Error::Underflow;
        let exact = Decimal::from_str_exact(text)
            .map_err(|error| if too_fine(&error) { MoneyError::PrecisionLoss } else { MoneyError::OutOfRange })?;
        Self::try_new(exact)
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A share between 0 and 1 with at most four decimal places: 0.03 is three percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(Decimal);

impl Rate {
    /// The whole.
    pub const ONE: Self = Self(Decimal::ONE);
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Takes a decimal as a rate.
    ///
    /// # Errors
    /// [`MoneyError::PrecisionLoss`] with more than four places; [`MoneyError::OutOfRange`] outside 0 to 1.
    pub fn try_new(value: Decimal) -> Result<Self, MoneyError> {
        let value = value.normalize();
        if value.scale() > 4 {
            return Err(MoneyError::PrecisionLoss);
        }
        if value < Decimal::ZERO || value > Decimal::ONE {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Self(value))
    }

    /// The exact decimal.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.0
    }

    /// In words, as people say it: `3 %`.
    #[must_use]
    pub fn percent(self) -> String {
        format!("{} %", (self.0 * Decimal::ONE_HUNDRED).normalize())
    }

    fn ten_thousandths(self) -> i128 {
        (self.0.scale()..4).fold(self.0.mantissa(), |mantissa, _| mantissa * 10)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.normalize().fmt(f)
    }
}

impl FromStr for Rate {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        Self::try_new(text.parse::<Money>()?.decimal())
    }
}

impl Serialize for Rate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn text_is_exact_or_refused() {
        for (text, shown) in [
            ("0", "0.00"),
            ("1.8", "1.80"),
            ("-4.5", "-4.50"),
            ("0.000300", "0.0003"),
            ("1000000000", "1000000000.00"),
            ("-0", "0.00"),
            ("007.10", "7.10"),
        ] {
            assert_eq!(money(text).to_string(), shown, "{text}");
        }
        for (text, error) in [
            ("", MoneyError::Malformed),
            ("1e3", MoneyError::Malformed),
            ("+1", MoneyError::Malformed),
            (" 1", MoneyError::Malformed),
            ("1.", MoneyError::Malformed),
            (".5", MoneyError::Malformed),
            ("1,5", MoneyError::Malformed),
            ("NaN", MoneyError::Malformed),
            ("--1", MoneyError::Malformed),
            ("1_000", MoneyError::Malformed),
            ("0.0000001", MoneyError::PrecisionLoss),
            ("1000000000000001", MoneyError::OutOfRange),
            ("99999999999999999999999999999999999999999", MoneyError::OutOfRange),
        ] {
            assert_eq!(text.parse::<Money>(), Err(error), "{text}");
        }
    }

    #[test]
    fn the_range_has_an_end_and_a_text_a_length() {
        let greatest = "1000000000000000";
        assert_eq!(money(greatest).to_string(), "1000000000000000.00");
        assert_eq!(money("-1000000000000000").to_string(), "-1000000000000000.00");
        for beyond in ["1000000000000000.000001", "-1000000000000000.000001", &"9".repeat(35), &format!("{}1", "0".repeat(40))] {
            assert_eq!(beyond.parse::<Money>(), Err(MoneyError::OutOfRange), "{beyond}");
        }
        assert_eq!(money(&format!("{}1", "0".repeat(39))), money("1"), "forty characters");
        assert_eq!(format!("0.{}1", "0".repeat(28)).parse::<Money>(), Err(MoneyError::PrecisionLoss), "finer than a decimal can be");
    }

    #[test]
    fn arithmetic_and_signs() {
        let (five, two) = (money("5"), money("2.5"));
        assert_eq!((five + two, five - two, two - five, -two), (money("7.5"), money("2.5"), money("-2.5"), money("-2.5")));
        let mut sum = five;
        sum += two;
        assert_eq!(sum, money("7.5"));
        assert_eq!([five, two, -two].into_iter().sum::<Money>(), five);
        for (amount, zero, positive, negative) in [("0", true, false, false), ("0.01", false, true, false), ("-0.01", false, false, true)] {
            let amount = money(amount);
            assert_eq!((amount.is_zero(), amount.is_positive(), amount.is_negative()), (zero, positive, negative), "{amount}");
        }
        assert_eq!((two.floor_zero(), (-two).floor_zero(), (-two).abs(), two.abs()), (two, Money::ZERO, two, two));
    }

    #[test]
    fn amounts_and_rates_are_texts_in_json() {
        let value = serde_json::json!("1.80");
        assert_eq!(serde_json::from_value::<Money>(value.clone()).unwrap(), money("1.8"));
        assert_eq!(serde_json::to_value(money("1.8")).unwrap(), value);
        assert!(serde_json::from_value::<Money>(serde_json::json!(1.8)).is_err(), "a number may have passed through a float");
        let rate: Rate = "0.0300".parse().unwrap();
        assert_eq!((rate.to_string().as_str(), serde_json::to_value(rate).unwrap()), ("0.03", serde_json::json!("0.03")));
        assert_eq!(serde_json::from_value::<Rate>(serde_json::json!("0.03")).unwrap(), rate);
        assert!(serde_json::from_value::<Rate>(serde_json::json!("2")).is_err());
    }

    #[test]
    fn a_share_is_rounded_down_once() {
        let three = "0.03".parse().unwrap();
        for (base, part, whole, reward) in [
            ("100", "60", "100", "1.80"),
            ("0.01", "0.01", "0.01", "0.0003"),
            ("10.99", "10.99", "10.99", "0.3297"),
            ("33.33", "11.11", "33.33", "0.3333"),
            ("0.000033", "1", "1", "0.00"),
            ("0.00004", "1", "1", "0.000001"),
            ("10", "1", "3", "0.10"),
            ("20", "2", "3", "0.40"),
            ("5", "0", "5", "0.00"),
            ("5", "5", "0", "0.00"),
            ("1000000000", "1000000000", "1000000000", "30000000.00"),
        ] {
            assert_eq!(money(base).pro_rata(three, money(part), money(whole)), money(reward), "{base} {part}/{whole}");
        }
        assert_eq!(money("0.000099").share("0.75".parse().unwrap()), money("0.000074"));
        assert_eq!(money("-0.000001").share("0.75".parse().unwrap()), money("-0.000001"));
        assert_eq!(money("-5").pro_rata(three, money("5"), money("5")), Money::ZERO);
    }

    #[test]
    fn rounding_to_a_rail_is_down_on_both_sides_of_zero() {
        assert_eq!(money("22.509999").floor_to(2), money("22.50"));
        assert_eq!(money("-4.501").floor_to(2), money("-4.51"));
    }

    #[test]
    fn minor_units() {
        assert_eq!(Money::from_minor(1099, 2), Ok(money("10.99")));
        assert_eq!(Money::from_minor(1099, 0), Ok(money("1099")));
        assert_eq!(Money::from_minor(1099, 3), Ok(money("1.099")));
        assert_eq!(Money::from_minor(i64::MAX, 0), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn rates_have_four_places_between_nothing_and_all() {
        assert_eq!("0.0325".parse::<Rate>().unwrap().percent(), "3.25 %");
        assert_eq!("0.03001".parse::<Rate>(), Err(MoneyError::PrecisionLoss));
        assert_eq!("1.01".parse::<Rate>(), Err(MoneyError::OutOfRange));
        assert_eq!("-0.01".parse::<Rate>(), Err(MoneyError::OutOfRange));
        assert_eq!("1".parse::<Rate>(), Ok(Rate::ONE));
        assert_eq!("0".parse::<Rate>(), Ok(Rate::ZERO));
    }
}
