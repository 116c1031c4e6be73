//! Secrets at a cut, of which no part is shown, whatever is joined behind the cut.

use std::error::Error;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use figment::Figment;
use logout::adapter::{Request, Response, Step, Window};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Discord, Notice, Slack, Telegram, Zulip, logout};
use tracing::subscriber::with_default;
use tracing_subscriber::prelude::*;

use crate::support;

logout! {
    struct Alerts {
        project_name: "cuts",
        adapters: [
            Slack,
            Discord,
            Telegram,
            Zulip { stream: "alerts" },
            Keep,
        ],
    }
}

/// What is secret in the settings of each platform: no other text begins like one of them.
const SECRETS: [&str; 4] = [
    "qZjXwVkQzJxWqVkZjQxWvKqZ",
    "kXqJz7WvQxZkJqXvWzKjQxZvKqJXzWkVqZxJvQkWzXjKqVZxWJkQvXzqKJWZvxQkJXqW",
    "9040302010:QqXzWvKjQxZkJqXvWzKjQxZvKqJXzWkVqZ",
    "WzQxJkVqZxWjKvQzXqJWkZxVqKjQzXWv",
];

fn figment() -> Figment {
    let [slack, discord, telegram, zulip] = SECRETS;
    let slack = format!("https://hooks.slack.com/services/T00000000/B00000000/{slack}");
    let discord = format!("https://discord.com/api/webhooks/123456789012345678/{discord}");
    Figment::new()
        .merge(("slack.url", slack))
        .merge(("discord.url", discord))
        .merge(("telegram.bot_token", telegram))
        .merge(("telegram.chat_id", 42))
        .merge(("zulip.url", "https://chat.example.org"))
        .merge(("zulip.bot_email", "bot@example.org"))
        .merge(("zulip.bot_api_key", zulip))
}

/// What was to be told, with the length that texts are cut to.
static NOTICES: Mutex<Vec<(usize, Notice)>> = Mutex::new(Vec::new());

/// An adapter that keeps the notices; what comes within a tenth of a second is one of them.
#[derive(Default, serde::Deserialize)]
struct Keep {
    truncate: usize,
}

impl Adapter for Keep {
    const ROOM: usize = 1 << 20;

    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(1, Duration::from_millis(100), "keep")]
    }

    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        let kept = (self.truncate, notice.clone());
        NOTICES.lock().unwrap().push(kept);
        request.bytes("text/plain", b"kept");
    }
}

struct Taken;

impl Transport for Taken {
    async fn send(&self, _: &Request) -> Result<Response, Fault> {
        Ok(Response::new(200))
    }
}

#[derive(Debug)]
struct Failure(String, Option<Box<Failure>>);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

fn failure(text: &str, cause: Option<Failure>) -> Failure {
    Failure(text.to_owned(), cause.map(Box::new))
}

/// Returns a fingerprint of its own for each event, so that none is grouped with another.
fn next_fingerprint() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Logs texts that capture cuts right behind `text`, in every place where it cuts one.
fn log_cut_behind(text: &str) {
    let root = failure("root", None);
    let _span = tracing::error_span!("job", input = text).entered();
    let middle = failure("outer", Some(failure(text, Some(root))));
    let cut = failure(text, Some(failure("root", None)));
    tracing::error!(
        fingerprint = next_fingerprint(),
        error = &middle as &dyn Error,
        "{text}"
    );
    tracing::error!(
        fingerprint = next_fingerprint(),
        error = &cut as &dyn Error,
        "failed"
    );
    tracing::error!(
        fingerprint = next_fingerprint(),
        body = text,
        lines = %format_args!("a\n{text}"),
        quoted = ?text,
        other = &cut as &dyn Error,
        error = &middle as &dyn Error,
        "failed"
    );
}

/// Returns everything that a platform would be sent for this notice.
fn requests<A: Adapter>(adapter: &A, notice: &Notice) -> String {
    let mut sent = String::new();
    let mut answer = Response::new(200);
    answer.set_body(r#"{"result":"success","uri":"/user_uploads/1/log.txt"}"#);
    for first in [Step::default(), Step::plain()] {
        let mut step = first;
        loop {
            let mut request = Request::new();
            adapter.render(notice, step, &mut request);
            sent.push_str(&String::from_utf8_lossy(request.body()));
            if !request.is_followed() {
                break;
            }
            step = step.next(&answer);
        }
    }
    sent
}

/// Cuts every secret behind every byte of it, and asserts that nothing sent holds the rest.
fn assert_nothing_is_left(truncate: usize) {
    let figment = figment();
    let settings = figment.clone().merge(("truncate", truncate));
    let settings = settings.merge(("keep.truncate", truncate));
    let mut settings = settings.merge(("memory_limit", 1 << 30));
    for platform in ["slack", "discord", "telegram", "zulip"] {
        // Their secrets are kept out all the same.
        settings = settings.merge((format!("{platform}.enabled"), false));
    }
    let block = Alerts::from_figment(settings).unwrap().transport(Taken);
    let (alerts, guard) = block.start().unwrap();
    with_default(tracing_subscriber::registry().with(alerts), || {
        for secret in SECRETS {
            for shown in 0..=secret.len() {
                let before = "p ".repeat(truncate);
                let before = &before[..truncate - shown];
                log_cut_behind(&format!("{before}{secret} and more"));
                // A lane has room for some hundreds of kinds, and a busy machine takes its time.
                if shown % 16 == 0 || shown == secret.len() {
                    guard.handle().flush(support::TIMEOUT).unwrap();
                }
            }
        }
    });
    let stats = guard.handle().stats();
    let kept = NOTICES.lock().unwrap();
    let of_this = kept.iter().filter(|(length, _)| *length == truncate);
    let notices: Vec<_> = of_this.map(|(_, notice)| notice.clone()).collect();
    drop(kept);
    let digests = notices
        .iter()
        .filter(|notice| notice.headline.contains(" errors in "));
    assert!(digests.count() > 0, "{stats}");
    let told = support::delivered(&stats, "keep");
    assert_eq!(told, stats.lane("keep").unwrap().accepted, "{stats}");

    let slack: Slack = figment.extract_inner("slack").unwrap();
    let discord: Discord = figment.extract_inner("discord").unwrap();
    let telegram: Telegram = figment.extract_inner("telegram").unwrap();
    let zulip = figment.merge(("zulip.stream", "alerts"));
    let zulip: Zulip = zulip.extract_inner("zulip").unwrap();
    let judge = |notice: &Notice| {
        let sent = [
            requests(&slack, notice),
            requests(&discord, notice),
            requests(&telegram, notice),
            requests(&zulip, notice),
        ];
        for first in SECRETS.map(|secret| &secret[..5]) {
            let shown = sent.iter().find(|sent| sent.contains(first));
            assert_eq!(shown, None, "{first}");
        }
    };
    // Thousands of them, long ones, each rendered eight times.
    std::thread::scope(|scope| {
        for part in notices.chunks(notices.len().div_ceil(4)) {
            scope.spawn(move || part.iter().for_each(judge));
        }
    });
}

#[test]
fn nothing_of_a_secret_is_left_where_a_text_is_cut_in_it() {
    // Each waits for its pace, so they do it side by side.
    std::thread::scope(|scope| {
        for truncate in [8_192, 300, 80] {
            scope.spawn(move || assert_nothing_is_left(truncate));
        }
    });
}
