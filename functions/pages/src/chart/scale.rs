//! The axis of amounts: few lines, at round figures, with nothing as the base.

use ledger::Money;

/// Lines above the base that an axis has at most.
const LINES_MAX: i128 = 4;
const MICROS: i128 = 1_000_000;

/// An amount in millionths, as it is drawn with.
pub(super) fn micros(amount: Money) -> i128 {
    let decimal = amount.decimal();
    let missing = 6_u32.saturating_sub(decimal.scale());
    decimal.mantissa().saturating_mul(10_i128.saturating_pow(missing))
}

/// From the lowest to the highest line, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    pub(super) step: i128,
    pub(super) low: i128,
    pub(super) high: i128,
}

impl Scale {
    /// An axis on which everything from `low` (zero or below) to `high` (zero or above) can be drawn.
    pub(super) fn of(low: i128, high: i128) -> Self {
        let (low, high) = (low.min(0), high.max(0));
        if low == high {
            // Nothing to draw: a whole unit reads better than a cent.
            return Self { step: MICROS, low, high: MICROS };
        }
        let span = (high - low).max(1);
        let steps =
            (0..).map_while(|power| 10_i128.checked_pow(power)).flat_map(|power| [1, 2, 5].map(|digit: i128| digit.saturating_mul(power)));
        // A cent at least: an axis of fractions of cents reads like nothing.
        let fits = |step: &i128| *step >= MICROS / 100 && span / step < LINES_MAX;
        let step = steps.into_iter().find(fits).unwrap_or(span);
        let up = |value: i128| (value + step - 1) / step * step;
        let (low, high) = (-up(-low), up(high));
        Self { step, low, high }
    }

    /// Where a value is between the lowest line and the highest, from the top, in so many parts.
    pub(super) fn below_top(self, value: i128, parts: i128) -> i128 {
        (self.high - value) * parts / (self.high - self.low)
    }

    /// The lines, highest first.
    pub(super) fn lines(self) -> impl Iterator<Item = i128> {
        let count = (self.high - self.low) / self.step;
        (0..=count).map(move |line| self.high - line * self.step)
    }

    /// What is written at a line: whole units, or cents where the lines are closer than that; thousands as `k`.
    pub(super) fn label(self, line: i128, currency: &str) -> String {
        let sign = match currency {
            "USD" => "$",
            "EUR" => "€",
            "GBP" => "£",
            _ => "",
        };
        let minus = if line < 0 { "\u{2212}" } else { "" };
        let size = line.abs();
        let (whole, cents) = (size / MICROS, size % MICROS / (MICROS / 100));
        let text = if self.step < MICROS {
            format!("{whole}.{cents:02}")
        } else if whole >= 1_000_000 && self.step >= 100_000 * MICROS {
            shortened(whole, 1_000_000, "m")
        } else if whole >= 1_000 && self.step >= 100 * MICROS {
            shortened(whole, 1_000, "k")
        } else {
            whole.to_string()
        };
        format!("{minus}{sign}{text}")
    }
}

/// `1.5k` of 1,500.
fn shortened(whole: i128, unit: i128, name: &str) -> String {
    match whole % unit / (unit / 10) {
        0 => format!("{}{name}", whole / unit),
        tenth => format!("{}.{tenth}{name}", whole / unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: i128, high: i128) -> Vec<String> {
        let scale = Scale::of(low, high);
        scale.lines().map(|line| scale.label(line, "USD")).collect()
    }

    #[test]
    fn lines_are_few_and_round() {
        for (low, high, expected) in [
            (0, 0, vec!["$1", "$0"]),
            (0, 862_500_000, vec!["$1k", "$500", "$0"]),
            (0, 37_000_000, vec!["$40", "$30", "$20", "$10", "$0"]),
            (0, 3_911_020_000, vec!["$4k", "$3k", "$2k", "$1k", "$0"]),
            (0, 1_200_000, vec!["$1.50", "$1.00", "$0.50", "$0.00"]),
            (-8_000_000, 12_000_000, vec!["$20", "$10", "$0", "−$10"]),
            (-3_000_000, 0, vec!["$0", "−$1", "−$2", "−$3"]),
        ] {
            let labels = labels(low, high);
            assert!(labels.len() <= 6, "{labels:?}");
            assert_eq!(labels, expected, "{low} {high}");
        }
    }

    #[test]
    fn everything_is_on_the_axis_and_the_base_is_a_line() {
        for high in [1, 9_999, 10_000, 123_456_789, 999_999_999_999, i128::from(u64::MAX)] {
            for low in [0, -1, -high / 3] {
                let scale = Scale::of(low, high);
                assert!(scale.low <= low && scale.high >= high && scale.lines().any(|line| line == 0), "{scale:?}");
                assert!((0..=200).contains(&scale.below_top(low, 200)) && (0..=200).contains(&scale.below_top(high, 200)));
                assert!(scale.lines().count() <= 7);
            }
        }
    }
}
