//! Mattermost, by an incoming webhook.

use std::time::Duration;

use logout_macros::OptionDocs;
use serde::Deserialize;

use super::{layout, settings_check};
use crate::adapter::{Adapter, Check, Form, Notice, Preview, Severity, Step, Verdict, Window};
use crate::transport::url::SecretUrl;
use crate::transport::{Request, Response, Url};

mod answer;
mod inline;
mod post;
mod preview;

/// An adapter that posts to a Mattermost channel through an incoming webhook.
///
/// | option | what it is |
/// |---|---|
/// | `url` | the webhook's URL, from `MATTERMOST_WEBHOOK_URL`; required |
/// | `channel` | where to post instead of the webhook's own channel: the name in the channel's URL, such as `town-square`, or `@` and a user name |
/// | `mention` | who is called from ERROR up: `channel`, `here`, `all`, or a user name |
///
/// It is built with the feature `mattermost`. A message has one attachment, whose bar shows the
/// level. Mattermost has no switch for mentions, so text of the log stands where none is read: in
/// code, or in words that mean nothing to it. What is below ERROR, and reminders, are marked as
/// `silent`, which newer servers notify nobody of. If text was cut, the whole of it, up to 16,000
/// characters, stands in the panel beside the message (`props.card`).
///
/// [`guide::platforms`](crate::guide::platforms) says what the platform accepts, how fast, and what
/// its answers mean, with sources.
///
/// ```
/// use logout::{Adapter, Mattermost, Notice};
/// use logout::adapter::{Request, Step};
///
/// let mattermost: Mattermost = serde_json::from_str(
///     r#"{ "url": "https://chat.example.org/hooks/x1y2z3", "channel": "ops" }"#,
/// )?;
/// assert_eq!(mattermost.check(), Ok(()));
///
/// let mut request = Request::new();
/// mattermost.render(&Notice::new(tracing::Level::ERROR, "ask @all of *them*"), Step::default(), &mut request);
/// let message: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert_eq!(message["text"], r"🔥 ask `@all` of \*them\*");
/// assert_eq!(message["channel"], "ops");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, OptionDocs)]
#[non_exhaustive]
pub struct Mattermost {
    /// The webhook's URL, `https://<server>/hooks/<id>`.
    pub url: SecretUrl,
    /// The channel to post to instead of the webhook's own: the name in its URL, such as
    /// `town-square`, or `@` and a user name.
    #[serde(default)]
    pub channel: Option<String>,
    /// Whom to mention from ERROR up: `channel`, `here`, `all`, or a user name.
    #[serde(default)]
    pub mention: Option<String>,
}

#[diagnostic::do_not_recommend]
impl Adapter for Mattermost {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[("MATTERMOST_WEBHOOK_URL", "url")];

    const ROOM: usize = 10_000;

    /// Allows one message a second: servers have no limit unless it is configured.
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let key = ("mattermost", self.url.expose().as_str());
        [Window::new(1, Duration::from_secs(1), key)]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        let mention = self.mention.as_deref().filter(|name| is_name(name));
        let mention = mention.filter(|_| layout::mentions(notice));
        request.post(self.url.expose()).write_json(|json| {
            json.object(|json| {
                match step.form {
                    Form::Plain => json.name("text").text(&post::plain(notice, mention)),
                    Form::Rich => post::write_rich(notice, mention, json),
                }
                if let Some(channel) = &self.channel {
                    json.name("channel").text(channel);
                }
                // Servers that do not know it ignore it.
                if layout::is_silent(notice) {
                    json.name("silent").boolean(true);
                }
            });
        });
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        answer::judge(response)
    }

    fn preview(&self, request: &Request) -> Preview {
        preview::read(request)
    }

    fn verify(&self, _: &[Response], _: &mut Request) -> Check {
        Check::of_webhook("Mattermost")
    }

    fn mentions_from(&self) -> Option<Severity> {
        self.mention.is_some().then_some(layout::MENTIONS_FROM)
    }

    fn check(&self) -> Result<(), String> {
        let channel = self.channel.as_deref().filter(|name| !is_channel(name));
        let channel = channel.map(|_| {
            "`channel` must be the name in the channel's URL, such as `town-square`, or `@` and a \
            user name"
                .to_owned()
        });
        let mention = self.mention.as_deref().filter(|name| !is_name(name));
        let mention = mention
            .map(|_| "`mention` must be `channel`, `here`, `all`, or a user name".to_owned());
        settings_check::joined([wrong_address(self.url.expose()), channel, mention])
    }
}

