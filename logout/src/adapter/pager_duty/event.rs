//! The rendering of a notice as an event.

use serde_json::{Map, Value};

use crate::adapter::{Form, Notice, ProblemState, Severity, layout, truncate, visible_text};
use crate::text::timestamp::Timestamp;
use crate::transport::request::JsonWriter;

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

/// Writes the event about a problem (PagerDuty, "Send an Alert Event").
pub(super) fn alert(notice: &Notice, form: Form, key: &str, json: &mut JsonWriter<'_>) {
    let dedup_key = dedup_key(notice);
    let is_over = notice.state == ProblemState::Quiet && !dedup_key.is_empty();
    json.object(|json| {
        json.name("routing_key").text(key);
        let action = if is_over { "resolve" } else { "trigger" };
        json.name("event_action").text(action);
        json.some_text("dedup_key", &dedup_key);
        json.name("payload").object(|json| {
            json.name("summary").text(&summary(notice));
            json.name("source").text(&source(notice));
            json.name("severity").text(severity(notice));
            json.some_text("timestamp", &timestamp(notice));
            if form == Form::Rich {
                let whose = [&notice.project, &notice.environment];
                json.some_text("component", &line(&notice.module));
                json.some_text("group", &line(&layout::joined(whose)));
                json.name("class").text(notice.severity.as_str());
                details(notice, json);
            }
        });
        if form == Form::Rich {
            links(notice, json);
        }
        json.name("client").text("logout");
    });
}

/// Writes a change event, which notifies nobody (PagerDuty, "Send a Change Event").
pub(super) fn change(notice: &Notice, form: Form, key: &str, json: &mut JsonWriter<'_>) {
    json.object(|json| {
        json.name("routing_key").text(key);
        json.name("payload").object(|json| {
            json.name("summary").text(&summary(notice));
            json.name("source").text(&source(notice));
            json.some_text("timestamp", &timestamp(notice));
            if form == Form::Rich {
                details(notice, json);
            }
        });
    });
}

fn links(notice: &Notice, json: &mut JsonWriter<'_>) {
    let links = layout::links(notice, ALL_LINKS, ALL_LINKS, str::to_owned, str::to_owned);
    if links.is_empty() {
        return;
    }
    json.name("links").array(|json| {
        for link in &links {
            json.object(|json| {
                json.name("href").text(&link.url);
                json.name("text").text(&link.name);
            });
        }
    });
}

/// Returns what an incident is known by. What is about no problem is known all the same if it is repeated.
fn dedup_key(notice: &Notice) -> String {
    layout::problem_key(notice, KEY_PARTS).unwrap_or_else(|| notice.id.clone())
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

fn timestamp(notice: &Notice) -> String {
    let time = Timestamp::new(notice.time);
    time.map(Timestamp::rfc3339_millis).unwrap_or_default()
}

fn line(text: &str) -> String {
    let text = visible_text::one_line(text);
    truncate::keep_start(&text, LINE, truncate::json_bytes).into_owned()
}

/// Writes what stands below the headline everywhere else, by names. PagerDuty shows each in a row of its own.
fn details(notice: &Notice, json: &mut JsonWriter<'_>) {
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
    add("fingerprint", &visible_text::one_line(&notice.fingerprint));
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
    if !details.is_empty() {
        json.name("custom_details").value(&Value::Object(details));
    }
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
        let more = Value::from(more.trim_start_matches("… and "));
        named.insert("…".to_owned(), more);
    }
    named
}
