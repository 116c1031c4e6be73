//! The rendering of a notice as JSON, by `docs/webhook.schema.json`.
//!
//! Nothing is escaped but by JSON itself: whoever shows a text has to escape it for its place.

use std::time::SystemTime;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::adapter::notice::format_without_links;
use crate::adapter::truncate::{self, json_bytes};
use crate::adapter::visible_text::make_visible;
use crate::adapter::{Form, Notice, NoticeField, NoticeProblem, ProblemState, Severity};
use crate::text::timestamp::Timestamp;

/// The version of the schema.
const SCHEMA: u32 = 1;
/// The largest body, in bytes ("Recommended size", Standard Webhooks).
const BODY: usize = 20_000;
/// A text by itself: the headline, a name, a value.
const TEXT: usize = 1_000;
const NAME: usize = 300;
/// All fields, of the event and of each span, and how many.
const FIELDS: usize = 3_000;
const MOST: usize = 64;
const SPANS: usize = 1_500;
/// The trail.
const TRAIL: usize = 2_500;
const LINKS: usize = 3_000;
/// The problems of a digest.
const PROBLEMS: usize = 4_000;

#[derive(Serialize)]
struct Document {
    r#type: &'static str,
    timestamp: String,
    data: DocumentData,
}

#[derive(Default, Serialize)]
struct DocumentData {
    schema: u32,
    severity: &'static str,
    headline: String,
    /// The whole notice as a text, after everything else was refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    body: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    backtrace: String,
    state: &'static str,
    worse: bool,
    count: u64,
    first_seen: String,
    last_seen: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    fingerprint: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ProblemDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problems_omitted: Option<usize>,
    /// Project and host, and how late it is, as a line.
    #[serde(skip_serializing_if = "String::is_empty")]
    context: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    project: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    environment: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    release: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    host: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    target: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    module: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "String::is_empty")]
    thread: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    fields: Map<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spans: Vec<SpanDocument>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trail: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<LinkDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delayed_ms: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    possible_repeat: bool,
}

#[derive(Serialize)]
struct ProblemDocument {
    fingerprint: String,
    state: &'static str,
    count: u64,
    first_seen: String,
    last_seen: String,
    headline: String,
}

#[derive(Serialize)]
struct SpanDocument {
    name: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    fields: Map<String, Value>,
}

#[derive(Serialize)]
struct LinkDocument {
    name: String,
    url: String,
}

/// Returns the body of a request: at most [`BODY`] bytes.
pub(super) fn to_body(notice: &Notice, form: Form) -> serde_json::Result<Vec<u8>> {
    let mut document = match form {
        Form::Rich => rich(notice),
        Form::Plain => common_members(notice),
    };
    let taken = serde_json::to_vec(&document)?.len();
    // The names of the two texts, with their marks.
    let room = BODY.saturating_sub(taken + r#","body":"","backtrace":"""#.len());
    let data = &mut document.data;
    if form == Form::Plain {
        data.text = shortened(&format_without_links(notice), room);
    } else {
        let (body, trace) = (make_visible(&notice.body), make_visible(&notice.backtrace));
        let [body, trace] = truncate::share(room, [&body, &trace], json_bytes);
        data.body = body.into_owned();
        data.backtrace = trace.into_owned();
    }
    serde_json::to_vec(&document)
}

/// Returns the members that every document has.
fn common_members(notice: &Notice) -> Document {
    Document {
        r#type: "logout.event",
        timestamp: time(notice.time),
        data: DocumentData {
            schema: SCHEMA,
            severity: severity(notice.severity),
            headline: shortened(&notice.headline, TEXT),
            state: state(notice.state),
            worse: notice.level_rose,
            count: notice.count,
            first_seen: time(notice.first_seen),
            last_seen: time(notice.last_seen),
            fingerprint: shortened(&notice.fingerprint, NAME),
            context: shortened(&notice.context(), NAME),
            project: shortened(&notice.project, NAME),
            environment: shortened(&notice.environment, NAME),
            release: shortened(&notice.release, NAME),
            host: shortened(&notice.host, NAME),
            delayed_ms: notice
                .delayed
                .map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)),
            possible_repeat: notice.possible_repeat,
            ..DocumentData::default()
        },
    }
}

fn rich(notice: &Notice) -> Document {
    let mut document = common_members(notice);
    let problems = take_within(notice.problems.iter().map(problem), PROBLEMS);
    let mut room = FIELDS;
    let data = &mut document.data;
    let omitted = notice.problems.len() - problems.len();
    data.problems_omitted = (omitted > 0).then_some(omitted);
    data.problems = problems;
    data.target = shortened(&notice.target, NAME);
    data.module = shortened(&notice.module, NAME);
    data.file = shortened(&notice.file, NAME);
    data.line = notice.line;
    data.thread = shortened(&notice.thread, NAME);
    data.fields = fields(&notice.fields, &mut room);
    let mut room = SPANS;
    let spans = notice.spans.iter().map(|span| SpanDocument {
        name: shortened(&span.name, NAME),
        fields: fields(&span.fields, &mut room),
    });
    data.spans = take_within(spans, SPANS + NAME);
    let trail = notice
        .trail
        .iter()
        .map(|line| shortened(&line.to_string(), TEXT));
    data.trail = take_within(trail, TRAIL);
    let links = notice.links.iter().map(|link| LinkDocument {
        name: shortened(&link.name, NAME),
        url: link.url.clone(),
    });
    data.links = take_within(links, LINKS);
    document
}

