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

mod adapter;
mod backoff;
#[cfg(test)]
#[cfg_attr(
    miri,
    allow(dead_code, reason = "only the tests of lanes run a whole worker")
)]
mod bench;
mod block;
mod bounds;
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
mod moment;
mod notice;
mod order;
mod pace;
mod panics;
mod reading;
mod rehearsal;
mod request;
mod response;
mod running;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod secret;
#[cfg(all(feature = "signals", unix))]
mod signals;
mod stats;
mod stderr;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
mod url;
mod verify;
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
pub use crate::reading::{Preview, Reading};
pub use crate::rehearsal::{Previews, Rehearsal};
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
pub use crate::verify::{Check, Finding, Outcome};

/// What is too long for the front page: platforms, migration, troubleshooting, architecture.
#[cfg(any(doc, doctest))]
pub mod guide {
    #[doc = include_str!("../docs/architecture.md")]
    pub mod architecture {}
    #[doc = include_str!("../docs/migration.md")]
    pub mod migration {}
    #[doc = include_str!("../docs/platforms.md")]
    pub mod platforms {}
    #[doc = include_str!("../docs/troubleshooting.md")]
    pub mod troubleshooting {}
}

/// Declares where a program raises its alarms.
///
/// ```text
/// logout! {
///     [attributes] [visibility] struct Name {
///         setting: value,
///         …
///         adapters: [
///             [#[cfg(…)]] [name:] path::to::Adapter [{ option: value, … }],
///             …
///         ],
///     }
/// }
/// ```
///
/// It becomes
///
/// - `struct Name` with `Name::from_env()` and `Name::from_figment(provider)`, which give a
///   [`Builder`](crate::Builder),
/// - `Name::preview()`, which makes [text](crate::Rehearsal) of what the chats would get,
/// - `Name::keys()`, which lists every [`Key`](crate::Key) that can be configured, with
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
/// # Settings
///
/// | setting | value | unless given |
/// |---|---|---|
/// | `project_name` | `&str`: what the messages call the program | the package's name |
/// | `environment`, `release` | `&str`: where it runs, and which version | nothing |
/// | `level` * | a level's name, or a `LevelFilter` | `WARN` |
/// | `spans` | the same: down to which level spans are followed for context | `INFO` |
/// | `adapters` | the instances, in brackets | none |
/// | `metadata_filter` * | `[target: "shop", team: "billing"]`: only these; rules of one key are alternatives | everything |
/// | `ignore` * | `[target: "shop::noisy", fingerprint: "3fa9"]`: none of these | nothing |
/// | `mute` | `["3fa9"]`: fingerprints that are counted and not sent | none |
/// | `metadata` * | `all`, or `[order, http.status]`: which fields are shown | `all` |
/// | `mask` | `[default, iban, card.number]`: which fields are shown without their values, see below | `[default]` |
/// | `format` * | a template of `$date`, `$time`, `$level`, `$levelpad`, `$message`, `$metadata` and `$node`, or a `fn(&Notice) -> String` | the message and its causes |
/// | `truncate` | bytes of UTF-8 of a message, and of each field, that are captured, or `infinity`; all of an event takes 256 KiB at the most, or a 64th of `memory_limit` | `8192` |
/// | `memory_limit` | bytes, from 256 KiB on, that everything which waits may take in all; live spans (32 KiB each at the most) and one event per logging thread come on top | `16 * 1024 * 1024` |
/// | `sync_threshold` | from so many waiting events on callers wait; never, where it equals `discard_threshold` | `20` |
/// | `sync_timeout` | `Duration`: so long at the most; zero is never | 100 ms |
/// | `discard_threshold` | from so many waiting events on they are counted and dropped; ERROR has a tenth more room | `500` |
/// | `discard_threshold_periodic_check` | `Duration`: how often losses are reported | 30 s |
/// | `max_age` | `Duration`: when an undelivered event is given up | 1 h |
/// | `shutdown_timeout` | `Duration`: what the guard's drop may take | 3 s |
/// | `utc_log` | `bool`: times in UTC | `false` |
/// | `env_prefix` | `&str`: what the block's variables begin with, for a second block | `LOGOUT_` |
///
/// Those with a star are options of every instance too, where they hold for it alone. All other
/// options are fields of the adapter's type, and take what its field takes; text fits `String` and
/// `Option<String>`. A [`Secret`](crate::Secret) and a [`SecretUrl`](crate::SecretUrl) cannot be
/// given here, and nothing in the block can be read as one:
///
/// ```compile_fail
/// # use logout::{Slack, logout};
/// logout! {
///     struct Alerts { adapters: [Slack { url: "https://hooks.slack.com/services/T0/B0/x" }] }
/// }
/// ```
///
/// # Masked fields
///
/// Fields that are called like credentials are shown as `•••`, those of spans and those that
/// `metadata` names as well. `mask` lists their names, in the block, as `mask` in `logout.toml`
/// and as `LOGOUT_MASK=default,iban`. In it `default` stands for this list, so that `[default, iban]`
/// extends it and `[iban]` replaces it; with `[]` nothing is masked:
///
/// `access_key`, `api_key`, `apikey`, `auth`, `authorization`, `bearer`, `cookie`, `credential`,
/// `credentials`, `dsn`, `passphrase`, `passwd`, `password`, `private_key`, `pwd`, `secret`,
/// `session_id`, `token`, `webhook_url`
///
/// A name covers every field whose own name holds it in whole words, however they are joined:
/// `token` covers `access_token`, `accessToken` and `x-auth.token`, but not `tokens`.
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
    feature = "sandbox",
    feature = "slack",
    feature = "surf",
    feature = "zulip"
))]
#[doc = include_str!("../README.md")]
struct Readme;
