//! Addresses of `links`, parsed at compile time.

use std::ops::Range;

use crate::ast::LinkPiece;
use crate::names::{is_identifier, nearest};

/// The words that are not fields, with their pieces.
const WORDS: &[(&str, LinkPiece)] = &[
    ("commit", LinkPiece::Commit),
    ("environment", LinkPiece::Word("Environment")),
    ("file", LinkPiece::Word("File")),
    ("fingerprint", LinkPiece::Word("Fingerprint")),
    ("host", LinkPiece::Word("Host")),
    ("line", LinkPiece::Word("Line")),
    ("project", LinkPiece::Word("Project")),
    ("release", LinkPiece::Word("Release")),
    ("target", LinkPiece::Word("Target")),
];

/// A mistake in a link template: its place, what is wrong, and what to write.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LinkMistake {
    pub(crate) at: Range<usize>,
    pub(crate) wrong: String,
    pub(crate) help: String,
}

fn new_mistake(at: Range<usize>, wrong: impl Into<String>, help: impl Into<String>) -> LinkMistake {
    LinkMistake {
        at,
        wrong: wrong.into(),
        help: help.into(),
    }
}

/// Parses a link template.
///
/// # Errors
///
/// All mistakes, in order.
pub(crate) fn parse(url: &str) -> Result<Vec<LinkPiece>, Vec<LinkMistake>> {
    let mut pieces = Vec::new();
    let mut mistakes = Vec::new();
    let host = find_host(url).unwrap_or_else(|mistake| {
        mistakes.push(mistake);
        0..0
    });
    let mut at = 0;
    while let Some(open) = find_from(url, at, '{') {
        push_text(url, at..open, &mut pieces, &mut mistakes);
        if let Some((whole, word)) = word_in_double_braces(url, open) {
            let wrong = "a word stands in one pair of braces";
            at = whole.end;
            // Alertmanager writes `.Labels.instance`, of which the last part is the field.
            let word = match word.strip_prefix(['.', '$']) {
                Some(path) => path.rsplit('.').next().unwrap_or(path),
                None => word,
            };
            mistakes.push(new_mistake(whole, wrong, format!("write `{{{word}}}`")));
            continue;
        }
        // A gap must end before the next one begins.
        let close = find_from(url, open, '}')
            .filter(|close| find_from(url, open + 1, '{').is_none_or(|next| next > *close));
        let Some(close) = close else {
            let rest = url.get(open..).unwrap_or_default();
            let end = rest.find(['/', '?', '#', '&', '=']).unwrap_or(rest.len());
            let wrong = format!(
                "the brace in `{}` is not closed",
                rest.get(..end).unwrap_or(rest)
            );
            let help = "write `{trace_id}`, or `%7B` for a literal brace";
            mistakes.push(new_mistake(open..open + 1, wrong, help));
            at = open + 1;
            continue;
        };
        let whole = open..close + 1;
        let word = url.get(open + 1..close).unwrap_or_default();
        let sign = url
            .get(..open)
            .and_then(|before| before.chars().next_back());
        if let Some(sign @ ('$' | '%')) = sign {
            let wrong = format!("a word stands in braces alone, without `{sign}`: `{{{word}}}`");
            let code = u32::from(sign);
            let help = format!("write `{{{word}}}`, or `%{code:02X}` for a literal `{sign}`");
            mistakes.push(new_mistake(open - 1..open, wrong, help));
        } else if host.contains(&open) {
            let wrong = format!("the host of a link cannot contain `{{{word}}}`");
            let help = "write out the host, and use words in the path or the query";
            mistakes.push(new_mistake(whole, wrong, help));
        } else {
            match parse_word(word) {
                Ok(piece) => pieces.push(piece),
                Err((wrong, help)) => mistakes.push(new_mistake(whole, wrong, help)),
            }
        }
        at = close + 1;
    }
    push_text(url, at..url.len(), &mut pieces, &mut mistakes);
    if mistakes.is_empty() {
        Ok(pieces)
    } else {
        Err(mistakes)
    }
}

/// Returns the word in `{{word}}` at `open`, which other template languages write.
fn word_in_double_braces(url: &str, open: usize) -> Option<(Range<usize>, &str)> {
    let inside = url.get(open..)?.strip_prefix("{{")?;
    let (word, _) = inside.split_once("}}")?;
    let is_word = !word.contains(['{', '}']);
    is_word.then(|| (open..open + word.len() + 4, word.trim()))
}

