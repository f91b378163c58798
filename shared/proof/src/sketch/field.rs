//! Whole numbers modulo the prime 2^61 − 1: sums in it can be taken back, and divided by.

/// 2^61 − 1.
pub(super) const PRIME: u64 = (1 << 61) - 1;

/// Any number, reduced.
pub(super) fn reduce(value: u64) -> u64 {
    let folded = (value & PRIME) + (value >> 61);
    if folded >= PRIME { folded - PRIME } else { folded }
}

/// A signed number, reduced.
pub(super) fn of_signed(value: i128) -> u64 {
    u64::try_from(value.rem_euclid(i128::from(PRIME))).unwrap_or(0)
}

/// `a + b`, both reduced.
pub(super) const fn add(a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= PRIME { sum - PRIME } else { sum }
}

/// `−a`, reduced.
pub(super) const fn negate(a: u64) -> u64 {
    if a == 0 { 0 } else { PRIME - a }
}

/// `a × b`, both reduced.
pub(super) fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    // Both halves are below 2^61, since the product is below 2^122.
    let half = |bits: u128| u64::try_from(bits & u128::from(PRIME)).unwrap_or(0);
    add(reduce(half(product)), reduce(half(product >> 61)))
}

/// `1 ÷ a`, by Fermat's little theorem; 0 for 0.
pub(super) fn invert(a: u64) -> u64 {
    let (mut result, mut base, mut exponent) = (1, a, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        exponent >>= 1;
    }
    if a == 0 { 0 } else { result }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slowly(value: u128) -> u64 {
        u64::try_from(value % u128::from(PRIME)).unwrap_or(0)
    }

    #[test]
    fn the_edges() {
        assert_eq!((reduce(PRIME), reduce(u64::MAX), reduce(0)), (0, slowly(u64::MAX.into()), 0));
        assert_eq!((of_signed(-1), of_signed(i128::from(PRIME)), of_signed(7)), (PRIME - 1, 0, 7));
        assert_eq!((multiply(PRIME - 1, PRIME - 1), add(PRIME - 1, 1), negate(0)), (1, 0, 0));
        assert_eq!((invert(0), invert(1)), (0, 1));
    }

    proptest! {
        #[test]
        fn it_is_a_field(a in 0..PRIME, b in 0..PRIME) {
            prop_assert_eq!(multiply(a, b), slowly(u128::from(a) * u128::from(b)));
            prop_assert_eq!(add(a, b), slowly(u128::from(a) + u128::from(b)));
            prop_assert_eq!(add(a, negate(a)), 0);
            prop_assert!(a == 0 || multiply(a, invert(a)) == 1);
        }
    }
}
