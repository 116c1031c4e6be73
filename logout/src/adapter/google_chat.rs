//! Google Chat, by an incoming webhook.

use std::time::Duration;

use logout_macros::OptionDocs;
use serde::Deserialize;

use super::{layout, settings_check};
use crate::adapter::{Adapter, Check, Notice, Preview, Severity, Step, Verdict, Window};
use crate::transport::url::SecretUrl;
use crate::transport::{Request, Response, Url};

mod answer;
mod message;
mod preview;

/// An adapter that posts to a space of Google Chat through an incoming webhook.
///
/// | option | what it is |
/// |---|---|
/// | `url` | the webhook's URL, from `GOOGLE_CHAT_WEBHOOK_URL`; required |
/// | `mention` | who is called from ERROR up: `all`, or the id of a user |
///
/// Each problem has its thread: the first message opens it, and reminders answer there. Google finds the thread by
/// the problem's key (project, environment and fingerprint), so it survives restarts and is shared by all replicas.
/// A digest of several problems stands outside of threads, and a space without threads shows all messages in line.
/// Only Workspace accounts have webhooks.
///
/// A message is a card of at most 30,000 bytes, counted as they are sent. Webhooks take no files.
///
/// [`guide::platforms`](crate::guide::platforms) says what the platform accepts, how fast, and what
/// its answers mean, with sources.
///
/// ```
/// use logout::{Adapter, GoogleChat, Notice};
/// use logout::adapter::{Request, Step};
///
/// let chat: GoogleChat = serde_json::from_str(
///     r#"{ "url": "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=k&token=t" }"#,
/// )?;
/// assert_eq!(chat.check(), Ok(()));
///
/// let mut notice = Notice::new(tracing::Level::ERROR, "<users/all> ate my <Vec>");
/// notice.fingerprint = "3fa9c1".to_owned();
/// let mut request = Request::new();
/// chat.render(&notice, Step::default(), &mut request);
/// assert!(request.url().as_str().ends_with("&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"));
///
/// let message: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert!(message["thread"]["threadKey"].as_str().is_some_and(|key| key.ends_with("3fa9c1")));
/// let headline = &message["cardsV2"][0]["card"]["sections"][0]["widgets"][0]["textParagraph"]["text"];
/// assert_eq!(headline, "<b>🔥 &lt;users/all&gt; ate my &lt;Vec&gt;</b>");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, OptionDocs)]
#[non_exhaustive]
pub struct GoogleChat {
    /// The webhook's URL, `https://chat.googleapis.com/v1/spaces/…/messages?key=…&token=…`.
    pub url: SecretUrl,
    /// Whom to mention from ERROR up: `all`, or the id of a user, which is a number.
    #[serde(default)]
    pub mention: Option<String>,
}

/// The query with which a message answers in the thread of its key, and opens one if there is none;
/// without it a key is ignored (Google Chat, "Method: spaces.messages.create",
/// `messageReplyOption`).
const REPLY: &str = "messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD";

#[diagnostic::do_not_recommend]
impl Adapter for GoogleChat {
    const VARIABLES: &'static [(&'static str, &'static str)] =
        &[("GOOGLE_CHAT_WEBHOOK_URL", "url")];

    /// A share of the 30,000 bytes, of which an escaped code point takes up to five.
    const ROOM: usize = 5_000;

    /// Allows one message a second per space (Google Chat, "Usage limits": 60 a minute, which all apps of a space
    /// share).
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let url = self.url.expose();
        let key = ("google chat", space(url).unwrap_or(url.as_str()));
        [Window::new(1, Duration::from_secs(1), key)]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        let mention = self.mention.as_deref().and_then(mention);
        let mention = mention.filter(|_| layout::mentions(notice));
        let url = self.url.expose();
        if url.path_and_query().contains("messageReplyOption=") {
            request.post(url);
        } else {
            request.post(&url.with_query(REPLY));
        }
        message::write(notice, step.form, mention, request);
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        answer::judge(response)
    }

    fn preview(&self, request: &Request) -> Preview {
        preview::read(request)
    }

    fn verify(&self, _: &[Response], _: &mut Request) -> Check {
        Check::of_webhook("Google Chat")
    }

    fn mentions_from(&self) -> Option<Severity> {
        self.mention.is_some().then_some(layout::MENTIONS_FROM)
    }

    fn check(&self) -> Result<(), String> {
        let is_wrong = |word: &&str| mention(word).is_none();
        let mention =
            self.mention.as_deref().filter(is_wrong).map(|_| {
                "`mention` must be `all` or the id of a user, which is a number".to_owned()
            });
        settings_check::joined([wrong_address(self.url.expose()), mention])
    }

    fn note(&self) -> Option<String> {
        let url = self.url.expose();
        (url.host() != HOST && !url.is_loopback()).then(|| {
            "`url` is not at chat.googleapis.com; is it a proxy, or a program that accepts messages of Google Chat?"
                .to_owned()
        })
    }
}

const HOST: &str = "chat.googleapis.com";

/// Returns the space that a webhook belongs to.
fn space(url: &Url) -> Option<&str> {
    let mut segments = settings_check::segments(url).skip_while(|segment| *segment != "spaces");
    segments.next();
    segments.next()
}

/// Returns what is wrong with an address, if no message can be sent to it.
fn wrong_address(url: &Url) -> Option<String> {
    if url.host() == "chat.google.com" || url.host() == "mail.google.com" {
        return Some(
            "`url` is a page of Google Chat; make a webhook in the space's menu, \"Apps & integrations\""
                .to_owned(),
        );
    }
    if let Some(swapped) = settings_check::wrong_platform(url, "GoogleChat") {
        return Some(swapped);
    }
    let has = |key: &str| url.parameter(key).is_some();
    let is_whole = space(url).is_some()
        && settings_check::segments(url).last() == Some("messages")
        && has("key")
        && has("token");
    if !is_whole {
        return Some(
            "`url` is incomplete; the address of a webhook is `…/v1/spaces/…/messages?key=…&token=…`".to_owned(),
        );
    }
    has("threadKey").then(|| {
        "`url` has a `threadKey`, with which all problems would share one thread; remove it, for logout sets one \
        for each"
            .to_owned()
    })
}

/// Returns the syntax of a mention, from the word in the settings.
fn mention(word: &str) -> Option<String> {
    let id = word.trim_matches(['<', '>']).trim_start_matches("users/");
    let is_id = !id.is_empty() && id.len() <= 30 && id.bytes().all(|b| b.is_ascii_digit());
    (id == "all" || is_id).then(|| format!("<users/{id}>"))
}

#[cfg(test)]
mod tests {
    use super::mention;

    #[test]
    fn words_become_the_syntax_that_calls() {
        for (word, syntax) in [
            ("all", Some("<users/all>")),
            (
                "users/123456789012345678901",
                Some("<users/123456789012345678901>"),
            ),
            ("<users/7>", Some("<users/7>")),
            ("ann@example.org", None),
            ("here", None),
            ("", None),
        ] {
            assert_eq!(mention(word).as_deref(), syntax, "{word}");
        }
    }
}
