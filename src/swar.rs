//! Bytes of a text, eight at a time, as one number each ("SIMD within a register"): nothing has to guess where a short
//! stretch ends.

/// 1 in each byte.
pub const EACH: u64 = u64::from_le_bytes([1; 8]);

/// The highest bit of each byte.
pub const HIGH: u64 = EACH * 0x80;

/// Where the first byte is for which `found` sets the highest bit; the other bits mean nothing.
pub fn position(bytes: &[u8], found: impl Fn(u64) -> u64) -> Option<usize> {
    let mut at = 0;
    while let Some(eight) = bytes[at..].first_chunk() {
        let found = found(u64::from_le_bytes(*eight)) & HIGH;
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += eight.len();
    }
    let rest = &bytes[at..];
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let found = (found(u64::from_le_bytes(last)) & HIGH).trailing_zeros() as usize / 8;
    (found < rest.len()).then_some(at + found)
}

/// Sets the highest bit of each byte from `first` to `last`; of bytes beyond ASCII it means nothing.
pub fn within(bytes: u64, first: u8, last: u8) -> u64 {
    // A sum has the highest bit from the first of a range on, and another sum from behind its last.
    let low = bytes & !HIGH;
    (low + EACH * u64::from(0x80 - first)) & !(low + EACH * u64::from(0x7f - last))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_of_a_range_is_found(bytes in prop::collection::vec(any::<u8>(), 0..40), one in 0_u8..0x80, two in 0_u8..0x80) {
            let (first, last) = (one.min(two), one.max(two));
            let expected = bytes.iter().position(|byte| (first..=last).contains(byte));
            prop_assert_eq!(position(&bytes, |eight| within(eight, first, last) & !eight), expected);
            let expected = bytes.iter().position(|byte| !byte.is_ascii());
            prop_assert_eq!(position(&bytes, |eight| eight), expected);
        }
    }
}
