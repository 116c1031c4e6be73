//! The Markdown of a text block and of a fact: a part of `CommonMark`
//! (<https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features>).

use super::super::bare_urls::find_urls;

/// A text as a person reads it, with its links.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ReadableText {
    pub(super) text: String,
    pub(super) links: Vec<String>,
}

/// Reads a text. Where apps may differ it is read as alive: bare addresses are links here, and backslashes and
/// character references count, though the documentation says neither.
pub(super) fn read(source: &str) -> ReadableText {
    let mut read = ReadableText::default();
    let lines = source.lines().map(|line| {
        let line = without_list_mark(line);
        let (text, mut links) = spans(line);
        read.links.append(&mut links);
        text
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    read.links.extend(find_urls(&text));
    read.text = text;
    read
}

fn without_list_mark(line: &str) -> &str {
    let text = line.trim_start();
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let ordered = (digits.len() < text.len())
        .then(|| digits.strip_prefix(['.', ')']))
        .flatten();
    let marked = text.strip_prefix(['-', '*', '+', '#', '>']).or(ordered);
    match marked {
        Some(rest) if rest.is_empty() || rest.starts_with(' ') => rest.trim_start(),
        _ => line,
    }
}

/// Reads links, escapes and references, and takes the marks of emphasis away.
fn spans(line: &str) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut links = Vec::new();
    let mut rest = line;
    while let Some(sign) = rest.chars().next() {
        let behind = rest.get(sign.len_utf8()..).unwrap_or_default();
        let before = text.chars().next_back();
        rest = match sign {
            '\\' if behind.starts_with(|c: char| c.is_ascii_punctuation()) => {
                let escaped = behind.chars().next().unwrap_or_default();
                text.push(escaped);
                behind.get(1..).unwrap_or_default()
            }
            '[' => match link(behind) {
                Some((label, target, behind)) => {
                    links.push(target.to_owned());
                    text.push_str(&spans(label).0);
                    behind
                }
                None => {
                    text.push('[');
                    behind
                }
            },
            '&' => match reference(behind) {
                Some((decoded, behind)) => {
                    text.push(decoded);
                    behind
                }
                None => {
                    text.push('&');
                    behind
                }
            },
            '*' | '`' | '~' => behind,
            '_' if is_mark(before, behind) => behind,
            sign => {
                text.push(sign);
                behind
            }
        };
    }
    (text, links)
}

/// Returns whether a low line is a mark of emphasis, which it is not within a word.
fn is_mark(before: Option<char>, behind: &str) -> bool {
    let next = behind.chars().next();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !(is_word(before) && is_word(next))
}

/// Reads `label](target)`.
fn link(behind: &str) -> Option<(&str, &str, &str)> {
    let (label, rest) = behind.split_once("](")?;
    let (target, rest) = rest.split_once(')')?;
    Some((label, target, rest))
}

fn reference(behind: &str) -> Option<(char, &str)> {
    let (name, rest) = behind.split_once(';')?;
    let decoded = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "nbsp" => '\u{a0}',
        _ => char::from_u32(name.strip_prefix('#')?.parse().ok()?)?,
    };
    Some((decoded, rest))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn marks_vanish_and_links_lead() {
        for (source, text, links) in [
            ("plain text 1.10.2", "plain text 1.10.2", &[][..]),
            ("**bold** _it_ c_1837", "bold it c_1837", &[]),
            (
                "see [the log](https://x.org/a)",
                "see the log",
                &["https://x.org/a"],
            ),
            (
                "at https://x.org/a, now",
                "at https://x.org/a, now",
                &["https://x.org/a"],
            ),
            ("- item", "item", &[]),
            ("1. item", "item", &[]),
            ("1.5 items", "1.5 items", &[]),
            ("a &amp; b &#60;", "a & b <", &[]),
            ("\\*a", "*a", &[]),
        ] {
            let read = read(source);
            assert_eq!(read.text, text);
            assert_eq!(read.links, links, "{source}");
        }
    }
}
