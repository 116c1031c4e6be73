//! What the code that `logout!` generates may name. Not part of the public interface.

pub use std::clone::Clone;
pub use std::cmp::{Eq, PartialEq};
pub use std::env;
pub use std::fmt::{Debug, Formatter, Result as FormatResult};
pub use std::future::poll_fn;
pub use std::hash::Hash;
pub use std::marker::Copy;
pub use std::option::Option::Some;
pub use std::option_env;
pub use std::primitive;
pub use std::result::Result;
pub use std::string::String;
pub use std::task::Poll;
pub use std::time::Duration;
pub use std::vec::Vec;

pub use figment::Provider;
pub use logout_macros::logout;
pub use tracing::level_filters::LevelFilter;

pub use crate::block::{
    Block, Declaration, Declared, Fleet, Format, Link, LinkPiece, Links, MentionWhen, Metadata,
    NoticeOf, OptionDocs, Rule, Scrub, Segment, Spool, Trail,
};
#[cfg(feature = "fleet")]
pub use crate::config::FleetSection;
pub use crate::config::{Config, Instance, Options, Section};
#[cfg(feature = "fleet")]
pub use crate::fleet::Verified;
pub use crate::worker::dispatch::Dispatcher;
pub use crate::worker::lane::poll_lane;
pub use crate::worker::{Clock, Worker};

pub use self::checks::{
    check_crashed, check_env_prefix, check_fleet, check_levels, check_max_age, check_memory_limit,
    check_mention_every, check_notices, check_quiet, check_remind, check_report_period,
    check_spool, check_thresholds,
};

mod checks;
#[cfg(fuzzing)]
pub mod fuzzing;

pub use crate::__a_block_is_an_item as a_block_is_an_item_so_move_it_out_of_the_expression;

/// Hands `$crate` and the block to the procedural macro, with the keyword that the expansion begins with.
///
/// Where an expression is expected rustc finds that keyword, and prints the name by which this macro is
/// called. That name is all that can be said there: a macro does not know where it is called.
#[doc(hidden)]
#[macro_export]
macro_rules! __a_block_is_an_item {
    ($($block:tt)*) => { $crate::__private::logout! { struct ($crate) $($block)* } };
}

pub use crate::__if_preview as if_preview;

/// The items, where the feature `preview` is on: only the library knows.
#[cfg(feature = "preview")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_preview {
    ($($items:tt)*) => { $($items)* };
}

/// Nothing, where the feature `preview` is off.
#[cfg(not(feature = "preview"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_preview {
    ($($items:tt)*) => {};
}

pub use crate::__if_fleet as if_fleet;

/// The items, where the feature `fleet` is on.
#[cfg(feature = "fleet")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_fleet {
    ({ $($items:tt)* } else { $($other:tt)* }) => {{ $($items)* }};
    ($($items:tt)*) => { $($items)* };
}

/// Nothing, where the feature `fleet` is off.
#[cfg(not(feature = "fleet"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_fleet {
    ({ $($items:tt)* } else { $($other:tt)* }) => {{ $($other)* }};
    ($($items:tt)*) => {};
}

/// The adapters that come with the library.
///
/// A block imports them all where it stands: there a program's own import or type of such a name
/// goes before them, and `adapters: [Slack]` needs none.
pub mod adapters {
    #[cfg(feature = "discord")]
    pub use crate::adapter::discord::Discord;
    #[cfg(feature = "google-chat")]
    pub use crate::adapter::google_chat::GoogleChat;
    #[cfg(feature = "mattermost")]
    pub use crate::adapter::mattermost::Mattermost;
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
}

/// The brokers that come with the library, for a block as the adapters.
pub mod brokers {
    #[cfg(feature = "fleet")]
    pub use crate::fleet::{Memory, Redis};
}

/// The type of levels, for a block that names it.
pub mod levels {
    pub use tracing::level_filters::LevelFilter;
}

use std::pin::Pin;

use crate::adapter::{Adapter, AdapterOptions, Notice, Step};
use crate::block::Key;
use crate::transport::{Request, Transport};
use crate::worker::dispatch::Dispatch;

/// One entry of a block's `adapters`.
///
/// The macro implements it for a type of its own per instance, and that is the only place where
/// the adapter's type is named. The functions below take the entry instead of the adapter, so
/// that a type that is no adapter is one error, on the path, and not one per call.
pub trait Entry {
    /// The type of its adapter.
    type Adapter: Adapter + AdapterOptions;
}

/// What a function returns: how a block names a type of the program.
pub trait Returned {
    /// The type.
    type Type: ?Sized;
}

impl<T: ?Sized> Returned for fn() -> T {
    type Type = T;
}

/// What stands for the fleet of a block, as an [`Entry`] for an adapter.
pub trait FleetEntry {
    /// The type of its broker.
    #[cfg(feature = "fleet")]
    type Broker: crate::fleet::Broker + AdapterOptions;
}

/// The broker of a block, as its settings are; none where they are not complete.
#[cfg(feature = "fleet")]
pub struct BrokerOf<F: FleetEntry>(Option<F::Broker>);

