//! Links of a block, which lead where the event says and nowhere else.

use figment::Figment;
use logout::logout;

use crate::support::hook::{Hook, Recorder};
use crate::support::{TIMEOUT, run_with};

logout! {
    struct Alerts {
        project_name: "corner shop",
        adapters: [Hook],
        links: [
            trace: "https://grafana.example.org/explore?trace={trace_id}&from={http.route}",
            source: "https://git.example.org/shop/blob/v{release}/{file}#L{line}",
            runbook: "https://wiki.example.org/errors/{fingerprint}",
            desk: "https://desk.example.org/{project}/{customer}/open",
            login: "https://desk.example.org/login/{session_id}",
            commit: "https://git.example.org/shop/commit/{commit}",
        ],
    }
}

logout! {
    struct Plain { adapters: [Hook] }
}

/// Returns the text that one event becomes.
fn message_text<D: logout::Dispatch>(
    from_figment: fn(Figment) -> Result<logout::Builder<D>, logout::Error>,
    program: impl FnOnce(),
) -> String {
    let recorder = Recorder::answering(200);
    let figment = Figment::from(("hook.url", "https://hooks.example.org/T0/B0/x"));
    let alerts = from_figment(figment).unwrap().transport(recorder.clone());
    let guard = run_with(alerts.start().unwrap(), program);
    guard.handle().flush(TIMEOUT).unwrap();
    let mut sent = recorder.sent_to("hooks.example.org");
    assert_eq!(sent.len(), 1, "{sent:?}");
    sent.remove(0)
}

/// Returns the address of the link of this name in `text`.
fn link_address<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn links_are_filled_from_the_event_its_spans_and_the_program() {
    let mut line = 0;
    let text = message_text(Alerts::from_figment, || {
        let _request =
            tracing::info_span!("request", trace_id = "4bf92f", http.route = "/pay?x=1").entered();
        line = line!() + 1;
        tracing::error!(customer = "a/b #1", "payment failed");
    });
    assert_eq!(
        link_address(&text, "trace"),
        Some("https://grafana.example.org/explore?trace=4bf92f&from=%2Fpay%3Fx%3D1"),
        "{text}"
    );
    let version = env!("CARGO_PKG_VERSION");
    let source =
        format!("https://git.example.org/shop/blob/v{version}/tests/capture/links.rs#L{line}");
    assert_eq!(link_address(&text, "source"), Some(&*source), "{text}");
    assert_eq!(
        link_address(&text, "desk"),
        Some("https://desk.example.org/corner%20shop/a%2Fb%20%231/open"),
        "{text}"
    );
    let runbook = link_address(&text, "runbook").unwrap();
    let fingerprint = runbook
        .strip_prefix("https://wiki.example.org/errors/")
        .unwrap();
    assert!(text.contains(&format!("#{fingerprint}")), "{text}");
}

#[test]
fn a_link_is_left_out_whose_value_is_unknown_hidden_or_a_way_up() {
    let text = message_text(Alerts::from_figment, || {
        tracing::error!(customer = "..", session_id = "hunter2", "payment failed");
    });
    for name in ["trace", "desk", "login"] {
        assert_eq!(link_address(&text, name), None, "{text}");
    }
    assert!(
        link_address(&text, "runbook").is_some() && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn a_reminder_has_no_link() {
    let recorder = Recorder::answering(200);
    let figment = Figment::from(("hook.url", "https://hooks.example.org/T0/B0/x"));
    let alerts = Alerts::from_figment(figment).unwrap();
    let started = alerts.transport(recorder.clone()).start().unwrap();
    let handle = started.1.handle();
    let fail = || tracing::error!(customer = "c_1837", "payment failed");
    let flush = || handle.flush(TIMEOUT).unwrap();
    let _guard = run_with(started, || {
        fail();
        flush();
        // Now it is known.
        fail();
        flush();
    });
    let sent = recorder.sent_to("hooks.example.org");
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(link_address(&sent[0], "desk").is_some(), "{sent:?}");
    let reminder = &sent[1];
    assert!(
        reminder.contains("+1 in the last") && !reminder.contains("https://"),
        "{reminder}"
    );
}

#[test]
fn the_commit_is_that_of_the_build_where_the_build_knows_it() {
    let known = [
        option_env!("GIT_COMMIT"),
        option_env!("GITHUB_SHA"),
        option_env!("VERGEN_GIT_SHA"),
        option_env!("SOURCE_COMMIT"),
    ];
    let known = known
        .into_iter()
        .flatten()
        .find(|commit| !commit.is_empty());
    let expected = known.map(|commit| format!("https://git.example.org/shop/commit/{commit}"));
    let text = message_text(Alerts::from_figment, || tracing::error!("payment failed"));
    assert_eq!(link_address(&text, "commit"), expected.as_deref(), "{text}");
}

#[test]
fn the_release_is_the_programs_version_unless_it_is_set() {
    let version = concat!(" · ", env!("CARGO_PKG_VERSION"));
    let text = message_text(Plain::from_figment, || tracing::error!("payment failed"));
    let context = text.lines().nth(1).unwrap();
    assert!(context.ends_with(version), "{text}");

    let text = message_text(
        |figment: Figment| Plain::from_figment(figment.merge(("release", "build 7"))),
        || tracing::error!("payment failed"),
    );
    let context = text.lines().nth(1).unwrap();
    assert!(context.ends_with(" · build 7"), "{text}");
}
