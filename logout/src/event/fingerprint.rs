//! Fingerprints, under which problems are grouped, muted and ignored, as people read and write
//! them.

use std::fmt;
use std::str::FromStr;

/// Hexadecimal digits of a whole fingerprint.
const ALL: usize = 16;

/// Digits that are shown, and the fewest that name a problem: four were one of 65,536, and a
/// program with a hundred problems had two of the same name in one of fourteen cases.
pub(crate) const SHOWN: usize = 6;

/// Digits that are shown where two problems have the first six in common.
const SHOWN_APART: usize = 8;

/// A fingerprint as people see it: as many digits as tell it from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShownFingerprint {
    fingerprint: u64,
    digits: usize,
}

impl ShownFingerprint {
    /// Shows six digits, and more where one of the `others` begins with the same.
    pub(crate) fn beside(fingerprint: u64, others: impl IntoIterator<Item = u64>) -> Self {
        let common = |other: u64| (fingerprint ^ other).leading_zeros() as usize / 4;
        let others = others.into_iter().filter(|other| *other != fingerprint);
        let digits = match others.map(common).max() {
            Some(common) if common >= SHOWN => SHOWN_APART.max(common + 1),
            _ => SHOWN,
        };
        Self {
            fingerprint,
            digits,
        }
    }
}

/// Writes the digits alone.
impl fmt::Display for ShownFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:016x}", self.fingerprint);
        f.write_str(digits.get(..self.digits).unwrap_or(&digits))
    }
}

/// A fingerprint as people write it: its first six to sixteen hexadecimal digits, `3fa9c1` or
/// `#3fa9c1`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint {
    first: u64,
    last: u64,
}

/// An error in a text that should be a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FingerprintError {
    /// It has other characters than digits, or too many of them.
    Other,
    /// It has too few digits, such as the four that messages once showed.
    Short(usize),
}

impl Fingerprint {
    pub(crate) fn matches(self, fingerprint: u64) -> bool {
        (self.first..=self.last).contains(&fingerprint)
    }

    /// Returns whether one of the two begins with the other.
    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.matches(other.first) || other.matches(self.first)
    }

    /// Returns the range of the fingerprints that begin with these digits.
    pub(crate) fn range(self) -> std::ops::RangeInclusive<u64> {
        self.first..=self.last
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    /// Reads a fingerprint as messages show it.
    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let digits = text.trim().trim_start_matches('#');
        let are_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        match digits.len() {
            length if !are_digits || length == 0 || length > ALL => Err(FingerprintError::Other),
            length if length < SHOWN => Err(FingerprintError::Short(length)),
            _ => {
                let first = u64::from_str_radix(&format!("{digits:0<ALL$}"), 16);
                let last = u64::from_str_radix(&format!("{digits:f<ALL$}"), 16);
                match (first, last) {
                    (Ok(first), Ok(last)) => Ok(Self { first, last }),
                    _ => Err(FingerprintError::Other),
                }
            }
        }
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Writes it as messages do, after `#`.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let free = (self.first ^ self.last).count_ones() as usize / 4;
        let digits = format!("{:016x}", self.first);
        write!(f, "#{}", digits.get(..ALL - free).unwrap_or(&digits))
    }
}

impl fmt::Display for FingerprintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is = "a fingerprint is six to sixteen hexadecimal digits, such as `3fa9c1`";
        match self {
            Self::Other => f.write_str(is),
            Self::Short(digits) => {
                let digits = match digits {
                    1 => "one digit is",
                    2 => "two digits are",
                    3 => "three digits are",
                    4 => "four digits, which messages showed before, are",
                    _ => "five digits are",
                };
                write!(
                    f,
                    "{is}; {digits} too few to tell one problem from another: write those that its messages show now"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, FingerprintError, ShownFingerprint};

    fn parse(text: &str) -> Result<Fingerprint, FingerprintError> {
        text.parse()
    }

    #[test]
    fn six_digits_are_shown_and_more_where_two_begin_alike() {
        let short = |fingerprint, others: &[u64]| {
            let others = others.iter().copied();
            ShownFingerprint::beside(fingerprint, others).to_string()
        };
        let fingerprint = 0x3fa9_c1d2_0000_0001;
        assert_eq!(short(0, &[]), "000000");
        assert_eq!(short(fingerprint, &[fingerprint]), "3fa9c1");
        assert_eq!(short(fingerprint, &[0x3fa9_c000_0000_0000]), "3fa9c1");
        assert_eq!(short(fingerprint, &[0x3fa9_c1ff_0000_0000]), "3fa9c1d2");
        assert_eq!(
            short(fingerprint, &[0x3fa9_c1d2_0000_0000, 0]),
            "3fa9c1d200000001"
        );
    }

    #[test]
    fn what_is_shown_is_what_may_be_written() {
        let fingerprint = 0x3fa9_c1d2_0000_0001;
        for text in ["3fa9c1", "#3fa9c1", " 3FA9C1D2 ", "3fa9c1d200000001"] {
            assert!(parse(text).unwrap().matches(fingerprint), "{text}");
            assert!(
                !parse(text).unwrap().matches(fingerprint ^ 1 << 60),
                "{text}"
            );
        }
        assert!(!parse("3fa9c1d200000001").unwrap().matches(fingerprint + 1));
        assert_eq!(parse("#3FA9C1d").unwrap().to_string(), "#3fa9c1d");
        assert_eq!(parse("ffffff").unwrap().to_string(), "#ffffff");
        assert_eq!(format!("{:?}", parse("3fa9c1").unwrap()), "#3fa9c1");
    }

    #[test]
    fn what_is_no_fingerprint_says_why() {
        for (text, why) in [
            ("", FingerprintError::Other),
            ("the noisy one", FingerprintError::Other),
            ("+3fa9c", FingerprintError::Other),
            ("3fa9c1d2000000011", FingerprintError::Other),
            ("03fa9c1d200000001", FingerprintError::Other),
            ("3f", FingerprintError::Short(2)),
            ("#3fa9", FingerprintError::Short(4)),
        ] {
            assert_eq!(parse(text), Err(why), "{text}");
        }
        for (digits, said) in [
            ("3", "; one digit is too few"),
            ("3f", "; two digits are too few"),
            ("3fa", "; three digits are too few"),
            (
                "3fa9",
                "; four digits, which messages showed before, are too few",
            ),
            ("3fa9c", "; five digits are too few"),
        ] {
            let why = parse(digits).unwrap_err().to_string();
            assert!(why.contains(said), "{why}");
        }
    }

    #[test]
    fn one_mute_overlaps_another_that_says_more() {
        let all = ["3fa9c1", "3fa9c1d2", "3fa9c2"].map(|text| parse(text).unwrap());
        assert!(all[0].overlaps(all[1]) && all[1].overlaps(all[0]));
        assert!(!all[0].overlaps(all[2]) && !all[2].overlaps(all[1]));
    }
}
