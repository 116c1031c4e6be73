//! The constants of a `logout!` block.

use std::borrow::Cow;
use std::time::Duration;

use tracing::level_filters::LevelFilter;

/// `name: Type => value;`: a const setter whose name is the setting's, which sets nothing where the
/// feature behind `if` is off.
macro_rules! setters {
    ($owner:ident { $($(#[$doc:meta])* $name:ident: $type:ty => $make:expr;)* }) => {
        impl $owner {
            $($(#[$doc])*
            #[must_use]
            pub const fn $name(mut self, $name: $type) -> Self {
                self.$name = $make;
                self
            })*
        }
    };
    ($owner:ident if $feature:literal {
        $($(#[$doc:meta])* $name:ident: $type:ty => $make:expr;)*
    }) => {
        impl $owner {
            $($(#[$doc])*
            #[must_use]
            #[cfg_attr(
                not(feature = $feature),
                expect(unused_mut, unused_variables, reason = "there is nothing to set")
            )]
            pub const fn $name(mut self, $name: $type) -> Self {
                #[cfg(feature = $feature)]
                {
                    self.$name = $make;
                }
                self
            })*
        }
    };
}

mod block_definition;
mod declaration;
mod fleet;
pub(crate) mod keys;
pub(crate) mod levels;
pub(crate) mod links;
pub(crate) mod mask;
pub(crate) mod memory_budget;
pub(crate) mod mention;
mod notices;
pub(crate) mod remind;
mod spool;
pub(crate) mod trail;

pub use self::block_definition::{BlockDefinition, OptionDocs};
pub use self::declaration::Declaration;
pub use self::fleet::Fleet;
#[cfg(feature = "fleet")]
pub(crate) use self::fleet::is_name;
pub(crate) use self::keys::Key;
pub use self::links::{Link, LinkPiece, Links};
pub use self::mention::MentionWhen;
pub use self::notices::NoticeOf;
pub use self::spool::Spool;
pub use self::trail::Trail;

/// The constants of one `logout!` block: its settings and its instances.
///
/// Written by the macro, in one constant of the generated [`Dispatch`](crate::Dispatch)
/// implementation. Each setter is named like its setting, and [`settings`](crate::guide::settings)
/// says what each is for. A program has no use for it.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub(crate) name: &'static str,
    /// The package that contains the block.
    #[cfg(any(feature = "verify", feature = "spool"))]
    pub(crate) package: &'static str,
    pub(crate) project_name: &'static str,
    pub(crate) level: LevelFilter,
    pub(crate) max_level: LevelFilter,
    pub(crate) spans: LevelFilter,
    pub(crate) environment: Option<&'static str>,
    pub(crate) release: Option<&'static str>,
    pub(crate) env_prefix: &'static str,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) panic_timeout: Duration,
    pub(crate) truncate: usize,
    pub(crate) memory_limit: usize,
    pub(crate) utc_log: bool,
    pub(crate) sync_threshold: usize,
    pub(crate) discard_threshold: usize,
    pub(crate) sync_timeout: Duration,
    pub(crate) discard_threshold_periodic_check: Duration,
    pub(crate) max_age: Duration,
    pub(crate) remind: &'static [Duration],
    pub(crate) remind_from: LevelFilter,
    pub(crate) quiet: Duration,
    pub(crate) quiet_notice: bool,
    pub(crate) mention_when: MentionWhen,
    pub(crate) mention_every: Duration,
    pub(crate) metadata: Metadata,
    pub(crate) format: Format,
    pub(crate) metadata_filter: &'static [Rule],
    pub(crate) ignore: &'static [Rule],
    pub(crate) mute: &'static [&'static str],
    pub(crate) mask: &'static [&'static str],
    pub(crate) links: Option<Links>,
    pub(crate) scrub: &'static [Scrub],
    pub(crate) trail: Option<Trail>,
    #[cfg(feature = "spool")]
    pub(crate) spool: Spool,
    #[cfg(feature = "spool")]
    pub(crate) spool_sync: bool,
    #[cfg(feature = "spool")]
    pub(crate) notices: &'static [NoticeOf],
    /// Whether the block sets `max_age`.
    #[cfg(feature = "spool")]
    pub(crate) sets_max_age: bool,
    #[cfg(feature = "fleet")]
    pub(crate) fleet: Option<Fleet>,
    pub(crate) instances: &'static [Declaration],
}

/// One `key: "value"` of `metadata_filter` or `ignore`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// `target`, `fingerprint`, or the name of a field.
    pub key: &'static str,
    /// A target's prefix (by path segments), a fingerprint, or a field's value as text.
    pub value: &'static str,
}

/// The fields that a message shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// All fields.
    All,
    /// These fields, in this order.
    Only(&'static [&'static str]),
}

