//! Numbers that Telegram detects: of cards, telephones and IPv4 addresses.

use std::ops::Range;

/// From this many digits on, a number ends at a blank if it had none before.
const WITHOUT_BLANKS: usize = 16;

/// Finds numbers of cards: 13 to 19 digits with blanks and hyphens between them, of which the last checks the
/// others (tdlib's `match_bank_card_numbers`, and ISO/IEC 7812-1).
pub(super) fn find_card_numbers(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let is_part = |sign: char| sign.is_ascii_digit() || sign == ' ' || sign == '-';
    for run in runs(text, is_part) {
        let mut from = run.start;
        while let Some(place) = first_number(text, from..run.end) {
            from = place.end;
            if is_card(text, &place) {
                found.push(place);
            }
        }
    }
    found
}

/// Returns the range of the first number in a run of digits, blanks and hyphens.
fn first_number(text: &str, run: Range<usize>) -> Option<Range<usize>> {
    let signs = text.get(run.clone())?;
    let begin = signs.find(|sign: char| sign.is_ascii_digit())?;
    let signs = signs.get(begin..)?;
    let digits = signs.find(|sign: char| !sign.is_ascii_digit());
    let long = digits.filter(|digits| *digits >= WITHOUT_BLANKS);
    let end = match long {
        Some(digits) if signs.get(digits..)?.starts_with(' ') => digits,
        _ => signs.trim_end_matches([' ', '-']).len(),
    };
    Some(run.start + begin..run.start + begin + end)
}

/// Returns whether it is the number of a card.
fn is_card(text: &str, place: &Range<usize>) -> bool {
    let card = text.get(place.clone()).unwrap_or_default();
    let before = text
        .get(..place.start)
        .and_then(|text| text.chars().next_back());
    let behind = text.get(place.end..).and_then(|text| text.chars().next());
    let digits: Vec<u32> = card.chars().filter_map(|sign| sign.to_digit(10)).collect();
    let is_apart = !before.is_some_and(|sign| sign.is_alphabetic() || "+_-.,".contains(sign))
        && !behind.is_some_and(|sign| sign.is_alphabetic() || "_-".contains(sign));
    // Not more signs between than digits.
    let is_dense = card.len() < 2 * digits.len();
    (13..=19).contains(&digits.len()) && is_apart && is_dense && passes_luhn(&digits)
}

/// Returns whether the last digit checks the others (Luhn).
fn passes_luhn(digits: &[u32]) -> bool {
    let doubled = |digit: u32| digit * 2 / 10 + digit * 2 % 10;
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            if place % 2 == 1 {
                doubled(*digit)
            } else {
                *digit
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Finds telephone numbers: a `+` and at least seven digits. The server's own rules are not published.
pub(super) fn find_phone_numbers(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (start, _) in text.match_indices('+') {
        let rest = text.get(start + 1..).unwrap_or_default();
        let is_part = |sign: char| sign.is_ascii_digit() || " -().".contains(sign);
        let length = rest.find(|sign| !is_part(sign)).unwrap_or(rest.len());
        let number = rest.get(..length).unwrap_or_default();
        let number = number.trim_end_matches(|sign: char| !sign.is_ascii_digit());
        let digits = number.chars().filter(char::is_ascii_digit).count();
        if digits >= 7 && number.starts_with(|sign: char| sign != ' ') {
            found.push(start..start + 1 + number.len());
        }
    }
    found
}

/// Returns whether a word is an IPv4 address.
pub(super) fn is_ipv4(word: &str) -> bool {
    word.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Returns where signs of a kind stand next to each other.
fn runs(text: &str, is_part: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, sign) in text.char_indices().filter(|(_, sign)| is_part(*sign)) {
        match found.last_mut().filter(|last| last.end == at) {
            Some(last) => last.end = at + sign.len_utf8(),
            None => found.push(at..at + sign.len_utf8()),
        }
    }
    found
}
