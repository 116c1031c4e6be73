//! Notices: the content of one message each, ready to be laid out by an adapter.

use std::fmt::{self, Write as _};
use std::time::{Duration, SystemTime};

use crate::text::source_path::in_repository;

mod field;
mod link;
mod message;
mod problem;
mod severity;
mod trail_line;

pub use self::field::{NoticeField, NoticeSpan};
pub use self::link::NoticeLink;
pub use self::message::{format_message, format_origin};
pub(crate) use self::message::{format_whole, format_without_links};
pub use self::problem::{Mention, NoticeProblem, ProblemState};
pub use self::severity::{Severity, get_emoji};
pub use self::trail_line::TrailLine;

/// One message to people, divided into the parts that a layout needs.
///
/// All its text is data from the log: control characters are visible and configured secrets
/// removed, markup is untouched. Empty parts are empty strings or vectors; leave them out of the
/// message.
///
/// ```
/// let mut notice = logout::Notice::new(tracing::Level::ERROR, "payment failed");
/// notice.project = "shop".to_owned();
/// notice.fields.push(logout::adapter::NoticeField::new("order", "42"));
///
/// assert_eq!(notice.emoji(), "🔥");
/// assert_eq!(notice.to_string(), "🔥 payment failed\nshop\norder: 42");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Notice {
    /// The severity, and the kind of notice.
    pub severity: Severity,
    /// What broke: the first line of the message, or the error's own text if there is none.
    pub headline: String,
    /// `project_name`.
    pub project: String,
    /// `environment`, empty by default.
    pub environment: String,
    /// The machine's name.
    pub host: String,
    /// `release`, empty by default.
    pub release: String,
    /// What is not in the headline: the other lines of the message, the chain of causes (one
    /// `caused by: …` per line, outermost first), the entries of a digest. White space matters.
    pub body: String,
    /// Typed fields of the event in the order in which they were written.
    pub fields: Vec<NoticeField>,
    /// The backtrace of a panic, or of an error of anyhow, eyre or color-eyre: the program's own
    /// frames, and how many others are omitted. Without frames it is the place where the error was
    /// made; that place is also there if `RUST_BACKTRACE` is not set, everything else is not.
    pub backtrace: String,
    /// The backtrace with all its frames, if [`backtrace`](Self::backtrace) omits some; for an
    /// error, its whole report. It is too long for a chat and meant for a file. 64 KiB at most.
    pub whole_backtrace: String,
    /// The event's target, such as `shop::pay`.
    pub target: String,
    /// The path of the module that logged, such as `shop::pay`.
    pub module: String,
    /// The source file, such as `src/pay.rs`.
    pub file: String,
    /// The line in [`file`](Self::file).
    pub line: Option<u32>,
    /// The spans around the event, outermost first.
    pub spans: Vec<NoticeSpan>,
    /// The thread's name, empty for the main thread and for one without a name.
    pub thread: String,
    /// When it happened.
    pub time: SystemTime,
    /// The fingerprint by which it is grouped and can be muted, such as `3fa9c1`; empty in a digest
    /// of several problems.
    pub fingerprint: String,
    /// The state of its problem; in a digest, the worst state.
    pub state: ProblemState,
    /// Whether it is more severe than anything that was sent about its problem before.
    pub level_rose: bool,
    /// Events of its problem since the first message, including those of this one; in a digest, the
    /// events that it is about.
    pub count: u64,
    /// When the first of these happened.
    pub first_seen: SystemTime,
    /// When the last of these happened.
    pub last_seen: SystemTime,
    /// The problems of a digest, in its order; empty if it is about one.
    pub problems: Vec<NoticeProblem>,
    /// An id that is the same for every attempt and every part of one message, and different for
    /// every other message: for platforms that recognize a repetition by a key.
    pub id: String,
    /// Whether it may mention people.
    pub mention: Mention,
    /// The block's `links` of which every value is known, in their order.
    pub links: Vec<NoticeLink>,
    /// The events that led to it, oldest first: the block's `trail`. If there are several events,
    /// it is the trail of the first; a reminder has none.
    pub trail: Vec<TrailLine>,
    /// Whether older lines of [`trail`](Self::trail) were dropped because memory was scarce.
    pub trail_cut: bool,
    /// Routing fields of the event or its spans, such as `("zulip_topic", "errors")`.
    pub routes: Vec<(String, String)>,
    /// How late it is, from 30 s on.
    pub delayed: Option<Duration>,
    /// Whether it may have arrived before: the request before this one was not answered.
    pub possible_repeat: bool,
    /// The process that saw the events, in words, if it was another one, which has ended; else
    /// empty.
    #[cfg(feature = "spool")]
    pub restored: String,
    /// What earlier processes knew of its problem, in words: `new in 1.10.3`, `back after 9 days`,
    /// `known since 12 Nov`; empty where nothing is known, and in a digest.
    #[cfg(feature = "spool")]
    pub history: String,
}

