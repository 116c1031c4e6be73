//! Details of a message that only its platform's clients know.

use serde_json::Value;

/// Details of a message that only its platform's own clients know, beyond its plain text.
///
/// For claims about one platform's form: an embed's colour, an entity, a topic. What holds everywhere
/// is asked of [`Message`](super::Message) itself.
///
/// ```
/// use std::time::Duration;
/// use logout::sandbox::Sandbox;
/// use tracing_subscriber::prelude::*;
///
/// logout::logout! { struct Alerts { adapters: [Zulip { stream: "alerts" }] } }
///
/// let sandbox = Sandbox::start()?;
/// let figment = sandbox.figment_for("zulip");
/// let (alerts, guard) = Alerts::from_figment(figment)?.start()?;
/// let subscriber = tracing_subscriber::registry().with(alerts);
/// tracing::subscriber::with_default(subscriber, || tracing::error!(zulip_topic = "stock", "no tea left"));
/// guard.handle().flush(Duration::from_secs(10))?;
///
/// let messages = sandbox.inbox();
/// assert_eq!(messages[0].details().zulip().unwrap().topic, "stock");
/// assert!(messages[0].details().slack().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Details {
    /// Of a message in Slack, of a webhook or a bot.
    Slack(SlackDetails),
    /// Of a message in Discord.
    Discord(DiscordDetails),
    /// Of a message in Telegram.
    Telegram(TelegramDetails),
    /// Of a message in Zulip.
    Zulip(ZulipDetails),
    /// Of a message in Teams.
    Teams(TeamsDetails),
    /// Of a message in Google Chat.
    GoogleChat(GoogleChatDetails),
    /// Of an event of PagerDuty.
    PagerDuty(PagerDutyDetails),
    /// Of a message in Mattermost.
    Mattermost(MattermostDetails),
    /// Of a message of ntfy.
    Ntfy(NtfyDetails),
    /// Of what a webhook received.
    Webhook(WebhookDetails),
}

/// `name Variant: Type`: a function of that name, which returns the details of that platform.
macro_rules! of_platforms {
    ($($(#[$about:meta])+ $name:ident $variant:ident: $details:ty,)+) => {
        impl Details {
            $($(#[$about])+
            #[must_use]
            pub const fn $name(&self) -> Option<&$details> {
                match self {
                    Self::$variant(details) => Some(details),
                    _ => None,
                }
            })+
        }
    };
}

of_platforms! {
    /// Returns Slack's details.
    ///
    /// `None` where it arrived elsewhere; so with the others.
    slack Slack: SlackDetails,
    /// Returns Discord's details.
    discord Discord: DiscordDetails,
    /// Returns Telegram's details.
    telegram Telegram: TelegramDetails,
    /// Returns Zulip's details.
    zulip Zulip: ZulipDetails,
    /// Returns Teams' details.
    teams Teams: TeamsDetails,
    /// Returns Google Chat's details.
    google_chat GoogleChat: GoogleChatDetails,
    /// Returns PagerDuty's details.
    pager_duty PagerDuty: PagerDutyDetails,
    /// Returns Mattermost's details.
    mattermost Mattermost: MattermostDetails,
    /// Returns ntfy's details.
    ntfy Ntfy: NtfyDetails,
    /// Returns a webhook's details.
    webhook Webhook: WebhookDetails,
}

impl Details {
    /// Returns where in the chat it stands, for a person.
    pub(super) fn place(&self) -> Option<String> {
        match self {
            Self::Slack(details) => details.thread.as_ref().map(|ts| format!("thread {ts}")),
            Self::Discord(details) => details.thread.as_ref().map(|id| format!("thread {id}")),
            Self::Telegram(details) => details.thread.map(|id| format!("topic {id}")),
            Self::Zulip(details) => Some(format!("#{} > {}", details.stream, details.topic)),
            Self::Teams(_) => None,
            Self::GoogleChat(details) => details.thread.as_ref().map(|key| format!("thread {key}")),
            Self::PagerDuty(details) => Some(format!("{} {}", details.action, details.dedup_key)),
            Self::Mattermost(details) => {
                let name = details.channel.as_str();
                let mark = if name.starts_with('@') { "" } else { "~" };
                (!name.is_empty()).then(|| format!("{mark}{name}"))
            }
            Self::Ntfy(details) => Some(format!("priority {}", details.priority)),
            Self::Webhook(_) => None,
        }
    }
}

/// A message in Slack, from [`Details::slack`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SlackDetails {
    /// What a notification shows: the top-level `text`, escapes undone.
    pub notification: String,
    /// The blocks as they were sent, `Null` without any.
    pub blocks: Value,
    /// The attachments as they were sent, `Null` without any.
    pub attachments: Value,
    /// The thread it was posted in, if that exists.
    pub thread: Option<String>,
    /// As how many messages it appears: above 4,040 characters Slack splits a text, through every
    /// fence.
    pub pieces: usize,
}

/// A message in Discord, from [`Details::discord`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DiscordDetails {
    /// The content as it was sent, trimmed.
    pub content: String,
    /// The embeds as they were sent.
    pub embeds: Vec<Value>,
    /// The name it was posted under, if not the webhook's.
    pub username: Option<String>,
    /// Whether it makes no sound (flag `SUPPRESS_NOTIFICATIONS`).
    pub silent: bool,
    /// The thread or forum post it was posted in.
    pub thread: Option<String>,
    /// The id that the platform gave it.
    pub id: String,
}

/// A message in Telegram, from [`Details::telegram`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TelegramDetails {
    /// The text after parsing and cleaning.
    pub text: String,
    /// What is styled in it.
    pub entities: Vec<TelegramEntity>,
    /// How many entities the platform dropped silently, being over 100.
    pub dropped_entities: usize,
    /// Whether it makes no sound (`disable_notification`).
    pub silent: bool,
    /// Whether links in it get a preview.
    pub previews: bool,
    /// The forum topic it was posted in.
    pub thread: Option<i64>,
    /// The id that the platform gave it.
    pub id: u64,
}

