//! The declaration of one instance in a block.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

use super::{Format, MentionWhen, Metadata, Rule};

/// One entry of a block's `adapters`: its name and the options every adapter has.
///
/// Written by the macro, as the [`Block`](super::Block) that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    pub(crate) name: &'static str,
    pub(crate) unnamed: bool,
    pub(crate) level: Option<LevelFilter>,
    pub(crate) max_level: Option<LevelFilter>,
    pub(crate) remind: Option<&'static [Duration]>,
    pub(crate) remind_from: Option<LevelFilter>,
    pub(crate) quiet: Option<Duration>,
    pub(crate) quiet_notice: Option<bool>,
    pub(crate) mention_when: Option<MentionWhen>,
    pub(crate) mention_every: Option<Duration>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) format: Option<Format>,
    pub(crate) metadata_filter: &'static [Rule],
    pub(crate) ignore: &'static [Rule],
}

impl Declaration {
    /// Returns an instance of this name; `unnamed` when the block left the naming to its type.
    #[must_use]
    pub const fn new(name: &'static str, unnamed: bool) -> Self {
        Self {
            name,
            unnamed,
            level: None,
            max_level: None,
            remind: None,
            remind_from: None,
            quiet: None,
            quiet_notice: None,
            mention_when: None,
            mention_every: None,
            metadata: None,
            format: None,
            metadata_filter: &[],
            ignore: &[],
        }
    }
}

setters! { Declaration {
    /// Sets the instance's own level.
    level: LevelFilter => Some(level);
    /// Sets the most severe level it takes.
    max_level: LevelFilter => Some(max_level);
    /// Sets the times at which this instance repeats a known problem.
    remind: &'static [Duration] => Some(remind);
    /// Sets the lowest level of the problems it repeats.
    remind_from: LevelFilter => Some(remind_from);
    /// Sets how long after its last event a problem is over for this instance.
    quiet: Duration => Some(quiet);
    /// Sets whether it reports that.
    quiet_notice: bool => Some(quiet_notice);
    /// Sets which of its messages mention somebody.
    mention_when: MentionWhen => Some(mention_when);
    /// Sets the time in which it mentions somebody at most once.
    mention_every: Duration => Some(mention_every);
    /// Sets the fields that this instance shows.
    metadata: Metadata => Some(metadata);
    /// Sets the format of this instance's text.
    format: Format => Some(format);
    /// Sets the rules of which an event must match one to reach this instance.
    metadata_filter: &'static [Rule] => metadata_filter;
    /// Sets the rules for events that never reach this instance.
    ignore: &'static [Rule] => ignore;
} }
