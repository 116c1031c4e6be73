//! Settings and secrets, from the block, from files and from the environment.
//!
//! From the weakest to the strongest: the block's options, `logout.toml`, the variables that
//! other programs know too (`SLACK_WEBHOOK_URL`), the block's own (`LOGOUT_OPS__URL`), whatever
//! the profile. figment merges them and remembers which one gave a value; what a value means is
//! decided by the field that asks for it, and no value ever enters an error.

use std::fmt;

use figment::Provider;
use figment::value::{Dict, Value};

use self::environment::Environment;
pub(crate) use self::error::Error;
#[cfg(feature = "testing")]
pub(crate) use self::for_testing::{names, read_alone, required};
pub(crate) use self::instance::Configured;
pub use self::instance::Instance;
use self::instance_deserializer::Wrong;
pub(crate) use self::keys::keys;
use self::keys::setting_names;
pub(crate) use self::problem::{Problem, write_problems};
use self::scope::Scope;
pub use self::section::Section;
pub(crate) use self::settings::{FieldSelection, InstanceSettings, Settings, widening};
use self::settings::{InstanceKeys, SettingKeys};
use self::sources::Sources;
use self::suggestion::nearest;
use self::value_error::{ValueError, list};
use crate::adapter::Adapter;
use crate::block::Declared;
pub use crate::block::keys::{Key, KeyKind};
use crate::block::{Block, Declaration};

mod context;
mod duration;
mod environment;
pub(crate) mod error;
mod field_probe;
mod fields;
#[cfg(feature = "toml")]
mod file;
#[cfg(feature = "testing")]
mod for_testing;
mod instance;
mod instance_deserializer;
mod keys;
mod level;
mod problem;
mod scope;
mod section;
mod settings;
mod settings_reader;
mod sources;
mod suggestion;
#[cfg(test)]
#[cfg(feature = "toml")]
mod tests;
mod value;
mod value_deserializer;
mod value_error;

/// A block's dispatcher, built, and the settings that go with it.
pub(crate) type Read<D> = Result<(D, Settings), Error>;

/// Reads `logout.toml` and the environment.
pub(crate) fn from_env<D: Declared>(read: fn(&mut Config) -> D) -> Read<D> {
    from_environment(read, Environment::of_the_process())
}

fn from_environment<D: Declared>(read: fn(&mut Config) -> D, environment: Environment) -> Read<D> {
    let block = const { &D::BLOCK };
    let sources = Sources::of_environment(environment, block.env_prefix);
    let config = Config::new(block, sources);
    #[cfg(feature = "toml")]
    let config = config.with_file();
    read_block(read, config)
}

/// Reads the program's own figment.
pub(crate) fn from_figment<D: Declared>(
    read: fn(&mut Config) -> D,
    provider: impl Provider,
) -> Read<D> {
    read_block(
        read,
        Config::new(const { &D::BLOCK }, Sources::of_program(provider)),
    )
}

fn read_block<D: Declared>(read: fn(&mut Config) -> D, mut config: Config) -> Read<D> {
    config.read_settings();
    let dispatch = read(&mut config);
    config.note_near_misses();
    config.settings.reads_environment = !config.sources.are_the_programs();
    // Whoever turns logout off in a hurry does not want to hear what is wrong with it.
    if config.problems.is_empty() || !config.settings.enabled {
        Ok((dispatch, config.settings))
    } else {
        Err(Error::config(config.problems))
    }
}

/// The variables that set `key` of the instance at `index`, the weakest first.
pub(crate) fn variables<A: Adapter>(block: &Block, index: usize, key: &str) -> Vec<String> {
    let Some(declaration) = block.instances.get(index) else {
        return Vec::new();
    };
    Scope::of::<A>(declaration).variables(block.env_prefix, key)
}

/// A key whose variable is there and says nothing.
struct FailedVariable {
    key: String,
    why: String,
}

/// The options that a block gives to an instance: the name, and the value as a variable would hold
/// it, which is empty where only the running program knows it.
pub type Options = &'static [(&'static str, &'static str)];

/// The merged configuration while the instances of a block are read from it.
pub struct Config {
    block: &'static Block,
    sources: Sources,
    settings: Settings,
    problems: Vec<Problem>,
    /// The keys of the instances, where they are all that is asked for.
    listed: Option<Vec<Key>>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("block", &self.block.name)
            .finish_non_exhaustive()
    }
}

impl Config {
    fn new(block: &'static Block, sources: Sources) -> Self {
        Self {
            block,
            sources,
            settings: Settings::new(block, SettingKeys::default()),
            problems: Vec::new(),
            listed: None,
        }
    }

    #[cfg(feature = "toml")]
    fn with_file(mut self) -> Self {
        let instances = self.block.instances.iter().map(|instance| instance.name);
        let known: Vec<_> = setting_names().chain(instances).collect();
        let added = self.sources.add_file(&known, &mut self.settings.notes);
        added.unwrap_or_else(|problem| self.say(problem));
        self
    }