/// The format of a message's text.
#[derive(Clone, Copy, Debug)]
pub enum Format {
    /// The message, then the chain of its causes.
    Message,
    /// A template, parsed at compile time.
    Template(&'static [Segment]),
    /// A function of the program.
    Function(fn(&crate::adapter::Notice) -> String),
}

/// A way to remove text from a message before it is sent.
#[derive(Clone, Copy, Debug)]
pub enum Scrub {
    /// Text that the library recognises as a credential by its form.
    Default,
    /// A function of the program.
    Function(fn(&str) -> Cow<'_, str>),
}

/// A piece of a `format` template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Text as it stands.
    Text(&'static str),
    /// `$date`
    Date,
    /// `$time`
    Time,
    /// `$level`
    Level,
    /// `$levelpad`: spaces that pad the level's name to five characters.
    LevelPad,
    /// `$message`
    Message,
    /// `$metadata`
    Metadata,
    /// `$node`: the host's name.
    Node,
}

/// LoggerBackends' default.
const TRUNCATE: usize = 8_192;

impl Block {
    /// Returns the most verbose level that an instance of the block may have.
    pub(crate) const fn level_of(&self, instance: &Declaration) -> LevelFilter {
        match instance.level {
            Some(level) => level,
            None => self.level,
        }
    }

    /// Returns the most severe level that an instance of the block may have; panics always reach
    /// it.
    pub(crate) const fn max_level_of(&self, instance: &Declaration) -> LevelFilter {
        match instance.max_level {
            Some(level) => level,
            None => self.max_level,
        }
    }

    /// Returns a block of this name in this package, with every setting at its default.
    #[must_use]
    pub const fn new(
        name: &'static str,
        package: &'static str,
        instances: &'static [Declaration],
    ) -> Self {
        Self {
            name,
            #[cfg(any(feature = "verify", feature = "spool"))]
            package,
            project_name: package,
            level: LevelFilter::WARN,
            max_level: LevelFilter::ERROR,
            spans: LevelFilter::INFO,
            environment: None,
            release: None,
            env_prefix: "LOGOUT_",
            shutdown_timeout: Duration::from_secs(3),
            panic_timeout: Duration::from_secs(1),
            truncate: TRUNCATE,
            memory_limit: memory_budget::DEFAULT,
            utc_log: false,
            sync_threshold: 20,
            discard_threshold: 500,
            sync_timeout: Duration::from_millis(100),
            discard_threshold_periodic_check: Duration::from_secs(30),
            max_age: Duration::from_secs(3_600),
            remind: remind::DEFAULT_STEPS,
            remind_from: LevelFilter::WARN,
            quiet: remind::DEFAULT_QUIET,
            quiet_notice: false,
            mention_when: MentionWhen::New,
            mention_every: mention::DEFAULT_EVERY,
            metadata: Metadata::All,
            format: Format::Message,
            metadata_filter: &[],
            ignore: &[],
            mute: &[],
            mask: &["default"],
            links: None,
            scrub: &[Scrub::Default],
            trail: None,
            #[cfg(feature = "spool")]
            spool: Spool::Off,
            #[cfg(feature = "spool")]
            spool_sync: true,
            #[cfg(feature = "spool")]
            notices: &[],
            #[cfg(feature = "spool")]
            sets_max_age: false,
            #[cfg(feature = "fleet")]
            fleet: None,
            instances,
        }
    }

