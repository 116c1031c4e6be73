//! The settings of the block, and those that every instance has.

use std::time::Duration;

use figment::value::Dict;
use tracing::level_filters::LevelFilter;

use super::FileOfStart;
use super::field_selection::FieldSelection;
use super::level::name;
use super::notification::Notification;
use super::settings_reader::SettingsReader;
#[cfg(feature = "spool")]
use super::spool_directory::SpoolChoice;
use super::value_error::{KeyError, ValueError, quoted_list};
#[cfg(feature = "spool")]
use crate::block::NoticeOf;
use crate::block::levels::some_level_passes;
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

impl Settings {
    /// Returns what the block says.
    pub(super) fn new(block: &Block) -> Self {
        let own = |declared: Option<&str>| declared.unwrap_or_default().to_owned();
        #[cfg(feature = "spool")]
        let directory = SpoolChoice::from(block.spool);
        #[cfg(feature = "spool")]
        let max_age = directory.max_age(block);
        #[cfg(not(feature = "spool"))]
        let max_age = block.max_age;
        #[cfg(feature = "spool")]
        let (spool, spool_error) = directory.resolved(block);
        Self {
            enabled: true,
            dry_run: false,
            project_name: block.project_name.to_owned(),
            environment: own(block.environment),
            release: own(block.release),
            level: block.level,
            max_level: block.max_level,
            spans: block.spans,
            shutdown_timeout: block.shutdown_timeout,
            panic_timeout: block.panic_timeout,
            memory_limit: block.memory_limit,
            truncate: block.truncate,
            utc_log: block.utc_log,
            sync_threshold: block.sync_threshold,
            discard_threshold: block.discard_threshold,
            sync_timeout: block.sync_timeout,
            discard_threshold_periodic_check: block.discard_threshold_periodic_check,
            max_age,
            #[cfg(feature = "spool")]
            spool,
            #[cfg(feature = "spool")]
            spool_sync: block.spool_sync,
            #[cfg(feature = "spool")]
            notices: block.notices.to_vec(),
            #[cfg(feature = "spool")]
            spool_error,
            #[cfg(feature = "fleet")]
            fleet: None,
            notification: Notification::of_block(block),
            metadata: block.metadata.into(),
            mute: block.mute.iter().map(|&text| text.to_owned()).collect(),
            mask: MaskList::default().changed_ignoring_errors(block.mask),
            mask_error: None,
            instances: Vec::new(),
            notes: Vec::new(),
            file: FileOfStart::default(),
            #[cfg(feature = "verify")]
            reads_environment: false,
        }
    }

    /// Takes over what `given` holds, and returns what is wrong with it, or with all of it together.
    pub(super) fn read(&mut self, block: &Block, given: &Dict) -> Vec<KeyError> {
        let mut given = SettingsReader::new(given);
        given.bool("enabled", &mut self.enabled);
        given.bool("dry_run", &mut self.dry_run);
        given.text("project_name", &mut self.project_name);
        given.text("environment", &mut self.environment);
        given.text("release", &mut self.release);
        given.level("level", &mut self.level);
        given.level("max_level", &mut self.max_level);
        given.level("spans", &mut self.spans);
        given.duration("shutdown_timeout", &mut self.shutdown_timeout);
        given.duration("panic_timeout", &mut self.panic_timeout);
        given.size_or_infinity("truncate", &mut self.truncate);
        given.size("memory_limit", &mut self.memory_limit);
        given.bool("utc_log", &mut self.utc_log);
        given.usize("sync_threshold", &mut self.sync_threshold);
        given.usize("discard_threshold", &mut self.discard_threshold);
        given.duration("sync_timeout", &mut self.sync_timeout);
        let period = &mut self.discard_threshold_periodic_check;
        given.duration("discard_threshold_periodic_check", period);
        let max_age = given.read("max_age", |reader| reader.duration());
        #[cfg(feature = "spool")]
        {
            if let Some(directory) = given.directory("spool") {
                self.max_age = directory.max_age(block);
                (self.spool, self.spool_error) = directory.resolved(block);
            }
            given.bool("spool_sync", &mut self.spool_sync);
            given.notices("notices", &mut self.notices);
        }
        self.max_age = max_age.unwrap_or(self.max_age);
        self.notification.read(&mut given);
        given.field_selection("metadata", &mut self.metadata);
        if let Some(mute) = given.list("mute") {
            self.mute = mute;
        }
        let mask = given.list("mask");
        match mask.map(|entries| self.mask.changed(&entries)) {
            None => {}
            Some(Ok(mask)) => self.mask = mask,
            Some(Err(why)) => self.mask_error = Some(why),
        }
        let mut wrong = given.into_wrong();
        wrong.extend(self.check(block));
        wrong
    }

    /// Checks the settings against each other: levels that widen, thresholds out of order, empty
    /// periods.
    fn check(&self, block: &Block) -> Vec<KeyError> {
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
pub(crate) fn more_severe_error(max_level: LevelFilter, declared: LevelFilter) -> Option<String> {
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
    if let Some(text) = more_severe_error(max_level, declared) {
        return Some(at("max_level", text));
    }
    let only_level = given.contains_key("level") && !given.contains_key("max_level");
    let key = if only_level { "level" } else { "max_level" };
    nothing_passes_error(level, max_level).map(|text| at(key, text))
}

/// Returns why no event passes between these levels.
pub(crate) fn nothing_passes_error(level: LevelFilter, max_level: LevelFilter) -> Option<String> {
    (!some_level_passes(level, max_level)).then(|| {
        format!(
            "nothing passes: `level` is {level} and `max_level` is {max_level}; write a \
            `max_level` of {level} or a more severe one, or a `level` of {max_level}",
            level = name(level),
            max_level = name(max_level),
        )
    })
}

impl InstanceSettings {
    /// Returns what the block says, where `whole` is what holds for all of its instances.
    pub(super) fn new(declaration: &Declaration, whole: &Settings) -> Self {
        let metadata = declaration.metadata.map(FieldSelection::from);
        Self {
            enabled: whole.enabled,
            level: declaration.level.unwrap_or(whole.level),
            max_level: declaration.max_level.unwrap_or(whole.max_level),
            notification: Notification::of_instance(declaration, &whole.notification),
            metadata: metadata.unwrap_or_else(|| whole.metadata.clone()),
            secrets: Vec::new(),
            incomplete: false,
        }
    }

    /// Takes over what `given` holds, and returns what is wrong with it.
    pub(super) fn read(&mut self, given: &Dict, allow_http: &mut bool) -> Vec<KeyError> {
        let mut given = SettingsReader::new(given);
        let mut enabled = true;
        given.bool("enabled", &mut enabled);
        self.enabled &= enabled;
        given.level("level", &mut self.level);
        given.level("max_level", &mut self.max_level);
        given.bool("allow_http", allow_http);
        given.field_selection("metadata", &mut self.metadata);
        self.notification.read(&mut given);
        given.into_wrong()
    }
}
