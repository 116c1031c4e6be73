//! Zulip, as a bot.

use std::time::Duration;

use logout_macros::OptionDocs;
use serde::Deserialize;
use serde_json::Value;

use super::{answer_json, layout, settings_check, truncate, visible_text};
use crate::adapter::{Adapter, Check, Form, Notice, Preview, Severity, Step, Verdict, Window};
use crate::transport::request::Part;
use crate::transport::{Request, Response, Secret, Url};

mod answer;
mod content;
mod inline;
mod preview;
mod verify;

/// The limit of a topic and of a stream's name, in code points (Zulip, `models/constants.py`).
const NAME: usize = 60;
/// The topic if neither event nor settings name one and the project has no name.
const TOPIC: &str = "alerts";

/// An adapter that posts to a stream (channel) of a Zulip organisation as a bot.
///
/// | option | what it is |
/// |---|---|
/// | `url` | the organisation, `https://example.zulipchat.com`, from `ZULIP_URL`; required |
/// | `bot_email` | the bot's address, from `ZULIP_BOT_EMAIL`; required |
/// | `bot_api_key` | the bot's key, from `ZULIP_API_KEY`; required |
/// | `stream` | the stream's name; required |
/// | `topic` | the topic; by default the project's name |
/// | `mention` | who is called from ERROR up: `all`, or a name as Zulip writes it |
/// | `file_from` | from this many bytes of message and backtrace on, the whole text is linked as a file; by default only if something was cut or a backtrace folded |
///
/// The field `zulip_topic` of an event or its spans sends that event to another topic.
///
/// [`guide::platforms`](crate::guide::platforms) says what the platform accepts, how fast, and what
/// its answers mean, with sources.
///
/// ```
/// use logout::{Adapter, Notice, Zulip};
/// use logout::adapter::{Request, Step};
///
/// let zulip: Zulip = serde_json::from_str(
///     r#"{ "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
///          "bot_api_key": "k", "stream": "alerts", "topic": "shop" }"#,
/// )?;
/// assert_eq!(zulip.check(), Ok(()));
///
/// let mut request = Request::new();
/// zulip.render(&Notice::new(tracing::Level::ERROR, "oh"), Step::default(), &mut request);
/// assert_eq!(request.url().as_str(), "https://example.zulipchat.com/api/v1/messages");
/// assert!(request.body().starts_with(b"type=stream&to=%22alerts%22&topic=shop&content="));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, OptionDocs)]
#[non_exhaustive]
pub struct Zulip {
    /// The address of the organization, `https://example.zulipchat.com`.
    pub url: Url,
    /// The bot's e-mail address.
    pub bot_email: String,
    /// The bot's API key.
    pub bot_api_key: Secret,
    /// The stream to send to, of at most 60 characters. The bot must be allowed to post there.
    pub stream: String,
    /// The topic, of at most 60 characters. Unless set, it is the project's name.
    #[serde(default)]
    pub topic: Option<String>,
    /// Whom to mention from ERROR up: `all`, or a name as Zulip writes it.
    #[serde(default)]
    pub mention: Option<String>,
    /// From this many bytes of message and backtrace, the whole text is linked as a file. Unless set,
    /// it is linked when something was cut or a backtrace folded.
    #[serde(default)]
    pub file_from: Option<usize>,
}

#[diagnostic::do_not_recommend]
impl Adapter for Zulip {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[
        ("ZULIP_URL", "url"),
        ("ZULIP_BOT_EMAIL", "bot_email"),
        ("ZULIP_API_KEY", "bot_api_key"),
    ];

    const ROOM: usize = 9_000;