impl Notice {
    /// Creates a notice of this moment with this headline and nothing else, for tests of an
    /// adapter.
    ///
    /// ```
    /// use logout::Notice;
    /// use logout::adapter::Severity;
    ///
    /// let notice = Notice::new(tracing::Level::WARN, "cache is cold");
    /// assert_eq!((notice.severity, notice.headline.as_str()), (Severity::Warn, "cache is cold"));
    /// assert!(notice.fields.is_empty());
    /// ```
    pub fn new(severity: impl Into<Severity>, headline: impl Into<String>) -> Self {
        let now = SystemTime::now();
        Self {
            severity: severity.into(),
            headline: headline.into(),
            project: String::new(),
            environment: String::new(),
            host: String::new(),
            release: String::new(),
            body: String::new(),
            fields: Vec::new(),
            backtrace: String::new(),
            whole_backtrace: String::new(),
            target: String::new(),
            module: String::new(),
            file: String::new(),
            line: None,
            spans: Vec::new(),
            thread: String::new(),
            time: now,
            fingerprint: String::new(),
            state: ProblemState::New,
            level_rose: false,
            count: 1,
            first_seen: now,
            last_seen: now,
            problems: Vec::new(),
            id: String::new(),
            mention: Mention::Allowed,
            links: Vec::new(),
            trail: Vec::new(),
            trail_cut: false,
            routes: Vec::new(),
            delayed: None,
            possible_repeat: false,
            #[cfg(feature = "spool")]
            restored: String::new(),
            #[cfg(feature = "spool")]
            history: String::new(),
        }
    }

