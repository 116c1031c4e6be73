//! Telegram, by the Bot API.

use std::time::Duration;

use logout_macros::OptionDocs;
use serde::Deserialize;
use serde_json::Value;

use super::{layout, settings_check};
use crate::adapter::{Adapter, Check, Form, Notice, Preview, Severity, Step, Verdict, Window};
use crate::transport::request::{JsonWriter, Part};
use crate::transport::{Request, Response, Secret, Url};

mod answer;
mod auto_links;
mod chat;
mod entity_text;
mod message;
mod preview;
mod verify;

pub use self::chat::ChatId;
use self::entity_text::EntityText;

/// The longest token, in bytes (tdlib/telegram-bot-api, `ClientManager.cpp`).
const TOKEN: usize = 80;

/// An adapter that sends messages to a Telegram chat as a bot.
///
/// | option | what it is |
/// |---|---|
/// | `bot_token` | what `BotFather` gave, `123456:ABC…`, from `TELEGRAM_BOT_TOKEN`; required |
/// | `chat_id` | the chat: a number (groups are negative) or `@name`, from `TELEGRAM_CHAT_ID`; required |
/// | `message_thread_id` | the topic of a forum; leave it out for "General" |
/// | `url` | the server, `https://api.telegram.org` unless it is your own |
/// | `mention` | the `@name` of who is called from ERROR up |
/// | `file_from` | from this many bytes of message and backtrace on, the whole text follows as a file; by default only if something was cut or a backtrace folded |
///
/// Below ERROR, and where they tell of nothing new or worse, messages arrive without a sound. The
/// field `telegram_thread` of an event or its spans sends that event to another topic.
///
/// [`guide::platforms`](crate::guide::platforms) says what the platform accepts, how fast, and what
/// its answers mean, with sources.
///
/// ```
/// use logout::{Adapter, Notice, Telegram};
/// use logout::adapter::{Request, Step};
///
/// let telegram: Telegram = serde_json::from_str(
///     r#"{ "bot_token": "123456:ABC", "chat_id": "-1001234567890" }"#,
/// )?;
/// assert_eq!(telegram.check(), Ok(()));
///
/// let mut request = Request::new();
/// telegram.render(&Notice::new(tracing::Level::ERROR, "ask @admin"), Step::default(), &mut request);
/// assert_eq!(request.url().as_str(), "https://api.telegram.org/bot123456:ABC/sendMessage");
///
/// // The first line is bold, but for what would be a mention: inside code nothing is.
/// let message: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert!(message["text"].as_str().is_some_and(|text| text.starts_with("🔥 ask @admin")));
/// let kinds = [&message["entities"][0]["type"], &message["entities"][1]["type"]];
/// assert_eq!(kinds, ["bold", "code"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, OptionDocs)]
#[non_exhaustive]
pub struct Telegram {
    /// The bot's token from `BotFather`, `123456:ABC…`.
    pub bot_token: Secret,
    /// The chat to send to: its number, which is negative for a group, or its `@name`. The bot must be
    /// a member.
    pub chat_id: ChatId,
    /// The topic of a forum. Unless set, it is "General".
    #[serde(default)]
    pub message_thread_id: Option<i64>,
    /// The server of the Bot API. Set it if you run your own.
    #[serde(default = "official")]
    pub url: Url,
    /// Whom to mention from ERROR up, as `@name`.
    #[serde(default)]
    pub mention: Option<String>,
    /// From this many bytes of message and backtrace, the whole text follows as a file. Unless set, it
    /// follows when something was cut or a backtrace folded.
    #[serde(default)]
    pub file_from: Option<usize>,
}

fn official() -> Url {
    Url::parse("https://api.telegram.org").unwrap_or_default()
}

impl Default for Telegram {
    fn default() -> Self {
        Self {
            bot_token: Secret::default(),
            chat_id: ChatId::default(),
            message_thread_id: None,
            url: official(),
            mention: None,
            file_from: None,
        }
    }
}

#[diagnostic::do_not_recommend]
impl Adapter for Telegram {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[
        ("TELEGRAM_BOT_TOKEN", "bot_token"),
        ("TELEGRAM_CHAT_ID", "chat_id"),
    ];

    const ROOM: usize = 3_500;

