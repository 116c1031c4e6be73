//! The settings of the block, and those that every instance has.

use std::time::Duration;

use figment::value::Dict;
use tracing::level_filters::LevelFilter;

use super::FileOfStart;
use super::field_selection::FieldSelection;
use super::level::name;
use super::notification::{Notification, NotificationKeys};
use super::settings_reader::SettingsReader;
#[cfg(feature = "spool")]
use super::spool_directory::{self, Directory};
use super::value_error::{KeyError, ValueError, quoted_list};
#[cfg(feature = "spool")]
use crate::block::NoticeOf;
use crate::block::levels::pass_something;
use crate::block::mask::MaskList;
use crate::block::memory_budget;
use crate::block::{Block, Declaration};
use crate::event::Fingerprint;
use crate::text::size;
use crate::transport::Secret;

/// The settings of a block, with block and configuration merged.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) enabled: bool,
    /// Whether messages are printed instead of sent.
    pub(crate) dry_run: bool,
    pub(crate) project_name: String,
    pub(crate) environment: String,
    pub(crate) release: String,
    /// The level of instances without one of their own.
    pub(crate) level: LevelFilter,
    /// The most severe level of instances without one of their own.
    pub(crate) max_level: LevelFilter,
    pub(crate) spans: LevelFilter,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) panic_timeout: Duration,
    /// In bytes; `usize::MAX` is `infinity`.
    pub(crate) truncate: usize,
    /// In bytes; fixed at the start.
    pub(crate) memory_limit: usize,
    pub(crate) utc_log: bool,
    pub(crate) sync_threshold: usize,
    pub(crate) discard_threshold: usize,
    pub(crate) sync_timeout: Duration,
    pub(crate) discard_threshold_periodic_check: Duration,
    pub(crate) max_age: Duration,
    /// The directory for pending events.
    #[cfg(feature = "spool")]
    pub(crate) spool: Option<std::path::PathBuf>,
    #[cfg(feature = "spool")]
    pub(crate) spool_sync: bool,
    #[cfg(feature = "spool")]
    pub(crate) notices: Vec<NoticeOf>,
    /// The fleet it belongs to.
    #[cfg(feature = "fleet")]
    pub(crate) fleet: Option<super::FleetSettings>,
    /// The error about that directory.
    #[cfg(feature = "spool")]
    spool_error: Option<String>,
    /// For instances without settings of their own.
    pub(crate) notification: Notification,
    pub(crate) metadata: FieldSelection,
    /// Fingerprints that are counted and not sent.
    pub(crate) mute: Vec<String>,
    /// Names of fields whose values are hidden.
    pub(crate) mask: MaskList,
    /// The error in the configured list, which is then ignored.
    mask_error: Option<String>,
    /// The settings of the instances, in the order of the block.
    pub(crate) instances: Vec<InstanceSettings>,
    /// Remarks to log once that are no errors, such as a variable that looks like a slip.
    pub(crate) notes: Vec<String>,
    /// The location of the file they come from.
    pub(crate) file: FileOfStart,
    /// Whether they come from variables, too, and not only from the program's own figment.
    #[cfg(feature = "verify")]
    pub(crate) reads_environment: bool,
}

/// The settings that every instance has, whatever its adapter.
#[derive(Clone, Debug)]
pub(crate) struct InstanceSettings {
    pub(crate) enabled: bool,
    pub(crate) level: LevelFilter,
    pub(crate) max_level: LevelFilter,
    pub(crate) notification: Notification,
    pub(crate) metadata: FieldSelection,
    /// Every configured secret of the instance, to be removed from outgoing text.
    pub(crate) secrets: Vec<Secret>,
    /// Whether a placeholder stands for a missing key; in a dry run only.
    pub(crate) incomplete: bool,
}