    /// Returns whether it should arrive without a sound: nothing in it is new or worse.
    ///
    /// ```
    /// use logout::Notice;
    /// use logout::adapter::ProblemState;
    ///
    /// let mut notice = Notice::new(tracing::Level::ERROR, "payment failed");
    /// assert!(!notice.is_silent());
    /// notice.state = ProblemState::Known;
    /// assert!(notice.is_silent());
    /// notice.level_rose = true;
    /// assert!(!notice.is_silent());
    /// ```
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.state < ProblemState::New && !self.level_rose
    }

    /// Returns the emoji for its severity.
    ///
    /// ```
    /// assert_eq!(logout::Notice::new(tracing::Level::ERROR, "it broke").emoji(), "🔥");
    /// ```
    #[must_use]
    pub fn emoji(&self) -> &'static str {
        self.severity.emoji()
    }

    /// Returns project, environment, host and release on one line, as far as they are set, with
    /// `delayed 6 min`, `possible repeat` and `no call: one 3 min ago` in front if they apply.
    ///
    /// ```
    /// let mut notice = logout::Notice::new(tracing::Level::WARN, "disk almost full");
    /// notice.project = "shop".to_owned();
    /// notice.host = "web-7".to_owned();
    /// notice.delayed = Some(std::time::Duration::from_secs(360));
    /// assert_eq!(notice.context(), "delayed 6 min · shop · web-7");
    /// ```
    #[must_use]
    pub fn context(&self) -> String {
        let delayed = self
            .delayed
            .map(|delay| format!("delayed {}", crate::text::human::format_duration(delay)));
        let repeat = self.possible_repeat.then_some("possible repeat");
        let withheld = match self.mention {
            Mention::Recent(ago) => {
                let ago = crate::text::human::format_duration(ago);
                Some(format!("no call: one {ago} ago"))
            }
            _ => None,
        };
        let late = delayed.as_deref().into_iter().chain(repeat);
        let whose: [&str; 4] = [&self.project, &self.environment, &self.host, &self.release];
        let mut context = String::with_capacity(whose.map(str::len).iter().sum::<usize>() + 16);
        #[cfg(feature = "spool")]
        let late = late.chain([self.restored.as_str(), self.history.as_str()]);
        let parts = late.chain(withheld.as_deref()).chain(whose);
        for part in parts.filter(|part| !part.is_empty()) {
            if !context.is_empty() {
                context.push_str(" · ");
            }
            context.push_str(part);
        }
        context
    }

    /// Returns where it happened: module (or target, if that differs), file and line.
    ///
    /// An absolute path begins with the folder of its package. Empty if neither is known.
    ///
    /// ```
    /// let mut notice = logout::Notice::new(tracing::Level::ERROR, "it broke");
    /// notice.module = "shop::pay".to_owned();
    /// notice.file = "src/pay.rs".to_owned();
    /// notice.line = Some(88);
    /// assert_eq!(notice.place(), "shop::pay src/pay.rs:88");
    /// ```
    #[must_use]
    pub fn place(&self) -> String {
        let length = self.target.len() + self.module.len() + self.file.len();
        let mut place = String::with_capacity(length + 16);
        for name in [&self.target, &self.module] {
            if !name.is_empty() && *name != place {
                if !place.is_empty() {
                    place.push(' ');
                }
                place.push_str(name);
            }
        }
        if !self.file.is_empty() {
            if !place.is_empty() {
                place.push(' ');
            }
            place.push_str(&in_repository(&self.file));
            if let Some(line) = self.line {
                let _infallible = write!(place, ":{line}");
            }
        }
        place
    }

    /// Returns the spans around it, outermost first: `request{id=7} › charge{order=42}`.
    ///
    /// ```
    /// use logout::Notice;
    /// use logout::adapter::{NoticeField, NoticeSpan};
    ///
    /// let mut notice = Notice::new(tracing::Level::ERROR, "it broke");
    /// notice.spans = vec![
    ///     NoticeSpan::new("request", vec![NoticeField::new("id", "7")]),
    ///     NoticeSpan::new("charge", Vec::new()),
    /// ];
    /// assert_eq!(notice.span_path(), "request{id=7} › charge");
    /// ```
    #[must_use]
    pub fn span_path(&self) -> String {
        let mut path = String::with_capacity(64 * self.spans.len().min(4));
        for span in &self.spans {
            if !path.is_empty() {
                path.push_str(" › ");
            }
            path.push_str(&span.name);
            if !span.fields.is_empty() {
                path.push('{');
                for (index, field) in span.fields.iter().enumerate() {
                    let space = if index > 0 { " " } else { "" };
                    for part in [space, &field.name, "=", &field.value] {
                        path.push_str(part);
                    }
                }
                path.push('}');
            }
        }
        path
    }

    /// Returns the title of its trail: `trail`, or `trail cut` if lines are missing; empty if there
    /// is none.
    ///
    /// ```
    /// let mut notice = logout::Notice::new(tracing::Level::ERROR, "payment failed");
    /// assert_eq!(notice.trail_title(), "");
    /// notice.trail_cut = true;
    /// assert_eq!(notice.trail_title(), "trail cut");
    /// ```
    #[must_use]
    pub fn trail_title(&self) -> &'static str {
        match (self.trail.is_empty(), self.trail_cut) {
            (_, true) => "trail cut",
            (false, false) => "trail",
            (true, false) => "",
        }
    }

    /// Returns the routing field of this name, from the event or the innermost span that has it.
    ///
    /// For an adapter that can send one event elsewhere. The names are `slack_thread`,
    /// `discord_thread`, `telegram_thread` and `zulip_topic`; such fields are not shown among the
    /// others.
    ///
    /// ```
    /// let mut notice = logout::Notice::new(tracing::Level::ERROR, "it broke");
    /// notice.routes.push(("zulip_topic".to_owned(), "stock".to_owned()));
    /// assert_eq!(notice.route("zulip_topic"), Some("stock"));
    /// assert_eq!(notice.route("slack_thread"), None);
    /// ```
    #[must_use]
    pub fn route(&self, name: &str) -> Option<&str> {
        self.routes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The output of [`format_message`]; nothing in it is escaped.
impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_message(self))
    }
}
