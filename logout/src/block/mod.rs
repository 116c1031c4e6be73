//! What a `logout!` block fixes at compile time.

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

mod declaration;
mod declared;
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

pub use self::declaration::Declaration;
pub use self::declared::{Declared, OptionDocs};
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
/// Written by the macro, in one constant of the generated
/// [`Dispatch`](crate::Dispatch) implementation; every setter is the setting of that name, and
/// [`settings`](crate::guide::settings) says what each is for. A program has no use for it.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub(crate) name: &'static str,
    /// The package it stands in.
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
    /// Whether the block says what `max_age` is.
    #[cfg(feature = "spool")]
    pub(crate) says_max_age: bool,
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

/// Which fields a message shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// All of them.
    All,
    /// Those named, in this order.
    Only(&'static [&'static str]),
}

/// How the text of a message is made.
#[derive(Clone, Copy, Debug)]
pub enum Format {
    /// The message, then the chain of its causes.
    Message,
    /// A template, parsed at compile time.
    Template(&'static [Segment]),
    /// A function of the program.
    Function(fn(&crate::adapter::Notice) -> String),
}

/// What takes text out of a message before it is sent.
#[derive(Clone, Copy, Debug)]
pub enum Scrub {
    /// What the library knows for a credential by its shape.
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
    /// `$levelpad`: what brings the level's name to five characters.
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
            says_max_age: false,
            #[cfg(feature = "fleet")]
            fleet: None,
            instances,
        }
    }

    /// How old an event may become before it is given up.
    #[must_use]
    pub const fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        #[cfg(feature = "spool")]
        {
            self.says_max_age = true;
        }
        self
    }
}

setters! { Block if "spool" {
    /// Whether and where what waits is kept on disk.
    spool: Spool => spool;
    /// Whether what is kept outlives a loss of power, and not the process alone.
    spool_sync: bool => spool_sync;
    /// What of the program's own life is told.
    notices: &'static [NoticeOf] => notices;
} }

setters! { Block if "fleet" {
    /// Whether many processes speak with one voice.
    fleet: Fleet => Some(fleet);
} }

setters! { Block {
    /// What the messages call the program.
    project_name: &'static str => project_name;
    /// The level of instances that name none of their own.
    level: LevelFilter => level;
    /// The most severe level of instances that name none of their own.
    max_level: LevelFilter => max_level;
    /// Down to which level spans are followed for context.
    spans: LevelFilter => spans;
    /// Where the program runs, such as `production`.
    environment: &'static str => Some(environment);
    /// Which version runs.
    release: &'static str => Some(release);
    /// What the names of this block's variables begin with.
    env_prefix: &'static str => env_prefix;
    /// How long the guard's drop may take to send what waits.
    shutdown_timeout: Duration => shutdown_timeout;
    /// How long a thread that panics may wait until its panic is told.
    panic_timeout: Duration => panic_timeout;
    /// How many bytes of a message, and of each field, are captured.
    truncate: usize => truncate;
    /// How many bytes of memory everything that grows with events may take, 256 KiB at least.
    memory_limit: usize => memory_limit;
    /// Whether times are written in UTC.
    utc_log: bool => utc_log;
    /// From how many waiting events on a caller waits for the worker.
    sync_threshold: usize => sync_threshold;
    /// From how many waiting events on events are discarded.
    discard_threshold: usize => discard_threshold;
    /// How long a caller waits at most.
    sync_timeout: Duration => sync_timeout;
    /// How often discarded events are reported.
    discard_threshold_periodic_check: Duration => discard_threshold_periodic_check;
    /// How long after its first message a known problem is told again; empty is never.
    remind: &'static [Duration] => remind;
    /// From which level up problems are reminded of instead of told one by one.
    remind_from: LevelFilter => remind_from;
    /// How long after its last event a problem is over.
    quiet: Duration => quiet;
    /// Whether a message says that a problem is over.
    quiet_notice: bool => quiet_notice;
    /// Which messages call somebody.
    mention_when: MentionWhen => mention_when;
    /// In what time somebody is called once at most.
    mention_every: Duration => mention_every;
    /// Which fields are shown.
    metadata: Metadata => metadata;
    /// How the text is made.
    format: Format => format;
    /// Only events that match are sent.
    metadata_filter: &'static [Rule] => metadata_filter;
    /// Events that match are never sent.
    ignore: &'static [Rule] => ignore;
    /// Fingerprints that are counted and not sent.
    mute: &'static [&'static str] => mute;
    /// Which fields are shown without their values.
    mask: &'static [&'static str] => mask;
    /// Where the messages lead.
    links: Links => Some(links);
    /// What is taken out of every text that is sent.
    scrub: &'static [Scrub] => scrub;
    /// What is kept of the events that lead to one that is sent.
    trail: Trail => Some(trail);
} }