/// Returns what is wrong with an address of Mattermost, if no message can be sent to it.
fn wrong_address(url: &Url) -> Option<String> {
    if let Some(wrong) = settings_check::wrong_platform(url, "Mattermost") {
        return Some(wrong);
    }
    let segments: Vec<_> = settings_check::segments(url).collect();
    let hooks = segments.iter().position(|segment| *segment == "hooks");
    let behind = hooks.and_then(|hooks| segments.get(hooks + 1..));
    let wrong = match behind {
        Some([_]) => return None,
        Some([_, _, ..]) => {
            "`url` has more than one part behind `/hooks/`, as a webhook of Rocket.Chat has; that \
            of Mattermost ends with `/hooks/<id>`"
        }
        Some([]) => {
            "`url` is incomplete; the address of an incoming webhook ends with `/hooks/<id>`"
        }
        None if segments.contains(&"api") => {
            "`url` belongs to Mattermost's API, which needs a token; create an incoming webhook, \
            whose address ends with `/hooks/<id>`"
        }
        None => {
            "`url` is not an incoming webhook of Mattermost, whose address ends with `/hooks/<id>`"
        }
    };
    Some(wrong.to_owned())
}

/// Returns whether the text is a channel's name as in its URL, or `@` and a user's.
fn is_channel(text: &str) -> bool {
    let name = text.strip_prefix('#').unwrap_or(text);
    is_lower_name(name.strip_prefix('@').unwrap_or(name))
}

/// Returns whether the text is a name that may be mentioned.
fn is_name(text: &str) -> bool {
    is_lower_name(text.strip_prefix('@').unwrap_or(text))
}

/// Returns whether the text has only characters of channel and user names, which are lower case.
fn is_lower_name(name: &str) -> bool {
    let is_sign =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
    (1..=64).contains(&name.len()) && name.bytes().all(is_sign)
}

#[cfg(test)]
mod tests {
    use super::{is_channel, is_name, wrong_address};
    use crate::transport::Url;

    #[test]
    fn a_channel_is_named_as_in_its_url() {
        for name in ["ops", "town-square", "#ops", "@ann", "ann__bob", "a.b"] {
            assert!(is_channel(name), "{name}");
        }
        for name in ["", "@", "Town Square", "Ops", "a/b", "#@", "öps"] {
            assert!(!is_channel(name), "{name}");
        }
        assert!(is_name("@ann") && is_name("here") && !is_name("ann bob") && !is_name("`"));
    }

    #[test]
    fn only_the_address_of_a_webhook_is_one() {
        for (url, said) in [
            ("https://chat.example.org/hooks/x1", None),
            ("https://example.org/chat/hooks/x1", None),
            ("https://chat.example.org/hooks/", Some("incomplete")),
            ("https://chat.example.org/hooks/a/b", Some("Rocket.Chat")),
            (
                "https://chat.example.org/api/v4/posts",
                Some("needs a token"),
            ),
            (
                "https://chat.example.org/team/channels/ops",
                Some("ends with `/hooks/<id>`"),
            ),
            ("https://discord.com/api/webhooks/1/s3cret", Some("Discord")),
        ] {
            let wrong = wrong_address(&Url::parse(url).unwrap());
            assert_eq!(wrong.is_some(), said.is_some(), "{url}");
            assert!(wrong.is_none_or(|why| why.contains(said.unwrap())), "{url}");
        }
    }
}
