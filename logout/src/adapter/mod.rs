//! The adapters: a notice as a platform's request, and what its answer means.

#[cfg(any(feature = "discord", feature = "slack", feature = "zulip"))]
mod code_span;
mod definition;
#[cfg(feature = "discord")]
pub(crate) mod discord;
#[cfg(any(
    feature = "discord",
    feature = "slack",
    feature = "telegram",
    feature = "zulip"
))]
mod layout;
#[cfg(any(
    feature = "discord",
    feature = "slack",
    feature = "telegram",
    feature = "zulip"
))]
mod log_text;
pub(crate) mod notice;
mod option;
pub(crate) mod preview;
#[cfg(any(
    feature = "discord",
    feature = "slack",
    feature = "telegram",
    feature = "zulip"
))]
mod settings_check;
#[cfg(feature = "slack")]
pub(crate) mod slack;
pub(crate) mod span;
mod step;
#[cfg(any(feature = "discord", feature = "zulip"))]
mod strip_markdown;
#[cfg(feature = "telegram")]
pub(crate) mod telegram;
#[cfg(any(
    feature = "discord",
    feature = "slack",
    feature = "telegram",
    feature = "zulip"
))]
mod truncate;
mod verdict;
mod verify;
mod web_page;
mod window;
#[cfg(feature = "zulip")]
pub(crate) mod zulip;

pub use self::definition::Adapter;
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
