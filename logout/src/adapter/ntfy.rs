//! ntfy, at ntfy.sh or on your own server.

use std::time::Duration;

use logout_macros::OptionDocs;
use serde::Deserialize;

use super::layout::{self, LinkText};
use super::{settings_check, truncate};
use crate::adapter::{Adapter, Check, Form, Notice, Preview, Severity, Step, Verdict, Window};
use crate::transport::request::JsonWriter;
use crate::transport::{Request, Response, Secret, Url};

mod answer;
mod text;
mod verify;

/// The limit of a message, in bytes (`message-size-limit`, 4,096 by default): what is longer
/// becomes an attachment. It is counted as encoded in JSON, whose limit for the whole request is
/// twice that.
const MESSAGE: usize = 4_000;
/// The title: a notification shows a line or two. Its limit is 1 KB (since 2.28).
const TITLE: usize = 300;
/// All links together, of which the first appears twice.
const LINKS: usize = 1_200;
/// The most buttons of a message (ntfy, "Action buttons").
const ACTIONS: usize = 3;

/// An adapter that posts to a topic of ntfy.
///
/// | option | what it is |
/// |---|---|
/// | `topic` | the topic, from `NTFY_TOPIC`; required, and a secret: on a public server whoever knows it can read it |
/// | `token` | an access token `tk_…`, from `NTFY_TOKEN`; needed where the topic is protected |
/// | `url` | the server's address, if it is not `https://ntfy.sh` |
///
/// It is built with the feature `ntfy`. A panic has the priority 5, an ERROR 4, a WARN 3; all else,
/// reminders and the end of a problem too, has 2, which makes no sound. A tap opens the first of the
/// block's links; the first three are buttons.
///
/// [`guide::platforms`](crate::guide::platforms) says what the platform accepts, how fast, and what
/// its answers mean, with sources.
///
/// ```
/// use logout::{Adapter, Notice, Ntfy};
/// use logout::adapter::{ProblemState, Request, Step};
///
/// let ntfy: Ntfy = serde_json::from_str(r#"{ "topic": "shop-alarms-x7Jq" }"#)?;
/// assert_eq!(ntfy.check(), Ok(()));
///
/// let mut notice = Notice::new(tracing::Level::ERROR, "payment failed");
/// let mut request = Request::new();
/// ntfy.render(&notice, Step::default(), &mut request);
/// let message: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert_eq!(request.url().as_str(), "https://ntfy.sh/");
/// assert_eq!((&message["title"], &message["priority"]), (&"payment failed".into(), &4.into()));
/// assert_eq!(message["tags"], serde_json::json!(["fire"]));
///
/// notice.state = ProblemState::Known;
/// request.clear();
/// ntfy.render(&notice, Step::default(), &mut request);
/// let reminder: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert_eq!(reminder["priority"], 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, OptionDocs)]
#[non_exhaustive]
pub struct Ntfy {
    /// The topic to post to. On a public server whoever knows it can read it.
    pub topic: Secret,
    /// An access token, `tk_…`, of a user who may write to the topic.
    #[serde(default)]
    pub token: Option<Secret>,
    /// The server's address. Set it if you run your own.
    #[serde(default = "official")]
    pub url: Url,
}

fn official() -> Url {
    Url::parse("https://ntfy.sh").unwrap_or_default()
}

impl Default for Ntfy {
    fn default() -> Self {
        Self {
            topic: Secret::default(),
            token: None,
            url: official(),
        }
    }
}

#[diagnostic::do_not_recommend]
impl Adapter for Ntfy {
    const VARIABLES: &'static [(&'static str, &'static str)] =
        &[("NTFY_TOPIC", "topic"), ("NTFY_TOKEN", "token")];

    /// A share of the 4,096 bytes, of which a character may take three, as in most scripts of Asia.
    const ROOM: usize = 1_300;

    /// Allows one message every 5 s after 60 at once, the limit of a server for one address or
    /// user. ntfy.sh takes 250 a day from free accounts (ntfy, "Limitations"), which a token does
    /// not show.
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let token = self.token.as_ref().map(Secret::expose);
        let key = ("ntfy", self.url.host(), token);
        let minute = Duration::from_secs(60);
        let day = Window::new(250, 24 * 60 * minute, key);
        let is_free = self.token.is_none() && self.url.host() == "ntfy.sh";
        [Window::new(12, minute, key)]
            .into_iter()
            .chain(is_free.then_some(day))
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        self.authorize(request);
        // As JSON, in which no header has to be encoded (ntfy, "Publish as JSON").
        request.post(&self.url.join("")).write_json(|json| {
            json.object(|json| {
                json.name("topic").text(self.topic.expose().trim());
                match step.form {
                    Form::Plain => {
                        json.name("message").text(&text::plain(notice));
                        json.name("priority").number(priority(notice));
                    }
                    Form::Rich => write_rich(notice, json),
                }
            });
        });
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        answer::judge(response)
    }

    fn preview(&self, request: &Request) -> Preview {
        text::read(request)
    }

    fn verify(&self, answers: &[Response], request: &mut Request) -> Check {
        verify::verify(self, answers, request)
    }

    fn check(&self) -> Result<(), String> {
        let topic = self.topic.expose().trim();
        let topic = (!is_topic(topic)).then(|| {
            "`topic` must be 1 to 64 letters, digits, `-` or `_`, without the server's address"
                .to_owned()
        });
        let token = self.token.as_ref().map(|token| token.expose().trim());
        let token = token.filter(|token| !is_token(token)).map(|_| {
            "`token` is not an access token of ntfy, which begins with `tk_`; a user name and a \
            password are not supported"
                .to_owned()
        });
        settings_check::joined([wrong_address(&self.url), topic, token])
    }
}