/// Returns the position of the first `sign` from `at` on.
fn find_from(url: &str, at: usize, sign: char) -> Option<usize> {
    Some(at + url.get(at..)?.find(sign)?)
}

/// Returns the range of the host, including the port and all else before the path.
fn find_host(url: &str) -> Result<Range<usize>, LinkMistake> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| url.starts_with(scheme));
    let Some(scheme) = scheme else {
        let wrong = "a link begins with `https://` or `http://`";
        let end = url.find("://").map_or(url.len(), |end| end + 3);
        let help = match url.get(end..).filter(|rest| !rest.is_empty()) {
            Some(rest) => format!("write `https://{rest}`"),
            None if url.starts_with('/') => format!("write `https://wiki.example.org{url}`"),
            None => format!("write `https://{url}`"),
        };
        return Err(new_mistake(0..end, wrong, help));
    };
    let start = scheme.len();
    let after = url.get(start..).unwrap_or_default();
    let host = start..start + after.find(['/', '?', '#']).unwrap_or(after.len());
    if host.is_empty() {
        let help = "write `https://` and a host, such as `wiki.example.org`";
        return Err(new_mistake(0..start, "this link has no host", help));
    }
    let written = url.get(host.clone()).unwrap_or_default();
    if let Some(end) = written.find('@') {
        let wrong = "a link cannot contain a user or a password: everybody in the chat sees it";
        return Err(new_mistake(
            start..start + end + 1,
            wrong,
            "remove everything before the host",
        ));
    }
    Ok(host)
}

/// Adds the text between two gaps, which must be valid in an address.
fn push_text(
    url: &str,
    at: Range<usize>,
    pieces: &mut Vec<LinkPiece>,
    mistakes: &mut Vec<LinkMistake>,
) {
    let written = url.get(at.clone()).unwrap_or_default();
    for (index, sign) in written.char_indices() {
        let place = at.start + index..at.start + index + sign.len_utf8();
        if sign == '}' {
            let help = "write `{trace_id}`, or `%7D` for a literal brace";
            mistakes.push(new_mistake(place, "this `}` has no opening brace", help));
        } else if let Some(word) = written.get(index..).and_then(word_in_angles) {
            let wrong = format!("a word stands in braces: `{{{word}}}`");
            let place = at.start + index..at.start + index + word.len() + 2;
            mistakes.push(new_mistake(place, wrong, format!("write `{{{word}}}`")));
        } else if sign == '>' && written.get(..index).is_some_and(ends_in_word) {
            // It was reported with its beginning.
        } else if !sign.is_ascii_graphic() || "\"<>\\^`|".contains(sign) {
            let mut bytes = [0; 4];
            let bytes = sign.encode_utf8(&mut bytes).bytes();
            let encoded: String = bytes.map(|byte| format!("%{byte:02X}")).collect();
            let wrong = format!("{sign:?} cannot be part of a URL");
            mistakes.push(new_mistake(place, wrong, format!("write `{encoded}`")));
        }
    }
    for (word, _) in WORDS {
        for (index, found) in written.match_indices(&format!("${word}")) {
            let after = written.get(index + found.len()..).unwrap_or_default();
            if after.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
                continue;
            }
            let index = at.start + index;
            let wrong = format!("a word stands in braces: `{{{word}}}`");
            let help = format!("write `{{{word}}}`, or `%24` for a literal `$`");
            mistakes.push(new_mistake(index..index + word.len() + 1, wrong, help));
        }
    }
    if !written.is_empty() {
        pieces.push(LinkPiece::Text(written.to_owned()));
    }
}

/// Returns the word in `<trace_id>` at the beginning of `text`.
fn word_in_angles(text: &str) -> Option<&str> {
    let (word, _) = text.strip_prefix('<')?.split_once('>')?;
    word.split('.').all(is_field_name).then_some(word)
}

/// Returns whether `text` ends with an open `<trace_id`.
fn ends_in_word(text: &str) -> bool {
    let word = text.rsplit_once('<').map(|(_, word)| word);
    word.is_some_and(|word| word.split('.').all(is_field_name))
}