/// The keys of the block.
#[derive(Debug, Default)]
pub(super) struct SettingKeys {
    enabled: Option<bool>,
    dry_run: Option<bool>,
    project_name: Option<String>,
    environment: Option<String>,
    release: Option<String>,
    level: Option<LevelFilter>,
    max_level: Option<LevelFilter>,
    spans: Option<LevelFilter>,
    shutdown_timeout: Option<Duration>,
    panic_timeout: Option<Duration>,
    truncate: Option<usize>,
    memory_limit: Option<usize>,
    utc_log: Option<bool>,
    sync_threshold: Option<usize>,
    discard_threshold: Option<usize>,
    sync_timeout: Option<Duration>,
    discard_threshold_periodic_check: Option<Duration>,
    max_age: Option<Duration>,
    #[cfg(feature = "spool")]
    spool: Option<Directory>,
    #[cfg(feature = "spool")]
    spool_sync: Option<bool>,
    #[cfg(feature = "spool")]
    notices: Option<Vec<NoticeOf>>,
    notification: NotificationKeys,
    metadata: Option<FieldSelection>,
    mute: Option<Vec<String>>,
    mask: Option<Vec<String>>,
}

impl SettingKeys {
    /// Reads the keys in `given`; returns the errors of the others.
    pub(super) fn read(given: &Dict) -> (Self, Vec<KeyError>) {
        let mut given = SettingsReader::new(given);
        let keys = Self {
            enabled: given.bool("enabled"),
            dry_run: given.bool("dry_run"),
            project_name: given.text("project_name"),
            environment: given.text("environment"),
            release: given.text("release"),
            level: given.level("level"),
            max_level: given.level("max_level"),
            spans: given.level("spans"),
            shutdown_timeout: given.duration("shutdown_timeout"),
            panic_timeout: given.duration("panic_timeout"),
            truncate: given.size_or_infinity("truncate"),
            memory_limit: given.size("memory_limit"),
            utc_log: given.bool("utc_log"),
            sync_threshold: given.usize("sync_threshold"),
            discard_threshold: given.usize("discard_threshold"),
            sync_timeout: given.duration("sync_timeout"),
            discard_threshold_periodic_check: given.duration("discard_threshold_periodic_check"),
            max_age: given.duration("max_age"),
            #[cfg(feature = "spool")]
            spool: given.directory("spool"),
            #[cfg(feature = "spool")]
            spool_sync: given.bool("spool_sync"),
            #[cfg(feature = "spool")]
            notices: given.notices("notices"),
            notification: NotificationKeys::read(&mut given),
            metadata: given.field_selection("metadata"),
            mute: given.list("mute"),
            mask: given.list("mask"),
        };
        (keys, given.into_wrong())
    }
}

impl Settings {
    pub(super) fn new(block: &Block, keys: SettingKeys) -> Self {
        let own = |given: Option<String>, declared: Option<&str>| {
            given
                .or_else(|| declared.map(str::to_owned))
                .unwrap_or_default()
        };
        let texts = |given: Option<Vec<String>>, declared: &[&str]| {
            given.unwrap_or_else(|| declared.iter().map(|&text| text.to_owned()).collect())
        };
        let of_block = MaskList::default().changed_where_right(block.mask);
        let (mask, mask_error) = match keys.mask.map(|entries| of_block.changed(&entries)) {
            None => (of_block, None),
            Some(Ok(mask)) => (mask, None),
            Some(Err(why)) => (of_block, Some(why)),
        };
        #[cfg(not(feature = "spool"))]
        let max_age = block.max_age;
        #[cfg(feature = "spool")]
        let spool = keys.spool.unwrap_or_else(|| block.spool.into());
        #[cfg(feature = "spool")]
        let max_age = spool_directory::max_age(&spool, block);
        #[cfg(feature = "spool")]
        let (spool, spool_error) = spool.resolved(block);
        Self {
            enabled: keys.enabled.unwrap_or(true),
            dry_run: keys.dry_run.unwrap_or(false),
            project_name: own(keys.project_name, Some(block.project_name)),
            environment: own(keys.environment, block.environment),
            release: own(keys.release, block.release),
            level: keys.level.unwrap_or(block.level),
            max_level: keys.max_level.unwrap_or(block.max_level),
            spans: keys.spans.unwrap_or(block.spans),
            shutdown_timeout: keys.shutdown_timeout.unwrap_or(block.shutdown_timeout),
            panic_timeout: keys.panic_timeout.unwrap_or(block.panic_timeout),
            memory_limit: keys.memory_limit.unwrap_or(block.memory_limit),
            truncate: keys.truncate.unwrap_or(block.truncate),
            utc_log: keys.utc_log.unwrap_or(block.utc_log),
            sync_threshold: keys.sync_threshold.unwrap_or(block.sync_threshold),
            discard_threshold: keys.discard_threshold.unwrap_or(block.discard_threshold),
            sync_timeout: keys.sync_timeout.unwrap_or(block.sync_timeout),
            discard_threshold_periodic_check: keys
                .discard_threshold_periodic_check
                .unwrap_or(block.discard_threshold_periodic_check),
            max_age: keys.max_age.unwrap_or(max_age),
            #[cfg(feature = "spool")]
            spool,
            #[cfg(feature = "spool")]
            spool_sync: keys.spool_sync.unwrap_or(block.spool_sync),
            #[cfg(feature = "spool")]
            notices: keys.notices.unwrap_or_else(|| block.notices.to_vec()),
            #[cfg(feature = "spool")]
            spool_error,
            #[cfg(feature = "fleet")]
            fleet: None,
            notification: keys.notification.merged(Notification::of_block(block)),
            metadata: keys.metadata.unwrap_or_else(|| block.metadata.into()),
            mute: texts(keys.mute, block.mute),
            mask,
            mask_error,
            instances: Vec::new(),
            notes: Vec::new(),
            file: FileOfStart::default(),
            #[cfg(feature = "verify")]
            reads_environment: false,
        }
    }

