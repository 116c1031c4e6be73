//! A Discord message as a person reads it.

use serde_json::Value;

use super::super::bare_urls;

/// Returns content and embeds, one line per part. Author and footer are read as plain text.
pub(super) fn text(content: &str, embeds: &[Value]) -> String {
    let mut lines = Vec::new();
    push(&mut lines, content);
    for embed in embeds {
        let text = |pointer: &str| {
            embed
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        push_plain(&mut lines, text("/author/name"));
        push(&mut lines, text("/title"));
        push(&mut lines, text("/description"));
        let fields = embed.get("fields").and_then(Value::as_array);
        for field in fields.into_iter().flatten() {
            let part = |name: &str| field.get(name).and_then(Value::as_str).unwrap_or_default();
            push(&mut lines, &format!("{}: {}", part("name"), part("value")));
        }
        push_plain(&mut lines, text("/footer/text"));
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
            ContentSpan::Code(code) => shown.push_str(code),
            ContentSpan::Prose(prose) => show_prose(prose, &mut shown),
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
    let (label, behind) = text.strip_prefix('[')?.split_once("](")?;
    let (address, behind) = behind.split_once(')')?;
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    let is_one = !label.is_empty() && !label.contains(['[', ']', '\n']);
    (is_web && is_one && !address.contains(char::is_whitespace)).then_some((label, behind))
}

enum ContentSpan<'t> {
    Prose(&'t str),
    Code(&'t str),
}

/// Splits at code: blocks in three backticks, spans in one or two.
fn spans(text: &str) -> Vec<ContentSpan<'_>> {
    let mut spans = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(start) = rest.get(from..).and_then(|text| text.find('`')) {
        let start = from + start;
        let (before, opened) = rest.split_at(start);
        let escaped = before
            .chars()
            .rev()
            .take_while(|sign| *sign == '\\')
            .count()
            % 2
            == 1;
        let run = opened.chars().take_while(|sign| *sign == '`').count();
        let mark = opened.get(..run.min(3)).unwrap_or_default();
        let inner = opened.get(mark.len()..).unwrap_or_default();
        match inner.split_once(mark) {
            Some((code, behind)) if !escaped && !mark.is_empty() => {
                spans.push(ContentSpan::Prose(before));
                spans.push(ContentSpan::Code(if mark == "```" {
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
    spans.push(ContentSpan::Prose(rest));
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

fn prose(text: &str) -> String {
    let spans = spans(text);
    let prose = spans.iter().map(|span| match span {
        ContentSpan::Prose(prose) => prose,
        ContentSpan::Code(_) => " ",
    });
    prose.collect()
}

/// Returns which mentions notify someone. Only the content mentions, code does not; without
/// `allowed_mentions` a webhook mentions users alone
/// (<https://discord.com/developers/docs/resources/message#allowed-mentions-object>). A backslash
/// does not help: `\<@1>` still notifies.
pub(super) fn mentions(content: &str, allowed: Option<&Value>) -> Vec<String> {
    let prose = prose(content);
    let may = |kind: &str, id: &str| match allowed.filter(|allowed| !allowed.is_null()) {
        None => kind == "users",
        Some(allowed) => {
            let lists = |name: &str, what: &str| {
                let list = allowed.get(name).and_then(Value::as_array);
                list.is_some_and(|list| list.iter().any(|one| one.as_str() == Some(what)))
            };
            lists("parse", kind) || (kind != "everyone" && lists(kind, id))
        }
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
    let mut links = bare_urls::find_urls(&prose(content));
    for embed in embeds {
        let text = |name: &str| embed.get(name).and_then(Value::as_str).unwrap_or_default();
        links.extend(bare_urls::find_urls(&prose(text("title"))));
        links.extend(bare_urls::find_urls(&prose(text("description"))));
        let fields = embed.get("fields").and_then(Value::as_array);
        for field in fields.into_iter().flatten() {
            let value = field
                .get("value")
                .and_then(Value::as_str)
                .unwrap_or_default();
            links.extend(bare_urls::find_urls(&prose(value)));
        }
        let url = text("url");
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
            assert_eq!(mentions(content, Some(&allowed)), notified, "{allowed}");
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
