//! A Discord message as a person reads it.

use serde_json::Value;

use super::super::bare_urls;
use super::super::json::Fields as _;
use super::super::markdown::{self, MarkdownSpan};

/// Returns content and embeds, one line per part. Author and footer are read as plain text.
pub(super) fn text(content: &str, embeds: &[Value]) -> String {
    let mut lines = Vec::new();
    push(&mut lines, content);
    for embed in embeds {
        push_plain(&mut lines, embed.field("author").string("name"));
        push(&mut lines, embed.string("title"));
        push(&mut lines, embed.string("description"));
        for field in embed.list("fields") {
            let (name, value) = (field.string("name"), field.string("value"));
            push(&mut lines, &format!("{name}: {value}"));
        }
        push_plain(&mut lines, embed.field("footer").string("text"));
    }
    lines.join("\n")
}

fn push(lines: &mut Vec<String>, markdown: &str) {
    push_plain(lines, &shown(markdown));
}

fn push_plain(lines: &mut Vec<String>, text: &str) {
    if !text.is_empty() {
        lines.push(text.to_owned());
    }
}

/// Returns Markdown as it is shown: without fences and the backticks of code. Outside of code, backslash
/// escapes are undone, bold signs are removed, and links are reduced to their text. A backslash before a
/// letter or a digit of ASCII or white space is no escape and stays.
fn shown(markdown: &str) -> String {
    let mut shown = String::new();
    for span in spans(markdown) {
        match span {
            MarkdownSpan::Code(code) => shown.push_str(code),
            MarkdownSpan::Prose(prose) => show_prose(prose, &mut shown),
        }
    }
    shown.trim_matches('\n').to_owned()
}

fn show_prose(prose: &str, shown: &mut String) {
    let is_escapable = |sign: &char| !sign.is_ascii_alphanumeric() && !sign.is_whitespace();
    let mut rest = prose;
    while let Some(sign) = rest.chars().next() {
        let behind = rest.get(sign.len_utf8()..).unwrap_or_default();
        let escaped = behind.chars().next().filter(is_escapable);
        rest = match (sign, escaped, masked_link(rest)) {
            ('\\', Some(escaped), _) => {
                shown.push(escaped);
                behind.get(escaped.len_utf8()..).unwrap_or_default()
            }
            (_, _, Some((label, behind))) => {
                show_prose(label, shown);
                behind
            }
            ('*', Some('*'), _) => behind.get(1..).unwrap_or_default(),
            _ => {
                shown.push(sign);
                behind
            }
        };
    }
}

/// Returns the text of the link that begins here, `[text](https://…)`, and what stands behind it.
fn masked_link(text: &str) -> Option<(&str, &str)> {
    let (label, address, behind) = markdown::masked_link(text)?;
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    (is_web && !label.contains('\n')).then_some((label, behind))
}

/// Splits at code: blocks in three backticks, spans in one or two.
fn spans(text: &str) -> Vec<MarkdownSpan<'_>> {
    let mut spans = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(start) = rest.get(from..).and_then(|text| text.find('`')) {
        let start = from + start;
        let (before, opened) = rest.split_at(start);
        let backslashes = before.len() - before.trim_end_matches('\\').len();
        let run = opened.len() - opened.trim_start_matches('`').len();
        let mark = opened.get(..run.min(3)).unwrap_or_default();
        let inner = opened.get(mark.len()..).unwrap_or_default();
        match inner.split_once(mark) {
            Some((code, behind)) if backslashes % 2 == 0 && !mark.is_empty() => {
                spans.push(MarkdownSpan::Prose(before));
                spans.push(MarkdownSpan::Code(if mark == "```" {
                    without_language(code)
                } else {
                    code
                }));
                rest = behind;
                from = 0;
            }
            _ => from = start + 1,
        }
    }
    spans.push(MarkdownSpan::Prose(rest));
    spans
}

