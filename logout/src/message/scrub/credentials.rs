//! Credentials anywhere in a text, recognised by their form.
//!
//! A text is scanned once: a table says of each byte whether something may begin there, and
//! searches ahead remember how far they came, so that the time is linear.

use std::borrow::Cow;
use std::ops::Range;

use super::super::Mask;
use super::{CUTS, MASK, commands, encoded_values, named_values, payment_cards, sql, tokens};

/// Replaces every credential, and the rest of a cut one.
pub(super) fn scrub<'t>(text: &'t str, mask: &Mask) -> Cow<'t, str> {
    let mut scan = Scan::new(text, mask);
    let mut scrubbed = String::new();
    // The part of the text that is either in `scrubbed` or replaced.
    let mut done = 0;
    while let Some(found) = scan.next() {
        if found.start < done || found.is_empty() || text.get(found.clone()) == Some(MASK) {
            continue;
        }
        scrubbed.push_str(text.get(done..found.start).unwrap_or_default());
        scrubbed.push_str(MASK);
        done = found.end;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    scrubbed.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(scrubbed)
}

/// The class of a byte, by what may begin with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Nothing,
    Letter,
    Digit,
    Colon,
    Equals,
    Dash,
    Quote,
    Parenthesis,
    Angle,
    Percent,
}

#[expect(
    clippy::indexing_slicing,
    reason = "constants have no iterators, and an index out of bounds would not compile"
)]
const CLASSES: [Class; 256] = {
    let mut classes = [Class::Nothing; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b':' => Class::Colon,
            b'=' => Class::Equals,
            b'-' => Class::Dash,
            b'\'' | b'"' => Class::Quote,
            b'(' => Class::Parenthesis,
            b'>' => Class::Angle,
            b'%' => Class::Percent,
            _ => Class::Nothing,
        };
        byte += 1;
    }
    classes
};

/// A scan of a text for credentials.
pub(super) struct Scan<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) mask: &'t Mask,
    at: usize,
    /// The position up to which a search for a character found none.
    searched: usize,
    /// The end of a long run of letters that is no token.
    pub(super) run_end: usize,
}

