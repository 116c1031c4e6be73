//! Sends the warnings, errors and panics of a program to its team's chat.
//!
//! A program declares its destinations once, in a [`logout!`] block. The block becomes a struct
//! with one field per adapter: which adapters there are, and from which level on each hears of
//! something, is fixed at compile time, and nothing is dispatched dynamically. Secrets and
//! addresses come at run time, from the environment and from files. Events come from the ordinary
//! [`tracing`] macros, and one thread of logout's own sends them.
//!
//! # Start
//!
//! ```no_run
//! use logout::{Slack, Zulip, logout};
//! use tracing_subscriber::prelude::*;
//!
//! logout! {
//!     /// Where the shop raises its alarms.
//!     pub struct Alerts {
//!         project_name: "Corner Shop",
//!         level: WARN,
//!         adapters: [
//!             Slack,
//!             Zulip { level: ERROR, stream: "alerts", topic: "shop" },
//!         ],
//!     }
//! }
//!
//! fn main() -> Result<(), logout::Error> {
//!     let (alerts, guard) = Alerts::from_env()?.start()?;
//!     tracing_subscriber::registry().with(alerts).init();
//!     guard.capture_panics();
//!
//!     tracing::error!(zulip_topic = "payments", order = 42, "payment failed");
//!     Ok(())
//! }
//! ```
//!
//! `from_env` fails with one [`Error`] that lists everything that is missing, with the variable to
//! set. `start` gives a layer for the subscriber and a [`Guard`]: what is pending when the guard is
//! dropped is still sent, for `shutdown_timeout` at the most. Its [`Handle`] flushes, mutes,
//! reconfigures and tells the numbers.
//!
//! # Declare
//!
//! The grammar of the block and all its settings stand at [`logout!`].
//!
//! # Configure
//!
//! Sources, lowest first: the options in the block; `logout.toml`, the nearest one from the working
//! directory upwards (feature `toml`); the well-known variables of each adapter, such as
//! `SLACK_WEBHOOK_URL`, for the instance that has no name of its own; `LOGOUT_<KEY>` and
//! `LOGOUT_<INSTANCE>__<KEY>`. Each variable may also be given as `…_FILE`, naming a file with the
//! value, as Docker and Kubernetes hand out secrets. Tables of the file belong to the default
//! profile unless they are called by another: `[production.ops]` holds when `LOGOUT_PROFILE` is
//! `production`. A program with a figment of its own calls `from_figment` instead. What can be set at
//! all is listed by `Alerts::keys()`, and as a file to fill in by `Alerts::env_template()` and
//! `Alerts::toml_template()`.
//!
//! Before there is any account, `LOGOUT_DRY_RUN=1` [prints](Builder#dry-run) what each chat would get,
//! and `Alerts::preview()` [returns it](Rehearsal) to a test. With the accounts there,
//! [`Handle::verify`] asks each platform, without posting, whether the credentials work.
//!
//! Text stays the text it was: a topic `007` and a release `1.10` are not numbers. A key that
//! nobody knows is an error in a file and below an instance, since a misspelt secret must not be
//! overlooked; other variables that happen to begin with `LOGOUT_` are left alone. Spans of time
//! are written `30s`, `2m 30s` or `100ms`; levels as tracing has them, or as other loggers do
//! (`warning`, `critical`). No error and no `Debug` ever shows a configured value.
//!
//! # Adapters
//!
//! `Slack`, `Discord`, `Telegram` and `Zulip` are built in, each behind the feature of its name;
//! their documentation lists their options. Anything else is a type of the program that implements
//! [`Adapter`], and is as good as they are: most need a struct and a `render`.
//!
//! # Guarantees and losses
//!
//! * **The program is not held up.** An event that no instance wants costs what it costs without
//!   logout. One that is wanted costs a copy into a bounded queue. From `sync_threshold` waiting
//!   events on the caller waits until the queue has been taken, for `sync_timeout` at the most, and
//!   never when that is zero; from `discard_threshold` on events are counted and dropped, with a
//!   tenth more room for errors and a place of their own for panics.
//! * **A chat is not flooded.** A lane writes to its destination at the destination's own pace.
//!   While there is room an event goes out alone and at once; what comes faster is grouped by call
//!   site (or by the field `fingerprint`) into digests that count every event.
//! * **Delivery is at least once.** What fails in passing is tried again until `max_age`. A message
//!   that may have arrived already is marked "possible repeat".
//! * **One destination's trouble is no other's.** Each has a lane of its own on the same thread; one
//!   that waits delays none.
//! * **Every loss is counted.** [`Stats`] adds up for each lane, always. Losses are reported in the
//!   chat every `discard_threshold_periodic_check` while they happen, and on standard error where
//!   no chat can be told.
//! * **Log text is data.** In the messages of the built-in adapters it cannot mention, link or break
//!   out; control characters are made visible, configured secrets cut out, and values of fields
//!   that are called like credentials masked.
//!
//! Lost is: what waits when the process is killed, since nothing is kept on disk; what comes above
//! `discard_threshold`; what grows older than `max_age`; the oldest of the least grave when a lane
//! holds more than 256 groups or 1 MiB; what a platform refuses in its plain form too; what comes
//! for a destination that is gone; and what is left when `shutdown_timeout` is over.
//!
//! # Async programs
//!
//! No call of this crate needs a runtime, and none awaits. What blocks, within its bound, are an
//! event that waits for `sync_timeout`, [`Handle::flush`], [`Handle::shutdown`],
//! [`Handle::disable`] and the guard's drop. Set `sync_timeout` to zero where an executor's thread
//! may never block, and call the others where it may.
//!
//! # Features
//!
//! | feature | default | what it brings |
//! |---|---|---|
//! | `slack`, `discord`, `telegram`, `zulip` | yes | an adapter each |
//! | `hyper` | by `surf` | the transport `Wire`: HTTP/1.1 and TLS over smol |
//! | `surf` | yes | the transport `Surf`, surf's API over the same wire |
//! | `toml` | yes | reads `logout.toml` |
//! | `sandbox` | no | the module `sandbox`: the four platforms on loopback, for tests |
//! | `signals` | no | `Guard::flush_on_signals` |
//!
//! Without `hyper` there is no HTTP client and no TLS; the program brings a [`Transport`] and hands
//! it to [`Builder::transport`].
//!
//! # Why it is the way it is
//!
//! * **A block and not a builder**: the set of adapters is a type, so a disabled event is disabled
//!   at its call site, options are checked by rustc (a misspelt one is its own "a field with a
//!   similar name exists"), and an adapter of the program's own is on equal terms.
//! * **`logout! { … }` and not an attribute or a call with angle brackets**: Rust has no such call,
//!   and the body reads as the struct literal it nearly is.
//! * **One mutex around a buffer that is swapped out**, and no channel of records: it measures the
//!   same without contention, allocates nothing in the steady state, and one wake serves everybody
//!   who waits.
//! * **Levels only narrow at run time**: what the block declares is the promise on which disabled
//!   events cost nothing.
//! * **A digest and not a drop**: what is too much for a chat is still counted, its first event whole.
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
/// It becomes `struct Name` with `Name::from_env()` and `Name::from_figment(provider)`, which give a
/// [`Builder`](crate::Builder), with `Name::preview()`, which makes [text](crate::Rehearsal) of what
/// the chats would get, with `Name::keys()`, `Name::env_template()` and
/// `Name::toml_template()`, which list what can be configured, and `enum NameAdapter` with a variant per instance, by which a
/// [`Handle`](crate::Handle) is told which one is meant.
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
/// | `format` * | a template of `$date`, `$time`, `$level`, `$levelpad`, `$message`, `$metadata` and `$node`, or a `fn(&Notice) -> String` | the message and its causes |
/// | `truncate` | bytes of a message that are captured, or `infinity` | `8192` |
/// | `memory_limit` | bytes that everything which waits may take in all | `16 * 1024 * 1024` |
/// | `sync_threshold` | from so many waiting events on callers wait | `20` |
/// | `sync_timeout` | `Duration`: so long at the most; zero is never | 100 ms |
/// | `discard_threshold` | from so many waiting events on they are counted and dropped | `500` |
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
#[doc = include_str!("../../README.md")]
struct Readme;
