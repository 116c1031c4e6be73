//! The keys of a block, listed instead of read.

use super::duration;
use super::fields::{Field, Kind};
use super::level::name;
use super::scope::Scope;
use super::settings::{FieldSelection, Settings};
use super::sources::Sources;
use super::{Config, Options, SettingKeys};
use crate::block::keys::Key;
use crate::block::{Block, Declaration, Declared};

/// What a key of logout's own takes and means.
struct Meaning {
    name: &'static str,
    kind: Kind,
    text: &'static str,
}

const fn meaning(name: &'static str, kind: Kind, text: &'static str) -> Meaning {
    Meaning { name, kind, text }
}

#[rustfmt::skip]
const OF_THE_BLOCK: &[Meaning] = &[
    meaning("enabled", Kind::Bool, "turns all of it off"),
    meaning("dry_run", Kind::Bool, "sends nothing and prints what each chat would get"),
    meaning("project_name", Kind::Text, "what the messages call the program"),
    meaning("environment", Kind::Text, "where the program runs"),
    meaning("release", Kind::Text, "which version runs"),
    meaning("level", Kind::Level, "from which level on events are sent, at most the block's"),
    meaning("spans", Kind::Level, "down to which level spans are followed for context"),
    meaning("shutdown_timeout", Kind::Duration, "how long the program's end may wait for what is left"),
    meaning("truncate", Kind::Bytes, "how much of a message is kept"),
    meaning("memory_limit", Kind::Integer, "how many bytes all that grows with events may take"),
    meaning("utc_log", Kind::Bool, "whether times are in UTC"),
    meaning("sync_threshold", Kind::Integer, "from how many waiting events on callers wait"),
    meaning("discard_threshold", Kind::Integer, "from how many waiting events on events are discarded"),
    meaning("sync_timeout", Kind::Duration, "how long a caller waits at the most"),
    meaning("discard_threshold_periodic_check", Kind::Duration, "how often discarded events are reported"),
    meaning("max_age", Kind::Duration, "after which time an event is given up"),
    meaning("metadata", Kind::List, "which fields are shown, or `all`"),
    meaning("mute", Kind::List, "fingerprints that are counted and not sent"),
    meaning("mask", Kind::List, "which fields are shown without their values; `default` is the default list"),
];

#[rustfmt::skip]
const OF_EVERY_INSTANCE: &[Meaning] = &[
    meaning("enabled", Kind::Bool, "turns this instance off"),
    meaning("level", Kind::Level, "from which level on it is sent events, at most the block's"),
    meaning("allow_http", Kind::Bool, "lets it send unencrypted to other machines"),
    meaning("metadata", Kind::List, "which fields it shows, or `all`"),
];

/// The names of the block's settings.
pub(super) fn setting_names() -> impl Iterator<Item = &'static str> {
    OF_THE_BLOCK.iter().map(|meaning| meaning.name)
}

/// The names of the settings that every instance has.
pub(super) fn common_names() -> impl Iterator<Item = &'static str> {
    OF_EVERY_INSTANCE.iter().map(|meaning| meaning.name)
}

/// Every key of `D`: the settings, then instance by instance.
pub(crate) fn keys<D: Declared>(read: fn(&mut Config) -> D) -> Vec<Key> {
    let block = const { &D::BLOCK };
    let mut config = Config::new(block, Sources::nowhere(block.env_prefix));
    let listed = OF_THE_BLOCK
        .iter()
        .map(|meaning| config.own_key(Scope::default(), meaning, setting(block, meaning.name)));
    config.listed = Some(listed.collect());
    drop(read(&mut config));
    config.listed.unwrap_or_default()
}

impl Config {
    /// Whether keys are all that is asked for; then those of the instance are listed.
    pub(super) fn lists(
        &mut self,
        owner: Scope<'static>,
        own: Option<&[Field]>,
        declaration: &Declaration,
        options: Options,
    ) -> bool {
        let Some(mut listed) = self.listed.take() else {
            return false;
        };
        listed.extend(own.unwrap_or_default().iter().map(|field| {
            let given = options
                .iter()
                .find(|(name, _)| field.names().any(|own| own == *name));
            let given = given.map(|(_, value)| (*value).to_owned());
            self.key(owner, field, given)
        }));
        listed.extend(OF_EVERY_INSTANCE.iter().map(|meaning| {
            let given = instance_setting(self.block, declaration, meaning.name);
            self.own_key(owner, meaning, given)
        }));
        self.listed = Some(listed);
        true
    }

