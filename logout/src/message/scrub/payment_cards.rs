//! Numbers of payment cards.
//!
//! A number is one if a network could have issued it: by its first digits, its length, its check
//! digit (ISO/IEC 7812, whose ranges the networks publish), and its groups if it has some. One in
//! ten numbers of any kind has the check digit. Numbers of 12, 13, 17 and 18 digits are left alone:
//! no network issues them any more, and telephone numbers, EAN and snowflake ids have as many.

use std::ops::{Range, RangeInclusive};

use super::credentials::Scan;

/// A network: how many of a number's first digits decide, their range, and the lengths of its numbers.
type Network = (usize, RangeInclusive<u32>, &'static [usize]);

const NETWORKS: [Network; 16] = [
    // Visa
    (1, 4..=4, &[16, 19]),
    // Mastercard
    (2, 51..=55, &[16]),
    (4, 2_221..=2_720, &[16]),
    // American Express
    (2, 34..=34, &[15]),
    (2, 37..=37, &[15]),
    // Discover
    (4, 6_011..=6_011, &[16, 19]),
    (3, 644..=649, &[16, 19]),
    (2, 65..=65, &[16, 19]),
    // JCB
    (4, 3_528..=3_589, &[16]),
    // Diners Club
    (3, 300..=305, &[14]),
    (2, 36..=36, &[14]),
    (2, 38..=39, &[14]),
    // UnionPay
    (2, 62..=62, &[16, 19]),
    // Maestro
    (4, 5_018..=5_038, &[16, 19]),
    (4, 6_304..=6_304, &[16, 19]),
    (4, 6_759..=6_763, &[16, 19]),
];

/// The groups in which numbers are printed on cards.
const GROUPS: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3]];

/// The longest number.
const LONGEST: usize = 19;

/// The fewest digits of a number's cut beginning that are hidden.
const BEGUN: usize = 4;

/// Returns the number that begins with the digit at `at`, the first of a run.
pub(super) fn find(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let before = scan.before(at);
    if before.is_ascii_alphanumeric() || b"_-.+".contains(&before) || before >= 0x80 {
        return None;
    }
    let mut digits = [0; LONGEST];
    let mut length = 0;
    let mut groups = [0; 5];
    let mut group = 0;
    let mut joint = None;
    let mut end = at;
    loop {
        let byte = scan.byte(end);
        if byte.is_ascii_digit() {
            // No card has more digits.
            *digits.get_mut(length)? = byte - b'0';
            length += 1;
            *groups.get_mut(group)? += 1;
        } else if (byte == b' ' || byte == b'-')
            && joint.is_none_or(|joint| joint == byte)
            && scan.byte(end + 1).is_ascii_digit()
            && group + 1 < groups.len()
        {
            joint = Some(byte);
            group += 1;
        } else {
            break;
        }
        end += 1;
    }
    let digits = digits.get(..length)?;
    let groups = groups.get(..=group)?;
    if scan.is_cut(end) || (b" -".contains(&scan.byte(end)) && scan.is_cut(end + 1)) {
        return (length >= BEGUN && NETWORKS.iter().any(|network| is_of(network, digits)))
            .then_some(at..end);
    }
    let is_grouped = GROUPS.contains(&groups);
    let after = scan.byte(end);
    let goes_on = after.is_ascii_alphanumeric()
        || after == b'_'
        || (after >= 0x80 && !scan.rest(end).starts_with('•'))
        || (b".-".contains(&after) && scan.byte(end + 1).is_ascii_alphanumeric());
    if goes_on || !(group == 0 || is_grouped) || length < 14 {
        return None;
    }
    let mut networks = NETWORKS
        .iter()
        .filter(|(.., lengths)| lengths.contains(&length));
    (networks.any(|network| is_of(network, digits)) && has_check_digit(digits)).then_some(at..end)
}

/// Returns whether numbers of a network begin with these digits, as far as there are any.
fn is_of((decide, range, _): &Network, digits: &[u8]) -> bool {
    let begun = digits.iter().take(*decide);
    let number = begun.fold(0, |number, digit| number * 10 + u32::from(*digit));
    range.contains(&number)
}

/// Checks the digits by Luhn's formula (ISO/IEC 7812-1, annex B).
fn has_check_digit(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match u32::from(*digit) {
            digit if place % 2 == 0 => digit,
            digit if digit > 4 => digit * 2 - 9,
            digit => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}