/// Removes the first line of a block where it names a language: it is one word and something follows it.
fn without_language(code: &str) -> &str {
    let is_language = |word: &str| {
        word.chars()
            .all(|sign| sign.is_ascii_alphanumeric() || "_+-.#".contains(sign))
    };
    match code.split_once('\n') {
        Some((first, rest)) if is_language(first) && !rest.trim().is_empty() => {
            rest.trim_end_matches('\n')
        }
        _ => code.trim_matches('\n'),
    }
}

/// Returns which mentions notify someone. Only the content mentions, code does not; without
/// `allowed_mentions` a webhook mentions users alone
/// (<https://discord.com/developers/docs/resources/message#allowed-mentions-object>). A backslash
/// does not help: `\<@1>` still notifies.
pub(super) fn mentions(content: &str, allowed: &Value) -> Vec<String> {
    let prose = markdown::prose(&spans(content));
    let lists = |name: &str, what: &str| {
        let mut list = allowed.list(name).iter();
        list.any(|one| one.as_str() == Some(what))
    };
    let may = |kind: &str, id: &str| match allowed {
        Value::Null => kind == "users",
        _ => lists("parse", kind) || (kind != "everyone" && lists(kind, id)),
    };
    let mut found = Vec::new();
    for (index, _) in prose.match_indices("<@") {
        let Some((inner, _)) = prose.get(index + 2..).and_then(|rest| rest.split_once('>')) else {
            continue;
        };
        let (kind, id) = match inner.strip_prefix('&') {
            Some(role) => ("roles", role),
            None => ("users", inner.strip_prefix('!').unwrap_or(inner)),
        };
        let is_id = !id.is_empty() && id.bytes().all(|digit| digit.is_ascii_digit());
        if is_id && may(kind, id) {
            found.push(format!("<@{inner}>"));
        }
    }
    for name in ["@everyone", "@here"] {
        if prose.contains(name) && may("everyone", "") {
            found.push(name.to_owned());
        }
    }
    found
}

/// Returns the URLs that can be followed, bare or behind a label.
pub(super) fn links(content: &str, embeds: &[Value]) -> Vec<String> {
    let mut links = bare_urls::find_urls(&markdown::prose(&spans(content)));
    for embed in embeds {
        let texts = ["title", "description"].map(|name| embed.string(name));
        let values = embed
            .list("fields")
            .iter()
            .map(|field| field.string("value"));
        for text in texts.into_iter().chain(values) {
            links.extend(bare_urls::find_urls(&markdown::prose(&spans(text))));
        }
        let url = embed.string("url");
        if !url.is_empty() {
            links.push(url.to_owned());
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn allowed_mentions_decides_who_is_notified() {
        let content = "<@1> <@&2> @everyone `<@3>` ```\n@here\n``` \\<@4>";
        for (allowed, notified) in [
            (json!(null), &["<@1>", "<@4>"][..]),
            (json!({ "parse": [] }), &[]),
            (
                json!({ "parse": ["roles", "everyone"] }),
                &["<@&2>", "@everyone"],
            ),
            (json!({ "parse": [], "users": ["4"] }), &["<@4>"]),
        ] {
            assert_eq!(mentions(content, &allowed), notified, "{allowed}");
        }
    }

    #[test]
    fn markdown_is_read_as_it_is_shown() {
        for (sent, read) in [
            ("**boom** a\\_b\\*", "boom a_b*"),
            ("```text\nx\n  y\n```", "x\n  y"),
            ("```\nVec<u8>\n```", "Vec<u8>"),
            ("a `b\\_c` d", "a b\\_c d"),
            ("lone ` tick", "lone ` tick"),
            ("C:\\temp \\é \\\\*", "C:\\temp é \\*"),
            ("[a\\_b](https://a.example/x) · [c](x)", "a_b · [c](x)"),
            ("\\[a](https://a.example/x)", "[a](https://a.example/x)"),
        ] {
            assert_eq!(shown(sent), read);
        }
    }

    #[test]
    fn a_footer_is_read_as_it_is_written() {
        let embeds = [json!({ "footer": { "text": "my\\_app **x** `y`" } })];
        assert_eq!(text("a", &embeds), "a\nmy\\_app **x** `y`");
    }
}