    fn key(&self, owner: Scope<'static>, field: &Field, given: Option<String>) -> Key {
        let mut variables = owner.variables(self.sources.prefix(), field.name);
        if field.kind == Kind::Table {
            // Each of its keys has a variable.
            variables = variables.into_iter().map(|stem| stem + "__…").collect();
        }
        Key {
            instance: owner.instance(),
            name: field.name,
            variables,
            kind: field.kind,
            secret: field.secret,
            required: field.is_required_secret() || (field.required && given.is_none()),
            given,
            meaning: None,
        }
    }

    /// A key of logout's own: never a secret, and never required.
    fn own_key(&self, owner: Scope<'static>, meaning: &Meaning, given: Option<String>) -> Key {
        Key {
            instance: owner.instance(),
            name: meaning.name,
            variables: owner.variables(self.sources.prefix(), meaning.name),
            kind: meaning.kind,
            secret: false,
            required: false,
            given,
            meaning: Some(meaning.text),
        }
    }
}

/// What the block says about one of its settings.
fn setting(block: &Block, key: &str) -> Option<String> {
    let settings = Settings::new(block, SettingKeys::default());
    match key {
        "enabled" => Some(true.to_string()),
        "dry_run" => Some(false.to_string()),
        "project_name" => Some(settings.project_name),
        "environment" => block.environment.map(str::to_owned),
        "release" => block.release.map(str::to_owned),
        "level" => Some(name(block.level).to_owned()),
        "spans" => Some(name(block.spans).to_owned()),
        "shutdown_timeout" => duration::text(block.shutdown_timeout),
        "truncate" if block.truncate == usize::MAX => Some("infinity".to_owned()),
        "truncate" => Some(block.truncate.to_string()),
        "memory_limit" => Some(block.memory_limit.to_string()),
        "utc_log" => Some(block.utc_log.to_string()),
        "sync_threshold" => Some(block.sync_threshold.to_string()),
        "discard_threshold" => Some(block.discard_threshold.to_string()),
        "sync_timeout" => duration::text(block.sync_timeout),
        "discard_threshold_periodic_check" => {
            duration::text(block.discard_threshold_periodic_check)
        }
        "max_age" => duration::text(block.max_age),
        "metadata" => Some(shown(settings.metadata)),
        "mute" => Some(settings.mute.join(", ")).filter(|mute| !mute.is_empty()),
        "mask" => Some(settings.mask.join(", ")).filter(|mask| !mask.is_empty()),
        _ => None,
    }
}

/// What the block says about a setting that every instance has.
fn instance_setting(block: &Block, declaration: &Declaration, key: &str) -> Option<String> {
    match key {
        "enabled" => Some(true.to_string()),
        "level" => Some(name(declaration.level.unwrap_or(block.level)).to_owned()),
        "allow_http" => Some(false.to_string()),
        "metadata" => Some(shown(declaration.metadata.unwrap_or(block.metadata).into())),
        _ => None,
    }
}

fn shown(metadata: FieldSelection) -> String {
    match metadata {
        FieldSelection::All => "all".to_owned(),
        FieldSelection::Only(names) => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use figment::value::{Dict, Value};

    use super::{common_names, setting_names};
    use crate::config::instance_deserializer::Wrong;
    use crate::config::settings::{InstanceKeys, SettingKeys};

    /// Each of `names` with a table, which no key of our own takes, and then what is wrong.
    fn refused(
        names: impl Iterator<Item = &'static str>,
        read: impl Fn(&Dict) -> Vec<Wrong>,
    ) -> Vec<String> {
        let given = names.map(|name| (name.to_owned(), Value::from(Dict::new())));
        let wrong = read(&given.collect());
        wrong.into_iter().filter_map(|wrong| wrong.key).collect()
    }

    #[test]
    fn every_key_of_our_own_that_is_read_has_a_meaning() {
        let read = refused(setting_names(), |given| SettingKeys::read(given).1);
        assert_eq!(read, setting_names().collect::<Vec<_>>());
        let read = refused(common_names(), |given| InstanceKeys::read(given).1);
        assert_eq!(read, common_names().collect::<Vec<_>>());
    }
}
