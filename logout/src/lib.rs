#![doc = include_str!("../docs/guide.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::print_stdout, clippy::print_stderr)]
// What could panic in a user's program. Tests and benches may.
#![warn(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(target_family = "wasm")]
compile_error!(
    "logout needs threads and sockets, which WebAssembly does not have; depend on it for other \
     targets only: [target.'cfg(not(target_family = \"wasm\"))'.dependencies]"
);

pub mod adapter;
mod block;
pub mod capture;
pub mod config;
mod event;
mod handle;
mod message;
mod queue;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(feature = "spool")]
mod spool;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
pub mod transport;
mod worker;

#[doc(hidden)]
pub mod __private;

pub use figment;

pub use crate::adapter::Adapter;
#[cfg(feature = "discord")]
pub use crate::adapter::discord::Discord;
pub use crate::adapter::notice::{Notice, format_message, format_origin, get_emoji};
#[cfg(feature = "slack")]
pub use crate::adapter::slack::Slack;
#[cfg(feature = "telegram")]
pub use crate::adapter::telegram::Telegram;
#[cfg(feature = "zulip")]
pub use crate::adapter::zulip::Zulip;
pub use crate::capture::layer::AlertsLayer;
pub use crate::config::error::Error;
pub use crate::handle::builder::Builder;
#[cfg(feature = "preview")]
pub use crate::handle::preview;
pub use crate::handle::{Guard, Handle};
pub use crate::worker::change::Change;
pub use crate::worker::dispatch::Dispatch;
pub use crate::worker::stats;
pub use crate::worker::stats::Stats;

/// What is too long for the front page: every setting, platforms, small devices, migration,
/// troubleshooting, architecture.
#[cfg(any(doc, doctest))]
pub mod guide {
    #[doc = include_str!("../docs/architecture.md")]
    pub mod architecture {}
    #[doc = include_str!("../docs/embedded.md")]
    pub mod embedded {}
    #[doc = include_str!("../docs/migration.md")]
    pub mod migration {}
    #[doc = include_str!("../docs/platforms.md")]
    pub mod platforms {}
    #[doc = include_str!("../docs/settings.md")]
    pub mod settings {}
    #[doc = include_str!("../docs/troubleshooting.md")]
    pub mod troubleshooting {}
}

/// Declares where a program raises its alarms.
///
/// The grammar and every setting have [a page of their own](crate::guide::settings).
///
/// It becomes
///
/// - `struct Name` with `Name::from_env()` and `Name::from_figment(provider)`, which give a
///   [`Builder`](crate::Builder),
/// - `Name::preview()`, which makes [text](crate::preview::Previewer) of what the chats would get,
/// - `Name::keys()`, which lists every [`Key`](crate::config::Key) that can be configured, with
///   `Name::env_template()` and `Name::toml_template()`, files to fill in,
/// - `enum NameAdapter` with a variant per instance, by which a [`Handle`](crate::Handle) is told
///   which one is meant.
///
/// The adapters that come with `logout` need no import; a program's own type of such a name goes
/// before them. An instance without a name is called by its type in snake case. The name is the
/// key of its table in `logout.toml`, the middle of its variables (`LOGOUT_<NAME>__<KEY>`), and
/// what errors, reports and numbers call it.
///
/// ```
/// use logout::{Slack, Telegram, logout};
///
/// logout! {
///     /// Where the shop raises its alarms.
///     pub struct Alerts {
///         project_name: "Corner Shop",
///         level: WARN,
///         adapters: [
///             Slack,
///             ops: Slack { level: ERROR },
///             Telegram { message_thread_id: 123, metadata: [order, customer] },
///         ],
///         ignore: [target: "shop::noisy"],
///     }
/// }
///
/// let error = Alerts::from_figment(("level", "error")).unwrap_err().to_string();
/// for key in ["slack.url", "ops.url", "telegram.bot_token", "telegram.chat_id"] {
///     assert!(error.contains(key));
/// }
/// ```
///
/// # Mistakes
///
/// A misspelt option is an error at its own word:
///
/// ```compile_fail
/// # use logout::{Zulip, logout};
/// logout! {
///     struct Alerts { adapters: [Zulip { stream: "alerts", topik: "shop" }] }
/// }
/// ```
#[macro_export]
macro_rules! logout {
    ($($block:tt)*) => { $crate::__private::logout! { ($crate) $($block)* } };
}

/// The examples in the README are compiled and run.
#[cfg(all(
    doctest,
    feature = "hyper",
    feature = "sandbox",
    feature = "slack",
    feature = "zulip"
))]
#[doc = include_str!("../README.md")]
struct Readme;
