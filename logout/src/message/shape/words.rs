//! The classification of words by their characters.

use super::byte_classes::{DIGIT, LETTER, SLASH, class};
use super::{MARK, RANDOM};

fn is_digit(byte: &u8) -> bool {
    class(*byte) & DIGIT != 0
}

/// Returns whether the word begins with a digit, after a sign: a number, a date, a time, an
/// address, a version.
pub(super) fn is_number(word: &[u8]) -> bool {
    let is_sign = |byte: &u8| matches!(byte, b'+' | b'-' | b'$' | b'~');
    word.iter()
        .find(|byte| !is_sign(byte))
        .is_some_and(is_digit)
}

/// Returns whether the word is a class of statuses, such as `4xx`.
pub(super) fn is_class(word: &[u8]) -> bool {
    matches!(word, [b'0'..=b'9', b'x' | b'X', b'x' | b'X'])
}

/// Returns whether the word is a UUID, a hash or an id in hexadecimal, or an IPv6 address.
pub(super) fn is_hex(word: &[u8]) -> bool {
    let is_hex = |byte: &u8| byte.is_ascii_hexdigit() || *byte == MARK;
    let has_digit = word.iter().any(is_digit);
    let is_id = word.len() >= 8 && word.iter().all(|byte| is_hex(byte) || *byte == b'-');
    let colons = word.iter().filter(|byte| **byte == b':').count();
    let is_address = colons >= 2
        && word
            .iter()
            .all(|byte| is_hex(byte) || matches!(byte, b':' | b'.'));
    has_digit && (is_id || is_address)
}

/// Returns whether the word is an id of random letters and digits, as nanoid, base64 and Stripe
/// make them: a third of its characters are of another kind than the one before, and it is no
/// CamelCase, whose runs of small letters are longer.
pub(super) fn is_random(word: &[u8]) -> bool {
    // `api-7d9f8b6c5d-xkcdq` and `shop/api-7d9f8b6c5d-xkcdq` have names that stay.
    let mut parts = word.split(|byte| matches!(byte, b'-' | b'/'));
    let name = parts.next().unwrap_or_default();
    let is_named = (2..word.len()).contains(&name.len());
    if is_named && name.iter().all(u8::is_ascii_lowercase) {
        return false;
    }
    let kind = |byte: u8| match byte {
        b'a'..=b'z' => 1_u8,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' | MARK => 3,
        _ => 0,
    };
    let (mut signs, mut changes, mut small, mut runs, mut last) = (0, 0, 0, 0, 0);
    for byte in word {
        let kind = kind(*byte);
        if kind == 0 {
            if !matches!(byte, b'-' | b'_' | b'+' | b'/') {
                return false;
            }
            continue;
        }
        signs += 1;
        changes += usize::from(last != 0 && kind != last);
        small += usize::from(kind == 1);
        runs += usize::from(kind == 1 && last != 1);
        last = kind;
    }
    signs >= RANDOM && changes * 3 >= signs && small * 2 <= runs * 5
}

/// Returns whether the word is an e-mail address.
pub(super) fn is_address(word: &[u8]) -> bool {
    let mut parts = word.split(|byte| *byte == b'@');
    let (Some(name), Some(host), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let is_plain =
        |part: &[u8]| !part.is_empty() && !part.iter().any(|byte| b"/\\:".contains(byte));
    is_plain(name) && is_plain(host) && host.contains(&b'.')
}

/// Returns whether the word is a code such as `E0425` or `ORA-00942`.
pub(super) fn is_code(word: &[u8]) -> bool {
    let letters = word.iter().take_while(|byte| byte.is_ascii_uppercase());
    let letters = letters.count();
    let digits = word.get(letters..).unwrap_or_default();
    let digits = digits.strip_prefix(b"-").unwrap_or(digits);
    (1..=5).contains(&letters)
        && (2..=5).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
}

/// Returns whether a quoted word may be the name of something in a program, a call or a path.
pub(super) fn is_identifier(word: &[u8]) -> bool {
    let is_sign = |byte: &u8| {
        class(*byte) & (LETTER | DIGIT | SLASH) != 0
            || matches!(byte, b'_' | b'.' | b':' | b'-' | b'$')
    };
    // `Order.getTotal()`
    let call = word.strip_suffix(b")").and_then(|call| {
        let open = call.iter().position(|byte| *byte == b'(')?;
        call.get(..open)
    });
    let word = call.unwrap_or(word);
    word.first().is_some_and(|byte| !is_digit(byte)) && word.iter().all(is_sign)
}

/// Returns the last part of a name: `code` of `exit_code`.
fn last_part(word: &[u8]) -> &[u8] {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
    let start = word.iter().rposition(|byte| !is_letter(byte));
    let start = start.map_or(0, |at| at + 1);
    word.get(start..).unwrap_or_default()
}

fn is_any(word: &[u8], words: &[&str]) -> bool {
    words
        .iter()
        .any(|other| word.eq_ignore_ascii_case(other.as_bytes()))
}

/// The digits of a code of SQL, all of which are kept.
pub(super) const MOST_KEPT: usize = 5;

/// Returns how many digits of the next word are kept after this one.
pub(super) fn kept_digits(word: &[u8]) -> usize {
    const BEFORE_STATUS: [&str; 7] = [
        "status",
        "statuscode",
        "code",
        "http",
        "errno",
        "signal",
        "exit",
    ];
    let last = last_part(word);
    if is_any(last, &["sqlstate"]) {
        MOST_KEPT
    } else if word.starts_with(b"HTTP/") || is_any(last, &BEFORE_STATUS) {
        3
    } else {
        0
    }
}

/// Returns whether a quote after this word is a name.
pub(super) fn is_noun(word: &[u8]) -> bool {
    #[rustfmt::skip]
    const NOUNS: [&str; 23] = [
        "column", "relation", "table", "constraint", "field", "variant", "key", "type", "function",
        "index", "flag", "setting", "feature", "attribute", "property", "reading", "method",
        "class", "module", "package", "parameter", "argument", "keyerror",
    ];
    is_any(last_part(word), &NOUNS)
}

/// Returns what is kept of a zone or a unit after a number, if the word is one: `1 second` is the
/// same problem as `2 seconds`, but a limit of time is another than one of size.
#[inline]
pub(super) fn unit(word: &[u8]) -> Option<&'static [u8]> {
    match word {
        b"UTC" | b"GMT" | b"AM" | b"PM" => Some(b""),
        b"ns"
        | b"us"
        | [0xc2, 0xb5, b's']
        | b"ms"
        | b"s"
        | b"sec"
        | b"secs"
        | b"second"
        | b"seconds"
        | b"min"
        | b"mins"
        | b"minute"
        | b"minutes"
        | b"h"
        | b"hour"
        | b"hours"
        | b"day"
        | b"days"
        | b"week"
        | b"weeks" => Some(b""),
        b"B" | b"kB" | b"KB" | b"MB" | b"GB" | b"TB" | b"KiB" | b"MiB" | b"GiB" | b"TiB"
        | b"byte" | b"bytes" => Some(b"B"),
        _ => None,
    }
}
