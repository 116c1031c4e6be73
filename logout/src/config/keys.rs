//! A list of the keys of a block.

use super::field_selection::FieldSelection;
use super::fields::Field;
use super::level::name;
use super::merged_config::Config;
use super::notification::Notification;
use super::scope::Scope;
use super::section::Options;
use super::setting_descriptions::{BLOCK_SETTINGS, INSTANCE_SETTINGS, SettingDescription};
use super::settings::Settings;
use super::sources::Sources;
#[cfg(feature = "spool")]
use crate::block::Spool;
use crate::block::keys::{Key, KeyKind};
use crate::block::{Block, BlockDefinition, Declaration, OptionDocs};
use crate::text::{duration, size};

/// Lists every key of `D`: the settings, then instance by instance.
pub(crate) fn keys<D: BlockDefinition>(read: fn(&mut Config) -> D) -> Vec<Key> {
    let block = const { &D::BLOCK };
    let mut config = Config::new(block, Sources::empty(block.env_prefix));
    let listed = BLOCK_SETTINGS.iter().map(|setting| {
        config.setting_key(Scope::default(), setting, block_value(block, setting.name))
    });
    let listed = listed.collect();
    config.listed_keys = Some(ListedKeys {
        keys: listed,
        of_instance: Config::keys_of_instance,
    });
    drop(read(&mut config));
    let mut keys = config
        .listed_keys
        .map_or_else(Vec::new, |listed| listed.keys);
    for key in &mut keys {
        key.meaning = key.meaning.or_else(|| option_doc::<D>(key));
    }
    keys
}

/// The keys listed so far, with the function that lists those of an instance, which a program that
/// asks for no keys need not contain.
pub(super) struct ListedKeys {
    keys: Vec<Key>,
    of_instance: fn(&Config, Scope<'static>, &[Field], &Declaration, Options) -> Vec<Key>,
}

#[cfg(feature = "fleet")]
impl ListedKeys {
    pub(super) fn add(&mut self, keys: Vec<Key>) {
        self.keys.extend(keys);
    }
}

/// Returns the documentation of an adapter's option.
fn option_doc<D: BlockDefinition>(key: &Key) -> Option<&'static str> {
    let mut instances = D::BLOCK.instances.iter();
    let at = instances.position(|instance| Some(instance.name) == key.instance)?;
    meaning(D::OPTION_DOCS.get(at)?, key)
}

/// Returns the documentation of a key.
pub(super) fn meaning(docs: OptionDocs, key: &Key) -> Option<&'static str> {
    let (_, text) = docs.iter().find(|(name, _)| *name == key.name)?;
    Some(text)
}

impl Config {
    /// Lists the keys of an instance, if the keys are all that is needed; returns whether they are.
    pub(super) fn list_keys_of_instance(
        &mut self,
        scope: Scope<'static>,
        own: Option<&[Field]>,
        declaration: &Declaration,
        options: Options,
    ) -> bool {
        let Some(mut listed) = self.listed_keys.take() else {
            return false;
        };
        let own = own.unwrap_or_default();
        let keys = (listed.of_instance)(self, scope, own, declaration, options);
        listed.keys.extend(keys);
        self.listed_keys = Some(listed);
        true
    }

    fn keys_of_instance(
        &self,
        scope: Scope<'static>,
        own: &[Field],
        declaration: &Declaration,
        options: Options,
    ) -> Vec<Key> {
        let of_adapter = own.iter().map(|field| {
            let given = options.iter().find(|(name, _)| field.has_name(name));
            let given = given.map(|(_, value)| (*value).to_owned());
            self.adapter_key(scope, field, given)
        });
        let of_all = INSTANCE_SETTINGS.iter().map(|setting| {
            let given = instance_value(self.block, declaration, setting.name);
            self.setting_key(scope, setting, given)
        });
        of_adapter.chain(of_all).collect()
    }

