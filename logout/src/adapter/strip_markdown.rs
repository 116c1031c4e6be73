//! The removal of the Markdown that Discord and Zulip are sent, for a person to read the text.

use super::code_span::BREAK;

/// Returns what the built-in adapters write in Markdown, as it is read: without the marks of
/// fences, code spans, bold, escapes, links and times.
pub(super) fn strip_markdown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    // The fences that are open; in the last one the text stands as it is if it is code.
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
            strip_line(line, &mut shown);
        }
        shown.push('\n');
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// One line outside of code.
fn strip_line(line: &str, shown: &mut String) {
    let mut rest = match line.strip_prefix("* ") {
        Some(item) => {
            shown.push_str("• ");
            item
        }
        None => line,
    };
    while let Some(c) = rest.chars().next() {
        if let Some((text, after)) = span_at(rest) {
            shown.extend(text.chars().filter(|c| *c != BREAK));
            rest = after;
            continue;
        }
        if let Some((text, after)) = link_at(rest) {
            shown.push_str(text);
            rest = after;
            continue;
        }
        if c == '`' {
            // A run without its like is text, all of it.
            let behind = rest.trim_start_matches('`');
            shown.extend(rest.strip_suffix(behind));
            rest = behind;
            continue;
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '\\' => {
                let escaped = rest.chars().next();
                shown.extend(escaped);
                rest = rest
                    .get(escaped.map_or(0, char::len_utf8)..)
                    .unwrap_or_default();
            }
            '*' if rest.starts_with('*') => rest = rest.get(1..).unwrap_or_default(),
            BREAK => {}
            c => shown.push(c),
        }
    }
}

/// Returns the text of the code span that begins here, and what stands behind it.
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

/// Returns the text of the link or the time that begins here, and what stands behind it.
fn link_at(text: &str) -> Option<(&str, &str)> {
    if let Some(time) = text.strip_prefix("<time:") {
        return time.split_once('>');
    }
    let (name, behind) = text.strip_prefix('[')?.split_once("](")?;
    let (_, behind) = behind.split_once(')')?;
    Some((name, behind))
}

#[cfg(test)]
mod tests {
    use super::strip_markdown;
    use crate::adapter::code_span::code_span;

    #[test]
    fn what_was_written_as_code_is_read_as_it_was() {
        for text in ["a", "a``b", "`", "``", "a\\*b_[x](y)", "**", " padded "] {
            assert_eq!(
                strip_markdown(&format!("x {} y", code_span(text))),
                format!("x {text} y")
            );
        }
        let text = "````spoiler Backtrace\n```text\n0: a`b\n``\n```\n````\n\\*\\- **E** <time:2026> [f](/u)";
        assert_eq!(strip_markdown(text), "Backtrace\n0: a`b\n``\n*- E 2026 f");
    }

    #[test]
    fn a_mark_that_never_ends_is_a_letter() {
        for text in ["a ` b", "[x](", "<time:2026", "``` x` y"] {
            assert_eq!(strip_markdown(text), text);
        }
    }
}
