//! Slack, by a bot's token.

use std::time::Duration;

use logout_macros::OptionDocs;
use serde::Deserialize;
use serde_json::Value;

use super::answer_json::string_at;
use super::slack_message::{self, Conversation, Messages, is_timestamp, mention};
use super::{layout, settings_check};
use crate::adapter::{
    Adapter, Check, Form, Memory, Notice, Preview, Severity, Step, Verdict, Window,
};
use crate::transport::url::Url;
use crate::transport::{Request, Response, Secret};

mod answer;
mod file;
mod verify;

/// An adapter that posts to a Slack channel as a bot, with a token of its own.
///
/// | option | what it is |
/// |---|---|
/// | `token` | the bot's token (`xoxb-…`), from `SLACK_BOT_TOKEN`; required |
/// | `channel` | the channel's id (`C…`) or its name; required |
/// | `thread` | `true`: reminders answer in the thread of the problem's first message |
/// | `mention` | who is called from ERROR up: `here`, `channel`, `everyone`, or the id of a user (`U…`) or of a user group (`S…`) |
/// | `file_from` | from this many bytes of message and backtrace on, the whole text follows as a file; by default only if something was cut or a backtrace folded |
/// | `url` | the server: `https://slack.com`, or `https://slack-gov.com` for `GovSlack` |
///
/// The token needs the scope `chat:write`, and the bot must be a member of the channel (`/invite` it there), unless it
/// has `chat:write.public`. In contrast to [`Slack`](crate::Slack)'s webhook, one token posts to every channel, Slack
/// can be asked whether it works (`auth.test`), and there are threads.
///
/// With `thread: true` what is told of a problem after its first message stands in that message's thread: the
/// channel holds one line for each problem. logout knows the thread until it forgets the problem or ends. A digest
/// of several problems stands in the channel.
///
/// What is too long for a message follows in up to two more, and what is too long for three as a file. For
/// files the token needs the scope `files:write`, and the bot must be a member of the channel. Without them
/// the file is left out, which is said on standard error, and the messages arrive all the same.
///
/// The field `slack_thread` of an event or its spans sends that event into another thread.
///
/// [`guide::platforms`](crate::guide::platforms) says what the platform accepts, how fast, and what
/// its answers mean, with sources.
///
/// ```
/// use logout::{Adapter, Notice, SlackBot};
/// use logout::adapter::{Request, Response, Step};
///
/// let bot: SlackBot = serde_json::from_str(r##"{ "token": "xoxb-1-2-abc", "channel": "#ops", "thread": true }"##)?;
/// assert_eq!(bot.check(), Ok(()));
///
/// let (notice, mut request) = (Notice::new(tracing::Level::ERROR, "payment failed"), Request::new());
/// bot.render(&notice, Step::default(), &mut request);
/// assert_eq!(request.url().as_str(), "https://slack.com/api/chat.postMessage");
/// let message: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert_eq!((&message["channel"], &message["thread_ts"]), (&"#ops".into(), &serde_json::Value::Null));
///
/// // A reminder answers where the first message stands.
/// let mut answer = Response::new(200);
/// answer.set_body(r#"{"ok":true,"channel":"C1","ts":"1764331471.000100"}"#);
/// let memory = bot.remember(&answer);
/// let mut step = Step::default();
/// step.memory = memory.as_ref();
/// request.clear();
/// bot.render(&notice, step, &mut request);
/// let message: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert_eq!(message["thread_ts"], "1764331471.000100");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, OptionDocs)]
#[non_exhaustive]
pub struct SlackBot {
    /// The bot's token, `xoxb-…`: "OAuth & Permissions" of the app.
    pub token: Secret,
    /// The channel to post to: its id (`C…`), which survives a change of its name, or its name.
    pub channel: String,
    /// Whether reminders answer in the thread of the problem's first message.
    #[serde(default)]
    pub thread: bool,
    /// Whom to mention from ERROR up: `here`, `channel`, `everyone`, or the id of a user (`U…`) or of
    /// a user group (`S…`).
    #[serde(default)]
    pub mention: Option<String>,
    /// From this many bytes of message and backtrace, the whole text follows as a file. Unless set, it
    /// follows when something was cut or a backtrace folded.
    #[serde(default)]
    pub file_from: Option<usize>,
    /// The server. `GovSlack` has `https://slack-gov.com`.
    #[serde(default = "official")]
    pub url: Url,
}