/// Returns the first of these that are written within `room` bytes.
fn take_within<T: Serialize>(all: impl Iterator<Item = T>, room: usize) -> Vec<T> {
    truncate::within(all, room, |one| {
        serde_json::to_string(one).map_or(usize::MAX, |text| text.len().saturating_add(1))
    })
}

fn problem(problem: &NoticeProblem) -> ProblemDocument {
    ProblemDocument {
        fingerprint: shortened(&problem.fingerprint, NAME),
        state: state(problem.state),
        count: problem.count,
        first_seen: time(problem.first_seen),
        last_seen: time(problem.last_seen),
        headline: shortened(&problem.headline, NAME),
    }
}

/// Returns fields by their names, numbers and truth values as such. The second of one name is
/// called `name_2`.
fn fields(fields: &[NoticeField], room: &mut usize) -> Map<String, Value> {
    let mut map = Map::new();
    for field in fields.iter().take(MOST) {
        let name = shortened(&field.name, NAME);
        let value = shortened(&field.value, TEXT);
        let price =
            truncate::total_cost(&name, json_bytes) + truncate::total_cost(&value, json_bytes);
        // Punctuation, and the suffix of a repeated name.
        let Some(left) = room.checked_sub(price + 12) else {
            break;
        };
        *room = left;
        let mut free = name.clone();
        let mut number = 2;
        while map.contains_key(&free) {
            free = format!("{name}_{number}");
            number += 1;
        }
        map.insert(free, typed(value));
    }
    map
}

/// Returns a number or a truth value if it is written as in JSON, else the text.
fn typed(text: String) -> Value {
    // From bytes, as answers are read, and to a text, as the document is written: other types would
    // add copies of the parser and the writer.
    let value = serde_json::from_slice::<Value>(text.as_bytes()).ok();
    let value = value.filter(|value| value.is_number() || value.is_boolean());
    match value.map(|value| (serde_json::to_string(&value), value)) {
        Some((Ok(written), value)) if written == text => value,
        _ => Value::String(text),
    }
}

/// Returns a text cut to fit, with hidden characters visible.
fn shortened(text: &str, budget: usize) -> String {
    truncate::keep_both_ends(&make_visible(text), budget, json_bytes).into_owned()
}

/// Returns the time, or that of 1970 for a broken clock.
fn time(time: SystemTime) -> String {
    let time = Timestamp::new(time).or_else(|| Timestamp::new(SystemTime::UNIX_EPOCH));
    time.map(Timestamp::rfc3339_millis).unwrap_or_default()
}

/// Returns the level's word in the published schema, whatever people are shown.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Report => "report",
        Severity::Trace => "trace",
        Severity::Debug => "debug",
        Severity::Info => "info",
        Severity::Warn => "warn",
        Severity::Error => "error",
        Severity::Panic => "panic",
    }
}

fn state(state: ProblemState) -> &'static str {
    match state {
        ProblemState::Quiet => "quiet",
        ProblemState::Known => "known",
        ProblemState::New => "new",
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use serde_json::{Value, json};
    use tracing::Level;

    use super::{BODY, fields, time, to_body, typed};
    use crate::adapter::{Form, Notice, NoticeField};

    #[test]
    fn numbers_and_truth_values_are_raw() {
        for (text, value) in [
            ("42", json!(42)),
            ("-1.5", json!(-1.5)),
            ("true", json!(true)),
            ("007", json!("007")),
            ("null", json!("null")),
            ("\"x\"", json!("\"x\"")),
            ("1e400", json!("1e400")),
        ] {
            assert_eq!(typed(text.to_owned()), value);
        }
    }

    #[test]
    fn two_fields_of_one_name_are_both_there() {
        let two = [NoticeField::new("id", "7"), NoticeField::new("id", "x")];
        assert_eq!(
            Value::Object(fields(&two, &mut 1_000)),
            json!({ "id": 7, "id_2": "x" })
        );
    }

    #[test]
    fn a_broken_clock_is_the_beginning_of_time() {
        let future = SystemTime::UNIX_EPOCH + Duration::from_secs(400_000_000_000);
        assert_eq!(time(future), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn whatever_it_holds_it_is_small() {
        let mut notice = Notice::new(Level::ERROR, "\u{1}".repeat(100_000));
        notice.body = "\"\n".repeat(100_000);
        notice.backtrace = "é".repeat(100_000);
        notice.fields = vec![NoticeField::new("n".repeat(1_000), "v".repeat(10_000)); 100];
        for form in [Form::Rich, Form::Plain] {
            let body = to_body(&notice, form).unwrap();
            assert!((BODY - 100..=BODY).contains(&body.len()), "{}", body.len());
        }
    }
}
