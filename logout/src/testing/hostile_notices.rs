//! Hostile, huge and empty notices, which an adapter's author may not have thought of.

use tracing::Level;

use crate::adapter::{Notice, NoticeField, NoticeLink, NoticeSpan, Severity, TrailLine};

/// A place in a notice that text of the log reaches.
#[derive(Clone, Copy, Debug)]
struct InsertionPoint {
    name: &'static str,
    put: fn(&mut Notice, String),
}

const fn insertion_point(name: &'static str, put: fn(&mut Notice, String)) -> InsertionPoint {
    InsertionPoint { name, put }
}

/// Every such place.
const INSERTION_POINTS: &[InsertionPoint] = &[
    insertion_point("headline", |notice, text| notice.headline = text),
    insertion_point("body", |notice, text| notice.body = text),
    insertion_point("field's value", |notice, text| {
        notice.fields.push(NoticeField::new("order", text));
    }),
    insertion_point("field's name", |notice, text| {
        notice.fields.push(NoticeField::new(text, "42"));
    }),
    insertion_point("span's name", |notice, text| {
        notice.spans.push(NoticeSpan::new(text, Vec::new()));
    }),
    insertion_point("span's field", |notice, text| {
        let field = NoticeField::new(text.clone(), text);
        notice.spans.push(NoticeSpan::new("request", vec![field]));
    }),
    insertion_point("trail", |notice, text| {
        notice
            .trail
            .push(TrailLine::new(notice.time, Level::INFO, text));
        notice.trail_cut = true;
    }),
    insertion_point("backtrace", |notice, text| notice.backtrace = text),
    insertion_point("whole backtrace", |notice, text| {
        notice.whole_backtrace = text;
    }),
    insertion_point("target and module", |notice, text| {
        notice.target.clone_from(&text);
        notice.module = text;
    }),
    insertion_point("file", |notice, text| notice.file = text),
    insertion_point("thread", |notice, text| notice.thread = text),
    insertion_point("project", |notice, text| notice.project = text),
    insertion_point("environment", |notice, text| notice.environment = text),
    insertion_point("host", |notice, text| notice.host = text),
    insertion_point("release", |notice, text| notice.release = text),
    insertion_point("fingerprint", |notice, text| notice.fingerprint = text),
    insertion_point("routes", |notice, text| {
        let routes = [
            "zulip_topic",
            "telegram_thread",
            "discord_thread",
            "slack_thread",
        ];
        notice.routes = routes
            .map(|route| (route.to_owned(), text.clone()))
            .to_vec();
    }),
];

impl InsertionPoint {
    /// Returns an ordinary notice with this text in this place.
    fn notice_with(self, text: &str) -> Notice {
        let mut notice = Notice::new(Level::ERROR, "payment failed");
        (self.put)(&mut notice, text.to_owned());
        notice
    }
}

/// Returns a notice for each place in which text of the log can stand, called by that place, and
/// one with the text everywhere.
///
/// ```
/// use logout::testing::notices_with;
///
/// let all: Vec<_> = notices_with("<!channel>").collect();
/// assert!(all.iter().any(|(place, notice)| *place == "body" && notice.body == "<!channel>"));
/// assert_eq!(all.last().map(|(place, _)| *place), Some("every place"));
/// ```
pub fn notices_with(text: &str) -> impl Iterator<Item = (&'static str, Notice)> {
    let each = INSERTION_POINTS
        .iter()
        .map(|place| (place.name, place.notice_with(text)));
    each.chain([("every place", everywhere(text))])
}

/// Returns the text at the beginning, between others, at the end and on a line of its own.
pub(super) fn surround(text: &str) -> String {
    format!("{text} a {text}b\n{text}\nc{text}")
}

fn everywhere(text: &str) -> Notice {
    let mut notice = Notice::new(Severity::Panic, "");
    for place in INSERTION_POINTS {
        (place.put)(&mut notice, text.to_owned());
    }
    notice
}

