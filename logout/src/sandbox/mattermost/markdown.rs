//! Mattermost's Markdown, as far as it matters who is mentioned, what leads somewhere, and what stands
//! in code.

use super::super::bare_urls;
use super::super::markdown::{MarkdownSpan, closing_backticks, masked_link};
use super::super::readable::ReadableMessage;

impl ReadableMessage {
    /// Adds a text in which Markdown is read.
    pub(super) fn add_markdown(&mut self, markdown: &str) {
        let mut prose = String::new();
        let mut fence: Option<&str> = None;
        for line in markdown.lines() {
            match (fence, fence_of(line)) {
                (Some(open), Some((run, ""))) if run.starts_with(open) => fence = None,
                (None, Some((run, _))) => {
                    self.add_prose(&prose);
                    prose.clear();
                    fence = Some(run);
                }
                (Some(_), _) => self.push_line(line),
                (None, None) => {
                    prose.push_str(line);
                    prose.push('\n');
                }
            }
        }
        self.add_prose(&prose);
    }

    /// Adds a text that is shown as it is.
    pub(super) fn add_plain(&mut self, text: &str) {
        if !text.is_empty() {
            self.push_line(text);
        }
    }

    fn push_line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn add_prose(&mut self, prose: &str) {
        let prose = prose.trim_end_matches('\n');
        if prose.is_empty() {
            return;
        }
        // What is read without its backslashes and references: that is where mentions and tags are looked for.
        let mut words = String::new();
        let mut shown = String::new();
        let mut raw = String::new();
        for span in spans(prose) {
            match span {
                MarkdownSpan::Code(code) => {
                    shown.push_str(code.trim());
                    words.push('\0');
                    raw.push('\0');
                }
                MarkdownSpan::Prose(prose) => {
                    self.show_prose(prose, &mut shown, &mut words);
                    raw.push_str(prose);
                }
            }
        }
        self.push_line(&shown);
        find_mentions(&words, &mut self.mentions);
        self.links
            .extend(bare_urls::find_urls(&raw_without_links(&raw)));
        self.links.extend(auto_links(&words));
    }

    fn show_prose(&mut self, prose: &str, shown: &mut String, words: &mut String) {
        let mut rest = prose;
        while let Some(sign) = rest.chars().next() {
            let behind = rest.get(sign.len_utf8()..).unwrap_or_default();
            let escaped = behind.chars().next().filter(char::is_ascii_punctuation);
            if let (Some((label, address, after)), true) = (masked_link(rest), sign == '[') {
                self.links.push(address.to_owned());
                self.show_prose(label, shown, words);
                rest = after;
            } else if let (Some((read, after)), '&') = (reference(rest), sign) {
                shown.push(read);
                words.push(read);
                rest = after;
            } else if let ('\\', Some(escaped)) = (sign, escaped) {
                // The apps show a backslash before some of these; the server reads none of them.
                if !APPS_ESCAPE.contains(escaped) {
                    shown.push('\\');
                }
                shown.push(escaped);
                words.push(escaped);
                rest = behind.get(escaped.len_utf8()..).unwrap_or_default();
            } else if let Some(after) = rest.strip_prefix("**") {
                rest = after;
            } else {
                shown.push(sign);
                words.push(sign);
                rest = behind;
            }
        }
    }
}

/// The signs before which the apps read a backslash (`inline.escape` of their `marked`).
const APPS_ESCAPE: &str = "`*{}[]()#+-.!_>|~\\";

/// Returns the fence that a line is, and what stands behind it.
fn fence_of(line: &str) -> Option<(&str, &str)> {
    let indented = line.len() - line.trim_start_matches(' ').len();
    let line = line.trim_start_matches(' ');
    let sign = line.chars().next().filter(|sign| "`~".contains(*sign))?;
    let run = line.len() - line.trim_start_matches(sign).len();
    let (run, info) = line.split_at_checked(run)?;
    let fits = indented < 4 && run.len() >= 3 && !info.contains(['`', '~']);
    fits.then(|| (run, info.trim()))
}

/// Splits prose at its code spans, which end at a run of as many backticks as they begin with.
fn spans(prose: &str) -> Vec<MarkdownSpan<'_>> {
    let mut spans = Vec::new();
    let (mut rest, mut from) = (prose, 0);
    while let Some(found) = rest.get(from..).and_then(|text| text.find('`')) {
        let start = from + found;
        let (before, opened) = rest.split_at(start);
        let backslashes = before.len() - before.trim_end_matches('\\').len();
        if backslashes % 2 == 1 {
            from = start + 1;
            continue;
        }
        let run = opened.len() - opened.trim_start_matches('`').len();
        let (_, inner) = opened.split_at(run);
        match closing_backticks(inner, run) {
            Some((code, behind)) => {
                spans.push(MarkdownSpan::Prose(before));
                spans.push(MarkdownSpan::Code(code));
                (rest, from) = (behind, 0);
            }
            None => from = start + run,
        }
    }
    spans.push(MarkdownSpan::Prose(rest));
    spans
}