    /// Sets the age at which an event is given up.
    #[must_use]
    pub const fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        #[cfg(feature = "spool")]
        {
            self.sets_max_age = true;
        }
        self
    }
}

setters! { Block if "spool" {
    /// Sets whether and where pending events are kept on disk.
    spool: Spool => spool;
    /// Sets whether stored events survive a power failure, and not only the end of the process.
    spool_sync: bool => spool_sync;
    /// Sets the notices about the program's own runs.
    notices: &'static [NoticeOf] => notices;
} }

setters! { Block if "fleet" {
    /// Sets the fleet.
    fleet: Fleet => Some(fleet);
} }

setters! { Block {
    /// Sets the program's name in messages.
    project_name: &'static str => project_name;
    /// Sets the level of instances without one of their own.
    level: LevelFilter => level;
    /// Sets the most severe level of instances without one of their own.
    max_level: LevelFilter => max_level;
    /// Sets the lowest level of the spans that are shown.
    spans: LevelFilter => spans;
    /// Sets the environment of the program, such as `production`.
    environment: &'static str => Some(environment);
    /// Sets the version that runs.
    release: &'static str => Some(release);
    /// Sets the prefix of the names of this block's variables.
    env_prefix: &'static str => env_prefix;
    /// Sets how long dropping the guard may take to send pending events.
    shutdown_timeout: Duration => shutdown_timeout;
    /// Sets how long a thread that panics may wait for its panic to be sent.
    panic_timeout: Duration => panic_timeout;
    /// Sets how many bytes of a message, and of each field, are captured.
    truncate: usize => truncate;
    /// Sets how many bytes of memory everything that grows with events may take, 256 KiB at least.
    memory_limit: usize => memory_limit;
    /// Sets whether times are written in UTC.
    utc_log: bool => utc_log;
    /// Sets the number of queued events from which a caller waits for the worker.
    sync_threshold: usize => sync_threshold;
    /// Sets the number of queued events from which events are discarded.
    discard_threshold: usize => discard_threshold;
    /// Sets the longest time that a caller waits.
    sync_timeout: Duration => sync_timeout;
    /// Sets how often discarded events are reported.
    discard_threshold_periodic_check: Duration => discard_threshold_periodic_check;
    /// Sets the times after its first message at which a known problem is repeated; empty for
    /// never.
    remind: &'static [Duration] => remind;
    /// Sets the level from which problems are repeated by reminders, and not event by event.
    remind_from: LevelFilter => remind_from;
    /// Sets how long after its last event a problem is over.
    quiet: Duration => quiet;
    /// Sets whether a message reports that a problem is over.
    quiet_notice: bool => quiet_notice;
    /// Sets which messages mention somebody.
    mention_when: MentionWhen => mention_when;
    /// Sets the time in which somebody is mentioned at most once.
    mention_every: Duration => mention_every;
    /// Sets the fields that are shown.
    metadata: Metadata => metadata;
    /// Sets the format of the text.
    format: Format => format;
    /// Sets the rules of which an event must match one to be sent.
    metadata_filter: &'static [Rule] => metadata_filter;
    /// Sets the rules for events that are never sent.
    ignore: &'static [Rule] => ignore;
    /// Sets the fingerprints that are counted and not sent.
    mute: &'static [&'static str] => mute;
    /// Sets the fields whose values are hidden.
    mask: &'static [&'static str] => mask;
    /// Sets the links of the messages.
    links: Links => Some(links);
    /// Sets what is removed from every text that is sent.
    scrub: &'static [Scrub] => scrub;
    /// Sets how much is kept of the events that precede one that is sent.
    trail: Trail => Some(trail);
} }
