//! Discord's messages as its client reads them: Markdown, embeds, and their limits.
#![allow(
    dead_code,
    reason = "every test is a crate of its own and uses its part of this"
)]

use logout::Notice;
use logout::adapter::{Form, Request};
use serde_json::{Value, json};

use super::plain_text::is_plain;

/// Returns the message, from JSON or from the form that carries a file too.
pub(crate) fn message(request: &Request) -> Value {
    let content_type = request.header("content-type").unwrap();
    if content_type == "application/json" {
        return serde_json::from_slice(request.body()).unwrap();
    }
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let body = std::str::from_utf8(request.body()).unwrap();
    let boundary = format!("--{boundary}");
    let mut parts = body.split(&*boundary);
    assert_eq!(parts.next(), Some(""));
    let payload = parts.next().unwrap();
    let file = parts.next().unwrap();
    assert_eq!(parts.next(), Some("--\r\n"));
    assert!(file.contains("name=\"files[0]\"; filename=\"log.txt\""));
    let (header, payload) = payload.split_once("\r\n\r\n").unwrap();
    assert!(header.contains("name=\"payload_json\""));
    serde_json::from_str(payload.trim_end()).unwrap()
}

fn length(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

/// Returns the text in a code span, and fails if the span's delimiter is in it.
fn inside_span(span: &str) -> &str {
    let text = span.trim_start_matches('`');
    let delimiter = &span[..span.len() - text.len()];
    let text = text
        .strip_suffix(delimiter)
        .unwrap_or_else(|| panic!("no span: {span}"));
    assert!((1..=2).contains(&delimiter.len()) && !text.is_empty() && !text.ends_with('`'));
    assert!(!text.contains(delimiter), "{span}");
    text
}

/// Returns the texts in the code blocks of a text, and fails if there is anything else in it.
fn inside_fences(text: &str) -> Vec<String> {
    let parts: Vec<_> = text.split("```").collect();
    assert_eq!(parts.len() % 2, 1, "an open fence: {text}");
    for outside in parts.iter().step_by(2) {
        assert_eq!(outside.trim(), "", "outside of a fence");
    }
    let inside = parts.iter().skip(1).step_by(2);
    inside
        .map(|text| {
            let text = text.strip_prefix('\n').unwrap().strip_suffix('\n').unwrap();
            assert!(!text.trim().is_empty());
            text.replace('\u{200b}', "")
        })
        .collect()
}

/// A text as it is shown.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// What people read.
    pub(crate) text: String,
    /// What is styled, links, or looks like a mention or an emoji.
    pub(crate) live: Vec<String>,
}

/// Reads a text by the client's rules, sign by sign.
pub(crate) fn read(markdown: &str, begins: bool) -> Shown {
    let mut shown = Shown::default();
    if begins && let Some(block) = block(markdown) {
        shown.live.push(block);
    }
    let signs: Vec<char> = markdown.chars().collect();
    let mut index = 0;
    while let Some(sign) = signs.get(index) {
        let rest = &signs[index + 1..];
        let escapable = |c: &&char| !c.is_ascii_alphanumeric() && !c.is_whitespace();
        if let ('\\', Some(escaped)) = (sign, rest.first().filter(escapable)) {
            shown.text.push(*escaped);
            index += 2;
            continue;
        }
        let before = index.checked_sub(1).map(|before| signs[before]);
        if begins_markup(*sign, before, rest) {
            shown.live.push(signs[index..].iter().take(30).collect());
        }
        shown.text.push(*sign);
        index += 1;
    }
    shown
}

/// Returns whether markup begins with this sign. Any end counts, also where the client knows none.
fn begins_markup(sign: char, before: Option<char>, rest: &[char]) -> bool {
    let begins = |with: &str| rest.iter().take(with.len()).copied().eq(with.chars());
    let next = rest.first().copied();
    // A sign that is escaped ends nothing.
    let ends = |mark: &[char]| {
        let at = |at: usize| rest[at..].starts_with(mark) && (at == 0 || rest[at - 1] != '\\');
        (1..rest.len()).any(at)
    };
    match sign {
        '*' | '`' => ends(&[sign]),
        '_' => {
            let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            let closes =
                |at: usize| rest[at] == '_' && rest[at - 1] != '\\' && !is_word(rest.get(at + 1));
            (1..rest.len()).any(closes)
        }
        '~' | '|' => next == Some(sign) && ends(&[sign, sign]),
        '<' => {
            let end = rest.iter().position(|c| *c == '>');
            end.is_some_and(|end| is_angle(&rest[..end].iter().collect::<String>()))
        }
        '[' => rest.windows(2).any(|signs| signs == [']', '(']),
        '@' => before != Some('\\') && (begins("everyone") || begins("here")),
        // An address ends the scheme with it, an emoji stands between two.
        ':' => {
            let is_of_name = |c: &&char| c.is_ascii_alphanumeric() || "_+-".contains(**c);
            let name = rest.iter().take_while(is_of_name).count();
            (begins("//") && before.is_some_and(char::is_alphabetic))
                || (name > 0 && rest.get(name) == Some(&':'))
        }
        _ => false,
    }
}

