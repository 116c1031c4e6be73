//! Credentials anywhere in an event, none of which is sent.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use logout::sandbox::Sandbox;
use logout::{Discord, Slack, Telegram, Zulip, logout};

use crate::support;
use crate::support::process::is_alone;

logout! {
    struct Alerts {
        project_name: "scrub",
        scrub: [default, plates, panicking_scrubber],
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}

logout! {
    struct Open {
        project_name: "open",
        scrub: [],
        adapters: [Slack],
    }
}

fn plates(text: &str) -> Cow<'_, str> {
    if text.contains("B-AB 123") {
        return Cow::Owned(text.replace("B-AB 123", "[plate]"));
    }
    Cow::Borrowed(text)
}

/// Panics, or returns a very long text, if the text asks for it.
fn panicking_scrubber(text: &str) -> Cow<'_, str> {
    assert!(!text.contains("please panic"), "as asked for");
    if text.contains("please go on") {
        return Cow::Owned("and on ".repeat(10 << 17));
    }
    Cow::Borrowed(text)
}

/// What of each credential must not be seen.
const SECRETS: [&str; 7] = [
    "hunter2",
    "B5f-4.1JqM",
    "dXNlcjpodW50ZXIy",
    "dBjftJeZ4CVP",
    "IOSFODNN7",
    "MIIEvQIBADAN",
    "1111 1111",
];

/// One of each.
const ALL: &str = "postgres://app:hunter2@db/shop, Bearer mF_9.B5f-4.1JqM and Basic dXNlcjpodW50ZXIy, \
    eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP, AKIAIOSFODNN7EXAMPLE, 4111 1111 1111 1111, \
    Login { user: \"ada\", password: \"hunter2\" }, token=hunter2&x=1, {\"api_key\":\"hunter2\"}, \
    -----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----";

#[derive(Debug)]
struct Failure(&'static str, Option<Box<Failure>>);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

#[test]
fn no_credential_is_sent_in_any_part_of_a_message() {
    if !is_alone(no_credential_is_sent_in_any_part_of_a_message) {
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    std::panic::set_hook(Box::new(|_| {}));
    let started = alerts.start().unwrap();
    started.1.capture_panics();
    support::run_and_flush(started, || {
        let _span = tracing::error_span!("request", input = ALL).entered();
        let cause = Failure("inner", Some(Box::new(Failure(ALL, None))));
        let error = &cause as &dyn Error;
        tracing::error!(error, field = ALL, debug = ?ALL, "{ALL}");
        tracing::error!(e = %format_args!("outer\n\nCaused by:\n    {ALL}"), "failed");
        let _caught = std::panic::catch_unwind(|| panic!("{ALL}"));
        // Long enough for a file.
        let long = "row\n".repeat(1_500);
        tracing::error!("{long}{ALL}");
    });
    assert!(sandbox.inbox().len() >= 4);
    for exchange in sandbox.requests() {
        let body = String::from_utf8_lossy(exchange.request().body()).into_owned();
        for secret in SECRETS {
            assert!(!body.contains(secret), "{secret}: {body}");
        }
    }
}

#[test]
fn a_function_of_the_program_takes_out_what_only_it_knows() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    support::run_and_flush(alerts.start().unwrap(), || {
        tracing::error!(car = "B-AB 123", "car B-AB 123 left");
        tracing::error!(note = "please panic hunter2", "one");
        tracing::error!(note = "please go on", "two");
    });
    let texts: Vec<_> = sandbox.inbox();
    let all: String = texts.iter().map(|message| message.text()).collect();
    assert!(
        all.contains("car [plate] left") && !all.contains("B-AB"),
        "{all}"
    );
    assert!(
        all.contains("one") && all.contains("(a function of"),
        "{all}"
    );
    assert!(
        all.contains("panicked") && !all.contains("hunter2"),
        "{all}"
    );
    // Twice what it was given and a kilobyte, and not ten megabytes.
    for exchange in sandbox.requests() {
        assert!(exchange.request().body().len() < 20_000, "{exchange:?}");
    }
    assert!(
        all.contains("and on and on") && all.contains("(truncated)"),
        "{all}"
    );
}

#[test]
fn without_scrubbing_the_configured_secrets_are_still_kept_out() {
    let sandbox = Sandbox::start().unwrap();
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    let alerts = Open::from_figment(sandbox.figment()).unwrap();
    support::run_and_flush(alerts.start().unwrap(), || {
        tracing::error!(password = "hunter2", "at https://a:b@c with {url}");
    });
    let inbox = sandbox.inbox();
    let text = inbox[0].text();
    assert!(text.contains("https://a:b@c with"), "{text}");
    assert!(!text.contains(&url) && !text.contains("hunter2"), "{text}");
}
