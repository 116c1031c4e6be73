//! The removal of the adapters' Markdown for Discord, Zulip and Mattermost, so that people can read
//! the text.

use super::code_span::BREAK;

/// The dialects of Markdown: their escapes, and what the adapters write in them.
#[derive(Clone, Copy)]
pub(super) enum Dialect {
    /// Backslash escapes; links.
    Discord,
    /// Backslash escapes; bold and links.
    Mattermost,
    /// Character references; bold, links and times.
    Zulip,
}

/// Returns Markdown of the built-in adapters as it is read: without the markup of fences, code
/// spans, bold, escapes, links and times.
pub(super) fn strip_markdown(text: &str, dialect: Dialect) -> String {
    let mut shown = String::with_capacity(text.len());
    // The open fences, and whether their content is code.
    let mut open: Vec<(&str, bool)> = Vec::new();
    for line in text.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        let (run, language) = line.split_at(ticks);
        let is_code = open.last().is_some_and(|(_, is_code)| *is_code);
        if open.last().is_some_and(|(fence, _)| *fence == line) {
            open.pop();
            continue;
        }
        if ticks >= 3 && !is_code && !language.contains('`') {
            let header = language.strip_prefix("spoiler ");
            open.push((run, header.is_none()));
            if let Some(header) = header {
                shown.push_str(header);
                shown.push('\n');
            }
            continue;
        }
        if is_code {
            shown.extend(line.chars().filter(|c| *c != BREAK));
        } else {
            strip_line(line, dialect, &mut shown);
        }
        shown.push('\n');
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// Strips one line outside of code.
fn strip_line(line: &str, dialect: Dialect, shown: &mut String) {
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if let Some((text, after)) = span_at(rest) {
            shown.extend(text.chars().filter(|c| *c != BREAK));
            rest = after;
            continue;
        }
        if c == '`' {
            // A run without a matching one is text.
            let behind = rest.trim_start_matches('`');
            shown.extend(rest.strip_suffix(behind));
            rest = behind;
            continue;
        }
        if let Some((name, behind)) = link_at(rest) {
            strip_line(name, dialect, shown);
            rest = behind;
            continue;
        }
        rest = match dialect {
            Dialect::Discord => strip_escape(rest, shown),
            Dialect::Mattermost => match rest.strip_prefix("**") {
                Some(behind) => behind,
                None => strip_escape(rest, shown),
            },
            Dialect::Zulip => strip_mark(rest, shown),
        };
    }
}

/// Appends the character that Discord's Markdown begins with, and returns the rest. A backslash
/// before a letter, a digit or white space is literal.
fn strip_escape<'t>(text: &'t str, shown: &mut String) -> &'t str {
    let is_escapable = |c: &char| !c.is_ascii_alphanumeric() && !c.is_whitespace();
    let escaped = text
        .strip_prefix('\\')
        .filter(|behind| behind.chars().next().as_ref().is_some_and(is_escapable));
    let mut signs = escaped.unwrap_or(text).chars();
    shown.extend(signs.next().filter(|c| *c != BREAK));
    signs.as_str()
}

/// Appends what Zulip's Markdown begins with, markup or a character, and returns the rest.
fn strip_mark<'t>(text: &'t str, shown: &mut String) -> &'t str {
    if let Some((time, behind)) = text
        .strip_prefix("<time:")
        .and_then(|time| time.split_once('>'))
    {
        shown.push_str(time);
        return behind;
    }
    if let Some((c, behind)) = reference_at(text) {
        shown.push(c);
        return behind;
    }
    if let Some(behind) = text.strip_prefix("**") {
        return behind;
    }
    let mut signs = text.chars();
    shown.extend(signs.next());
    signs.as_str()
}

/// Returns the character of the reference that begins here, and the rest. The non-breaking space is
/// used for runs of spaces.
fn reference_at(text: &str) -> Option<(char, &str)> {
    if let Some(behind) = text.strip_prefix("&nbsp;") {
        return Some((' ', behind));
    }
    let number = text.strip_prefix("&#")?;
    let behind = number.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = number.strip_suffix(behind)?;
    let c = char::from_u32(digits.parse().ok()?)?;
    Some((c, behind.strip_prefix(';')?))
}

/// Returns the text of the code span that begins here, and the rest.
fn span_at(text: &str) -> Option<(&str, &str)> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let (run, inside) = text.split_at(ticks);
    if run.is_empty() {
        return None;
    }
    let mut from = 0;
    loop {
        let at = from + inside.get(from..)?.find(run)?;
        let behind = inside.get(at..)?;
        let length = behind.len() - behind.trim_start_matches('`').len();
        if length == ticks {
            let text = inside.get(..at)?;
            let padded = text
                .strip_prefix(' ')
                .and_then(|text| text.strip_suffix(' '));
            let padded = padded.filter(|text| text.starts_with('`') || text.ends_with('`'));
            return Some((padded.unwrap_or(text), behind.get(ticks..)?));
        }
        from = at + length;
    }
}

/// Returns the text of the link that begins here, and the rest.
fn link_at(text: &str) -> Option<(&str, &str)> {
    let (name, behind) = text.strip_prefix('[')?.split_once("](")?;
    let (_, behind) = behind.split_once(')')?;
    Some((name, behind))
}

#[cfg(test)]
mod tests {
    use super::{Dialect, strip_markdown};
    use crate::adapter::code_span::code_span;

    const DIALECTS: [Dialect; 3] = [Dialect::Discord, Dialect::Mattermost, Dialect::Zulip];

    #[test]
    fn what_was_written_as_code_is_read_as_it_was() {
        for text in [
            "a",
            "a``b",
            "`",
            "``",
            "a\\*b_[x](y)&#42;",
            "**",
            " padded ",
        ] {
            for dialect in DIALECTS {
                let read = strip_markdown(&format!("x {} y", code_span(text)), dialect);
                assert_eq!(read, format!("x {text} y"));
            }
        }
        let text =
            "````spoiler Backtrace\n```text\n0: a`b\n``\n```\n````\n**E** <time:2026> [f](/u)";
        let read = strip_markdown(text, Dialect::Zulip);
        assert_eq!(read, "Backtrace\n0: a`b\n``\nE 2026 f");
    }

    #[test]
    fn what_each_platform_reads_as_an_escape_is_undone_and_nothing_else() {
        let text = "\\*\\- C:\\temp \\\\ &#42;&nbsp;&lt; **a**";
        let read = |dialect| strip_markdown(text, dialect);
        assert_eq!(
            read(Dialect::Discord),
            "*- C:\\temp \\ &#42;&nbsp;&lt; **a**"
        );
        assert_eq!(read(Dialect::Zulip), "\\*\\- C:\\temp \\\\ * &lt; a");
    }

    #[test]
    fn a_mark_that_never_ends_is_a_letter() {
        for text in [
            "a ` b",
            "[x](",
            "<time:2026",
            "``` x` y",
            "&#;",
            "&#12",
            "&#99999999;",
            "\\",
        ] {
            for dialect in DIALECTS {
                assert_eq!(strip_markdown(text, dialect), text);
            }
        }
    }
}
