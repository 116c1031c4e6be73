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
mod keys;
mod lane;
mod layer;
mod notice;
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
pub use crate::keys::{Key, KeyKind};
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
///
/// The block is a struct literal with `struct` in front:
///
/// ```text
/// attributes visibility struct Name {
///     setting: value, …
///     adapters: [
///         #[cfg(…)] name: path::to::Adapter { option: value, … },
///         …
///     ],
/// }
/// ```
///
/// Of an adapter only the path is needed, and of those that come with `logout` only the name; one
/// without a name of its own is called by its type, in snake case. The name of an instance is a
/// field, a key of the configuration and part of its variables, all in one: `ops` is configured by
/// `LOGOUT_OPS__…` and by `[ops]` in `logout.toml`. Secrets cannot be written into the block.
///
/// # Settings
///
/// | Setting | Value | Unless given |
/// | --- | --- | --- |
/// | `project_name` | text | the name of the package |
/// | `environment`, `release` | text | none |
/// | `level` | `OFF`, `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`: what the instances send | `WARN` |
/// | `spans` | a level: down to which spans are followed for context | `INFO` |
/// | `adapters` | the instances, at most 64 | none |
/// | `metadata_filter` | `[target: "my_app", user: "bob"]`: only these | all |
/// | `ignore` | the same: never these | none |
/// | `mute` | `["3fa9"]`: fingerprints to be counted and not sent | none |
/// | `metadata` | `all`, or `[order, http.status]`: which fields are shown | `all` |
/// | `format` | `"$level $message"`, or a function from [`&Notice`](Notice) to `String` | the message and its causes |
/// | `truncate` | bytes of a message, or `infinity` | 8192 |
/// | `sync_threshold` | waiting events from which on a caller waits | 20 |
/// | `discard_threshold` | waiting events from which on events are discarded | 500 |
/// | `discard_threshold_periodic_check` | a `Duration`: how often that is reported | 30 s |
/// | `sync_timeout` | a `Duration`: how long a caller waits at the most | 100 ms |
/// | `max_age` | a `Duration`: after which an event is given up | 1 h |
/// | `shutdown_timeout` | a `Duration`: how long the guard's drop may take | 3 s |
/// | `utc_log` | `true` or `false`: whether times are in UTC | `false` |
/// | `env_prefix` | text: what the variables begin with | `"LOGOUT_"` |
///
/// Every value but those written with a name of their own is a constant expression. `level`,
/// `format`, `metadata`, `metadata_filter` and `ignore` are options of every adapter too; all
/// other options are the fields of the adapter's type.
///
/// A `format` knows `$date`, `$time`, `$level`, `$levelpad`, `$message`, `$metadata` and `$node`.
///
/// # What it becomes
///
/// A struct of that name, with `from_env()` and `from_figment(provider)`, which return its
/// [`Builder`], with `keys()`, which lists every [`Key`] that can be set, and with
/// `env_template()` and `toml_template()`, which write them down to be filled in; an enum of that name and `Adapter`, with a variant for each instance; and an
/// implementation of [`Dispatch`], in which every adapter's type is known.
///
/// ```
/// logout::logout! {
///     /// Where the shop raises its alarms.
///     pub struct Alerts {
///         project_name: "My App Production",
///         level: WARN,
///         adapters: [
///             logout::Slack,
///             ops: logout::Slack { level: ERROR },
///         ],
///         ignore: [target: "my_app::noisy"],
///     }
/// }
///
/// let start = Alerts::from_env;
/// assert_eq!(format!("{:?}", AlertsAdapter::Ops), "Ops");
/// # let _ = start;
/// ```
#[macro_export]
macro_rules! logout {
    ($($block:tt)*) => { $crate::__private::logout! { ($crate) $($block)* } };
}
