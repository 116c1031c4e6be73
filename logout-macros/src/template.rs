//! Templates of `format`, parsed at compile time.

use std::ops::Range;

/// The words of a template, with their segments.
pub(crate) const WORDS: &[(&str, &str)] = &[
    ("date", "Date"),
    ("time", "Time"),
    ("level", "Level"),
    ("levelpad", "LevelPad"),
    ("message", "Message"),
    ("metadata", "Metadata"),
    ("node", "Node"),
];

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Text as it stands.
    Text(String),
    /// A variant of `logout`'s `Segment`.
    Word(&'static str),
}

/// Parses `template`; returns the ranges of unknown words, too.
///
/// A `$` that no letter follows is text.
pub(crate) fn parse(template: &str) -> (Vec<Segment>, Vec<Range<usize>>) {
    let mut segments = Vec::new();
    let mut unknown = Vec::new();
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let after = from.trim_start_matches('$');
        let dollars = from.len() - after.len();
        let length = after
            .find(|letter: char| !letter.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (word, tail) = after.split_at(length);
        let known = WORDS.iter().find(|(known, _)| *known == word);
        if let Some((_, variant)) = known {
            text.push_str(&"$".repeat(dollars - 1));
            if !text.is_empty() {
                segments.push(Segment::Text(std::mem::take(&mut text)));
            }
            segments.push(Segment::Word(variant));
        } else {
            text.push_str(&"$".repeat(dollars));
            text.push_str(word);
            if !word.is_empty() {
                let end = template.len() - tail.len();
                unknown.push(end - word.len() - 1..end);
            }
        }
        rest = tail;
    }
    text.push_str(rest);
    if !text.is_empty() {
        segments.push(Segment::Text(text));
    }
    (segments, unknown)
}

#[cfg(test)]
mod tests {
    use super::Segment::{Text, Word};
    use super::parse;

    #[test]
    fn words_and_text_alternate_as_written() {
        let (segments, unknown) = parse("[$level] $message$metadata!");
        let text = |text: &str| Text(text.to_owned());
        assert_eq!(
            segments,
            [
                text("["),
                Word("Level"),
                text("] "),
                Word("Message"),
                Word("Metadata"),
                text("!")
            ]
        );
        assert_eq!(unknown, []);
    }

    #[test]
    fn the_longest_word_wins() {
        assert_eq!(parse("$levelpad").0, [Word("LevelPad")]);
    }

    #[test]
    fn a_dollar_without_a_word_is_text() {
        assert_eq!(parse("5 $ or $5").0, [Text("5 $ or $5".to_owned())]);
        assert_eq!(parse("$$date").0, [Text("$".to_owned()), Word("Date")]);
    }

    #[test]
    fn unknown_words_are_told_with_their_places() {
        assert_eq!(parse("a $levl b $x").1, [2..7, 10..12]);
    }
}
