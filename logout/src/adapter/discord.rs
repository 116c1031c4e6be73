//! Discord, by a webhook.

use std::borrow::Cow;

use std::time::Duration;

use logout_macros::OptionDocs;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{layout, settings_check, truncate};
use crate::adapter::{Adapter, Check, Form, Notice, Preview, Severity, Step, Verdict, Window};
use crate::transport::request::Part;
use crate::transport::url::SecretUrl;
use crate::transport::{Request, Response, Url};

mod answer;
mod embed;
mod inline;
mod preview;
mod verify;

/// The limit of `content`, in code points (Discord, "Execute Webhook").
const CONTENT: usize = 2_000;
/// The largest file that every webhook may send (Discord, "Uploading Files": 10 MiB by default),
/// less the rest of the request.
const FILE: usize = 10 * 1024 * 1024 - 65_536;
/// A message that makes no sound (Discord, "Message Flags"); a webhook may set it.
const SUPPRESS_NOTIFICATIONS: u32 = 1 << 12;
/// Discord blocks senders that do not say who they are in this form (Discord, "User Agent").
const USER_AGENT: &str = concat!(
    "DiscordBot (",
    env!("CARGO_PKG_REPOSITORY"),
    ", ",
    env!("CARGO_PKG_VERSION"),
    ")"
);

/// An adapter that posts to a Discord channel through a webhook.
///
/// | option | what it is |
/// |---|---|
/// | `url` | the webhook's URL, from `DISCORD_WEBHOOK_URL`; required |
/// | `thread_id` | the thread of the channel, or the post of the forum, in which everything is posted |
/// | `mention` | who is called from ERROR up: `everyone`, `here`, a user's id, or a role's id with `&` in front |
/// | `file_from` | from this many bytes of message and backtrace on, the whole text comes as a file; by default only if something was cut or a backtrace folded |
///
/// The URL is used with version 10 of the API, whatever version stands in it (without one
/// Discord takes the oldest, which counts waits in milliseconds). The field `discord_thread` of
/// an event or its spans sends that event into another thread. What is below ERROR, and reminders,
/// make no sound.
///
/// [`guide::platforms`](crate::guide::platforms) says what the platform accepts, how fast, and what
/// its answers mean, with sources.
///
/// ```
/// use logout::{Adapter, Discord, Notice};
/// use logout::adapter::{Request, Step};
///
/// let discord: Discord = serde_json::from_str(
///     r#"{ "url": "https://discord.com/api/webhooks/123/abc" }"#,
/// )?;
/// assert_eq!(discord.check(), Ok(()));
///
/// let mut request = Request::new();
/// discord.render(&Notice::new(tracing::Level::ERROR, "ask @everyone"), Step::default(), &mut request);
/// assert_eq!(request.url().as_str(), "https://discord.com/api/v10/webhooks/123/abc?wait=true");
///
/// let message: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert_eq!(message["allowed_mentions"], serde_json::json!({ "parse": [] }));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, OptionDocs)]
#[non_exhaustive]
pub struct Discord {
    /// The webhook's URL, `https://discord.com/api/webhooks/<id>/<token>`.
    pub url: SecretUrl,
    /// The id of the thread, or of the forum post, to send to.
    #[serde(default)]
    pub thread_id: Option<String>,
    /// Whom to mention from ERROR up: `everyone`, `here`, a user's id, or `&` and a role's id.
    #[serde(default)]
    pub mention: Option<String>,
    /// From this many bytes of message and backtrace, the whole text is attached as a file of at most
    /// 10 MiB. Unless set, it is attached when something was cut or a backtrace folded.
    #[serde(default)]
    pub file_from: Option<usize>,
}

/// The body of a webhook's request.
#[derive(Serialize)]
struct ExecuteWebhook {
    content: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    embeds: Vec<embed::Embed>,
    /// Always sent: without it a webhook lets `<@id>` ring.
    allowed_mentions: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<u32>,
}

#[diagnostic::do_not_recommend]
impl Adapter for Discord {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[("DISCORD_WEBHOOK_URL", "url")];

    const ROOM: usize = 3_800;