    /// Takes over all settings of `newer`, but not its notes and file, which belong to one reading.
    pub(super) fn replace_settings(&mut self, newer: Self) {
        let notes = std::mem::take(&mut self.notes);
        let file = std::mem::take(&mut self.file);
        *self = Self {
            notes,
            file,
            ..newer
        };
    }

    /// Checks the settings against each other: levels that widen, thresholds out of order, empty
    /// periods.
    pub(super) fn check(&self, block: &Block) -> Vec<KeyError> {
        let mut wrong = Vec::new();
        let mut report = |key: &str, text: String| {
            wrong.push(KeyError::new(key, ValueError::Message(text)));
        };
        for (key, level, declared) in [
            ("level", self.level, block.level),
            ("spans", self.spans, block.spans),
        ] {
            if let Some(text) = widening_error(level, declared) {
                report(key, text);
            }
        }
        if self.dry_run && !cfg!(feature = "preview") {
            let why = "this program was built without logout's feature `preview`";
            report("dry_run", why.to_owned());
        }
        if let Some((key, text)) = self.wrong_threshold() {
            report(key, text);
        }
        if self.memory_limit < memory_budget::LEAST {
            report(
                "memory_limit",
                format!("expected at least {}", size::format(memory_budget::LEAST)),
            );
        }
        for key in self.empty_periods() {
            report(key, "expected a duration above zero".to_owned());
        }
        if let Some(why) = &self.mask_error {
            report("mask", why.clone());
        }
        #[cfg(feature = "spool")]
        if let Some(why) = &self.spool_error {
            report("spool", why.clone());
        } else if self.spool.is_none() && self.notices.contains(&NoticeOf::Crashed) {
            let why = "that a process crashed is known from the directory that `spool` names, and none is set; write `spool = true` or a directory";
            report("notices", why.to_owned());
        }
        let parsed = self.mute.iter().map(|text| text.parse::<Fingerprint>());
        if let Some(why) = parsed.filter_map(Result::err).next() {
            report("mute", why.to_string());
        }
        wrong
    }

    fn wrong_threshold(&self) -> Option<(&'static str, String)> {
        if self.discard_threshold == 0 {
            let text = "expected a whole number of at least 1";
            Some(("discard_threshold", text.to_owned()))
        } else if self.sync_threshold > self.discard_threshold {
            let text = format!(
                "it must not exceed discard_threshold ({})",
                self.discard_threshold
            );
            Some(("sync_threshold", text))
        } else {
            None
        }
    }

    fn empty_periods(&self) -> impl Iterator<Item = &'static str> {
        let periods = [
            (
                "discard_threshold_periodic_check",
                self.discard_threshold_periodic_check,
            ),
            ("max_age", self.max_age),
        ];
        let empty = periods.into_iter().filter(|(_, span)| span.is_zero());
        empty.map(|(key, _)| key)
    }
}

