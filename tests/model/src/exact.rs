//! Amounts as whole millionths: arithmetic of the oracle's own.

/// Millionths of a unit.
pub type Micros = i128;

const PLACES: usize = 6;

fn scaled(text: &str, places: usize) -> i128 {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let padded: String = fraction.chars().chain(std::iter::repeat('0')).take(places).collect();
    let lost = fraction.chars().skip(places).any(|digit| digit != '0');
    let value: i128 = format!("{whole}{padded}").parse().unwrap_or(i128::MIN / 4);
    if lost { i128::MIN / 4 } else { sign * value }
}

/// A decimal text as millionths. What does not read is far out of every range, so that it never goes unseen.
#[must_use]
pub fn micros(text: &str) -> Micros {
    scaled(text, PLACES)
}

/// A rate's text as ten-thousandths.
#[must_use]
pub fn ten_thousandths(text: &str) -> i128 {
    scaled(text, 4)
}

/// Millionths as a decimal text.
#[must_use]
pub fn amount(value: Micros) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    let text = format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000);
    let trimmed = text.trim_end_matches('0');
    let decimals = trimmed.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    format!("{trimmed}{}", "0".repeat(2_usize.saturating_sub(decimals)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_and_written_exactly() {
        for (text, value) in [("0.000001", 1), ("1.8", 1_800_000), ("-4.50", -4_500_000), ("1000", 1_000_000_000), ("0", 0)] {
            assert_eq!(micros(text), value, "{text}");
        }
        assert_eq!([amount(1_800_000), amount(-4_500_000), amount(300), amount(0)], ["1.80", "-4.50", "0.0003", "0.00"]);
        assert_eq!((ten_thousandths("0.03"), ten_thousandths("1")), (300, 10_000));
        assert!(micros("0.0000001") < -1_000_000_000 && micros("x") < -1_000_000_000);
    }
}