    /// Allows five messages in two seconds per webhook, and thirty a minute in its channel
    /// (discord-api-docs issue 367). The headers of answers say more and are followed.
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let key = ("discord", self.url.expose().as_str());
        [
            Window::new(5, Duration::from_secs(2), key),
            Window::new(30, Duration::from_secs(60), key),
        ]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        let (content, embeds, cut) = match step.form {
            Form::Plain => (plain(notice), Vec::new(), false),
            Form::Rich => embed::message(notice),
        };
        let mut message = ExecuteWebhook {
            content,
            embeds,
            allowed_mentions: json!({ "parse": [] }),
            flags: layout::is_silent(notice).then_some(SUPPRESS_NOTIFICATIONS),
        };
        let mention = self.mention.as_deref().and_then(MentionTarget::of);
        if let Some(mention) = mention.filter(|_| layout::mentions(notice)) {
            mention.add_to(&mut message);
        }
        let routed = notice.route("discord_thread").filter(|id| is_id(id));
        let thread = routed.or(self.thread_id.as_deref());
        let url = self.url.expose();
        let address = match (WebhookAddress::of(url), thread) {
            (Some(webhook), thread) => webhook.address(url, thread),
            // What is no webhook is refused at start, except in a dry run.
            (None, Some(thread)) => url.with_query(&format!("thread_id={thread}")),
            (None, None) => url.clone(),
        };
        request
            .post_to(address)
            .set_static_header("user-agent", USER_AGENT);

        request.json(&message);
        let attached = cut || layout::needs_file(notice, self.file_from);
        if step.form == Form::Rich && attached {
            let message = String::from_utf8_lossy(request.body()).into_owned();
            let file = layout::file(notice);
            let file = match file.len() <= FILE {
                true => Cow::Borrowed(file.as_str()),
                false => truncate::keep_both_ends(&file, FILE, truncate::bytes),
            };
            let plain = "text/plain; charset=utf-8";
            request.multipart(&[
                Part::field("payload_json", &message),
                Part::file("files[0]", "log.txt", plain, file.as_bytes()),
            ]);
        }
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
        let url = WebhookAddress::of(self.url.expose()).is_none().then(|| {
            "`url` is not a Discord webhook, which ends with `/api/webhooks/<digits>/<token>`, \
            without `/slack` or `/github`"
                .to_owned()
        });
        let thread = self.thread_id.as_deref().filter(|id| !is_id(id));
        let thread =
            thread.map(|_| "`thread_id` must be the thread's id, which is a number".to_owned());
        let mention = self.mention.as_deref();
        let mention = mention.filter(|word| MentionTarget::of(word).is_none());
        let mention = mention.map(|_| {
            "`mention` must be `everyone`, `here`, the id of a user, or `&` and the id of a role".to_owned()
        });
        settings_check::joined([url, thread, mention])
    }
}

/// The parts of a webhook's address: `…/api[/v10]/webhooks/{id}/{token}[?thread_id={thread}]`.
struct WebhookAddress<'u> {
    /// The path before `/api`, if a proxy adds one.
    prefix: &'u str,
    id: &'u str,
    token: &'u str,
    thread: Option<&'u str>,
}

impl<'u> WebhookAddress<'u> {
    fn of(url: &'u Url) -> Option<Self> {
        let path = url.path_and_query().split('?').next()?;
        let (before, hook) = path.rsplit_once("/webhooks/")?;
        let prefix = before.strip_suffix("/api").or_else(|| {
            before
                .rsplit_once("/api/v")
                .filter(|(_, v)| is_id(v))
                .map(|(p, _)| p)
        })?;
        let (id, token) = hook.trim_end_matches('/').split_once('/')?;
        let is_token = !token.is_empty()
            && token
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        let thread = url.parameter("thread_id").filter(|id| is_id(id));
        (is_id(id) && is_token).then_some(Self {
            prefix,
            id,
            token,
            thread,
        })
    }

    /// Returns the address of the webhook itself, in version 10.
    fn itself(&self, url: &Url) -> Url {
        url.with_path(&self.path())
    }

    /// Returns the address to post to: in version 10, and waiting until the message is saved, since
    /// only then a lost one is an error.
    fn address(&self, url: &Url, thread: Option<&str>) -> Url {
        let mut path = self.path();
        path.push_str("?wait=true");
        if let Some(thread) = thread.or(self.thread) {
            path.push_str("&thread_id=");
            path.push_str(thread);
        }
        url.with_path(&path)
    }

    fn path(&self) -> String {
        let parts = [self.prefix, "/api/v10/webhooks/", self.id, "/", self.token];
        parts.concat()
    }
}

/// Returns whether the text is an id of Discord's: a number of up to 64 bits.
fn is_id(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u64>().is_ok()
}

