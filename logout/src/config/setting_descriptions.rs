//! The keys of logout itself, each with its kind of value and its purpose.

use crate::block::MentionWhen;
use crate::block::keys::KeyKind;

/// The kind and the purpose of one of logout's own keys.
pub(super) struct SettingDescription {
    pub(super) name: &'static str,
    pub(super) kind: KeyKind,
    pub(super) text: &'static str,
}

const fn setting(name: &'static str, kind: KeyKind, text: &'static str) -> SettingDescription {
    SettingDescription { name, kind, text }
}

#[rustfmt::skip]
pub(super) const BLOCK_SETTINGS: &[SettingDescription] = &[
    setting("enabled", KeyKind::Bool, "Set it to false to turn logout off. Then no secret is needed."),
    setting("dry_run", KeyKind::Bool, "Print to standard error what each chat would get, and send nothing."),
    setting("project_name", KeyKind::Text, "The name of the program in messages."),
    setting("environment", KeyKind::Text, "Where the program runs, such as production."),
    setting("release", KeyKind::Text, "The version that runs."),
    setting("level", KeyKind::Level, "The minimum level of events to send. It can be raised above the block's, not lowered."),
    setting("max_level", KeyKind::Level, "The most severe level to send. Panics are always sent."),
    setting("spans", KeyKind::Level, "The minimum level of spans whose fields messages show as context."),
    setting("shutdown_timeout", KeyKind::Duration, "How long the program waits at its end to flush the queue."),
    setting("panic_timeout", KeyKind::Duration, "How long a panicking thread waits for its panic to be sent."),
    setting("truncate", KeyKind::Bytes, "How much of a message to keep; `infinity` keeps all of it."),
    setting("memory_limit", KeyKind::Bytes, "The memory limit for queues, problems and trails together."),
    setting("utc_log", KeyKind::Bool, "Write times in UTC instead of local time."),
    setting("sync_threshold", KeyKind::Integer, "With this many events in the queue, callers wait for the worker."),
    setting("discard_threshold", KeyKind::Integer, "With this many events in the queue, new events are dropped and counted."),
    setting("sync_timeout", KeyKind::Duration, "The longest time a caller waits for the worker."),
    setting("discard_threshold_periodic_check", KeyKind::Duration, "How often dropped events are reported."),
    setting("max_age", KeyKind::Duration, "An event that could not be sent for this long is dropped."),
    #[cfg(feature = "spool")]
    setting("spool", KeyKind::Text, "The directory to keep waiting events in, or `true` for that of the system."),
    #[cfg(feature = "spool")]
    setting("spool_sync", KeyKind::Bool, "Keep what is on disk safe from a loss of power, too."),
    #[cfg(feature = "spool")]
    setting("notices", KeyKind::List, "Send a message when the program has `crashed`, `started` or `stopped`."),
    setting("remind", KeyKind::List, "When to repeat a known problem, counted from its first message; `off` never repeats it."),
    setting("remind_from", KeyKind::Level, "The minimum level at which repeated events become reminders instead of messages of their own."),
    setting("quiet", KeyKind::Duration, "A problem is over when it has not occurred for this long."),
    setting("quiet_notice", KeyKind::Bool, "Send a message when a problem is over."),
    setting("mention_when", KeyKind::Choice(MentionWhen::NAMES), "Mention people only when a problem is new or worse (`new`), or in every message (`always`)."),
    setting("mention_every", KeyKind::Duration, "The shortest time between two mentions, at most 1h; 0 is no limit."),
    setting("metadata", KeyKind::List, "The fields that messages show, or `all`."),
    setting("mute", KeyKind::List, "The fingerprints of problems to count and not to send."),
    setting("mask", KeyKind::List, "Fields whose values are hidden, in addition to the default list; `-name` removes a name from that list."),
];

#[rustfmt::skip]
pub(super) const INSTANCE_SETTINGS: &[SettingDescription] = &[
    setting("enabled", KeyKind::Bool, "Set it to false to turn this adapter off. Then it needs no secret."),
    setting("level", KeyKind::Level, "The minimum level of events to send here. It can be raised above the block's, not lowered."),
    setting("max_level", KeyKind::Level, "The most severe level to send here. Panics are always sent."),
    setting("allow_http", KeyKind::Bool, "Allow unencrypted HTTP to other machines."),
    setting("metadata", KeyKind::List, "The fields that its messages show, or `all`."),
    setting("remind", KeyKind::List, "When to repeat a known problem, counted from its first message; `off` never repeats it."),
    setting("remind_from", KeyKind::Level, "The minimum level at which repeated events become reminders instead of messages of their own."),
    setting("quiet", KeyKind::Duration, "A problem is over when it has not occurred for this long."),
    setting("quiet_notice", KeyKind::Bool, "Send a message when a problem is over."),
    setting("mention_when", KeyKind::Choice(MentionWhen::NAMES), "Mention people only when a problem is new or worse (`new`), or in every message (`always`)."),
    setting("mention_every", KeyKind::Duration, "The shortest time between two mentions, at most 1h; 0 is no limit."),
];

#[cfg(feature = "fleet")]
#[rustfmt::skip]
pub(super) const FLEET_SETTINGS: &[SettingDescription] = &[
    setting("name", KeyKind::Text, "Who speaks with one voice; by default the project and the environment."),
    setting("lead", KeyKind::Bool, "Send for the others, too."),
    setting("alone", KeyKind::Bool, "Send for itself while the broker is away."),
    setting("timeout", KeyKind::Duration, "How long the broker may be away before that."),
    setting("allow_plain", KeyKind::Bool, "Allow a broker on another machine without TLS."),
];

/// Returns the names of the keys of a fleet.
#[cfg(feature = "fleet")]
pub(super) fn fleet_setting_names() -> impl Iterator<Item = &'static str> {
    FLEET_SETTINGS.iter().map(|setting| setting.name)
}

/// Returns the names of the block's settings.
pub(super) fn setting_names() -> impl Iterator<Item = &'static str> {
    BLOCK_SETTINGS.iter().map(|setting| setting.name)
}

/// Returns the names of the settings that every instance has.
pub(super) fn instance_setting_names() -> impl Iterator<Item = &'static str> {
    INSTANCE_SETTINGS.iter().map(|setting| setting.name)
}

#[cfg(test)]
mod tests {
    use figment::value::{Dict, Value};

    use super::{instance_setting_names, setting_names};
    use crate::block::{Block, Declaration};
    use crate::config::settings::{InstanceSettings, Settings};
    use crate::config::value_error::KeyError;

    /// Returns those of `names` that refuse a table, which every setting does.
    fn refused(
        names: impl Iterator<Item = &'static str>,
        read: impl Fn(&Dict) -> Vec<KeyError>,
    ) -> Vec<String> {
        let given = names.map(|name| (name.to_owned(), Value::from(Dict::new())));
        let wrong = read(&given.collect());
        wrong.into_iter().filter_map(|wrong| wrong.key).collect()
    }

    #[test]
    fn every_setting_that_is_read_has_a_description() {
        const BLOCK: &Block = &Block::new("Alerts", "shop", &[]);
        let settings = || Settings::new(BLOCK);
        let read = refused(setting_names(), |given| settings().read(BLOCK, given));
        assert_eq!(read, setting_names().collect::<Vec<_>>());
        let of_instance = || InstanceSettings::new(&Declaration::new("ops", false), &settings());
        let read = refused(instance_setting_names(), |given| {
            of_instance().read(given, &mut false)
        });
        assert_eq!(read, instance_setting_names().collect::<Vec<_>>());
    }
}