/// Nothing: without the feature `fleet` there are no brokers.
#[cfg(not(feature = "fleet"))]
pub struct BrokerOf<F: FleetEntry>(std::marker::PhantomData<fn() -> F>);

impl<F: FleetEntry> Debug for BrokerOf<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> FormatResult {
        f.debug_struct("BrokerOf").finish_non_exhaustive()
    }
}

/// Speaks with the broker of a block for as long as it is polled.
#[cfg(feature = "fleet")]
pub async fn speak<F: FleetEntry, T, C: Clock>(broker: &BrokerOf<F>, worker: &Worker<T, C>) {
    worker.speak_with_fleet(broker.0.as_ref()).await;
}

/// Tries all that the fleet of a block does with its broker.
#[cfg(feature = "fleet")]
pub async fn verify_broker<F: FleetEntry>(
    broker: &BrokerOf<F>,
    block: &'static Block,
    fleet: String,
) -> Verified {
    let lanes = (0..block.instances.len()).map(|lane| block.fleet_lane(lane));
    Some(crate::fleet::verify(broker.0.as_ref()?, fleet, lanes).await)
}

/// Reads the broker of a block.
#[cfg(feature = "fleet")]
pub fn broker<F: FleetEntry>(section: &mut FleetSection<'_>) -> F::Broker {
    section.broker()
}

/// [`FleetSection::finish`] for the fleet of a block.
#[cfg(feature = "fleet")]
pub fn finish<F: FleetEntry>(section: FleetSection<'_>, broker: F::Broker) -> BrokerOf<F> {
    BrokerOf(section.finish(broker))
}

/// What there is of a broker without the feature `fleet`.
#[cfg(not(feature = "fleet"))]
#[must_use]
pub fn without_broker<F: FleetEntry>() -> BrokerOf<F> {
    BrokerOf(std::marker::PhantomData)
}

/// [`Section::adapter`] for an entry.
pub fn adapter<E: Entry>(section: &mut Section<'_>) -> E::Adapter {
    section.adapter()
}

/// [`Section::instance`] for an entry.
pub fn instance<E: Entry>(section: Section<'_>, adapter: E::Adapter) -> Instance<E::Adapter> {
    section.instance(adapter)
}

/// [`Instance::succeed`] for an entry.
pub fn succeed<E: Entry>(instance: &Instance<E::Adapter>, next: &Instance<E::Adapter>) {
    instance.succeed(next);
}

/// [`Worker::lane`] for an entry.
///
/// In a box each, made out of line: side by side on the stack of whoever runs them, unoptimised, 64
/// took more than the 2 MiB of a thread.
#[inline(never)]
pub fn lane<'w, E: Entry, T: Transport, C: Clock>(
    worker: &'w Worker<T, C>,
    index: usize,
    instance: &'w Instance<E::Adapter>,
) -> Pin<Box<impl Future<Output = ()> + use<'w, E, T, C>>> {
    Box::pin(worker.lane(index, instance))
}

/// Gives every type the constant that `#[derive(OptionDocs)]` gives a type of its own, and that goes
/// before this one.
pub trait NoOptionDocs {
    /// Nothing is known of the type's options.
    const __LOGOUT_OPTION_DOCS: OptionDocs = &[];
}

impl<A> NoOptionDocs for A {}

#[cfg(feature = "preview")]
/// A preview of `D` with what stands in its block.
///
/// # Errors
///
/// When an option of the block is wrong.
pub fn preview<D: Dispatch>() -> Result<crate::handle::preview::Previewer<D>, crate::config::Error>
{
    Ok(crate::handle::builder::Builder::from_figment(("dry_run", true))?.preview())
}

/// The keys that can be set for the block `D`.
#[must_use]
pub fn keys<D: Dispatch>() -> Vec<Key> {
    crate::config::keys(D::read)
}

/// The keys of `D` as a commented file of variables.
#[must_use]
pub fn env_template<D: Dispatch>() -> String {
    crate::block::keys::env(D::BLOCK.name, D::BLOCK.env_prefix, &keys::<D>())
}

/// The keys of `D` as a commented `logout.toml`.
#[must_use]
pub fn toml_template<D: Dispatch>() -> String {
    crate::block::keys::toml(D::BLOCK.name, &keys::<D>())
}

/// How many events a `trail` has whose block gives other parts of it alone.
pub const TRAIL_EVENTS: usize = 20;

/// The links of a block.
#[must_use]
pub const fn links(all: &'static [Link]) -> Links {
    let fill = crate::message::fill_link;
    Links { all, fill }
}

/// The first of these that says something.
#[must_use]
pub const fn commit(variables: &[Option<&'static str>]) -> LinkPiece {
    let mut variables = variables;
    while let [variable, rest @ ..] = variables {
        if let Some(commit) = variable
            && !commit.is_empty()
        {
            return LinkPiece::Commit(Some(commit));
        }
        variables = rest;
    }
    LinkPiece::Commit(None)
}

/// Stands in for the adapter of an entry whose type is still being typed.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Unfinished {}

#[diagnostic::do_not_recommend]
impl Adapter for Unfinished {
    fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {}
}
