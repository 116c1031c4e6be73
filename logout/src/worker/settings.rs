//! The settings that can change while logout runs, as one value.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::block::Block;
use crate::block::mention::MentionSettings;
use crate::block::remind::RemindSettings;
use crate::config::{self, Error, FieldSelection, FileOfStart};
use crate::event::EventRules;
use crate::message::{Composer, Mask, MessageFormat, ProgramInfo, Scrubber};
use crate::queue::Thresholds;
use crate::transport::Secret;
use crate::worker::change::Change;
use crate::worker::mute_list::MuteList;
use crate::worker::reminder_schedule::ReminderSchedule;

/// A destination that is gone is asked again after 1, 5, 15 and 60 of these.
const RECHECK: Duration = Duration::from_secs(60);

/// How long a message with a file may fail before it is sent without: some eight attempts.
const LIGHTER_AFTER: Duration = Duration::from_secs(3 * 60);

/// The longest time limit: a clock plus a century may be out of range.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Limits in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLimits {
    /// The age at which an event is given up.
    pub(crate) max_age: Duration,
    /// How often losses are reported.
    pub(crate) report_period: Duration,
    /// One minute, except in tests: a destination that is gone is tried again after 1, 5, 15 and 60
    /// of these.
    pub(crate) recheck: Duration,
    /// How long a message with a file may fail before it is sent without.
    pub(crate) lighter_after: Duration,
}

/// Everything that can change while logout runs.
///
/// It is read and replaced as a whole: a change is checked together with all other settings, so
/// that no two changes combine to what neither could have set.
#[derive(Clone, Debug)]
pub(crate) struct LiveSettings {
    pub(crate) thresholds: Thresholds,
    /// The bytes of a text that are captured.
    pub(crate) truncate: usize,
    /// The most verbose level of a span that is followed.
    pub(crate) spans: LevelFilter,
    pub(crate) origin: ProgramInfo,
    pub(crate) scrubber: Scrubber,
    pub(crate) mask: Mask,
    pub(crate) utc: bool,
    pub(crate) limits: TimeLimits,
    pub(crate) mutes: MuteList,
    /// One per instance.
    pub(crate) instances: Vec<LiveInstance>,
    /// Whether messages are shown instead of sent.
    pub(crate) dry_run: bool,
    /// Whether environment variables are read, or only the program's own figment.
    #[cfg(feature = "verify")]
    pub(crate) reads_environment: bool,
    /// The configuration file, which is read again on reload.
    pub(crate) file: FileOfStart,
}

/// The settings of one instance that can change.
#[derive(Clone, Debug)]
pub(crate) struct LiveInstance {
    /// Whether its configuration enables it, and so was checked.
    pub(crate) configured: bool,
    /// Whether the program disabled it.
    pub(crate) disabled: bool,
    /// How often the program enabled it, and how often its configuration was read again: a
    /// destination that is gone is tried again each time.
    pub(crate) enables: u64,
    pub(crate) reloads: u64,
    pub(crate) level: LevelFilter,
    /// The most severe level that it takes.
    pub(crate) max_level: LevelFilter,
    pub(crate) remind: RemindSettings,
    pub(crate) mention: MentionSettings,
    pub(crate) fields: FieldSelection,
    pub(crate) format: MessageFormat,
    /// The events it wants, beside those of the block.
    pub(crate) rules: EventRules,
    pub(crate) secrets: Vec<Secret>,
}

