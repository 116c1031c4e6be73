//! The folding of a text to its shape, word by word.

use super::byte_classes::{AT, DIGIT, END, LETTER, SLASH, WIDE, WORD, class, quote_at};
use super::words::{
    MOST_KEPT, is_address, is_class, is_code, is_hex, is_identifier, is_noun, is_number, is_random,
    kept_digits, unit,
};
use super::{RANDOM, Shape};

/// Bytes within which a quote has to end.
const QUOTED: usize = 256;

/// The state of a text's folding.
pub(super) struct Folding<'t, 's> {
    text: &'t [u8],
    /// The position up to which it was read.
    at: usize,
    coarse: bool,
    shape: &'s mut Shape,
    /// The end of a quote that is text like any other.
    closing: usize,
    /// The last word.
    last: &'t [u8],
    /// Whether the last word may describe the next: only a space is between them.
    is_told: bool,
    /// The last byte that was no space.
    before: u8,
}

impl<'t, 's> Folding<'t, 's> {
    pub(super) fn new(text: &'t [u8], coarse: bool, shape: &'s mut Shape) -> Self {
        Self {
            text,
            at: 0,
            coarse,
            shape,
            closing: 0,
            last: b"",
            is_told: false,
            before: 0,
        }
    }

    /// Folds the first line.
    pub(super) fn fold(mut self) {
        while let Some(byte) = self.byte(self.at)
            && !self.shape.is_full()
        {
            let class = class(byte);
            if class & WORD != 0 && byte.is_ascii() {
                if class & LETTER == 0 || !self.plain_words() {
                    self.word();
                }
            } else if byte == b' ' {
                self.space();
            } else if byte == b'\n' {
                break;
            } else if let Some((close, width)) = quote_at(self.rest()) {
                self.quote(byte, close, width);
            } else if class & WORD != 0 {
                self.word();
            } else if byte == b'=' && self.shape.mark == Some(self.shape.length) {
                self.at += 1;
            } else if byte.is_ascii_whitespace() {
                self.space();
            } else if self.coarse && matches!(byte, b'{' | b'=') {
                self.value(byte);
            } else {
                self.separate(byte);
            }
        }
    }

    /// Writes white space as one space, if something follows.
    #[inline]
    fn space(&mut self) {
        self.at += 1;
        let next = self.byte(self.at);
        if next.is_some_and(|next| !next.is_ascii_whitespace()) {
            self.shape.push_between(b' ');
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Writes a byte that belongs to no word.
    fn separate(&mut self, byte: u8) {
        self.at += 1;
        self.before = byte;
        self.is_told &= matches!(byte, b':' | b'=' | b'(' | b'[');
        self.shape.push_between(byte);
    }

    /// Folds a value in braces or after `=`.
    fn value(&mut self, byte: u8) {
        self.separate(byte);
        let rest = self.rest();
        let end = if byte == b'{' {
            let mut depth = 1_usize;
            rest.iter().position(|byte| {
                depth = match byte {
                    b'{' => depth + 1,
                    b'}' => depth - 1,
                    _ => depth,
                };
                depth == 0
            })
        } else {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`,;)]}&".contains(byte);
            Some(rest.iter().position(ends).unwrap_or(rest.len()))
        };
        if let Some(end) = end.filter(|end| *end > 0) {
            self.at += end;
            self.shape.push_mark();
        }
    }

    fn quote(&mut self, byte: u8, close: &[u8], width: usize) {
        let is_letter = |at: usize| {
            self.byte(at)
                .is_some_and(|byte| class(byte) & (LETTER | DIGIT) != 0)
        };
        let is_ascii = width == 1;
        let is_inside = is_ascii && self.at.checked_sub(1).is_some_and(is_letter);
        let inside = self.rest().get(width..).unwrap_or_default();
        let near = inside.get(..QUOTED).unwrap_or(inside);
        let end = near
            .windows(close.len())
            .enumerate()
            .position(|(at, there)| {
                let after = self.at + width + at + close.len();
                there == close && !(is_ascii && is_letter(after))
            });
        let content = end.and_then(|end| near.get(..end));
        let Some(content) = content.filter(|_| !is_inside && self.at != self.closing) else {
            return self.pass_quote(width);
        };
        let mut words = content
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty());
        let (first, second, third) = (words.next(), words.next(), words.next());
        if third.is_some() && !self.coarse {
            self.closing = self.at + width + content.len();
            return self.pass_quote(width);
        }
        let but_query = first.and_then(|word| word.split(|byte| *byte == b'?').next());
        let identifier = but_query.filter(|word| {
            let is_told = byte == b'`'
                || word.first() == Some(&b'/')
                || word.iter().any(|byte| b"_.:".contains(byte))
                || (self.is_told && is_noun(self.noun()));
            second.is_none() && !self.coarse && is_told && is_identifier(word)
        });
        self.pass_quote(width);
        self.at += content.len();
        match identifier {
            Some(word) => self.address(word),
            None => self.shape.push_mark(),
        }
        self.pass_quote(close.len());
        self.is_told = false;
    }

    /// Returns the last word, or the one before it: `module` of `no module named 'x'`.
    fn noun(&self) -> &'t [u8] {
        if self.last != b"named" {
            return self.last;
        }
        let before = self.text.get(..self.at).unwrap_or_default();
        let mut words = before.rsplit(u8::is_ascii_whitespace);
        words
            .find(|word| !word.is_empty() && *word != self.last)
            .unwrap_or_default()
    }

