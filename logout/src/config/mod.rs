//! Settings and secrets, from the block, from files and from the environment.
//!
//! The sources, from the weakest to the strongest: the block's options, `logout.toml`, the
//! variables that other programs know too (`SLACK_WEBHOOK_URL`), and the block's own
//! (`LOGOUT_OPS__URL`), in any profile. figment merges them and remembers which one gave a value.
//! The field that asks for a value decides what it means, and no value ever gets into an error.

use figment::Provider;

use self::environment::Environment;
pub(crate) use self::error::Error;
pub use self::error::ErrorKind;
pub(crate) use self::field_selection::FieldSelection;
#[cfg(feature = "fleet")]
pub use self::fleet::FleetSection;
#[cfg(feature = "fleet")]
pub(crate) use self::fleet::FleetSettings;
#[cfg(feature = "testing")]
pub(crate) use self::for_testing::{key_names, read_adapter, required_keys};
pub(crate) use self::instance::Configured;
pub use self::instance::Instance;
pub(crate) use self::keys::keys;
pub use self::merged_config::Config;
pub use self::problem::Problem;
#[cfg(feature = "verify")]
pub(crate) use self::scope::variables;
pub use self::section::{Options, Section};
pub(crate) use self::settings::{
    InstanceSettings, Settings, more_severe_error, nothing_passes_error, widening_error,
};
use self::sources::Sources;
use crate::block::BlockDefinition;
pub use crate::block::MentionWhen;
pub use crate::block::keys::{Key, KeyKind};

mod adapter_check;
mod context;
mod environment;
pub(crate) mod error;
mod field_probe;
mod field_selection;
mod fields;
#[cfg(feature = "toml")]
mod file;
#[cfg(feature = "fleet")]
mod fleet;
#[cfg(feature = "testing")]
mod for_testing;
mod instance;
mod instance_deserializer;
mod key_table;
mod keys;
mod level;
mod merged_config;
mod notification;
mod problem;
mod scope;
mod section;
mod setting_descriptions;
mod settings;
mod settings_reader;
mod sources;
#[cfg(feature = "spool")]
mod spool_directory;
mod suggestion;
#[cfg(test)]
#[cfg(feature = "toml")]
mod tests;
mod value;
mod value_deserializer;
mod value_error;

/// The result of reading a configuration: the block's dispatcher and the other settings.
pub(crate) type Read<D> = Result<(D, Settings), Error>;

/// The location of the file when the program started, where it is read again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileOfStart(#[cfg(feature = "toml")] Option<file::FileLocation>);

/// Reads `logout.toml` and the environment.
pub(crate) fn from_env<D: BlockDefinition>(read: fn(&mut Config) -> D) -> Read<D> {
    from_env_again(read, &FileOfStart::default())
}

/// Reads the environment and the same file again.
pub(crate) fn from_env_again<D: BlockDefinition>(
    read: fn(&mut Config) -> D,
    file: &FileOfStart,
) -> Read<D> {
    from_environment(read, Environment::of_process(), file)
}

fn from_environment<D: BlockDefinition>(
    read: fn(&mut Config) -> D,
    environment: Environment,
    file: &FileOfStart,
) -> Read<D> {
    let block = const { &D::BLOCK };
    let sources = Sources::from_environment(environment, block.env_prefix);
    let config = Config::new(block, sources);
    #[cfg(feature = "toml")]
    let config = config.with_file(file);
    #[cfg(not(feature = "toml"))]
    let FileOfStart {} = file;
    read_block(read, config)
}

/// Reads the program's own figment.
pub(crate) fn from_figment<D: BlockDefinition>(
    read: fn(&mut Config) -> D,
    provider: impl Provider,
) -> Read<D> {
    read_block(
        read,
        Config::new(const { &D::BLOCK }, Sources::from_provider(provider)),
    )
}

fn read_block<D: BlockDefinition>(read: fn(&mut Config) -> D, mut config: Config) -> Read<D> {
    config.read_settings();
    let dispatch = read(&mut config);
    config.note_near_misses();
    #[cfg(feature = "verify")]
    {
        config.settings.reads_environment = !config.sources.is_program_figment();
    }
    // Somebody who turns logout off in a hurry does not want to hear what is wrong with it.
    if config.problems.is_empty() || !config.settings.enabled {
        Ok((dispatch, config.settings))
    } else {
        Err(Error::config(config.problems))
    }
}