    /// Allows two hundred requests a minute per bot (Zulip, "HTTP headers", rate limits).
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let bot = ("zulip", self.url.as_str(), self.bot_email.as_str());
        [Window::new(200, Duration::from_secs(60), bot)]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        request
            .basic_auth(&self.bot_email, &self.bot_api_key)
            .set_static_header("user-agent", crate::transport::request::USER_AGENT)
            // Some errors are distinguished by their text alone, which Zulip translates as Django
            // does: by this header (its `LocaleMiddleware` is Django's).
            .set_static_header("accept-language", "en");
        let mention = self.mention.as_deref().filter(|_| layout::mentions(notice));
        let mention = mention.map(|name| format!("@**{}**", name.trim_start_matches('@')));
        let content = match step.form {
            // Zulip refuses a message with a mention that the stream does not allow.
            Form::Plain => content::plain(notice),
            Form::Rich => {
                let file = step.answers.last().and_then(uploaded_path);
                let (content, cut) = content::rich(notice, mention, file);
                if step.part == 0 && (cut || layout::needs_file(notice, self.file_from)) {
                    self.render_file(notice, request);
                    return;
                }
                content
            }
        };
        // Parsed as JSON first: without quotes a stream called 123 would be stream number 123.
        let to = serde_json::to_string(self.stream.trim()).unwrap_or_default();
        request.post_to(self.url.join("api/v1/messages")).form([
            ("type", "stream"),
            ("to", &to),
            ("topic", &self.topic(notice)),
            ("content", &content),
        ]);
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        answer::judge(response)
    }

    fn preview(&self, request: &Request) -> Preview {
        preview::read(request)
    }

    fn verify(&self, answers: &[Response], request: &mut Request) -> Check {
        verify::verify(self, answers, request)
    }

    fn mentions_from(&self) -> Option<Severity> {
        self.mention.is_some().then_some(layout::MENTIONS_FROM)
    }

    fn check(&self) -> Result<(), String> {
        let is_email = self.bot_email.contains('@')
            && !self.bot_email.chars().any(|c| c == ':' || c.is_control());
        let email = (!is_email).then(|| {
            "`bot_email` is not an address; one looks like `alerts-bot@example.org`".to_owned()
        });
        let key = self.bot_api_key.expose().trim().is_empty();
        let key = key.then(|| "`bot_api_key` is empty".to_owned());
        let stream = wrong_name("stream", &self.stream);
        let topic = self.topic.as_deref();
        let topic = topic.and_then(|topic| wrong_name("topic", topic));
        let mention = self.mention.as_deref();
        let mention = mention.map(|name| name.trim_start_matches('@'));
        let mention = mention.filter(|name| {
            name.trim().is_empty()
                || name.contains(['*', '`', '\\'])
                || name.chars().any(char::is_control)
                || name.chars().count() > 200
        });
        let mention =
            mention.map(|_| "`mention` must be `all` or a user's name, without `*`".to_owned());
        settings_check::joined([wrong_address(&self.url), email, key, stream, topic, mention])
    }
}

impl Zulip {
    /// Uploads the whole text; the message follows and links it.
    fn render_file(&self, notice: &Notice, request: &mut Request) {
        let file = layout::file(notice);
        request
            .post_to(self.url.join("api/v1/user_uploads"))
            .multipart(&[Part::file(
                "file",
                "log.txt",
                "text/plain; charset=utf-8",
                file.as_bytes(),
            )])
            .followed();
    }

    /// Returns the event's topic, the configured one or the project's, as a valid name.
    fn topic(&self, notice: &Notice) -> String {
        let candidates = [
            notice.route("zulip_topic"),
            self.topic.as_deref(),
            Some(&*notice.project),
        ];
        let mut topics = candidates.into_iter().flatten().map(visible_text::one_line);
        // Both are Zulip's names for no topic, which many organisations forbid.
        let is_none =
            |topic: &str| topic == "(no topic)" || topic.eq_ignore_ascii_case("general chat");
        let topic = topics.find(|topic| !topic.is_empty() && !is_none(topic));
        topic.map_or_else(|| TOPIC.to_owned(), |topic| fit_topic(&topic))
    }
}

/// Returns a topic of at most 60 code points. Zulip would cut it to its first 57, and long ones
/// with a common beginning would become one; a hash of the whole keeps them distinct.
fn fit_topic(topic: &str) -> String {
    if topic.chars().count() <= NAME {
        return topic.to_owned();
    }
    let hash = short_hash(topic);
    let kept = truncate::head(topic, NAME - hash.len() - 2, truncate::code_points);
    format!("{}… {hash}", kept.trim_end())
}

