//! Verdicts on any answer, and safe texts in what a message takes from an answer.
//!
//! An answer is a line with the status, lines with headers, an empty line, and the body.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use logout::{Adapter, Discord, Notice, Response, Severity, Slack, Step, Telegram, Verdict, Zulip};
use serde_json::json;

#[path = "../adapter.rs"]
mod adapter;

use adapter::rendered_request::rendered;
use adapter::settings::adapter as configured;
use adapter::zulip::value;

static SLACK: LazyLock<Slack> =
    LazyLock::new(|| configured(json!({ "url": "https://hooks.slack.com/services/T0/B0/x" })));
static DISCORD: LazyLock<Discord> =
    LazyLock::new(|| configured(json!({ "url": "https://discord.com/api/webhooks/123/abc" })));
static TELEGRAM: LazyLock<Telegram> = LazyLock::new(|| {
    configured(json!({ "bot_token": "123456:ABC", "chat_id": -5, "file_from": 1 }))
});
static ZULIP: LazyLock<Zulip> = LazyLock::new(|| {
    configured(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "alerts", "file_from": 1,
    }))
});
/// Its whole text goes along as a file.
static NOTICE: LazyLock<Notice> = LazyLock::new(|| Notice::new(Severity::Error, "storm"));

fn response(data: &[u8]) -> Response {
    let (head, body) = data
        .windows(2)
        .position(|window| window == b"\n\n")
        .map_or((data, &[][..]), |end| (&data[..end], &data[end + 2..]));
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.trim().parse().ok());
    let mut response = Response::new(status.unwrap_or(200));
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        response.append_header(name.trim(), value.trim());
    }
    response.set_body(body);
    response
}

fn judge<A: Adapter + Clone>(adapter: &A, response: &Response) {
    let mut judging = adapter.clone();
    let verdict = judging.judge(response);
    let reason = match &verdict {
        Verdict::Delivered => {
            assert!((200..300).contains(&response.status()), "{response:?}");
            return;
        }
        Verdict::Wait(wait) => {
            assert!(*wait <= Duration::from_secs(366 * 24 * 3_600), "{wait:?}");
            return;
        }
        Verdict::Retry(reason)
        | Verdict::Refused(reason)
        | Verdict::Unroutable(reason)
        | Verdict::Gone(reason)
        | Verdict::GoneForGood(reason)
        | Verdict::Moved(reason) => reason,
        other => panic!("{other:?}"),
    };
    assert!((1..=300).contains(&reason.chars().count()), "{reason:?}");
    assert!(!reason.contains(char::is_control), "{reason:?}");
    // Wherever it moved to, it can still be used.
    assert_eq!(judging.check(), Ok(()));
}

fuzz_target!(|data: &[u8]| {
    let response = response(data);
    judge(&*SLACK, &response);
    judge(&*DISCORD, &response);
    judge(&*TELEGRAM, &response);
    judge(&*ZULIP, &response);

    let next = Step::default().next(&response);
    let document = rendered(&*TELEGRAM, &NOTICE, next);
    assert!(document.url().as_str().ends_with("/sendDocument"));
    let content = value(&rendered(&*ZULIP, &NOTICE, next), "content");
    let links: Vec<_> = content.lines().filter(|line| line.contains('[')).collect();
    assert!(links.len() <= 1, "{links:?}");
    for link in links {
        let path = link.strip_prefix("[log.txt](/user_uploads/").unwrap();
        let path = path.strip_suffix(')').unwrap();
        assert!(!path.contains(|c: char| c.is_whitespace() || "()[]<>`*@\\".contains(c)));
    }
});