impl LiveSettings {
    pub(crate) fn new(block: &'static Block, settings: config::Settings) -> Self {
        let instances = settings.instances.iter();
        let secrets = instances.map(|instance| instance.secrets.as_slice());
        #[cfg(feature = "fleet")]
        let secrets = secrets.chain(settings.fleet.iter().map(|fleet| fleet.secrets.as_slice()));
        let secrets = secrets.collect::<Vec<_>>().concat();
        let instances = settings.instances.into_iter().zip(block.instances);
        let instances = instances.map(|(instance, declared)| LiveInstance {
            configured: settings.enabled && instance.enabled,
            disabled: false,
            enables: 0,
            reloads: 0,
            level: instance.level.min(block.level_of(declared)),
            max_level: instance.max_level.max(block.max_level_of(declared)),
            remind: instance.notification.remind.bounded(LONGEST),
            mention: instance.notification.mention,
            fields: instance.metadata,
            format: MessageFormat::Block(declared.format.unwrap_or(block.format)),
            rules: EventRules::new(declared.metadata_filter, declared.ignore),
            secrets: instance.secrets,
        });
        let muted = settings.mute.iter();
        let muted = muted.filter_map(|text| text.parse().ok());
        Self {
            thresholds: Thresholds {
                sync: settings.sync_threshold,
                discard: settings.discard_threshold,
                sync_timeout: settings.sync_timeout,
            },
            truncate: settings.truncate,
            spans: settings.spans,
            origin: ProgramInfo {
                project: settings.project_name,
                environment: settings.environment,
                host: host(),
                release: settings.release,
                links: block.links,
            },
            scrubber: Scrubber::new(&secrets, block.scrub),
            mask: Mask::new(settings.mask),
            utc: settings.utc_log,
            limits: TimeLimits {
                max_age: settings.max_age.min(LONGEST),
                report_period: settings.discard_threshold_periodic_check.min(LONGEST),
                recheck: RECHECK,
                lighter_after: LIGHTER_AFTER,
            },
            mutes: MuteList::of(muted),
            instances: instances.collect(),
            dry_run: settings.dry_run,
            #[cfg(feature = "verify")]
            reads_environment: settings.reads_environment,
            file: settings.file,
        }
    }

    /// Returns the settings after a reload: what the program muted and disabled stays so, and
    /// replaced secrets are still hidden, since pending events may quote them.
    pub(crate) fn succeeding(mut self, before: &Self) -> Self {
        self.scrubber = self.scrubber.with_secrets_of(&before.scrubber);
        // The program's own figment comes from no file.
        if self.file == FileOfStart::default() {
            self.file = before.file.clone();
        }
        for (instance, before) in self.instances.iter_mut().zip(&before.instances) {
            instance.disabled = before.disabled && before.configured && instance.configured;
            instance.enables = before.enables;
            instance.reloads = before.reloads + 1;
        }
        self.mutes.succeed(&before.mutes);
        self
    }

    /// Applies a change, to one instance or to all.
    ///
    /// # Errors
    ///
    /// If a value is not allowed; then this value is to be discarded.
    pub(crate) fn apply(
        &mut self,
        block: &Block,
        only: Option<usize>,
        change: &Change,
    ) -> Result<(), Error> {
        let of_instance = only.and_then(|index| block.instances.get(index));
        if let Some(level) = change.level {
            let promised = of_instance.map_or(block.level, |one| block.level_of(one));
            if let Some(why) = config::widening_error(level, promised) {
                return Err(Error::change(format!("`level` cannot be {level}: {why}")));
            }
        }
        if let Some(level) = change.max_level {
            let promised = of_instance.map_or(block.max_level, |one| block.max_level_of(one));
            if let Some(why) = config::more_severe_error(level, promised) {
                return Err(Error::change(format!(
                    "`max_level` cannot be {level}: {why}"
                )));
            }
        }
        change.check_notification()?;
        let period = change.discard_threshold_periodic_check;
        for (key, span) in [
            ("discard_threshold_periodic_check", period),
            ("max_age", change.max_age),
            ("quiet", change.quiet),
        ] {
            if span.is_some_and(|span| span.is_zero()) {
                return Err(Error::change(format!(
                    "`{key}` is 0; give a duration above zero"
                )));
            }
        }
        let set = |value: &mut Duration, change: Option<Duration>| {
            *value = change.unwrap_or(*value).min(LONGEST);
        };
        set(&mut self.limits.max_age, change.max_age);
        set(&mut self.limits.report_period, period);
        set(&mut self.thresholds.sync_timeout, change.sync_timeout);
        let thresholds = &mut self.thresholds;
        thresholds.sync = change.sync_threshold.unwrap_or(thresholds.sync);
        thresholds.discard = change.discard_threshold.unwrap_or(thresholds.discard);
        self.truncate = change.truncate.unwrap_or(self.truncate);
        self.utc = change.utc_log.unwrap_or(self.utc);
        if let Some(entries) = &change.mask {
            let mask = self.mask.changed(entries);
            self.mask = mask.map_err(|why| Error::change(format!("`mask` is wrong: {why}")))?;
        }
        let instances = self.instances.iter_mut().zip(block.instances).enumerate();
        for (index, (instance, declared)) in instances {
            if only.is_none_or(|only| only == index) {
                if let Some(level) = change.level {
                    instance.level = level.min(block.level_of(declared));
                }
                if let Some(level) = change.max_level {
                    instance.max_level = level.max(block.max_level_of(declared));
                }
                instance.apply_notification(change);
                if let Some(template) = &change.format {
                    instance.format = MessageFormat::Changed(template.clone());
                }
                if let Some(fields) = &change.metadata {
                    instance.fields = fields.clone();
                }
            }
        }
        self.check_levels(block, only, change)?;
        self.thresholds.check().map_err(Error::change)
    }

