//! Adapters, which render notices as a platform's requests and judge its answers.

#![cfg_attr(
    not(feature = "all-adapters"),
    allow(
        dead_code,
        unused_imports,
        reason = "each adapter uses a part of what they share"
    )
)]

// The adapters, each behind the feature of its name.
#[cfg(feature = "discord")]
pub(crate) mod discord;
#[cfg(feature = "google-chat")]
pub(crate) mod google_chat;
#[cfg(feature = "mattermost")]
pub(crate) mod mattermost;
#[cfg(feature = "ntfy")]
pub(crate) mod ntfy;
#[cfg(feature = "pager-duty")]
pub(crate) mod pager_duty;
#[cfg(feature = "slack")]
pub(crate) mod slack;
#[cfg(feature = "slack-bot")]
pub(crate) mod slack_bot;
#[cfg(feature = "teams")]
pub(crate) mod teams;
#[cfg(feature = "telegram")]
pub(crate) mod telegram;
#[cfg(feature = "webhook")]
pub(crate) mod webhook;
#[cfg(feature = "zulip")]
pub(crate) mod zulip;

mod definition;
pub(crate) mod notice;
mod option;
pub(crate) mod preview;
pub(crate) mod span;
mod step;
mod verdict;
mod verify;
mod web_page;
mod window;

// Shared by adapters.
mod answer_json;
mod code_span;
mod inline;
mod layout;
mod settings_check;
mod slack_message;
mod strip_markdown;
mod truncate;
mod visible_text;

/// Gives an adapter's options the words of its documentation, for `env_template()` and
/// `toml_template()`.
///
/// The template holds the first paragraph of each field's documentation comment. Without this derive a
/// field stands there with its type alone. A program that writes no template holds none of the text.
///
/// ```
/// use logout::adapter::{OptionDocs, Request, Secret, Step};
///
/// #[derive(Default, serde::Deserialize, OptionDocs)]
/// struct Pager {
///     /// The key of the integration, from the pager's settings.
///     key: Secret,
/// }
///
/// impl logout::Adapter for Pager {
///     fn render(&self, _: &logout::Notice, _: Step<'_>, request: &mut Request) {
///         request.json(&self.key.expose());
///     }
/// }
///
/// logout::logout! { struct Alerts { adapters: [Pager] } }
///
/// let template = Alerts::env_template();
/// assert!(template.contains("# The key of the integration, from the pager's settings.\n"));
/// ```
pub use logout_macros::OptionDocs;

pub use self::definition::{Adapter, AdapterOptions};
pub(crate) use self::notice::Notice;
pub use self::notice::{
    Mention, NoticeField, NoticeLink, NoticeProblem, NoticeSpan, ProblemState, Severity, TrailLine,
};
pub use self::option::IntoOption;
pub use self::preview::Preview;
pub use self::span::{Span, SpanError};
pub use self::step::{Form, Memory, Step};
#[cfg(feature = "telegram")]
pub use self::telegram::ChatId;
pub use self::verdict::Verdict;
pub use self::verify::{Check, Finding, Outcome};
pub use self::window::Window;
pub use crate::transport::request::{Part, Request};
pub use crate::transport::response::Response;
pub use crate::transport::secret::Secret;
pub use crate::transport::url::{SecretUrl, Url, UrlError};