impl Ntfy {
    fn authorize(&self, request: &mut Request) {
        if let Some(token) = &self.token {
            request.bearer_auth(token);
        }
    }
}

/// Returns what is wrong with an address, if it is not a server's.
fn wrong_address(url: &Url) -> Option<String> {
    if let Some(wrong) = settings_check::wrong_platform(url, "Ntfy") {
        return Some(wrong);
    }
    // A server cannot stand under a path (ntfy, "Config", `base-url`).
    settings_check::segments(url).next().map(|_| {
        "`url` is the server's address alone, such as `https://ntfy.sh`; the topic goes into `topic`"
            .to_owned()
    })
}

/// Returns whether the text is the name of a topic (`^[-_A-Za-z0-9]{1,64}$`).
fn is_topic(text: &str) -> bool {
    let is_sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (1..=64).contains(&text.len()) && text.bytes().all(is_sign)
}

fn is_token(text: &str) -> bool {
    let rest = text.strip_prefix("tk_").unwrap_or_default();
    !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Returns the priority: 5 rings repeatedly, 2 makes no sound (ntfy, "Message priority").
fn priority(notice: &Notice) -> u8 {
    match notice.severity {
        _ if notice.is_silent() => 2,
        Severity::Panic => 5,
        Severity::Error => 4,
        Severity::Warn => 3,
        _ => 2,
    }
}

/// Returns the short code of an emoji, which the apps show in front of the title.
fn tag(severity: Severity) -> &'static str {
    match severity {
        Severity::Report => "chart_with_downwards_trend",
        Severity::Trace => "mag",
        Severity::Debug => "bug",
        Severity::Info => "information_source",
        Severity::Warn => "warning",
        Severity::Error => "fire",
        Severity::Panic => "boom",
    }
}

fn write_rich(notice: &Notice, json: &mut JsonWriter<'_>) {
    let links = layout::links(notice, LINKS, LINKS, str::to_owned, str::to_owned);
    let opening = layout::split_message(notice, TITLE, truncate::json_bytes);
    json.name("title").text(&opening.line);
    json.name("message")
        .text(&text::rich(notice, &opening.block));
    json.name("priority").number(priority(notice));
    json.name("tags")
        .array(|json| json.text(tag(notice.severity)));
    if let Some(first) = links.first() {
        json.name("click").text(&first.url);
        json.name("actions").array(|json| {
            for link in links.iter().take(ACTIONS) {
                button(link, json);
            }
        });
    }
}

/// Writes a button that opens an address.
fn button(link: &LinkText, json: &mut JsonWriter<'_>) {
    json.object(|json| {
        json.name("action").text("view");
        json.name("label").text(&link.name);
        json.name("url").text(&link.url);
    });
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::{is_token, is_topic, priority, wrong_address};
    use crate::adapter::{Notice, ProblemState, Severity};
    use crate::transport::Url;

    #[test]
    fn what_is_new_and_severe_is_loud() {
        for (severity, loud) in [
            (Severity::Panic, 5),
            (Severity::Error, 4),
            (Severity::Warn, 3),
            (Severity::Info, 2),
            (Severity::Report, 2),
        ] {
            let mut notice = Notice::new(Level::ERROR, "x");
            notice.severity = severity;
            assert_eq!(priority(&notice), loud);
            for state in [ProblemState::Known, ProblemState::Quiet] {
                notice.state = state;
                assert_eq!(priority(&notice), 2);
            }
            notice.level_rose = true;
            assert_eq!(priority(&notice), loud);
        }
    }

    #[test]
    fn topic_token_and_address_are_told_apart() {
        assert!(is_topic("shop-alarms_7") && is_topic(&"a".repeat(64)));
        for topic in ["", "a b", "ntfy.sh/a", "ä", &"a".repeat(65)] {
            assert!(!is_topic(topic), "{topic}");
        }
        assert!(is_token("tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"));
        assert!(!is_token("tk_") && !is_token("hunter2") && !is_token("user:password"));
        for (url, is_right) in [
            ("https://ntfy.sh", true),
            ("https://ntfy.sh/", true),
            ("http://10.0.0.5:8080", true),
            ("https://ntfy.sh/mytopic", false),
            ("https://hooks.slack.com/services/T/B/x", false),
        ] {
            let wrong = wrong_address(&Url::parse(url).unwrap());
            assert_eq!(wrong.is_none(), is_right, "{url}: {wrong:?}");
        }
    }
}
