//! Sends the warnings, errors and panics of a program to its team's chat.
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod adapter;
mod backoff;
mod block;
mod builder;
mod capture;
mod change;
mod compose;
mod config;
mod control;
mod dispatch;
mod error;
mod event;
mod filter;
mod handle;
mod intake;
mod lane;
mod layer;
mod moment;
mod notice;
mod order;
mod pace;
mod panics;
mod request;
mod response;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod secret;
#[cfg(all(feature = "signals", unix))]
mod signals;
mod stats;
mod stderr;
mod transport;
mod url;
mod words;
mod worker;

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
pub use crate::builder::{Builder, DefaultTransport, Started};
pub use crate::change::Change;
pub use crate::config::IntoOption;
pub use crate::dispatch::{Dispatch, Instance};
pub use crate::error::Error;
pub use crate::filter::Filter;
pub use crate::handle::{Guard, Handle};
pub use crate::layer::{FilteredLayer, Layer};
pub use crate::notice::{
    Notice, NoticeField, NoticeSpan, Severity, format_message, format_origin, get_emoji,
};
pub use crate::pace::Window;
pub use crate::request::{Part, Request};
pub use crate::response::Response;
pub use crate::secret::Secret;
pub use crate::stats::{Discarded, LaneStats, Reason, Stats};
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
