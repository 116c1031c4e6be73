//! The rendering of a notice as an event.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::adapter::layout::{self, LinkText};
use crate::adapter::{Form, Notice, ProblemState, Severity, log_text, truncate};
use crate::text::timestamp::Timestamp;

/// The longest summary. PagerDuty speaks of 1,024 characters and does not say what one is; bytes are the strictest
/// reading.
const SUMMARY: usize = 1_024;
/// The parts of the key, project, environment and fingerprint, in bytes for the same reason.
const KEY_PARTS: [usize; 3] = [100, 70, 80];
/// Source, component and group.
const LINE: usize = 250;
/// Message, trail and backtrace, each, in bytes of JSON. With everything else an event stays far
/// below 512 KB, which nobody reads on a phone.
const TEXT: usize = 40_000;
const FIELDS: usize = 60;
/// The value of a field.
const FIELD: usize = 2_000;
/// All links together.
const ALL_LINKS: usize = 20_000;

/// An alert event (PagerDuty, "Send an Alert Event").
#[derive(Serialize)]
pub(super) struct Alert<'k> {
    routing_key: &'k str,
    event_action: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    dedup_key: String,
    payload: AlertPayload,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
    client: &'static str,
}

#[derive(Serialize)]
struct AlertPayload {
    summary: String,
    source: String,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    component: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    group: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    class: &'static str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    custom_details: Map<String, Value>,
}

/// A change event, which notifies nobody (PagerDuty, "Send a Change Event").
#[derive(Serialize)]
pub(super) struct Change<'k> {
    routing_key: &'k str,
    payload: ChangePayload,
}

#[derive(Serialize)]
struct ChangePayload {
    summary: String,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    custom_details: Map<String, Value>,
}

#[derive(Serialize)]
struct Link {
    href: String,
    text: String,
}

/// Returns the event about a problem.
pub(super) fn alert<'k>(notice: &Notice, form: Form, key: &'k str) -> Alert<'k> {
    let is_rich = form == Form::Rich;
    let dedup_key = dedup_key(notice);
    let is_over = notice.state == ProblemState::Quiet && !dedup_key.is_empty();
    let link = |link: LinkText| Link {
        href: link.url,
        text: link.name,
    };
    let mut payload = AlertPayload {
        summary: summary(notice),
        source: source(notice),
        severity: severity(notice),
        timestamp: timestamp(notice),
        component: String::new(),
        group: String::new(),
        class: "",
        custom_details: Map::new(),
    };
    let mut links = Vec::new();
    if is_rich {
        let whose = [&notice.project, &notice.environment];
        payload.group = line(&layout::joined(whose));
        payload.component = line(&notice.module);
        payload.class = notice.severity.as_str();
        payload.custom_details = details(notice);
        let shown = layout::links(notice, ALL_LINKS, ALL_LINKS, str::to_owned, str::to_owned);
        links.extend(shown.into_iter().map(link));
    }
    Alert {
        routing_key: key,
        event_action: if is_over { "resolve" } else { "trigger" },
        dedup_key,
        payload,
        links,
        client: "logout",
    }
}

/// Returns the event about something that is no problem.
pub(super) fn change<'k>(notice: &Notice, form: Form, key: &'k str) -> Change<'k> {
    Change {
        routing_key: key,
        payload: ChangePayload {
            summary: summary(notice),
            source: source(notice),
            timestamp: timestamp(notice),
            custom_details: match form {
                Form::Rich => details(notice),
                Form::Plain => Map::new(),
            },
        },
    }
}

/// Returns the key of an incident: the problem, whichever replica sends it.
fn dedup_key(notice: &Notice) -> String {
    let fingerprint = log_text::one_line(&notice.fingerprint);
    if fingerprint.is_empty() {
        // It has no problem, but a repetition of it must be recognised.
        return notice.id.clone();
    }
    let project = log_text::one_line(&notice.project);
    let environment = log_text::one_line(&notice.environment);
    let parts = [&project, &environment, &fingerprint]
        .into_iter()
        .zip(KEY_PARTS);
    let parts = parts.map(|(part, most)| truncate::keep_start(part, most, char::len_utf8));
    parts.collect::<Vec<_>>().join("/")
}

/// Returns the headline without an emoji: PagerDuty shows the severity, and reads the summary aloud
/// on the phone.
fn summary(notice: &Notice) -> String {
    layout::first_line(notice, SUMMARY, char::len_utf8).into_owned()
}

fn source(notice: &Notice) -> String {
    let host = line(&notice.host);
    if !host.is_empty() {
        return host;
    }
    match line(&notice.project) {
        // The source is required.
        empty if empty.is_empty() => "logout".to_owned(),
        project => project,
    }
}

fn severity(notice: &Notice) -> &'static str {
    match notice.severity {
        Severity::Panic => "critical",
        Severity::Error => "error",
        Severity::Warn => "warning",
        _ => "info",
    }
}

fn timestamp(notice: &Notice) -> Option<String> {
    Timestamp::new(notice.time).map(Timestamp::rfc3339_millis)
}

fn line(text: &str) -> String {
    let text = log_text::one_line(text);
    truncate::keep_start(&text, LINE, truncate::json_bytes).into_owned()
}

/// Returns what other platforms show below the headline, by names. PagerDuty shows each in a row of
/// its own.
fn details(notice: &Notice) -> Map<String, Value> {
    let mut details = Map::new();
    let mut add = |name: &str, text: &str| {
        let text = truncate::keep_both_ends(text, TEXT, truncate::json_bytes);
        if !text.is_empty() {
            details.insert(name.to_owned(), Value::from(text));
        }
    };
    add("context", &layout::context(notice));
    let opening = layout::split_message(notice, SUMMARY, char::len_utf8);
    add("message", &opening.block);
    if let Some(trail) = layout::trail(notice, TEXT, truncate::json_bytes) {
        let text = if trail.text.is_empty() {
            "(cut)"
        } else {
            &trail.text
        };
        add(trail.title, text);
    }
    add("spans", &layout::spans(notice));
    add("place", &layout::place(notice));
    add("fingerprint", &log_text::one_line(&notice.fingerprint));
    add("backtrace", &layout::backtrace(notice));
    let fields = fields(notice);
    if !fields.is_empty() {
        details.insert("fields".to_owned(), Value::Object(fields));
    }
    if notice.count > 1 {
        details.insert("count".to_owned(), Value::from(notice.count));
        for (name, time) in [
            ("first_seen", notice.first_seen),
            ("last_seen", notice.last_seen),
        ] {
            let time = Timestamp::new(time).map(Timestamp::rfc3339_millis);
            details.extend(time.map(|time| (name.to_owned(), Value::from(time))));
        }
    }
    details
}

fn fields(notice: &Notice) -> Map<String, Value> {
    let (fields, _) = layout::fields(notice, FIELDS, FIELD, truncate::json_bytes);
    let shown = fields.len();
    let mut named = Map::new();
    for field in fields {
        let mut name = field.name.into_owned();
        while named.contains_key(&name) {
            name.push('\'');
        }
        named.insert(name, Value::from(field.value));
    }
    if let Some(more) = layout::more_fields(notice, shown) {
        named.insert(
            "…".to_owned(),
            Value::from(more.trim_start_matches("… and ")),
        );
    }
    named
}
