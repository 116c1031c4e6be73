//! What Zulip's messages hold, whatever the log says.

use logout::{Notice, Request, Response, Step, Zulip};
use percent_encoding::percent_decode_str;
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::json;
use tracing::Level;

mod adapter {
    pub(crate) mod hostile;
    pub(crate) mod plain;
    pub(crate) mod rendering;
    pub(crate) mod settings;
}

use adapter::hostile::notice;
use adapter::plain::is_plain;
use adapter::rendering::rendered;
use adapter::settings::adapter;

fn zulip() -> Zulip {
    adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "123",
    }))
}

fn value(request: &Request, name: &str) -> String {
    let form = std::str::from_utf8(request.body()).unwrap();
    let mut pairs = form.split('&').map(|pair| pair.split_once('=').unwrap());
    let (_, value) = pairs.find(|(known, _)| *known == name).unwrap();
    percent_decode_str(&value.replace('+', " "))
        .decode_utf8()
        .unwrap()
        .into_owned()
}

/// Code blocks and what stands outside of them, as the server's `fenced_code.py` sees it.
#[derive(Default)]
struct Page {
    blocks: Vec<String>,
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

fn judge(notice: &Notice, request: &Request) -> Page {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_of_the_log_stands_outside_of_code(notice in notice()) {
        let zulip = zulip();
        let mut request = rendered(&zulip, &notice, Step::default());
        let followed = request.is_followed();
        if followed {
            request = rendered(&zulip, &notice, Step::default().next(&Response::new(200)));
        }
        let page = judge(&notice, &request);
        let short = is_plain(&notice.headline) && notice.body.is_empty() && !followed;
        if short && !notice.headline.contains(" \n") && !notice.headline.contains("\n\n") {
            assert_eq!(page.blocks[0].trim_end(), notice.headline);
        }
        judge(&notice, &rendered(&zulip, &notice, Step::plain()));
    }
}

#[test]
fn what_had_to_be_cut_is_uploaded_and_linked() {
    let zulip = zulip();
    let mut notice = Notice::new(Level::ERROR, "storm");
    notice.body = "line\n".repeat(4_000) + "the end";
    let request = rendered(&zulip, &notice, Step::default());
    assert!(request.is_followed());
    assert_eq!(
        request.url().as_str(),
        "https://example.zulipchat.com/api/v1/user_uploads"
    );
    assert!(String::from_utf8_lossy(request.body()).contains(&notice.body));

    for answer in [
        r#"{"result":"success","uri":"/user_uploads/2/a/log.txt"}"#,
        r#"{"result":"success","uri":"/user_uploads/2/a/log.txt","url":"/user_uploads/2/a/log.txt"}"#,
    ] {
        let mut uploaded = Response::new(200);
        uploaded.set_body(answer);
        let request = rendered(&zulip, &notice, Step::default().next(&uploaded));
        assert!(!request.is_followed());
        let content = value(&request, "content");
        assert!(
            content.contains("[log.txt](/user_uploads/2/a/log.txt)"),
            "{answer}"
        );
        assert!(content.contains(" lines …\n"));
    }
}

#[test]
fn a_mention_on_purpose_is_made_from_error_up() {
    let zulip: Zulip = adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "alerts", "mention": "all",
    }));
    let content = |level| {
        value(
            &rendered(&zulip, &Notice::new(level, "x"), Step::default()),
            "content",
        )
    };
    assert!(content(Level::ERROR).starts_with("🔥 **ERROR** @**all**\n"));
    assert!(!content(Level::WARN).contains('@'));
}

#[test]
fn the_bot_authenticates() {
    let request = rendered(&zulip(), &Notice::new(Level::WARN, "x"), Step::default());
    assert_eq!(
        request.header("authorization"),
        Some("Basic Ym90QGV4YW1wbGUub3JnOms=")
    );
}