/// Returns why `level` is not allowed if the block declares `declared`.
///
/// Disabled events cost nothing because nothing at run time can enable them.
pub(crate) fn widening_error(level: LevelFilter, declared: LevelFilter) -> Option<String> {
    const LEVELS: [(LevelFilter, &str); 6] = [
        (LevelFilter::TRACE, "TRACE"),
        (LevelFilter::DEBUG, "DEBUG"),
        (LevelFilter::INFO, "INFO"),
        (LevelFilter::WARN, "WARN"),
        (LevelFilter::ERROR, "ERROR"),
        (LevelFilter::OFF, "OFF"),
    ];
    let allowed = LEVELS.iter().filter(|(level, _)| *level <= declared);
    let allowed: Vec<_> = allowed.map(|(_, name)| *name).collect();
    (level > declared).then(|| {
        format!(
            "the block's {} can only be narrowed; write {}",
            allowed.first().unwrap_or(&"OFF"),
            quoted_list(&allowed, "or"),
        )
    })
}

/// Returns why `max_level` is not allowed if the block declares `declared`: call sites of more
/// severe events may be disabled for good.
pub(crate) fn graver_error(max_level: LevelFilter, declared: LevelFilter) -> Option<String> {
    let declared = declared.max(LevelFilter::ERROR);
    (max_level.max(LevelFilter::ERROR) < declared).then(|| {
        format!(
            "the block sends nothing above {declared}, and what a block leaves out cannot be \
            added while the program runs; write {declared} or a lower level",
            declared = name(declared),
        )
    })
}

/// Returns the error of `max_level`, at the key in `given`.
pub(super) fn wrong_max_level(
    level: LevelFilter,
    max_level: LevelFilter,
    declared: LevelFilter,
    given: &Dict,
) -> Option<KeyError> {
    let at = |key, text| KeyError::new(key, ValueError::Message(text));
    if let Some(text) = graver_error(max_level, declared) {
        return Some(at("max_level", text));
    }
    let only_level = given.contains_key("level") && !given.contains_key("max_level");
    let key = if only_level { "level" } else { "max_level" };
    silence_error(level, max_level).map(|text| at(key, text))
}

/// Returns why no event passes between these levels.
pub(crate) fn silence_error(level: LevelFilter, max_level: LevelFilter) -> Option<String> {
    (!pass_something(level, max_level)).then(|| {
        format!(
            "nothing passes: `level` is {level} and `max_level` is {max_level}; write a \
            `max_level` of {level} or a more severe one, or a `level` of {max_level}",
            level = name(level),
            max_level = name(max_level),
        )
    })
}

/// The keys that every instance has.
#[derive(Debug, Default)]
pub(super) struct InstanceKeys {
    pub(super) enabled: Option<bool>,
    level: Option<LevelFilter>,
    max_level: Option<LevelFilter>,
    pub(super) allow_http: Option<bool>,
    metadata: Option<FieldSelection>,
    notification: NotificationKeys,
}

impl InstanceKeys {
    /// Reads the keys in `given`; returns the errors of the others.
    pub(super) fn read(given: &Dict) -> (Self, Vec<KeyError>) {
        let mut given = SettingsReader::new(given);
        let keys = Self {
            enabled: given.bool("enabled"),
            level: given.level("level"),
            max_level: given.level("max_level"),
            allow_http: given.bool("allow_http"),
            metadata: given.field_selection("metadata"),
            notification: NotificationKeys::read(&mut given),
        };
        (keys, given.into_wrong())
    }
}

impl InstanceSettings {
    pub(super) fn new(declaration: &Declaration, whole: &Settings, keys: InstanceKeys) -> Self {
        let declared = Notification::of_instance(declaration, &whole.notification);
        let level = keys.level.or(declaration.level);
        let max_level = keys.max_level.or(declaration.max_level);
        Self {
            enabled: whole.enabled && keys.enabled.unwrap_or(true),
            level: level.unwrap_or(whole.level),
            max_level: max_level.unwrap_or(whole.max_level),
            notification: keys.notification.merged(declared),
            metadata: keys
                .metadata
                .or_else(|| declaration.metadata.map(FieldSelection::from))
                .unwrap_or_else(|| whole.metadata.clone()),
            secrets: Vec::new(),
            incomplete: false,
        }
    }
}