    fn read_settings(&mut self) {
        let whole = Scope::default();
        let names: Vec<_> = setting_names().collect();
        let failed = self.look_up(whole, &names);
        self.sources.merge();
        let dict = match self.sources.given() {
            Ok(dict) => dict.clone(),
            Err(problems) => {
                let problems = problems.to_vec();
                return problems.into_iter().for_each(|problem| self.say(problem));
            }
        };
        let instances = self.block.instances.iter().map(|instance| instance.name);
        let instances: Vec<_> = instances.collect();
        for (key, value) in &dict {
            let is_known = names.contains(&key.as_str()) || instances.contains(&key.as_str());
            if !is_known && !self.sources.is_ambient(value) {
                let known = if value.as_dict().is_some() {
                    &instances
                } else {
                    &names
                };
                self.say_unknown(whole, key, value, known);
            }
        }
        let (keys, mut wrong) = SettingKeys::read(&dict);
        self.settings.take_over(Settings::new(self.block, keys));
        wrong.extend(self.settings.check(self.block));
        self.say_failed(whole, failed, &mut wrong);
        self.say_wrong(whole, &dict, wrong);
    }

    /// The part of the configuration that belongs to the instance at `index` of the block.
    pub fn section(&mut self, index: usize, options: Options) -> Section<'_> {
        const NAMELESS: Declaration = Declaration::new("", false);
        let declaration = self.block.instances.get(index).unwrap_or(&NAMELESS);
        let settings = InstanceSettings::new(declaration, &self.settings, InstanceKeys::default());
        Section::new(self, declaration, options, settings)
    }

    /// Looks for the variables of `keys`; tells which of them could not be read.
    fn look_up(&mut self, owner: Scope<'_>, keys: &[&str]) -> Vec<FailedVariable> {
        let mut failed = Vec::new();
        for key in keys {
            for variable in owner.variables(self.sources.prefix(), key) {
                if let Err(why) = self.sources.look_up(variable, &owner.path(key)) {
                    failed.push(FailedVariable {
                        key: (*key).to_owned(),
                        why,
                    });
                }
            }
        }
        failed
    }

    fn say(&mut self, text: String) {
        self.problems.push(Problem {
            block: self.block.name,
            text,
            is_hint: false,
        });
    }

    /// Tells of `failed`, so that the same keys need not be told of as missing.
    fn say_failed(
        &mut self,
        owner: Scope<'_>,
        failed: Vec<FailedVariable>,
        wrong: &mut Vec<Wrong>,
    ) {
        for FailedVariable { key, why } in failed {
            wrong.retain(|wrong| {
                !matches!(wrong.fail, ValueError::Missing(_)) || wrong.key.as_ref() != Some(&key)
            });
            self.say(format!("{} is wrong: {why}", owner.key(&key)));
        }
    }

    fn say_wrong(&mut self, owner: Scope<'_>, dict: &Dict, wrong: Vec<Wrong>) {
        for wrong in wrong {
            let text = self.told(owner, dict, wrong);
            self.say(text);
        }
    }

    /// Tells of what a dry run does without.
    fn note_absent(&mut self, owner: Scope<'_>, dict: &Dict, absent: Vec<Wrong>) {
        for absent in absent {
            let note = format!("dry run: {}", self.told(owner, dict, absent));
            self.settings.notes.push(note);
        }
    }

    /// What is wrong, as one line.
    fn told(&self, owner: Scope<'_>, dict: &Dict, Wrong { key, fail }: Wrong) -> String {
        let value = key.as_ref().and_then(|key| dict.get(key));
        let place = self.place(&owner.path(key.as_deref().unwrap_or_default()), value);
        let name = key
            .as_deref()
            .map_or_else(|| owner.name.to_owned(), |key| owner.key(key));
        match (fail, key) {
            (ValueError::Missing(_), Some(key)) if value.is_none() => {
                let variables = owner.variables(self.sources.prefix(), &key);
                format!(
                    "{name} is missing: {}",
                    self.sources.remedy(&name, &variables)
                )
            }
            (ValueError::Empty, _) => format!("{name} is empty{place}"),
            (fail, _) => format!("{name} is wrong{place}: {fail}"),
        }
    }

    fn say_unknown(&mut self, owner: Scope<'_>, key: &str, value: &Value, known: &[&str]) {
        let place = self.place(&owner.path(key), Some(value));
        let key = &key.escape_debug().to_string();
        let near = nearest(key, known);
        if owner.name.is_empty() && self.sources.are_the_programs() {
            // The rest of a program's own figment is none of our business.
            if let Some(near) = near {
                let note = format!("{key} is no setting{place}: did you mean `{near}`?");
                self.settings.notes.push(note);
            }
            return;
        }
        let advice = match near {
            Some(near) => format!("did you mean `{near}`"),
            None => format!("known are {}", list(known, "and")),
        };
        self.say(format!("{} is unknown{place}: {advice}", owner.key(key)));
    }

    /// ` (variable LOGOUT_LEVEL)`
    fn place(&self, path: &[&str], value: Option<&Value>) -> String {
        value
            .and_then(|value| self.sources.place(path, value))
            .map_or_else(String::new, |place| format!(" ({place})"))
    }

    fn note_near_misses(&mut self) {
        for (variable, meant) in self.sources.near_misses() {
            let note = format!("the variable {variable} means nothing: did you mean {meant}");
            if !self.problems.is_empty() {
                self.problems.push(Problem {
                    block: self.block.name,
                    text: note.clone(),
                    is_hint: true,
                });
            }
            self.settings.notes.push(note);
        }
    }
}