    /// Writes a quotation mark.
    fn pass_quote(&mut self, width: usize) {
        let mark = self.rest().get(..width).unwrap_or_default();
        self.shape.push(mark);
        self.before = mark.first().copied().unwrap_or_default();
        self.at += width;
    }

    /// Writes short words of letters in a row, which most text consists of; returns whether there
    /// were any.
    fn plain_words(&mut self) -> bool {
        let rest = self.rest();
        let letters = |at: usize| {
            let rest = rest.get(at..).unwrap_or_default();
            let other = rest.iter().position(|byte| !byte.is_ascii_alphabetic());
            other.unwrap_or(rest.len())
        };
        let (mut start, mut last) = (0, 0..0);
        let mut length = letters(start);
        // After a mark `UTC` is dropped, and `x` may join it to the next.
        while self.shape.mark.is_none() {
            let at = start + length;
            let is_space = match rest.get(at) {
                None => false,
                Some(b' ') => true,
                Some(_) => break,
            };
            if length >= RANDOM {
                break;
            }
            last = start..at;
            length = if is_space { letters(at + 1) } else { 0 };
            if length == 0 {
                break;
            }
            start = at + 1;
        }
        if last.is_empty() {
            return false;
        }
        self.shape.push(rest.get(..last.end).unwrap_or_default());
        self.at += last.end;
        self.last = rest.get(last).unwrap_or_default();
        self.is_told = true;
        self.before = b'a';
        true
    }

    fn word(&mut self) {
        let rest = self.rest();
        let mut all = 0;
        let end = rest.iter().position(|byte| {
            let class = class(*byte);
            all |= class & !END;
            class & END != 0
        });
        let mut word = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
        if all & WIDE != 0 {
            let quote =
                (1..word.len()).find(|at| quote_at(word.get(*at..).unwrap_or_default()).is_some());
            word = quote.and_then(|at| word.get(..at)).unwrap_or(word);
        }
        while let [before @ .., b'.' | b':' | b'?'] = word {
            word = before;
        }
        if word.is_empty() {
            return self.separate(rest.first().copied().unwrap_or_default());
        }
        let before = std::mem::replace(&mut self.before, b'a');
        self.at += word.len();
        let is_told = std::mem::replace(&mut self.is_told, true);
        let last = std::mem::replace(&mut self.last, word);
        let behind: &[u8] = if is_told { last } else { b"" };
        if all & (DIGIT | SLASH | AT) == 0 {
            if self.shape.mark.is_some()
                && let Some(unit) = unit(word)
                && self.shape.is_behind_mark()
            {
                self.shape.push_unit(unit);
            } else if word == b"x" {
                self.shape.push_between(b'x');
            } else if word.len() >= RANDOM && is_random(word) {
                self.shape.push_mark();
            } else {
                self.shape.push(word);
            }
        } else if !self.coarse && self.keeps(word, behind, before) {
            self.shape.push(word);
        } else if all & (SLASH | AT) != 0 {
            self.address(word);
        } else {
            self.segment(word);
        }
    }

    /// Returns whether a word after `behind` has digits by which two problems differ.
    fn keeps(&self, word: &[u8], behind: &[u8], before: u8) -> bool {
        let digits = word.strip_prefix(b"-").unwrap_or(word);
        let is_digit = |byte: &u8| byte.is_ascii_digit();
        let is_status = digits.len() <= MOST_KEPT && {
            let kept = kept_digits(behind);
            let is_kept =
                |byte: &u8| is_digit(byte) || (kept == MOST_KEPT && byte.is_ascii_uppercase());
            digits.len() <= kept && digits.iter().all(is_kept)
        };
        let is_edge = matches!(before, 0 | b':' | b'[' | b'(')
            && matches!(self.byte(self.at), None | Some(b':' | b']' | b')'));
        is_status || (is_edge && is_code(word))
    }