/// Parses `{word}`; an error says what is wrong, and what to write.
fn parse_word(word: &str) -> Result<LinkPiece, (String, String)> {
    if let Some((_, piece)) = WORDS.iter().find(|(known, _)| *known == word) {
        return Ok(piece.clone());
    }
    let words = || WORDS.iter().map(|(known, _)| *known);
    let wrong = format!("there is no word `{{{word}}}`");
    if let Some(meant) = suggest_word(word) {
        return Err((wrong, format!("write `{{{meant}}}`")));
    }
    // An event can have a field of such a name.
    if !word.is_empty() && word.split('.').all(is_field_name) {
        return Ok(LinkPiece::Field(word.to_owned()));
    }
    let known: Vec<_> = words().map(|known| format!("`{{{known}}}`")).collect();
    let help = format!(
        "write the name of a field, such as `{{trace_id}}` or `{{http.route}}`, or one of {}",
        known.join(", ")
    );
    Err((wrong, help))
}

/// Returns whether this can be a part of a field's name; keywords can.
fn is_field_name(name: &str) -> bool {
    is_identifier(name) || is_identifier(&format!("{name}_"))
}

/// Returns the intended word, if certain: long enough, one edit away, and not just a plural.
fn suggest_word(word: &str) -> Option<&'static str> {
    let lower = word.trim().to_lowercase();
    let known = || WORDS.iter().map(|(known, _)| *known);
    if let Some(meant) = known().find(|known| *known == lower) {
        return Some(meant);
    }
    let long = known().filter(|known| known.len() >= 6);
    nearest(&lower, long).filter(|meant| {
        strsim::osa_distance(&lower, meant) == 1 && lower.strip_suffix('s') != Some(meant)
    })
}

#[cfg(test)]
mod tests {
    use super::LinkPiece::{Commit, Field, Text, Word};
    use super::parse;

    fn text(written: &str) -> super::LinkPiece {
        Text(written.to_owned())
    }

    /// Returns the texts at which `url` has mistakes.
    fn wrong(url: &str) -> Vec<&str> {
        let mistakes = parse(url).unwrap_err();
        let places = mistakes.into_iter().map(|mistake| mistake.at);
        places.map(|at| &url[at]).collect()
    }

    #[test]
    fn words_fields_and_text_alternate_as_written() {
        let url = "https://git.example.org/shop/blob/{commit}/{file}#L{line}";
        let pieces = [
            text("https://git.example.org/shop/blob/"),
            Commit,
            text("/"),
            Word("File"),
            text("#L"),
            Word("Line"),
        ];
        assert_eq!(parse(url).unwrap(), pieces);
        let url = "http://grafana.example.org:3000/explore?trace={trace_id}&route={http.route}";
        let pieces = [
            text("http://grafana.example.org:3000/explore?trace="),
            Field("trace_id".to_owned()),
            text("&route="),
            Field("http.route".to_owned()),
        ];
        assert_eq!(parse(url).unwrap(), pieces);
        for field in ["type", "commits", "lines", "project_id", "hosts"] {
            let pieces = parse(&format!("https://a.example/{{{field}}}")).unwrap();
            assert_eq!(pieces.last(), Some(&Field(field.to_owned())));
        }
    }

    #[test]
    fn mistakes_are_told_with_their_places() {
        for (url, places) in [
            (
                "https://a.example/{trace-id}/{x}/{}",
                &["{trace-id}", "{}"][..],
            ),
            (
                "https://a.example/{comit}/{File}/{ line }",
                &["{comit}", "{File}", "{ line }"],
            ),
            ("https://a.example/{trace_id", &["{"]),
            ("https://a.example/{trace_id/{x}", &["{"]),
            ("https://a.example/trace_id}", &["}"]),
            ("https://{host}/x", &["{host}"]),
            (
                "https://a.{region}.example:{port}?{x}",
                &["{region}", "{port}"],
            ),
            ("https:///x", &["https://"]),
            ("ftp://a.example/{x}", &["ftp://"]),
            ("{url}", &["{url}"]),
            ("", &[""]),
            ("https://ada:secret@a.example/", &["ada:secret@"]),
            ("https://a.example/two words/ü", &[" ", "ü"]),
        ] {
            assert_eq!(wrong(url), places, "{url}");
        }
    }

    #[test]
    fn the_help_says_what_to_write() {
        let help = |url| parse(url).unwrap_err().remove(0).help;
        assert_eq!(help("https://a.example/{comit}"), "write `{commit}`");
        assert_eq!(help("a.example/x"), "write `https://a.example/x`");
        assert_eq!(help("ftp://a.example/x"), "write `https://a.example/x`");
        assert_eq!(help("https://a.example/ü"), "write `%C3%BC`");
    }
}