    pub(super) fn adapter_key(
        &self,
        scope: Scope<'static>,
        field: &Field,
        given: Option<String>,
    ) -> Key {
        let mut variables = scope.variables(self.sources.prefix(), field.name);
        if field.kind == KeyKind::Table {
            // A table has a variable for each of its keys.
            variables = variables.into_iter().map(|stem| stem + "__…").collect();
        }
        Key {
            instance: scope.instance(),
            name: field.name,
            variables,
            kind: field.kind,
            secret: field.secret,
            required: field.is_required_secret() || (field.required && given.is_none()),
            given,
            meaning: None,
        }
    }

    /// Returns a key of logout itself: never a secret, and never required.
    pub(super) fn setting_key(
        &self,
        scope: Scope<'static>,
        setting: &SettingDescription,
        given: Option<String>,
    ) -> Key {
        Key {
            instance: scope.instance(),
            name: setting.name,
            variables: scope.variables(self.sources.prefix(), setting.name),
            kind: setting.kind,
            secret: false,
            required: false,
            given,
            meaning: Some(setting.text),
        }
    }
}

/// Returns the block's value of one of its settings.
fn block_value(block: &Block, key: &str) -> Option<String> {
    let settings = Settings::new(block);
    match key {
        "enabled" => Some(true.to_string()),
        "dry_run" => Some(false.to_string()),
        "project_name" => Some(settings.project_name),
        "environment" => block.environment.map(str::to_owned),
        "release" => block.release.map(str::to_owned),
        "level" => Some(name(block.level).to_owned()),
        "max_level" => Some(name(block.max_level).to_owned()),
        "spans" => Some(name(block.spans).to_owned()),
        "shutdown_timeout" => duration::format(block.shutdown_timeout),
        "panic_timeout" => duration::format(block.panic_timeout),
        "truncate" if block.truncate == usize::MAX => Some("infinity".to_owned()),
        "truncate" => Some(size::format(block.truncate)),
        "memory_limit" => Some(size::format(block.memory_limit)),
        "utc_log" => Some(block.utc_log.to_string()),
        "sync_threshold" => Some(block.sync_threshold.to_string()),
        "discard_threshold" => Some(block.discard_threshold.to_string()),
        "sync_timeout" => duration::format(block.sync_timeout),
        "discard_threshold_periodic_check" => {
            duration::format(block.discard_threshold_periodic_check)
        }
        #[cfg(feature = "spool")]
        "spool" => match block.spool {
            Spool::Off => Some(false.to_string()),
            Spool::Standard => Some(true.to_string()),
            Spool::Directory(path) => Some(path.to_owned()),
        },
        #[cfg(feature = "spool")]
        "spool_sync" => Some(block.spool_sync.to_string()),
        #[cfg(feature = "spool")]
        "notices" => {
            let names = block.notices.iter().map(|notice| notice.name());
            let names = names.collect::<Vec<_>>().join(", ");
            Some(names).filter(|names| !names.is_empty())
        }
        "max_age" => duration::format(settings.max_age),
        "metadata" => Some(written(settings.metadata)),
        "mute" => Some(settings.mute.join(", ")).filter(|mute| !mute.is_empty()),
        "mask" => Some(block.mask.join(", ")),
        _ => settings.notification.value(key),
    }
}

/// Returns the block's value of a setting that every instance has.
fn instance_value(block: &Block, declaration: &Declaration, key: &str) -> Option<String> {
    match key {
        "enabled" => Some(true.to_string()),
        "level" => Some(name(declaration.level.unwrap_or(block.level)).to_owned()),
        "max_level" => Some(name(block.max_level_of(declaration)).to_owned()),
        "allow_http" => Some(false.to_string()),
        "metadata" => Some(written(
            declaration.metadata.unwrap_or(block.metadata).into(),
        )),
        _ => {
            let whole = Notification::of_block(block);
            Notification::of_instance(declaration, &whole).value(key)
        }
    }
}

fn written(metadata: FieldSelection) -> String {
    match metadata {
        FieldSelection::All => "all".to_owned(),
        FieldSelection::Only(names) => names.join(", "),
    }
}
