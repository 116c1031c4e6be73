//! Zulip's messages as its server reads them: fences, code spans, and their limits.

use logout::Notice;
use logout::adapter::Request;

/// The value of a field of the form.
pub(crate) fn value(request: &Request, name: &str) -> String {
    let mut pairs = form_urlencoded::parse(request.body());
    let (_, value) = pairs.find(|(known, _)| known == name).unwrap();
    value.into_owned()
}

/// Code blocks and what stands outside of them, as the server's `fenced_code.py` sees it.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) blocks: Vec<String>,
    outside: String,
}

fn page(content: &str) -> Page {
    let mut page = Page::default();
    // Open fences, outermost first, each with whether its content is code.
    let mut open: Vec<(String, bool)> = Vec::new();
    for line in content.split('\n') {
        let line = line.trim_end();
        if open.last().is_some_and(|(fence, _)| line == fence) {
            open.pop();
            continue;
        }
        if open.last().is_some_and(|(_, is_code)| *is_code) {
            let block = page.blocks.last_mut().unwrap();
            block.push_str(line);
            block.push('\n');
            continue;
        }
        let rest = line.trim_start_matches('`');
        let ticks = line.len() - rest.len();
        if (ticks >= 3 && !rest.contains(['`', '~'])) || line.starts_with("~~~") {
            assert!(ticks >= 3, "a fence of the log's: {line}");
            let is_code = match rest {
                "text" => true,
                "spoiler Backtrace" => false,
                other => panic!("a fence of the log's: {other}"),
            };
            if is_code {
                page.blocks.push(String::new());
            }
            open.push((line[..ticks].to_owned(), is_code));
            continue;
        }
        page.outside.push_str(&without_spans(line));
        page.outside.push('\n');
    }
    assert!(open.is_empty(), "a fence is left open");
    page
}

/// A line without its code spans: a run of backticks up to the next run of that length.
fn without_spans(line: &str) -> String {
    let mut outside = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        outside.push_str(&rest[..start]);
        assert!(!outside.ends_with('\\'));
        let inside = rest[start..].trim_start_matches('`');
        let ticks = rest[start..].len() - inside.len();
        let mut at = 0;
        let end = loop {
            let Some(found) = inside[at..].find('`') else {
                panic!("an open span: {line}")
            };
            let run =
                inside[at + found..].len() - inside[at + found..].trim_start_matches('`').len();
            at += found + run;
            if run == ticks {
                break at;
            }
        };
        outside.push('·');
        rest = &inside[end..];
    }
    outside + rest
}

/// Whether all that stands outside of code is our own.
fn is_ours(line: &str, notice: &Notice) -> bool {
    let head = format!("{} **{}**", notice.emoji(), notice.severity.as_str());
    if let Some(rest) = line.strip_prefix(&head) {
        return matches!(rest, "" | " in ·");
    }
    let line = line.strip_prefix("* ").unwrap_or(line);
    let is_time = |part: &str| {
        part.strip_prefix("<time:")
            .and_then(|time| time.strip_suffix('>'))
            .is_some_and(|time| {
                time.len() == 20
                    && time
                        .bytes()
                        .all(|b| b.is_ascii_digit() || b"-:TZ".contains(&b))
            })
    };
    let is_more =
        line.starts_with("… and ") && line.ends_with("more fields") || line == "… and 1 more field";
    matches!(line, "" | "·" | "·: ·")
        || is_more
        || line.split(" · ").all(|part| part == "·" || is_time(part))
}

/// Fails where text of the log stands outside of code, or a part not within a limit.
pub(crate) fn judge(notice: &Notice, request: &Request) -> Page {
    assert_eq!(value(request, "type"), "stream");
    assert_eq!(
        value(request, "to"),
        "\"123\"",
        "a stream's name, not its number"
    );
    let topic = value(request, "topic");
    assert!((1..=60).contains(&topic.chars().count()) && topic.trim() == topic);
    assert!(
        !topic
            .chars()
            .any(|c| c.is_control() || u32::from(c) & 0xfffe == 0xfffe)
    );
    let content = value(request, "content");
    assert!(
        content.chars().count() <= 10_000,
        "{}",
        content.chars().count()
    );
    assert!(!content.contains(['\0', '\u{2}', '\u{3}']) && content.trim_end() == content);
    let page = page(&content);
    for line in page.outside.lines() {
        assert!(is_ours(line, notice), "outside of code: {line:?}");
    }
    page
}
