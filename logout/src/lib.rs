//! Sends the warnings, errors and panics of a program to its team's chat.
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod adapter;
mod block;
mod builder;
mod config;
mod dispatch;
mod error;
mod event;
mod lane;
mod notice;
mod request;
mod response;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod secret;
mod transport;
mod url;
mod words;

#[doc(hidden)]
pub mod __private;

#[cfg(feature = "discord")]
pub use crate::adapter::Discord;
#[cfg(feature = "slack")]
pub use crate::adapter::Slack;
#[cfg(feature = "zulip")]
pub use crate::adapter::Zulip;
pub use crate::adapter::{Adapter, Form, Step, Verdict};
#[cfg(feature = "telegram")]
pub use crate::adapter::{ChatId, Telegram};
pub use crate::block::{Block, Declaration};
pub use crate::builder::Builder;
pub use crate::config::IntoOption;
pub use crate::dispatch::{Dispatch, Instance};
pub use crate::error::Error;
pub use crate::notice::{
    Notice, NoticeField, NoticeSpan, Severity, format_message, format_origin, get_emoji,
};
pub use crate::request::{Part, Request};
pub use crate::response::Response;
pub use crate::secret::Secret;
#[cfg(feature = "surf")]
pub use crate::transport::Surf;
#[cfg(feature = "hyper")]
pub use crate::transport::Wire;
pub use crate::transport::{Fault, Transport};
pub use crate::url::{SecretUrl, Url, UrlError};

/// Declares where a program raises its alarms.
#[macro_export]
macro_rules! logout {
    ($($block:tt)*) => { $crate::__private::logout! { ($crate) $($block)* } };
}