/// The target of a mention.
enum MentionTarget<'m> {
    /// `everyone` or `here`.
    All(&'m str),
    User(&'m str),
    Role(&'m str),
}

impl<'m> MentionTarget<'m> {
    /// Parses the word in the settings, which may be copied out of Discord (`<@&123>`).
    fn of(word: &'m str) -> Option<Self> {
        let word = word.trim_matches(['<', '>', '@']);
        match word.strip_prefix('&') {
            Some(role) => is_id(role).then_some(Self::Role(role)),
            None if matches!(word, "everyone" | "here") => Some(Self::All(word)),
            None => is_id(word).then_some(Self::User(word)),
        }
    }

    /// Adds it to the content and allows no other mention.
    fn add_to(&self, message: &mut ExecuteWebhook) {
        // `everyone` can only be allowed for all of the content, so log text must not contain it,
        // and no backslash escapes it.
        let mut content = message.content.clone();
        for word in ["everyone", "here"] {
            content = content.replace(&format!("@{word}"), &format!("@\u{200b}{word}"));
        }
        let (mention, allowed) = match self {
            Self::All(word) => (format!("@{word}"), json!({ "parse": ["everyone"] })),
            Self::User(id) => (format!("<@{id}>"), json!({ "parse": [], "users": [id] })),
            Self::Role(id) => (format!("<@&{id}>"), json!({ "parse": [], "roles": [id] })),
        };
        let room = CONTENT - mention.chars().count() - 1;
        if content.chars().count() <= room {
            message.content = format!("{content} {mention}");
            message.allowed_mentions = allowed;
        }
    }
}

/// Returns a code block: the only place without markup. Its fence cannot be escaped, so runs of
/// backticks in the text are broken up.
fn fence(text: &str) -> String {
    format!("```\n{}\n```", break_backticks(text))
}

/// Returns the text without adjacent backticks, which would end a fence or a span.
fn break_backticks(text: &str) -> Cow<'_, str> {
    super::code_span::limit_backtick_runs(text, 1)
}

/// Returns the cost of a character inside code, with a break after each backtick.
fn cost_in_code(c: char) -> usize {
    if c == '`' { 2 } else { 1 }
}

/// Returns the whole notice in `content`, with room left for a mention.
fn plain(notice: &Notice) -> String {
    let whole = layout::plain(notice);
    let room = CONTENT - fence("").len() - 64;
    // With a mention, a break is inserted after `@`.
    let cost = |c| if c == '@' { 2 } else { cost_in_code(c) };
    fence(&truncate::keep_both_ends(&whole, room, cost))
}

#[cfg(test)]
mod tests {
    use super::{MentionTarget, WebhookAddress};
    use crate::transport::Url;

    #[test]
    fn every_spelling_of_a_webhook_is_used_in_version_10() {
        for (written, used) in [
            (
                "https://discord.com/api/webhooks/1/a_-b",
                "https://discord.com/api/v10/webhooks/1/a_-b?wait=true",
            ),
            (
                "https://discordapp.com/api/v6/webhooks/1/a/",
                "https://discordapp.com/api/v10/webhooks/1/a?wait=true",
            ),
            (
                "http://127.0.0.1:9/discord/api/webhooks/1/a?wait=false&thread_id=5",
                "http://127.0.0.1:9/discord/api/v10/webhooks/1/a?wait=true&thread_id=5",
            ),
        ] {
            let url = Url::parse(written).unwrap();
            let address = WebhookAddress::of(&url).unwrap().address(&url, None);
            assert_eq!(address.as_str(), used);
        }
    }

    #[test]
    fn what_is_no_webhook_is_refused() {
        for url in [
            "https://discord.com/",
            "https://discord.com/api/webhooks/1",
            "https://discord.com/api/webhooks/x/a",
            "https://discord.com/api/webhooks/1/a/slack",
            "https://discord.com/apis/webhooks/1/a",
            "https://discord.com/webhooks/1/a",
        ] {
            let url = Url::parse(url).unwrap();
            assert!(WebhookAddress::of(&url).is_none(), "{}", url.as_str());
        }
    }

    #[test]
    fn a_mention_is_a_word_or_an_id() {
        assert!(matches!(
            MentionTarget::of("@everyone"),
            Some(MentionTarget::All("everyone"))
        ));
        assert!(matches!(
            MentionTarget::of("<@12>"),
            Some(MentionTarget::User("12"))
        ));
        assert!(matches!(
            MentionTarget::of("&12"),
            Some(MentionTarget::Role("12"))
        ));
        assert!(MentionTarget::of("ops").is_none() && MentionTarget::of("").is_none());
    }
}