/// A styled part of a text in Telegram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TelegramEntity {
    /// `bold`, `pre`, `code`, ...
    pub kind: String,
    /// Where it begins, in UTF-16 units.
    pub offset: usize,
    /// How long it is, in UTF-16 units.
    pub length: usize,
    /// The language of a `pre`.
    pub language: Option<String>,
    /// Where a `text_link` leads.
    pub url: Option<String>,
    /// The moment that a `date_time` shows in the reader's zone, in seconds since 1970.
    pub unix_time: Option<i64>,
    /// How a `date_time` shows it, such as `dT`; an app that does not know it shows the text.
    pub date_time_format: Option<String>,
}

/// A message in Zulip, from [`Details::zulip`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ZulipDetails {
    /// The stream (channel); of a direct message the recipients.
    pub stream: String,
    /// The topic; empty for a direct message.
    pub topic: String,
    /// The content as it was stored, in Zulip's Markdown.
    pub content: String,
    /// The id that the platform gave it.
    pub id: u64,
}

/// A message in Teams, from [`Details::teams`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TeamsDetails {
    /// The Adaptive Card as it was sent.
    pub card: Value,
}

/// A message in Google Chat, from [`Details::google_chat`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct GoogleChatDetails {
    /// The `text` as it was sent.
    pub text: String,
    /// `cardsV2` as they were sent, `Null` without any.
    pub cards: Value,
    /// What a notification shows: `text`, or for cards alone their `fallbackText`.
    pub notification: String,
    /// The key of the thread it was posted in.
    pub thread: Option<String>,
    /// Whether there was a message in that thread before.
    pub is_reply: bool,
}

/// An event of PagerDuty, from [`Details::pager_duty`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PagerDutyDetails {
    /// `trigger`, `acknowledge`, `resolve`, or `change` for a change event.
    pub action: String,
    /// The key of its alert; empty for a change event.
    pub dedup_key: String,
    /// `critical`, `error`, `warning` or `info`; empty for a change event.
    pub severity: String,
    /// The affected system.
    pub source: String,
    /// `custom_details` as they were sent, `Null` without any.
    pub custom_details: Value,
    /// Whether it opens an incident, for which somebody is called.
    pub rings: bool,
}

/// A message in Mattermost, from [`Details::mattermost`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct MattermostDetails {
    /// The channel that was asked for, or `@` and a user; empty for the webhook's own.
    pub channel: String,
    /// The text as it was stored, in Mattermost's Markdown.
    pub text: String,
    /// The attachments as they were sent, `Null` without any.
    pub attachments: Value,
    /// What stands in the panel beside it.
    pub card: Option<String>,
    /// The name it was posted under, if not the webhook's.
    pub username: Option<String>,
    /// Whether nobody is notified.
    pub silent: bool,
    /// As how many posts it appears: above 16,383 characters the server divides a text, through every
    /// fence.
    pub pieces: usize,
}

/// A message of ntfy, from [`Details::ntfy`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct NtfyDetails {
    /// The title.
    pub title: String,
    /// The message; where it was too long, what stands there beside the attachment.
    pub message: String,
    /// From 1, the least, to 5.
    pub priority: u8,
    /// The tags, of which the apps show some as emoji.
    pub tags: Vec<String>,
    /// What a tap opens.
    pub click: Option<String>,
    /// The buttons as they were sent.
    pub actions: Vec<Value>,
}

/// A document that a webhook received, from [`Details::webhook`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct WebhookDetails {
    /// `webhook-id`.
    pub id: String,
    /// The body.
    pub document: Value,
}
