//! A hash that is the same in every build and on every machine.

/// A hasher of numbers and texts to 64 bits.
///
/// std's hasher may change with every release of Rust, and FNV takes a multiplication for each
/// byte. This one takes eight bytes a step, little-endian. It does not resist deliberate
/// collisions: all that an attacker gains is that two texts are counted together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hash(u64);

/// Odd numbers without pattern: digits of pi after the point, in hexadecimal.
const START: u64 = 0x243f_6a88_85a3_08d3;
const STEP: u64 = 0x1319_8a2e_0370_7345;
const END: u64 = 0xa409_3822_299f_31d1;

impl Hash {
    pub(crate) fn new() -> Self {
        Self(START)
    }

    /// Adds a number.
    #[inline]
    pub(crate) fn number(self, number: u64) -> Self {
        let mixed = (self.0 ^ number).wrapping_mul(STEP);
        Self(mixed ^ (mixed >> 29))
    }

    /// Adds a text with its length, so that texts that are split differently differ.
    #[inline]
    pub(crate) fn text(self, text: &[u8]) -> Self {
        self.steps(text, |step| step)
    }

    /// Adds a text as if all of its digits were the same.
    #[inline]
    pub(crate) fn text_but_digits(self, text: &[u8]) -> Self {
        self.steps(text, without_digits)
    }

    #[inline]
    fn steps(self, text: &[u8], of_step: impl Fn(u64) -> u64) -> Self {
        let (steps, rest) = text.as_chunks::<8>();
        let all = steps.iter().fold(self, |hash, step| {
            hash.number(of_step(u64::from_le_bytes(*step)))
        });
        let mut last = [0; 8];
        if let Some(place) = last.get_mut(..rest.len()) {
            place.copy_from_slice(rest);
        }
        all.number(of_step(u64::from_le_bytes(last)))
            .number(text.len() as u64)
    }

    /// Returns the hash, each bit of which depends on everything that was added.
    #[inline]
    pub(crate) fn finish(self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(END);
        mixed ^ (mixed >> 29)
    }
}

/// Replaces each digit among eight bytes by `0`.
#[inline]
fn without_digits(bytes: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = EACH << 7;
    // A digit is 0x30 to 0x39, so this is below 10, and below 0x80 with 0x76 more.
    let above = bytes ^ (0x30 * EACH);
    let others = ((above & !HIGH) + 0x76 * EACH) | above;
    let digits = (!others & HIGH) >> 7;
    bytes & !(digits * 0x0f)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::{Hash, without_digits};

    fn hash(text: &str) -> u64 {
        Hash::new().text(text.as_bytes()).finish()
    }

    #[test]
    fn it_is_the_same_everywhere() {
        // Literal values: fingerprints that people mute must outlive the build.
        for (text, expected) in [
            ("", 0x081c_682a_fbed_1e19),
            ("a", 0xacee_e386_f473_4fbc),
            ("payment failed: timeout", 0x66e8_6b09_e0e0_47a5),
        ] {
            assert_eq!(hash(text), expected, "{text:?} {:#x}", hash(text));
        }
    }

    #[test]
    fn texts_that_differ_in_little_differ_in_their_hashes() {
        let mut hashes = HashSet::new();
        for length in 0..40 {
            for byte in 0..=255_u8 {
                hashes.insert(Hash::new().text(&vec![byte; length]).finish());
            }
        }
        assert_eq!(hashes.len(), 39 * 256 + 1);
        let parts = |one: &str, other: &str| {
            Hash::new()
                .text(one.as_bytes())
                .text(other.as_bytes())
                .finish()
        };
        assert_ne!(parts("ab", "c"), parts("a", "bc"));
    }

    proptest! {
        #[test]
        fn digits_alone_are_made_the_same(bytes: [u8; 8], digits in "[0-9/:]{8}") {
            for bytes in [bytes, *digits.as_bytes().first_chunk().unwrap()] {
                let expected = bytes.map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
                let without = without_digits(u64::from_le_bytes(bytes)).to_le_bytes();
                prop_assert_eq!(without, expected);
            }
        }
    }
}