impl<'t> Scan<'t> {
    pub(super) fn new(text: &'t str, mask: &'t Mask) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            mask,
            at: 0,
            searched: 0,
            run_end: 0,
        }
    }

    /// Returns the next credential.
    fn next(&mut self) -> Option<Range<usize>> {
        while let Some(&byte) = self.bytes.get(self.at) {
            let at = self.at;
            let class = CLASSES.get(usize::from(byte)).copied();
            let class = class.unwrap_or(Class::Nothing);
            self.at += 1;
            let found = match class {
                Class::Nothing => continue,
                Class::Letter => {
                    // Nothing else begins inside a word.
                    self.at = self.skip(at, is_letter);
                    tokens::find(self, at)
                }
                Class::Digit => {
                    self.at = self.skip(at, |byte| byte.is_ascii_digit());
                    payment_cards::find(self, at)
                }
                Class::Colon => {
                    let found = match self.byte(at + 1) {
                        b'/' => self.user_info(at).or_else(|| tokens::webhook(self, at)),
                        b'A' => tokens::bot(self, at),
                        _ => None,
                    };
                    found.or_else(|| named_values::find(self, at))
                }
                Class::Equals => named_values::find(self, at),
                Class::Dash => {
                    tokens::private_key(self, at).or_else(|| commands::argument(self, at))
                }
                Class::Quote => sql::find(self, at).or_else(|| commands::authentication(self, at)),
                Class::Parenthesis => {
                    let found =
                        named_values::pair(self, at).or_else(|| named_values::newtype(self, at));
                    found.or_else(|| sql::inserted(self, at))
                }
                Class::Angle => named_values::element(self, at),
                Class::Percent => encoded_values::find(self, at),
            };
            if let Some(found) = found {
                self.at = found.end.max(self.at);
                return Some(found);
            }
        }
        None
    }

    pub(super) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or_default()
    }

    /// Returns the byte before `at`; zero at the beginning.
    pub(super) fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(0, |before| self.byte(before))
    }

    pub(super) fn part(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    /// Returns the rest from `at` on; nothing if `at` is inside a character.
    pub(super) fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or_default()
    }

    /// Returns the index of the first byte at or after `at` for which `is_it` is false.
    pub(super) fn skip(&self, at: usize, is_it: impl Fn(u8) -> bool) -> usize {
        self.skip_within(at, usize::MAX, is_it)
    }

    /// Returns the same, looking no further than this many bytes.
    pub(super) fn skip_within(&self, at: usize, most: usize, is_it: impl Fn(u8) -> bool) -> usize {
        let end = self.bytes.len().min(at.saturating_add(most));
        let rest = self.bytes.get(at..end).unwrap_or_default();
        let length = rest.iter().position(|byte| !is_it(*byte));
        at + length.unwrap_or(rest.len())
    }

    /// Returns whether the text was cut at this place.
    pub(super) fn is_cut(&self, at: usize) -> bool {
        let rest = self.rest(at);
        CUTS.iter().any(|cut| rest.starts_with(cut))
    }

    /// Returns whether this part of the text was cut at its end.
    pub(super) fn is_last(&self, part: &str) -> bool {
        let begin = part.as_ptr().addr().wrapping_sub(self.text.as_ptr().addr());
        self.is_cut(begin.saturating_add(part.len()))
    }

    /// Returns the end of the text, before any mark of a cut.
    pub(super) fn text_end(&self) -> usize {
        let without = CUTS.iter().find_map(|cut| self.text.strip_suffix(cut));
        without.unwrap_or(self.text).len()
    }

    /// Returns the user and the password of an address whose scheme ends at `at`.
    fn user_info(&mut self, at: usize) -> Option<Range<usize>> {
        if !self.rest(at).starts_with("://") || !self.before(at).is_ascii_alphanumeric() {
            return None;
        }
        let start = at + "://".len();
        if self.byte(start) == b'[' {
            return None;
        }
        let stop = self.skip(start, |byte| !ends_address(byte) && !b"/?#".contains(&byte));
        let user = self.part(start..stop);
        if let Some(sign) = user.rfind('@') {
            let user = user.get(..sign).unwrap_or_default();
            let is_secret = user.contains(':') || is_opaque(user);
            return (is_secret && user != "•••").then_some(start..start + sign);
        }
        let stop = user.find('…').map_or(stop, |cut| start + cut);
        let user = self.part(start..stop);
        if self.is_cut(stop) {
            // Most hosts have a dot, and a user or a token none.
            return (user.contains(':') || !user.contains('.')).then_some(start..stop);
        }
        // A password may hold a slash that should have been encoded; a port is a number.
        let (_, port) = user.split_once(':')?;
        let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.is_empty();
        // Two addresses with nothing between them, as in Markdown.
        let is_scheme = user.ends_with("http:") || user.ends_with("https:");
        if is_port || is_scheme || user.contains(['{', '$', '<', '*']) || stop < self.searched {
            return None;
        }
        let end = self.skip(stop, |byte| !ends_address(byte));
        let address = self.part(start..end);
        if let Some(sign) = address.rfind('@') {
            return Some(start..start + sign);
        }
        let cut = address.find('…').map_or(end, |cut| start + cut);
        if self.is_cut(cut) {
            return Some(start..cut);
        }
        self.searched = end;
        None
    }
}

/// Returns whether the byte can belong to a word.
pub(super) fn is_letter(byte: u8) -> bool {
    let class = CLASSES.get(usize::from(byte)).copied();
    matches!(class, Some(Class::Letter | Class::Digit))
}

/// Returns whether an address ends before this byte at the latest. The marks of a cut and of
/// removed text are not ASCII.
fn ends_address(byte: u8) -> bool {
    byte <= b' ' || b"\"'`<>\\".contains(&byte)
}

/// Returns whether a text looks random: long, and of letters and digits.
pub(super) fn is_opaque(text: &str) -> bool {
    text.len() >= 16
        && text.bytes().all(tokens::is_of_token)
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}
