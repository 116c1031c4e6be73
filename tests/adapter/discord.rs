//! Discord's messages as Discord reads them: Markdown, embeds, and their limits.

use logout::Notice;
use logout::adapter::{Form, Request};
use serde_json::{Value, json};

use super::plain::is_plain;

/// The message, out of the JSON or out of the form that carries a file too.
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

/// The text inside one code span, whose delimiter stands nowhere in it.
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

/// The texts inside the code blocks that a text consists of.
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

/// Whether nothing in a line, that does not begin a line, is markup, a link, an emoji or a mention.
fn is_inert(line: &str) -> bool {
    let is_sign = |c: char| "*_~`|>#[]<@/\\\u{200b}".contains(c);
    let is_name = |part: &str| part.starts_with([' ', '\t']) || part.is_empty();
    !line.contains(is_sign) && line.split(':').skip(1).all(is_name)
}

/// A text in which every sign of markup is escaped, without the escapes.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            plain.push(chars.next().unwrap());
        } else {
            assert!(!"*_~`|>#[]()<@:".contains(c), "markup in {text}");
            plain.push(c);
        }
    }
    plain
}

/// Fails where text of the log is markup, or a part not within a limit.
pub(crate) fn judge(notice: &Notice, form: Form, message: &Value) {
    assert_eq!(message["allowed_mentions"], json!({ "parse": [] }));
    let content = message["content"].as_str().unwrap();
    assert!((1..=2_000).contains(&content.chars().count()));
    if form == Form::Plain {
        assert_eq!(inside_fences(content).len(), 1);
        return;
    }
    let head = content
        .strip_prefix(&format!("{} ", notice.emoji()))
        .unwrap();
    let head = if head.starts_with('`') {
        inside_span(head).trim().replace('\u{200b}', "")
    } else {
        assert!(is_inert(head), "markup in {head}");
        head.to_owned()
    };
    if is_plain(&notice.headline) && !notice.headline.contains('\n') && notice.headline.len() < 60 {
        assert_eq!(head, notice.headline);
    }

    let Some(embed) = message["embeds"].get(0) else {
        return;
    };
    unescaped(embed["title"].as_str().unwrap_or_default());
    let mut sum =
        length(&embed["title"]) + length(&embed["description"]) + length(&embed["footer"]["text"]);
    assert!(length(&embed["title"]) <= 256 && length(&embed["description"]) <= 4_096);
    assert!(length(&embed["footer"]["text"]) <= 2_048);
    for field in embed["fields"].as_array().into_iter().flatten() {
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
            unescaped(name);
            if value.starts_with("```\n") {
                assert_eq!(inside_fences(value).len(), 1);
            } else {
                inside_span(value);
            }
        }
    }
    assert!(sum <= 6_000, "{sum}");
    let blocks = inside_fences(embed["description"].as_str().unwrap_or_default());
    if is_plain(&notice.body)
        && notice.body.len() < 1_500
        && is_plain(&notice.headline)
        && notice.headline.len() < 60
        && !notice.headline.contains('\n')
        && sum < 5_000
    {
        assert_eq!(blocks[0], notice.body);
    }
}