/// Returns notices that are too big, each with the name of what it has too much of.
pub(super) fn huge() -> Vec<(String, Notice)> {
    let notice = || Notice::new(Level::ERROR, "payment failed");
    let mut all = Vec::new();
    for (what, text) in [
        ("one line", "x"),
        ("lines", "a line of the log\n"),
        ("fences", "```\n"),
        ("signs that are escaped", "&<>\"\\"),
        ("quotes in quotes", "\"\\\"\n"),
        ("characters of four bytes", "🔥"),
        ("marks on one letter", "e\u{301}\u{301}\u{301}\u{301}"),
        ("blanks", " \n"),
    ] {
        for place in INSERTION_POINTS {
            let text = text.repeat(LONG / text.len());
            let what = format!("{} of {LONG} bytes: {what}", place.name);
            all.push((what, place.notice_with(&text)));
        }
    }
    let mut message = notice();
    message.body = "a line of the log\n".repeat(10 * MEGABYTE / 18);
    all.push(("body of 10 MB".to_owned(), message));
    let line = "x".repeat(MEGABYTE);
    all.push((
        "headline of 1 MB".to_owned(),
        Notice::new(Level::WARN, line),
    ));

    let many = |name: &str| -> Vec<NoticeField> {
        let field = |number| NoticeField::new(format!("{name}{number}"), "Größe 日本語");
        (0..MANY).map(field).collect()
    };
    let mut fields = notice();
    fields.fields = many("field");
    all.push((format!("{MANY} fields"), fields));
    let mut names = notice();
    names.fields = many(&"字段🔥".repeat(1_000));
    names.fields.truncate(20);
    all.push(("20 fields with names of 4,000 characters".to_owned(), names));
    let mut spans = notice();
    spans.spans = vec![NoticeSpan::new("request", vec![NoticeField::new("id", "7")]); MANY];
    all.push((format!("{MANY} spans"), spans));
    let mut span = notice();
    span.spans = vec![NoticeSpan::new("request", many("field"))];
    all.push((format!("a span with {MANY} fields"), span));
    let mut links = notice();
    let link = |number| {
        let url = format!(
            "https://wiki.example.org/({number})/{}",
            "x".repeat(number % 2_000)
        );
        NoticeLink::new(format!("wiki{number}"), url)
    };
    links.links = (0..MANY).map(link).collect();
    all.push((format!("{MANY} links"), links));
    for text in ["x", "&", "`", "a.b:c ", "🔥"] {
        all.push((format!("every place full of {text:?}"), full(text)));
    }
    all
}

/// Returns a notice with everything that one can have, and more of each than is shown.
fn full(text: &str) -> Notice {
    let long = text.repeat(2_000 / text.len());
    let mut notice = everywhere(&long);
    notice.fields = (0..40)
        .map(|number| {
            let length = if number % 2 == 0 { 30 } else { 600 };
            let value = text.repeat(length / text.len());
            NoticeField::new(format!("{number}{}", text.repeat(10)), value)
        })
        .collect();
    let link = |number| {
        let url = format!("https://wiki.example.org/{number}/{}", "x".repeat(400));
        NoticeLink::new(format!("{number}{}", text.repeat(40)), url)
    };
    notice.links = (0..40).map(link).collect();
    let line = TrailLine::new(notice.time, Level::INFO, long);
    notice.trail = vec![line; 40];
    notice.backtrace = notice.body.repeat(4);
    notice
}

/// A length far beyond the limit of any chat.
const LONG: usize = 50_000;

const MEGABYTE: usize = 1024 * 1024;

/// More fields or spans than a program means to have.
const MANY: usize = 3_000;

/// Returns notices in which something is absent or blank.
pub(super) fn empty() -> Vec<(String, Notice)> {
    let severities = [
        Severity::Report,
        Severity::Trace,
        Severity::Debug,
        Severity::Info,
        Severity::Warn,
        Severity::Error,
        Severity::Panic,
    ];
    let mut all: Vec<_> = severities
        .into_iter()
        .map(|severity| {
            let what = format!("{} without a text", severity.as_str());
            (what, Notice::new(severity, ""))
        })
        .collect();
    for blank in [" ", "\n", "\u{200b}", "\t\r\n"] {
        all.push((format!("{blank:?} in every place"), everywhere(blank)));
    }
    all
}
