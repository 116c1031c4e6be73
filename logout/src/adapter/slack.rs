//! Slack, by an incoming webhook.

use std::time::Duration;

use logout_macros::OptionDocs;
use serde::Deserialize;

use super::slack_message::{self, Conversation, Messages, is_timestamp, mention};
use super::{layout, settings_check};
use crate::adapter::{Adapter, Check, Notice, Preview, Severity, Step, Verdict, Window};
use crate::transport::url::SecretUrl;
use crate::transport::{Request, Response, Url};

mod answer;

/// An adapter that posts to a Slack channel through an incoming webhook.
///
/// | option | what it is |
/// |---|---|
/// | `url` | the webhook's URL, from `SLACK_WEBHOOK_URL`; required |
/// | `thread_ts` | the `ts` of a message; everything is posted under it |
/// | `mention` | who is called from ERROR up: `here`, `channel`, `everyone`, or the id of a user (`U…`) or of a user group (`S…`) |
///
/// The field `slack_thread` of an event or its spans sends that event into another thread. A
/// webhook belongs to one channel; to post to another, declare another instance.
///
/// [`guide::platforms`](crate::guide::platforms) says what the platform accepts, how fast, and what
/// its answers mean, with sources.
///
/// ```
/// use logout::{Adapter, Notice, Slack};
/// use logout::adapter::{Request, Step};
///
/// let slack: Slack = serde_json::from_str(r#"{ "url": "https://hooks.slack.com/services/T0/B0/x" }"#)?;
/// assert_eq!(slack.check(), Ok(()));
///
/// let mut request = Request::new();
/// slack.render(&Notice::new(tracing::Level::ERROR, "<!channel> ate my <Vec>"), Step::default(), &mut request);
/// let message: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert_eq!(message["text"], "🔥 &lt;!channel&gt; ate my &lt;Vec&gt;");
/// assert_eq!(message["blocks"][0]["text"]["type"], "plain_text");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, OptionDocs)]
#[non_exhaustive]
pub struct Slack {
    /// The webhook's URL, `https://hooks.slack.com/services/T…/B…/…`.
    pub url: SecretUrl,
    /// The `ts` of the message to reply to, such as `1763640271.123456`. All messages then go into
    /// its thread.
    #[serde(default)]
    pub thread_ts: Option<String>,
    /// Whom to mention from ERROR up: `here`, `channel`, `everyone`, or the id of a user (`U…`) or of
    /// a user group (`S…`).
    #[serde(default)]
    pub mention: Option<String>,
}

#[diagnostic::do_not_recommend]
impl Adapter for Slack {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[("SLACK_WEBHOOK_URL", "url")];

    const ROOM: usize = 2_800;

    /// Allows one message a second per channel, which a webhook belongs to (Slack, "Rate limits").
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let key = ("slack", self.url.expose().as_str());
        [Window::new(1, Duration::from_secs(1), key)]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        let mention = self.mention.as_deref().and_then(mention);
        let mention = mention.filter(|_| layout::mentions(notice) && step.part == 0);
        let routed = notice.route("slack_thread").filter(|ts| is_timestamp(ts));
        let conversation = Conversation {
            channel: None,
            thread: routed.or(self.thread_ts.as_deref()),
        };
        request.post(self.url.expose());
        let messages = Messages::of(notice, step.form);
        messages.write(step.part, mention.as_deref(), &conversation, request);
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        answer::judge(response)
    }

    fn preview(&self, request: &Request) -> Preview {
        slack_message::read(request)
    }

    fn verify(&self, _: &[Response], _: &mut Request) -> Check {
        Check::of_webhook("Slack")
    }

    fn mentions_from(&self) -> Option<Severity> {
        self.mention.is_some().then_some(layout::MENTIONS_FROM)
    }

    fn check(&self) -> Result<(), String> {
        let is_wrong = |ts: &&str| !is_timestamp(ts);
        let thread = self.thread_ts.as_deref().filter(is_wrong).map(|_| {
            "`thread_ts` is not that of a message; one looks like \
                `1763640271.123456`"
                .to_owned()
        });
        let mention = self.mention.as_deref().filter(|word| mention(word).is_none()).map(|_| {
            "`mention` must be `here`, `channel`, `everyone`, or the id of a user (`U…`) or of a user group (`S…`)".to_owned()
        });
        settings_check::joined([wrong_address(self.url.expose()), thread, mention])
    }

    fn note(&self) -> Option<String> {
        let url = self.url.expose();
        let is_slacks = HOOKS.contains(&url.host());
        (!is_slacks && !url.is_loopback()).then(|| {
            "`url` is not at hooks.slack.com; is it a proxy, or a program that accepts Slack's \
            messages?"
                .to_owned()
        })
    }
}

/// The hosts of Slack's webhooks; the second is that of the United States' authorities.
const HOOKS: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];

/// Returns what is wrong with an address of Slack, if no message can be sent to it.
fn wrong_address(url: &Url) -> Option<String> {
    let segments: Vec<_> = settings_check::segments(url).collect();
    let of_slack = |host: &str| {
        let domains = ["slack.com", "slack-gov.com"];
        domains
            .iter()
            .any(|domain| settings_check::is_under(host, domain))
    };
    let wrong = match segments.as_slice() {
        ["workflows" | "triggers", ..] => {
            "`url` starts a workflow, which accepts other messages; create an incoming webhook"
        }
        _ if !of_slack(url.host()) => return None,
        ["services", _, _, _, ..] if HOOKS.contains(&url.host()) => return None,
        ["services", ..] if HOOKS.contains(&url.host()) => {
            "`url` is incomplete; the address of an incoming webhook ends with `/services/T…/B…/…`"
        }
        ["api", ..] => {
            // Without the names of its methods: an address is a secret, and is not quoted.
            "`url` belongs to Slack's Web API, which needs a token; create an incoming webhook, \
            whose address begins with `https://hooks.slack.com/services/`"
        }
        _ => {
            "`url` is a page of Slack, not a webhook; create an incoming webhook, whose address \
            begins with `https://hooks.slack.com/services/`"
        }
    };
    Some(wrong.to_owned())
}