    /// Folds a word that may have a slash or `@` in it.
    fn address(&mut self, word: &[u8]) {
        if is_address(word) {
            return self.shape.push_mark();
        }
        let scheme = word.windows(3).position(|there| there == b"://");
        let slashes = word
            .iter()
            .filter(|byte| matches!(byte, b'/' | b'\\'))
            .count();
        let is_path = matches!(
            word,
            [b'/' | b'~' | b'.' | b'\\', ..] | [_, b':', b'\\', ..]
        );
        if slashes < 2 && !(is_path && slashes > 0) {
            return self.segment(word);
        }
        let query = word.iter().position(|byte| *byte == b'?');
        if query.is_some() {
            self.skip_query();
        }
        if self.coarse {
            return self.shape.push_mark();
        }
        let mut path = query.and_then(|at| word.get(..at)).unwrap_or(word);
        if let Some((scheme, rest)) = scheme.and_then(|at| path.split_at_checked(at + 3)) {
            self.shape.push(scheme);
            path = rest;
        }
        for (index, segment) in path.split(|byte| matches!(byte, b'/' | b'\\')).enumerate() {
            if index > 0 {
                self.shape.push_between(b'/');
            }
            let (name, extension) = split_extension(segment);
            if !name.is_empty() {
                self.segment(name);
            }
            if !extension.is_empty() {
                self.shape.push(extension);
            }
        }
    }

    /// Skips the rest of a query after the word in which it begins.
    fn skip_query(&mut self) {
        let rest = self.rest();
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`<>()[]{},;".contains(byte);
        let query = rest
            .iter()
            .position(ends)
            .and_then(|end| rest.get(..end))
            .unwrap_or(rest);
        let last = query
            .iter()
            .rposition(|byte| !matches!(byte, b'.' | b':' | b'?'));
        self.at += last.map_or(0, |last| last + 1);
    }

    /// Folds a word without slashes, or a segment between two.
    fn segment(&mut self, word: &[u8]) {
        if !self.coarse && is_class(word) {
            return self.shape.push(word);
        }
        if is_number(word) || is_hex(word) || (word.len() >= RANDOM && is_random(word)) {
            return self.shape.push_mark();
        }
        let mut rest = word;
        while let Some(byte) = rest.first() {
            let kind = class(*byte) & (LETTER | DIGIT);
            if kind == 0 {
                self.shape.push_between(*byte);
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let is_same = |byte: &u8| class(*byte) & (LETTER | DIGIT) != 0;
            let end = rest
                .iter()
                .position(|byte| !is_same(byte))
                .unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            rest = if self.part(part) {
                without_hanging(after)
            } else {
                after
            };
        }
    }

    /// Folds a run of letters and digits; returns whether nothing of it is kept.
    fn part(&mut self, part: &[u8]) -> bool {
        let is_digit = |byte: &u8| class(*byte) & DIGIT != 0;
        let letters = part.iter().position(is_digit).unwrap_or(part.len());
        let (letters, rest) = part.split_at(letters);
        let is_ascii = part.is_ascii();
        let is_mixed = part.len() > 4 && !rest.iter().all(is_digit);
        if is_ascii && (is_mixed || (part.len() >= RANDOM && is_random(part))) {
            self.shape.push_mark();
            return true;
        }
        if !letters.is_empty() {
            self.shape.push(letters);
        }
        for run in rest.chunk_by(|one, other| is_digit(one) == is_digit(other)) {
            if run.first().is_some_and(is_digit) {
                self.shape.push_mark();
            } else {
                self.shape.push(run);
            }
        }
        false
    }
}

/// Splits a file's name at the last dot: `7f3a.tmp` and `a8f1.tmp` differ only before it.
fn split_extension(name: &[u8]) -> (&[u8], &[u8]) {
    let dot = name.iter().rposition(|byte| *byte == b'.');
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
    let is_extension = |at: &usize| name.iter().skip(at + 1).all(is_letter);
    name.split_at(dot.filter(is_extension).unwrap_or(name.len()))
}

/// Returns the text after the parts that are joined to a folded one by dashes.
fn without_hanging(mut text: &[u8]) -> &[u8] {
    while let Some(part) = text.strip_prefix(b"-") {
        let is_part = |byte: &u8| class(*byte) & (LETTER | DIGIT) != 0;
        let end = part.iter().take_while(|byte| is_part(byte)).count();
        text = part.get(end..).unwrap_or_default();
    }
    text
}
