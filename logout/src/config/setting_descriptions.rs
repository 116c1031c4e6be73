//! The keys of logout's own, with what each takes and is for.

use crate::block::MentionWhen;
use crate::block::keys::KeyKind;

/// What a key of logout's own takes, and what it is for.
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
    setting("enabled", KeyKind::Bool, "turns all of it off"),
    setting("dry_run", KeyKind::Bool, "sends nothing and prints what each chat would get"),
    setting("project_name", KeyKind::Text, "what the messages call the program"),
    setting("environment", KeyKind::Text, "where the program runs"),
    setting("release", KeyKind::Text, "which version runs"),
    setting("level", KeyKind::Level, "from which level on events are sent, at most the block's"),
    setting("max_level", KeyKind::Level, "the maximum level that is sent; panics always are"),
    setting("spans", KeyKind::Level, "down to which level spans are followed for context"),
    setting("shutdown_timeout", KeyKind::Duration, "how long the end of the program may wait until everything is sent"),
    setting("panic_timeout", KeyKind::Duration, "how long a thread that panics may wait until that is told"),
    setting("truncate", KeyKind::Bytes, "how much of a message is kept, or `infinity`"),
    setting("memory_limit", KeyKind::Bytes, "how much memory all that grows with events may take"),
    setting("utc_log", KeyKind::Bool, "whether times are in UTC"),
    setting("sync_threshold", KeyKind::Integer, "from how many waiting events on callers wait"),
    setting("discard_threshold", KeyKind::Integer, "from how many waiting events on events are discarded"),
    setting("sync_timeout", KeyKind::Duration, "how long a caller waits at most"),
    setting("discard_threshold_periodic_check", KeyKind::Duration, "how often discarded events are reported"),
    setting("max_age", KeyKind::Duration, "after which time an event is given up"),
    setting("remind", KeyKind::List, "how long after its first message a known problem is told again, or `off`"),
    setting("remind_from", KeyKind::Level, "from which level up problems are reminded of instead of told one by one"),
    setting("quiet", KeyKind::Duration, "how long after its last event a problem is over"),
    setting("quiet_notice", KeyKind::Bool, "whether a message says that a problem is over"),
    setting("mention_when", KeyKind::Choice(MentionWhen::NAMES), "whether only what is new or more severe calls somebody"),
    setting("mention_every", KeyKind::Duration, "in what time somebody is called once at most, up to 1h; 0 is no bound"),
    setting("metadata", KeyKind::List, "which fields are shown, or `all`"),
    setting("mute", KeyKind::List, "fingerprints that are counted and not sent"),
    setting("mask", KeyKind::List, "which fields, besides the default list, are shown without their values; `-name` takes one away"),
];

#[rustfmt::skip]
pub(super) const INSTANCE_SETTINGS: &[SettingDescription] = &[
    setting("enabled", KeyKind::Bool, "turns this instance off"),
    setting("level", KeyKind::Level, "from which level on it is sent events, at most the block's"),
    setting("max_level", KeyKind::Level, "the maximum level it is sent; panics always are"),
    setting("allow_http", KeyKind::Bool, "lets it send unencrypted to other machines"),
    setting("metadata", KeyKind::List, "which fields it shows, or `all`"),
    setting("remind", KeyKind::List, "how long after its first message a known problem is told again, or `off`"),
    setting("remind_from", KeyKind::Level, "from which level up problems are reminded of instead of told one by one"),
    setting("quiet", KeyKind::Duration, "how long after its last event a problem is over"),
    setting("quiet_notice", KeyKind::Bool, "whether a message says that a problem is over"),
    setting("mention_when", KeyKind::Choice(MentionWhen::NAMES), "whether only what is new or more severe calls somebody"),
    setting("mention_every", KeyKind::Duration, "in what time somebody is called once at most, up to 1h; 0 is no bound"),
];

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
    use crate::config::settings::{InstanceKeys, SettingKeys};
    use crate::config::value_error::KeyError;

    /// Returns those of `names` that are refused when they are given a table, which no setting takes.
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
        let read = refused(setting_names(), |given| SettingKeys::read(given).1);
        assert_eq!(read, setting_names().collect::<Vec<_>>());
        let read = refused(instance_setting_names(), |given| {
            InstanceKeys::read(given).1
        });
        assert_eq!(read, instance_setting_names().collect::<Vec<_>>());
    }
}