/// Returns whether the client reads `<…>` as a mention, a time, an emoji, a command or an address.
fn is_angle(inside: &str) -> bool {
    let is_id = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let named = inside.trim_start_matches(['@', '#', '!', '&']);
    let emoji = inside.strip_prefix('a').unwrap_or(inside);
    let is_emoji = emoji
        .strip_prefix(':')
        .and_then(|emoji| emoji.split_once(':'))
        .is_some_and(|(_, id)| is_id(id));
    (named.len() < inside.len() && is_id(named))
        || is_emoji
        || inside.starts_with("t:")
        || inside.starts_with("id:")
        || inside.starts_with("mailto:")
        || inside.contains("://")
        || (inside.contains('@') && !inside.contains(' '))
        || (inside.starts_with('/') && inside.rsplit_once(':').is_some_and(|(_, id)| is_id(id)))
        || inside.strip_prefix('+').is_some_and(is_id)
}

/// Returns a finding if the text begins as a heading, a list, a quote or small print.
fn block(text: &str) -> Option<String> {
    let (mark, _) = text.split_once([' ', '\n']).unwrap_or((text, ""));
    let number = mark.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_block = matches!(
        mark,
        "#" | "##" | "###" | "-#" | "-" | "*" | "+" | ">" | ">>>"
    ) || (number.len() < mark.len() && matches!(number, "." | ")"));
    is_block.then(|| format!("block: {text}"))
}

/// Returns the text of a part, and fails if anything in it is markup.
pub(crate) fn text_without_markup(markdown: &str, begins: bool) -> String {
    let shown = read(markdown, begins);
    assert!(shown.live.is_empty(), "markup in {markdown:?}: {shown:#?}");
    shown.text
}

fn is_line(text: &str, most: usize) -> bool {
    is_plain(text) && !text.contains('\n') && text.chars().count() <= most
}

/// Fails if text of the log is markup, a part exceeds a limit, or a text has changed.
pub(crate) fn judge(notice: &Notice, form: Form, message: &Value) {
    assert_eq!(message["allowed_mentions"], json!({ "parse": [] }));
    let content = message["content"].as_str().unwrap();
    assert!((1..=2_000).contains(&content.chars().count()));
    if form == Form::Plain {
        assert_eq!(inside_fences(content).len(), 1);
        return;
    }
    let head = text_without_markup(content, false);
    let head = head.strip_prefix(&format!("{} ", notice.emoji())).unwrap();
    if is_line(&notice.headline, 300) {
        assert_eq!(head, notice.headline);
    }

    let Some(embed) = message["embeds"].get(0) else {
        return;
    };
    assert_eq!(
        embed["title"],
        Value::Null,
        "whether it is read is not known"
    );
    let mut sum = length(&embed["description"]) + length(&embed["footer"]["text"]);
    assert!(length(&embed["description"]) <= 4_096);
    assert!(length(&embed["footer"]["text"]) <= 2_048);
    for (index, field) in embed["fields"].as_array().into_iter().flatten().enumerate() {
        sum += length(&field["name"]) + length(&field["value"]);
        assert!(
            (1..=256).contains(&length(&field["name"]))
                && (1..=1_024).contains(&length(&field["value"]))
        );
        let (name, value) = (
            field["name"].as_str().unwrap(),
            field["value"].as_str().unwrap(),
        );
        if value != "in the file" {
            judge_field(
                &notice.fields[index],
                &text_without_markup(name, true),
                value,
            );
        }
    }
    assert!(sum <= 6_000, "{sum}");
    let context = notice.context();
    if is_line(&context, 400) {
        // Nothing is escaped where nothing is read.
        let footer = embed["footer"]["text"].as_str().unwrap();
        assert_eq!(footer.lines().next(), Some(context.as_str()));
    }
    let blocks = inside_fences(embed["description"].as_str().unwrap_or_default());
    if is_plain(&notice.body)
        && notice.body.len() < 1_500
        && is_plain(&notice.headline)
        && notice.headline.len() < 60
        && !notice.headline.contains('\n')
        && sum < 5_000
    {
        let block = blocks.first().map_or("", String::as_str);
        let (body, _) = block.split_once("\n\ntrail").unwrap_or((block, ""));
        assert!(body == notice.body || (notice.body.is_empty() && body.starts_with("trail")));
    }
}

fn judge_field(field: &logout::adapter::NoticeField, name: &str, value: &str) {
    if is_line(&field.name, 100) {
        assert_eq!(name, field.name);
    }
    let text = &field.value;
    let is_text = is_line(text, 40) && !text.contains("  ") && !text.contains(" · ");
    if is_text {
        assert_eq!(text_without_markup(value, true), *text);
    } else if value.starts_with("```\n") {
        assert_eq!(inside_fences(value).len(), 1);
    } else if value.starts_with('`') {
        inside_span(value);
    } else {
        // What is shown of it instead of what cannot be seen.
        text_without_markup(value, true);
    }
}