    /// Allows one message a second and twenty a minute per chat, thirty a second per bot
    /// (Telegram, "Bots FAQ").
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let second = Duration::from_secs(1);
        let bot = ("telegram bot", self.bot_token.expose());
        let chat = ("telegram chat", self.chat_id.to_string());
        [
            Window::new(1, second, &chat),
            Window::new(20, 60 * second, &chat),
            Window::new(30, second, bot),
        ]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        if step.part > 0 {
            self.render_file(notice, step, request);
            request.supplements();
            return;
        }
        let mention = self.mention.as_deref().and_then(username);
        let mention = mention.filter(|_| layout::mentions(notice));
        let message = match step.form {
            Form::Plain => message::plain(notice),
            Form::Rich => message::rich(notice, mention),
        };
        let attached = message.cut || layout::needs_file(notice, self.file_from);
        if step.form == Form::Rich && attached {
            request.followed();
        }
        request
            .post_to(self.method("sendMessage"))
            .write_json(|json| self.write(notice, &message, json));
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        let answer = response.json::<Value>().unwrap_or_default();
        let is_ok = answer.get("ok").and_then(Value::as_bool);
        // Cut off, but after the success.
        let begins_well = response.body().starts_with(b"{\"ok\":true,");
        let moved = answer.pointer("/parameters/migrate_to_chat_id");
        match (is_ok, moved.and_then(Value::as_i64)) {
            (Some(false), Some(id)) => self.migrate(id),
            (Some(false), None) => answer::judge_refusal(response, &answer),
            _ if response.is_success() && (is_ok == Some(true) || begins_well) => {
                Verdict::Delivered
            }
            _ => Verdict::from_stranger(response),
        }
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
        let token = self.bot_token.expose();
        let is_token = token.len() <= TOKEN
            && token.split_once(':').is_some_and(|(id, secret)| {
                !id.is_empty()
                    && id.bytes().all(|b| b.is_ascii_digit())
                    && !secret.is_empty()
                    && secret
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
            });
        let token = (!is_token).then(|| {
            "`bot_token` is not what BotFather gives: digits, a colon, then letters, digits, `_` and `-`".to_owned()
        });
        let thread = match self.message_thread_id {
            Some(1) => Some(
                "`message_thread_id` 1 is the topic \"General\", which Telegram does not find under its number; leave the option out"
                    .to_owned(),
            ),
            Some(..=0) => Some("`message_thread_id` must be positive".to_owned()),
            _ => None,
        };
        let mention = self.mention.as_deref();
        let mention = mention.filter(|name| username(name).is_none());
        let mention = mention.map(|_| {
            "`mention` must be a user's name: `@` and 4 to 32 letters, digits and `_`".to_owned()
        });
        // An address with the token in it would be shown, since only the token is a secret.
        let url = settings_check::segments(&self.url).any(|segment| {
            let rest = segment.strip_prefix("bot");
            rest.is_some_and(|rest| {
                rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit())
            })
        });
        let url = url.then(|| {
            "`url` is the server's address, such as `https://api.telegram.org`, without `/bot…`"
                .to_owned()
        });
        settings_check::joined([url, token, self.chat_id.check().err(), thread, mention])
    }
}

impl Telegram {
    fn method(&self, name: &str) -> Url {
        let path = ["bot", self.bot_token.expose(), "/", name].concat();
        self.url.join(&path)
    }

    /// Writes the parameters of `sendMessage`.
    fn write(&self, notice: &Notice, message: &EntityText, json: &mut JsonWriter<'_>) {
        json.object(|json| {
            self.chat_id.write(json.name("chat_id"));
            if let Some(thread) = self.thread(notice) {
                json.name("message_thread_id").number(thread);
            }
            json.name("text").text(&message.text);
            json.name("entities").array(|json| {
                for entity in &message.entities {
                    entity.write(json);
                }
            });
            json.name("link_preview_options")
                .object(|json| json.name("is_disabled").boolean(true));
            if layout::is_silent(notice) {
                json.name("disable_notification").boolean(true);
            }
        });
    }

    fn thread(&self, notice: &Notice) -> Option<i64> {
        let routed = notice.route("telegram_thread");
        match routed.and_then(|thread| thread.trim().parse::<i64>().ok()) {
            // "General" cannot be addressed by its number.
            Some(1) => None,
            Some(thread) if thread > 1 => Some(thread),
            _ => self.message_thread_id,
        }
    }