/// Returns the path of an uploaded file, if it can be in a link without ending it. Older servers
/// call it `uri`, newer ones `url`, some both.
fn uploaded_path(uploaded: &Response) -> Option<String> {
    let answer = uploaded.json::<Value>()?;
    let path = ["url", "uri"]
        .map(|key| answer_json::string_at(&answer, key))
        .into_iter()
        .find(|path| !path.is_empty())?;
    let is_safe = path.starts_with("/user_uploads/")
        && path.len() <= 500
        && !path.contains(['(', ')', '[', ']', '<', '>', '`', '\\', '*', '@'])
        && !path.chars().any(|c| c.is_whitespace() || c.is_control());
    is_safe.then(|| path.to_owned())
}

/// Returns what is certainly wrong with a server's address: a page of Zulip's, or an endpoint of
/// its API.
fn wrong_address(url: &Url) -> Option<String> {
    let is_page =
        |segment: &str| ["api", "json", "accounts", "login", "user_avatars"].contains(&segment);
    settings_check::segments(url).any(is_page).then(|| {
        "`url` is the server's address alone, such as `https://example.zulipchat.com`, without the path of its API or of a page".to_owned()
    })
}

/// Returns why it is no name of a stream or a topic.
fn wrong_name(key: &str, name: &str) -> Option<String> {
    match name.trim().chars().count() {
        0 => Some(format!("`{key}` is empty")),
        length if length > NAME => Some(format!(
            "`{key}` has {length} characters; Zulip takes {NAME}"
        )),
        _ if visible_text::one_line(name) != name.trim() => Some(format!(
            "`{key}` holds a character that Zulip refuses (a control character, or one that is never shown)"
        )),
        _ => None,
    }
}

/// Returns four hexadecimal digits that distinguish texts with a common beginning (FNV-1a: the same
/// in every release of Rust, unlike the hasher of std).
fn short_hash(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{:04x}", (hash >> 16) ^ (hash & 0xffff))
}

#[cfg(test)]
mod tests {
    use super::{Zulip, fit_topic};
    use crate::adapter::{Adapter as _, Notice, Step};
    use crate::transport::{Request, Response};

    #[test]
    fn topics_that_are_cut_stay_apart() {
        let (one, other) = ("x".repeat(70), format!("{}y", "x".repeat(69)));
        let (one, other) = (fit_topic(&one), fit_topic(&other));
        assert_ne!(one, other);
        assert_eq!((one.chars().count(), other.chars().count()), (60, 60));
        assert_eq!(fit_topic("payments"), "payments");
    }

    #[test]
    fn the_topic_comes_from_event_settings_or_project() {
        let mut zulip = Zulip::default();
        let mut notice = Notice::new(tracing::Level::WARN, "x");
        assert_eq!(zulip.topic(&notice), "alerts");
        notice.project = "shop".to_owned();
        assert_eq!(zulip.topic(&notice), "shop");
        zulip.topic = Some("ops".to_owned());
        assert_eq!(zulip.topic(&notice), "ops");
        notice.routes = vec![("zulip_topic".to_owned(), " a\nb\0 ".to_owned())];
        assert_eq!(zulip.topic(&notice), "a b␀");
        for none in [" ", "(no topic)", "general chat"] {
            notice.routes = vec![("zulip_topic".to_owned(), none.to_owned())];
            assert_eq!(zulip.topic(&notice), "ops");
        }
    }

    #[test]
    fn the_plain_form_calls_nobody_since_a_call_may_be_why_the_rich_one_was_refused() {
        let zulip = Zulip {
            mention: Some("all".to_owned()),
            ..Zulip::default()
        };
        let notice = Notice::new(tracing::Level::ERROR, "payment failed");
        for (step, calls) in [(Step::default(), true), (Step::plain(), false)] {
            let mut request = Request::new();
            zulip.render(&notice, step, &mut request);
            let body = String::from_utf8_lossy(request.body()).into_owned();
            // `@**all**`, encoded as in a form.
            assert_eq!(body.contains("%40**all**"), calls, "{body}");
        }
    }

    #[test]
    fn only_a_path_of_the_uploads_is_linked() {
        let link = |path: &str| {
            let mut answer = Response::new(200);
            answer.set_body(serde_json::json!({ "url": path }).to_string());
            super::uploaded_path(&answer)
        };
        assert!(link("/user_uploads/2/ab/log.txt").is_some());
        for path in [
            "https://evil.example",
            "/user_uploads/a) @**all**",
            "/user_uploads/a\nb",
        ] {
            assert!(link(path).is_none(), "{path}");
        }
    }
}
