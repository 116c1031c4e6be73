//! The shape of a text: what the texts of one problem have in common.
//!
//! Two problems at one call site differ in their words; two texts of one problem differ in numbers,
//! ids, names and addresses. The latter are folded to a mark:
//!
//! - A *word* is a run of letters, digits, characters beyond ASCII and
//!   `. - _ / \ : @ + ~ % $ & ? * #`, without `.`, `:` and `?` at its end. All else parts words and
//!   stays; white space is one space.
//! - A word without digit, slash and `@` stays. One of twelve and more letters and digits, of which
//!   a third change kind (upper, lower, digit), is a random id, unless it is CamelCase: a mark.
//! - An e-mail address is a mark. A URL keeps its scheme, host and path, and loses its query. A path
//!   (it begins with `/ ~ . \ C:\`, or has two slashes) is kept, each segment folded as below; so is
//!   what follows a file's last dot.
//! - A word that begins with a digit (after `+ - $ ~`) is a mark: numbers, dates, times, addresses,
//!   versions, `1.5s`, `42%`, `3rd`, `0x1f`. Not `4xx`.
//! - So is one of eight and more hexadecimal digits and dashes, with a digit, and an IPv6 address.
//! - Otherwise digits are folded part by part: `user42` is `user·`. A mixed part of up to four
//!   characters keeps its letters (`k·s`). A longer one is a mark, together with the parts that
//!   dashes join to it (`api-7d9f8b-xkcdq` is `api-·`).
//! - Kept are up to three digits after `status`, `code`, `http`, `errno`, `signal` and `exit`, five
//!   after `SQLSTATE`, and codes such as `E0425` and `ORA-00942` at an edge: they are what differs
//!   between two problems.
//! - Quoted text is a mark. Exceptions are three words and more, which are text; a URL, a path or a
//!   call; and an identifier in backticks, with `_ . :` in it, or after a noun such as `column`.
//! - Marks with nothing but `, ; : . - / + x |` and space between are one; `UTC`, `GMT`, `AM`, `PM`,
//!   units of time and `=` after one go, and units of size are one.
//!
//! The *coarse* shape folds quotes, paths, values after `=`, kept digits and what stands in
//! braces, too. It is made of the shape alone, so equal shapes have equal coarse ones.

use std::fmt;

mod byte_classes;
pub(crate) mod families;
mod folding;
mod hash;
mod words;

use self::folding::Folding;
pub(crate) use self::hash::Hash;

/// Bytes of a text that are read.
const READ: usize = 1_024;

/// Bytes of a shape that are kept.
const KEPT: usize = 200;

/// The fewest characters of a random id.
const RANDOM: usize = 12;

/// The mark in the place of what was folded: a character that counts as a digit, so that a shape
/// can be folded again.
const MARK: u8 = 1;

/// A text without what differs between the texts of one problem.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    bytes: [u8; KEPT],
    length: usize,
    /// The end of the last mark, as long as only separators of marks came after it.
    mark: Option<usize>,
}

impl Shape {
    /// Returns the shape of the first line of a text.
    pub(crate) fn of(text: &str) -> Self {
        let text = text.as_bytes().trim_ascii_start();
        Self::folded(text.get(..READ).unwrap_or(text), false)
    }

    /// Returns the coarse shape, which families share.
    pub(crate) fn coarse(&self) -> Self {
        Self::folded(self.bytes(), true)
    }

    fn folded(text: &[u8], coarse: bool) -> Self {
        let mut shape = Self {
            bytes: [0; KEPT],
            length: 0,
            mark: None,
        };
        Folding::new(text, coarse, &mut shape).fold();
        shape
    }

    /// Returns a hash that is the same in every build and on every machine.
    pub(crate) fn hash(&self) -> u64 {
        Hash::new().text(self.bytes()).finish()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Returns whether the shape does not depend on the digits in the text, since none is kept.
    pub(crate) fn ignores_digits(&self) -> bool {
        let bytes = self.bytes().iter();
        !bytes.fold(false, |any, byte| any | byte.is_ascii_digit())
    }

    fn is_full(&self) -> bool {
        self.length == KEPT
    }

    fn push(&mut self, bytes: &[u8]) {
        self.mark = None;
        let room = self.bytes.get_mut(self.length..).unwrap_or_default();
        let fits = room.len().min(bytes.len());
        if let (Some(room), Some(bytes)) = (room.get_mut(..fits), bytes.get(..fits)) {
            room.copy_from_slice(bytes);
        }
        self.length += fits;
    }

    /// Adds the byte if marks on both sides of it become one.
    #[inline]
    fn push_between(&mut self, byte: u8) {
        if !matches!(
            byte,
            b' ' | b',' | b';' | b':' | b'.' | b'-' | b'/' | b'+' | b'x' | b'|'
        ) {
            self.mark = None;
        }
        self.push_byte(byte);
    }

    fn push_mark(&mut self) {
        match self.mark {
            Some(end) => self.length = end,
            None => self.push_byte(MARK),
        }
        self.mark = Some(self.length);
    }

    /// Adds what is kept of a unit after a mark.
    #[cold]
    fn push_unit(&mut self, unit: &[u8]) {
        match self.mark {
            Some(end) if unit.is_empty() => self.length = end,
            _ => self.push(unit),
        }
    }

    #[inline]
    fn push_byte(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    /// Returns whether nothing but spaces came after the last mark.
    fn is_behind_mark(&self) -> bool {
        let spaces = self.mark.and_then(|end| self.bytes().get(end..));
        spaces.is_some_and(|spaces| spaces.iter().all(|byte| *byte == b' '))
    }
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Shape {}

/// Writes a mark as `·`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(self.bytes());
        f.write_str(&text.replace(char::from(MARK), "·"))
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests;
