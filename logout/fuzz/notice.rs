//! A notice read from bytes: its parts in the order below, separated by U+001E, `record separator`.

use std::time::{Duration, SystemTime};

use logout::Notice;
use logout::adapter::{NoticeField, NoticeSpan, Severity};

/// Between two parts.
pub(crate) const APART: char = '\u{1e}';

/// The longest text that a repeated part becomes.
const LONGEST: usize = 20_000;

const SEVERITIES: [Severity; 5] = [
    Severity::Report,
    Severity::Info,
    Severity::Warn,
    Severity::Error,
    Severity::Panic,
];

/// Reads a notice. Its first part is `<severity 0-4><seconds late>.<how often the long parts are repeated>`.
pub(crate) fn notice(data: &[u8]) -> Notice {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.split(APART);
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let head = next();
    let (head, times) = head.split_once('.').unwrap_or((&head, "1"));
    let times: usize = times.parse().unwrap_or(1);
    let long = |text: String| text.repeat(times.min(LONGEST / (text.len() + 1)).max(1));
    let severity = head
        .chars()
        .next()
        .and_then(|c| c.to_digit(10))
        .unwrap_or(3);
    let late = head.get(1..).and_then(|late| late.parse().ok());

    let mut notice = Notice::new(
        SEVERITIES[severity as usize % SEVERITIES.len()],
        long(next()),
    );
    notice.body = long(next());
    notice.backtrace = long(next());
    notice.project = next();
    notice.environment = next();
    notice.host = next();
    notice.release = next();
    notice.target = next();
    notice.module = next();
    notice.file = next();
    notice.thread = next();
    notice.fingerprint = next();
    let topic = next();
    for route in [
        "zulip_topic",
        "slack_thread",
        "discord_thread",
        "telegram_thread",
    ] {
        notice.routes.push((route.to_owned(), topic.clone()));
    }
    let span = next();
    notice.spans = vec![NoticeSpan::new(
        span.clone(),
        vec![NoticeField::new(span, next())],
    )];
    notice.line = u32::try_from(times).ok();
    notice.delayed = late.map(Duration::from_secs);
    notice.possible_repeat = late.is_some();
    notice.time = SystemTime::UNIX_EPOCH + Duration::from_secs(late.unwrap_or(7) % 300_000_000_000);
    while let Some(name) = parts.next() {
        let value = parts.next().unwrap_or_default().to_owned();
        notice.fields.push(NoticeField::new(name, long(value)));
    }
    notice
}