fn official() -> Url {
    Url::parse("https://slack.com").unwrap_or_default()
}

impl Default for SlackBot {
    fn default() -> Self {
        Self {
            token: Secret::default(),
            channel: String::new(),
            thread: false,
            mention: None,
            file_from: None,
            url: official(),
        }
    }
}

#[diagnostic::do_not_recommend]
impl Adapter for SlackBot {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[("SLACK_BOT_TOKEN", "token")];

    const ROOM: usize = 2_800;

    /// Allows one message a second per channel (Slack, "Rate limits", `chat.postMessage`).
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let channel = self.channel.trim_start_matches('#');
        let key = ("slack bot", self.token.expose(), channel);
        [Window::new(1, Duration::from_secs(1), key)]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        let mention = self.mention.as_deref().and_then(mention);
        let mention = mention.filter(|_| layout::mentions(notice) && step.part == 0);
        let messages = Messages::of(notice, step.form);
        if let Some(stage) = step.part.checked_sub(messages.count()) {
            return file::render(self, notice, step, stage, request);
        }
        let thread = self.thread_of(notice, step);
        let conversation = Conversation {
            channel: Some(&self.channel),
            thread: thread.as_deref(),
        };
        self.ask("chat.postMessage", request);
        messages.write(step.part, mention.as_deref(), &conversation, request);
        let has_file = messages.is_cut() || layout::needs_file(notice, self.file_from);
        if has_file && step.form == Form::Rich {
            request.followed();
        }
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        answer::judge(response)
    }

    fn remember(&self, response: &Response) -> Option<Memory> {
        Memory::new(&thread_of_answer(response).filter(|_| self.thread)?)
    }

    fn preview(&self, request: &Request) -> Preview {
        file::read(request).unwrap_or_else(|| slack_message::read(request))
    }

    fn verify(&self, answers: &[Response], request: &mut Request) -> Check {
        verify::verify(self, answers, request)
    }

    fn mentions_from(&self) -> Option<Severity> {
        self.mention.is_some().then_some(layout::MENTIONS_FROM)
    }

    fn check(&self) -> Result<(), String> {
        let channel = (!is_channel(&self.channel)).then(|| {
            "`channel` must be the id of a channel (`C…`) or its name, such as `ops`".to_owned()
        });
        let mention = self.mention.as_deref().filter(|word| mention(word).is_none()).map(|_| {
            "`mention` must be `here`, `channel`, `everyone`, or the id of a user (`U…`) or of a user group (`S…`)"
                .to_owned()
        });
        settings_check::joined([
            wrong_address(&self.url),
            wrong_token(self.token.expose()),
            channel,
            mention,
        ])
    }
}

impl SlackBot {
    /// Fills a request to a method of the Web API.
    fn ask<'r>(&self, method: &str, request: &'r mut Request) -> &'r mut Request {
        request
            .post(&self.url.join(&format!("api/{method}")))
            .bearer_auth(&self.token)
    }

    /// Returns the thread that a message belongs to: the event's own, or that of the problem's
    /// first message.
    fn thread_of(&self, notice: &Notice, step: Step<'_>) -> Option<String> {
        if let Some(routed) = notice.route("slack_thread").filter(|ts| is_timestamp(ts)) {
            return Some(routed.to_owned());
        }
        let known = step.memory.filter(|_| self.thread);
        let known = known.map(|memory| memory.as_str().to_owned());
        known.or_else(|| {
            // What did not fit into the first message follows below it.
            thread_of_answer(step.answers.first().filter(|_| self.thread)?)
        })
    }
}