    /// Renders the whole text as a document, in reply to the message.
    fn render_file(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        let file = layout::file(notice);
        let mut fields: Vec<(&str, String)> = vec![
            ("chat_id", self.chat_id.to_string()),
            ("disable_content_type_detection", "true".to_owned()),
            // The message has already made its sound.
            ("disable_notification", "true".to_owned()),
        ];
        if let Some(thread) = self.thread(notice) {
            fields.push(("message_thread_id", thread.to_string()));
        }
        if notice.possible_repeat {
            fields.push(("caption", "possible repeat".to_owned()));
        }
        let answer = step.answers.last().and_then(Response::json::<Value>);
        if let Some(id) = answer.and_then(|answer| answer.pointer("/result/message_id")?.as_i64()) {
            let reply = format!(r#"{{"allow_sending_without_reply":true,"message_id":{id}}}"#);
            fields.push(("reply_parameters", reply));
        }
        let mut parts: Vec<_> = fields
            .iter()
            .map(|(name, value)| Part::field(name, value))
            .collect();
        let plain = "text/plain; charset=utf-8";
        parts.push(Part::file("document", "log.txt", plain, file.as_bytes()));
        request
            .post_to(self.method("sendDocument"))
            .multipart(&parts);
    }

    /// Follows the group to the supergroup it has become.
    fn migrate(&mut self, id: i64) -> Verdict {
        let moved = ChatId::from_number(id);
        match moved {
            Ok(moved) if moved != self.chat_id => {
                let told = format!(
                    "the group has become a supergroup; set `chat_id` (TELEGRAM_CHAT_ID) to {moved}"
                );
                self.chat_id = moved;
                Verdict::Moved(told)
            }
            _ => Verdict::Gone("the chat has moved, but not to a usable chat id".to_owned()),
        }
    }
}

/// Returns a user's name with its `@`.
fn username(name: &str) -> Option<String> {
    let name = name.trim_start_matches('@');
    chat::is_name(name).then(|| format!("@{name}"))
}

#[cfg(test)]
mod tests {
    use super::{ChatId, Telegram};
    use crate::adapter::{Adapter, Notice, Verdict};
    use crate::transport::{Response, Secret};

    fn telegram() -> Telegram {
        Telegram {
            bot_token: Secret::new("1:a".to_owned()),
            chat_id: ChatId::from_number(-5).unwrap(),
            ..Telegram::default()
        }
    }

    #[test]
    fn a_move_is_followed_once() {
        let mut answer = Response::new(400);
        answer.set_body(
            r#"{"ok":false,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001234567890}}"#,
        );
        let mut telegram = telegram();
        assert_eq!(
            telegram.judge(&answer),
            Verdict::Moved(
                "the group has become a supergroup; set `chat_id` (TELEGRAM_CHAT_ID) to -1001234567890"
                    .to_owned()
            )
        );
        assert_eq!(telegram.chat_id.to_string(), "-1001234567890");
        assert!(matches!(telegram.judge(&answer), Verdict::Gone(_)));
    }

    #[test]
    fn the_topic_general_has_no_number() {
        let mut telegram = telegram();
        telegram.message_thread_id = Some(7);
        let mut notice = Notice::new(tracing::Level::ERROR, "x");
        for (routed, thread) in [("1", None), ("9", Some(9)), ("x", Some(7)), ("-3", Some(7))] {
            notice.routes = vec![("telegram_thread".to_owned(), routed.to_owned())];
            assert_eq!(telegram.thread(&notice), thread, "{routed}");
        }
        telegram.message_thread_id = Some(1);
        assert!(telegram.check().unwrap_err().contains("General"));
    }

    #[test]
    fn a_token_that_is_none_is_told_without_quoting_it() {
        for token in ["", "abc", ":abc", "1:", "bot1:abc", "1:a/b", "12:a b"] {
            let mut telegram = telegram();
            telegram.bot_token = Secret::new(token.to_owned());
            let problem = telegram.check().unwrap_err();
            assert!(problem.starts_with("`bot_token` is not"), "{token}");
        }
    }
}