    /// Checks that the instances whose levels the change names still let events through. Instances
    /// that keep to warnings may fall silent when all the others keep to errors.
    fn check_levels(
        &self,
        block: &Block,
        only: Option<usize>,
        change: &Change,
    ) -> Result<(), Error> {
        if change.max_level.is_none() && (change.level.is_none() || only.is_none()) {
            return Ok(());
        }
        let instances = self.instances.iter().zip(block.instances).enumerate();
        let concerned = instances.filter(|(index, _)| only.is_none_or(|only| only == *index));
        for (_, (live, declared)) in concerned {
            if let Some(why) = config::nothing_passes_error(live.level, live.max_level) {
                let name = declared.name;
                return Err(Error::change(format!(
                    "`max_level` is wrong for `{name}`: {why}"
                )));
            }
        }
        Ok(())
    }

    /// Returns the composer of an instance's messages.
    pub(crate) fn composer(&self, index: usize) -> Option<Composer<'_>> {
        let instance = self.instances.get(index)?;
        Some(Composer {
            origin: &self.origin,
            scrubber: &self.scrubber,
            mask: &self.mask,
            shown: &instance.fields,
            format: &instance.format,
            rules: instance.rules,
            utc: self.utc,
        })
    }
}

impl LiveInstance {
    /// Returns whether it takes events.
    pub(crate) fn is_on(&self) -> bool {
        self.configured && !self.disabled
    }

    /// Applies a change of reminders and mentions.
    fn apply_notification(&mut self, change: &Change) {
        let (remind, mention) = (&mut self.remind, &mut self.mention);
        let steps = change.remind.clone();
        *remind = RemindSettings {
            steps: steps.unwrap_or_else(|| remind.steps.clone()),
            from: change.remind_from.unwrap_or(remind.from),
            quiet: change.quiet.unwrap_or(remind.quiet),
            quiet_notice: change.quiet_notice.unwrap_or(remind.quiet_notice),
        }
        .bounded(LONGEST);
        mention.when = change.mention_when.unwrap_or(mention.when);
        mention.every = change.mention_every.unwrap_or(mention.every);
    }

    /// Returns the schedule of its reminders, if it has any.
    pub(crate) fn reminder_schedule(&self) -> Option<ReminderSchedule> {
        let remind = &self.remind;
        ReminderSchedule::new(&remind.steps, remind.quiet, remind.quiet_notice)
    }

    /// Returns whether its secrets, and so perhaps its destination, have changed.
    pub(crate) fn leads_elsewhere(&self, before: &Self) -> bool {
        let exposed = self.secrets.iter().map(Secret::expose);
        exposed.ne(before.secrets.iter().map(Secret::expose))
    }
}

#[cfg(unix)]
fn host() -> String {
    let uname = rustix::system::uname();
    uname.nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}