/// Returns the thread of a posted message: the one it is in, or else its own. A reply opens none.
fn thread_of_answer(response: &Response) -> Option<String> {
    let answer = response.json::<Value>()?;
    let above = answer.pointer("/message/thread_ts").and_then(Value::as_str);
    let ts = above.unwrap_or_else(|| string_at(&answer, "ts"));
    is_timestamp(ts).then(|| ts.to_owned())
}

/// Returns whether the text is a channel's id or name. Names have no more than 80 characters, no
/// capitals except in ids, no spaces and no punctuation but `-` and `_`.
fn is_channel(text: &str) -> bool {
    let name = text.strip_prefix('#').unwrap_or(text);
    let is_sign = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    (1..=80).contains(&name.chars().count()) && name.chars().all(is_sign)
}

/// Returns what is wrong with a bot's token.
fn wrong_token(token: &str) -> Option<String> {
    let is_sign = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let wrong = match token {
        _ if token.starts_with("xoxb-") => {
            let is_whole = token.len() > "xoxb-".len() && token.bytes().all(is_sign);
            if is_whole {
                return None;
            }
            "`token` holds what no token has; copy it again"
        }
        _ if token.starts_with("xoxe") => {
            "`token` is one that expires after 12 hours; turn token rotation off"
        }
        _ if token.starts_with("xoxp-") => {
            "`token` is a user's; take the bot's, which begins with `xoxb-`"
        }
        _ if token.starts_with("xapp-") => {
            "`token` is that of an app, which cannot post; take the bot's, which begins with `xoxb-`"
        }
        _ if token.contains("://") => "`token` is an address; a webhook is for the adapter `Slack`",
        _ => "`token` is not a bot's, which begins with `xoxb-`",
    };
    Some(wrong.to_owned())
}

/// Returns what is wrong with an address, if no message can be sent to it.
fn wrong_address(url: &Url) -> Option<String> {
    let host = url.host();
    if host.starts_with("hooks.slack") {
        return Some(
            "`url` is a webhook of Slack, for the adapter `Slack`; a bot needs none".to_owned(),
        );
    }
    if host.ends_with(".slack.com") || host.ends_with(".slack-gov.com") {
        return Some(
            "`url` is a page of Slack; the Web API is at `https://slack.com` or, of GovSlack, at `https://slack-gov.com`"
                .to_owned(),
        );
    }
    if settings_check::segments(url).next().is_some() || url.path_and_query().contains('?') {
        return Some("`url` is the server's address alone, without `/api/…`".to_owned());
    }
    match host {
        "slack.com" | "slack-gov.com" => None,
        _ => settings_check::wrong_platform(url, "SlackBot"),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_channel, wrong_token};

    #[test]
    fn a_channel_is_an_id_or_a_name() {
        for channel in ["C0123ABCD", "#ops", "ops-alerts_2", "störungen"] {
            assert!(is_channel(channel), "{channel}");
        }
        for text in [
            "",
            "#",
            "ops alerts",
            "<#C1>",
            "@ann",
            "https://acme.slack.com/archives/C1",
        ] {
            assert!(!is_channel(text), "{text}");
        }
    }

    #[test]
    fn every_token_that_is_not_a_bots_is_told_apart() {
        assert_eq!(wrong_token("xoxb-123-456-AbC"), None);
        for (token, said) in [
            ("xoxb-", "copy it again"),
            ("xoxb-1 2", "copy it again"),
            ("xoxe.xoxb-1-abc", "rotation"),
            ("xoxp-1-abc", "a user's"),
            ("xapp-1-abc", "that of an app"),
            ("https://hooks.slack.com/services/T/B/x", "a webhook"),
            ("abc", "begins with `xoxb-`"),
            ("", "begins with `xoxb-`"),
        ] {
            assert!(
                wrong_token(token).is_some_and(|why| why.contains(said)),
                "{token}"
            );
        }
    }
}
