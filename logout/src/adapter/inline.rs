//! The escaping of log text within a line of Markdown, character by character.

/// A character of a line, with the text around it.
pub(super) struct CharContext<'t> {
    /// Its position in the line.
    pub(super) at: usize,
    pub(super) c: char,
    pub(super) before: Option<char>,
    pub(super) after: &'t str,
}

impl CharContext<'_> {
    /// Returns the character after it.
    pub(super) fn next(&self) -> Option<char> {
        self.after.chars().next()
    }
}

/// Escapes a line: `write` decides on each character for which `may_be_markup` is true, all of them
/// ASCII. All others are copied.
pub(super) fn escape(
    text: &str,
    may_be_markup: impl Fn(usize, u8) -> bool,
    mut write: impl FnMut(&CharContext<'_>, &mut String),
) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if !byte.is_ascii() || !may_be_markup(at, byte) {
            continue;
        }
        escaped.push_str(text.get(copied..at).unwrap_or_default());
        let (before, after) = (text.get(..at), text.get(at + 1..));
        let character = CharContext {
            at,
            c: char::from(byte),
            before: before.and_then(|before| before.chars().next_back()),
            after: after.unwrap_or_default(),
        };
        write(&character, &mut escaped);
        copied = at + 1;
    }
    escaped.push_str(text.get(copied..).unwrap_or_default());
    escaped
}

/// Assertions about the escapes of every chat.
#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use crate::adapter::strip_markdown::{Dialect, strip_markdown};
    use crate::text::linear_time;

    /// Checks that a long line of these texts takes linear time.
    pub(in crate::adapter) fn assert_linear<R>(read: fn(&str) -> R, signs: &[&str]) {
        for signs in signs {
            let line = |length: usize| signs.repeat(length / signs.len());
            linear_time::assert_linear(signs, 20_000, line, |line| {
                std::hint::black_box(read(line));
            });
        }
    }

    /// Checks that a line is read back unchanged, between two others.
    pub(in crate::adapter) fn assert_read_back(
        escaped: &str,
        text: &str,
        [before, behind]: [&str; 2],
        dialect: Dialect,
    ) -> Result<(), TestCaseError> {
        let read = strip_markdown(&format!("{before}{escaped}{behind}"), dialect);
        prop_assert_eq!(read, format!("{before}{text}{behind}"));
        Ok(())
    }
}
