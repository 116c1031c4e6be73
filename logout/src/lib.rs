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
// What adapters share is used in part where not all of them are built.
#![cfg_attr(
    not(feature = "all-adapters"),
    expect(
        clippy::allow_attributes,
        reason = "whether a part is used depends on features"
    )
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
#[cfg(feature = "fleet")]
pub mod fleet;
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
#[cfg(feature = "google-chat")]
pub use crate::adapter::google_chat::GoogleChat;
#[cfg(feature = "mattermost")]
pub use crate::adapter::mattermost::Mattermost;
pub use crate::adapter::notice::{Notice, format_message, format_origin, get_emoji};
#[cfg(feature = "ntfy")]
pub use crate::adapter::ntfy::Ntfy;
#[cfg(feature = "pager-duty")]
pub use crate::adapter::pager_duty::PagerDuty;
#[cfg(feature = "slack")]
pub use crate::adapter::slack::Slack;
#[cfg(feature = "slack-bot")]
pub use crate::adapter::slack_bot::SlackBot;
#[cfg(feature = "teams")]
pub use crate::adapter::teams::Teams;
#[cfg(feature = "telegram")]
pub use crate::adapter::telegram::Telegram;
#[cfg(feature = "webhook")]
pub use crate::adapter::webhook::Webhook;
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

/// The guide, in chapters.
///
/// | chapter | |
/// |---|---|
/// | [`start`](guide::start) | from an empty program, or one that already logs, to a first message |
/// | [`declare`](guide::declare) | the grammar of the block, and what it generates |
/// | [`configure`](guide::configure) | files, variables, secrets, profiles |
/// | [`settings`](guide::settings) | every setting: default, unit, example, cost |
/// | [`adapters`](guide::adapters) | the eleven destinations; mentions; another thread for one event |
/// | [`platforms`](guide::platforms) | what each platform accepts, with sources |
/// | [`own_adapter`](guide::own_adapter) | a destination of your own, and its contract |
/// | [`problems`](guide::problems) | what counts as the same error, and when you hear of it |
/// | [`spool`](guide::spool) | what a crash or an outage leaves for the next start |
/// | [`trail_and_links`](guide::trail_and_links) | what led to an error, and where to look |
/// | [`overload`](guide::overload) | what happens in a storm, and which events are lost |
/// | [`fleet`](guide::fleet) | many replicas speak with one voice |
/// | [`runtime`](guide::runtime) | threads, async runtimes, panics, signals, `fork` |
/// | [`embedded`](guide::embedded) | small devices |
/// | [`testing`](guide::testing) | how to test your alerts |
/// | [`recipes`](guide::recipes) | a cookbook |
/// | [`comparison`](guide::comparison) | logout beside Sentry, tracing-layer-slack and Alertmanager |
/// | [`migration`](guide::migration) | from LogOut, LoggerBackends and tracing-layer-slack |
/// | [`troubleshooting`](guide::troubleshooting) | symptoms, causes, cures |
/// | [`design`](guide::design) | how logout is built, and why |
/// | [`how_it_is_tested`](guide::how_it_is_tested) | the suites, their figures and commands |
#[cfg(any(doc, doctest))]
pub mod guide {
    #[doc = include_str!("../docs/start.md")]
    pub mod start {}
    #[doc = include_str!("../docs/declare.md")]
    pub mod declare {}
    #[doc = include_str!("../docs/configure.md")]
    pub mod configure {}
    #[doc = include_str!("../docs/settings.md")]
    pub mod settings {}
    #[doc = include_str!("../docs/adapters.md")]
    pub mod adapters {}
    #[doc = include_str!("../docs/platforms.md")]
    pub mod platforms {}
    #[doc = include_str!("../docs/own_adapter.md")]
    pub mod own_adapter {}
    #[doc = include_str!("../docs/problems.md")]
    pub mod problems {}
    #[doc = include_str!("../docs/trail_and_links.md")]
    pub mod trail_and_links {}
    #[doc = include_str!("../docs/overload.md")]
    pub mod overload {}
    #[doc = include_str!("../docs/spool.md")]
    pub mod spool {}
    #[doc = include_str!("../docs/fleet.md")]
    pub mod fleet {}
    #[doc = include_str!("../docs/runtime.md")]
    pub mod runtime {}
    #[doc = include_str!("../docs/embedded.md")]
    pub mod embedded {}
    #[doc = include_str!("../docs/testing.md")]
    pub mod testing {}
    #[doc = include_str!("../docs/recipes.md")]
    pub mod recipes {}
    #[doc = include_str!("../docs/comparison.md")]
    pub mod comparison {}
    #[doc = include_str!("../docs/migration.md")]
    pub mod migration {}
    #[doc = include_str!("../docs/troubleshooting.md")]
    pub mod troubleshooting {}
    #[doc = include_str!("../docs/design.md")]
    pub mod design {}
    #[doc = include_str!("../docs/how_it_is_tested.md")]
    pub mod how_it_is_tested {}
}

/// Declares where a program raises its alarms.
///
/// The guide has [the grammar](crate::guide::declare) and [every setting](crate::guide::settings).
///
/// For `struct Alerts` it generates
///
/// - `Alerts::from_env()` and `Alerts::from_figment(provider)`, which return a
///   [`Builder`](crate::Builder);
/// - `Alerts::preview()`, which returns [what the chats would get](crate::preview::Previewer);
/// - `Alerts::keys()`, which lists every [`Key`](crate::config::Key) that you can configure, and
///   `Alerts::env_template()` and `Alerts::toml_template()`, which write them as files to fill in;
/// - `AlertsAdapter`, with a constant per instance, such as `AlertsAdapter::Slack`, for the calls
///   of a [`Handle`](crate::Handle) that name one.
///
/// You need not import the built-in adapters; if your program has a type of the same name in
/// scope, the block uses yours. An instance without a name is called by its type in snake case. The
/// name is the key of its table in `logout.toml`, the middle of its variables
/// (`LOGOUT_<NAME>__<KEY>`), and its label in errors, reports and stats.
///
/// ```
/// use logout::{Slack, Telegram, logout};
///
/// logout! {
///     /// The shop's alerts.
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
/// A misspelt option is a compile error that points at the option:
///
/// ```compile_fail
/// # use logout::{Zulip, logout};
/// logout! {
///     struct Alerts { adapters: [Zulip { stream: "alerts", topik: "shop" }] }
/// }
/// ```
#[macro_export]
macro_rules! logout {
    ($($block:tt)*) => {
        $crate::__private::a_block_is_an_item_so_move_it_out_of_the_expression! { $($block)* }
    };
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