/// Takes the links with a name out of a text.
fn raw_without_links(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        match masked_link(rest) {
            Some((label, _, behind)) => {
                left.push_str(label);
                rest = behind;
            }
            None => {
                left.push(sign);
                rest = rest.get(sign.len_utf8()..).unwrap_or_default();
            }
        }
    }
    left
}

/// Returns the character of the reference that begins here, and what stands behind it.
fn reference(text: &str) -> Option<(char, &str)> {
    let (name, behind) = text.strip_prefix('&')?.split_once(';')?;
    let read = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "commat" => '@',
        "num" => '#',
        _ => {
            let number = name.strip_prefix('#').filter(|number| number.len() < 9)?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((read, behind))
}

/// Finds mentions as the server does (`StandardMentionParser.ProcessText`): a word of letters, numbers and
/// `:.-_@` that begins with `@`, or a part of one between `:`, `.` and `-`.
fn find_mentions(words: &str, mentions: &mut Vec<String>) {
    let is_part = |sign: char| sign.is_alphanumeric() || ":.-_@".contains(sign);
    for word in words.split(|sign| !is_part(sign)) {
        let whole = word.trim_start_matches([':', '.', '-', '_']);
        let candidates = [whole].into_iter().chain(whole.split([':', '.', '-']));
        let name = candidates
            .filter_map(|part| part.strip_prefix('@'))
            .map(|name| name.trim_end_matches([':', '.', '-', '_']))
            .find(|name| name.starts_with(char::is_alphanumeric));
        mentions.extend(name.map(|name| format!("@{name}")));
    }
}

/// Finds what the apps make links of by themselves: hosts that begin with `www.`, mail addresses, tags, and
/// channels, each of which counts as known.
fn auto_links(words: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in words.split(|sign: char| sign.is_whitespace() || sign == '\0') {
        let lower = word.to_lowercase();
        let mut before = None;
        let mut live = lower.find("www.").is_some_and(|at| lower.len() > at + 4);
        for (at, sign) in word.char_indices() {
            let behind = word.get(at + sign.len_utf8()..).unwrap_or_default();
            let mut next = behind.chars();
            let is_edge =
                before.is_none_or(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
            live |= match sign {
                '#' => {
                    is_edge
                        && behind.starts_with(char::is_alphabetic)
                        && behind.chars().nth(2).is_some()
                }
                '~' => is_edge && next.next().is_some_and(|sign| sign.is_ascii_alphabetic()),
                '@' => {
                    before.is_some()
                        && behind.split_once('.').is_some_and(|(host, end)| {
                            host.starts_with(char::is_alphanumeric)
                                && end.starts_with(char::is_alphabetic)
                        })
                }
                _ => false,
            };
            before = Some(sign);
        }
        if live {
            found.push(word.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::ReadableMessage;

    fn read(markdown: &str) -> ReadableMessage {
        let mut rendered = ReadableMessage::default();
        rendered.add_markdown(markdown);
        rendered.text.truncate(rendered.text.trim_end().len());
        rendered
    }

    #[test]
    fn no_backslash_keeps_the_server_from_a_mention() {
        for (text, mentions) in [
            ("@all", 1),
            ("\\@all", 1),
            ("&#64;all", 1),
            ("x@all", 0),
            ("a.@bob", 1),
            ("@\u{200b}all", 0),
            ("`@all`", 0),
            ("``a ` @all``", 0),
            ("\\`@all`", 1),
            ("` @all", 1),
            ("```text\n@all\n```", 0),
            ("```text\n@all\n````\n@bob", 1),
            ("```text\n@all\n``` x", 0),
            ("@", 0),
        ] {
            assert_eq!(read(text).mentions.len(), mentions, "{text}");
        }
    }

    #[test]
    fn what_leads_somewhere_is_told() {
        for (text, links) in [
            ("see https://a.example/x.", &["https://a.example/x"][..]),
            ("[a](https://a.example) b", &["https://a.example"]),
            ("`https://a.example` ```", &[]),
            ("www.a.example", &["www.a.example"]),
            ("\\#tag #12 #ab", &["#tag"]),
            ("~ops ~5 a~b", &["~ops"]),
            ("ann@a.example", &["ann@a.example"]),
        ] {
            assert_eq!(read(text).links, links, "{text}");
        }
    }

    #[test]
    fn marks_are_not_shown() {
        for (text, shown) in [
            ("**order** 42 · `a`", "order 42 · a"),
            ("\\*a\\* \\_ C:\\temp \\@", "*a* _ C:\\temp \\@"),
            ("a\n```text\nx\n  y\n```\nb", "a\nx\n  y\nb"),
            ("&lt; &x; &", "< &x; &"),
        ] {
            assert_eq!(read(text).text, shown, "{text}");
        }
    }
}
