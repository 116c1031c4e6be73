//! One instance, read from the configuration.

use std::fmt;

use figment::value::{Dict, Value};

use super::context::Context;
use super::environment::FILE;
use super::fields::{Field, Kind, fields};
use super::instance_deserializer::{Wrong, read_all};
use super::keys::common_names;
use super::scope::Scope;
use super::settings::{InstanceKeys, InstanceSettings, widening};
use super::suggestion::nearest;
use super::value::INSECURE;
use super::value_error::{ValueError, list, without_secrets};
use super::{Config, FailedVariable, Options};
use crate::adapter::{Adapter, IntoOption};
use crate::block::Declaration;
use crate::config::Instance;

/// The part of a [`Config`] that belongs to one instance.
pub struct Section<'c> {
    config: &'c mut Config,
    declaration: &'static Declaration,
    /// Those that the block gives, with their values.
    options: Options,
    /// The keys that files and environment give.
    given: Vec<String>,
    allow_http: bool,
    settings: InstanceSettings,
    /// Whether the instance is on and nothing has been found wrong with it.
    sound: bool,
}

impl fmt::Debug for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section")
            .field("name", &self.declaration.name)
            .finish_non_exhaustive()
    }
}

/// What an instance is given, and what was found wrong on the way.
struct Given {
    dict: Dict,
    failed: Vec<FailedVariable>,
    /// Variables under the instance's name that mean nothing, as `(variable, key)`.
    unknown: Vec<(String, String)>,
}

impl<'c> Section<'c> {
    pub(super) fn new(
        config: &'c mut Config,
        declaration: &'static Declaration,
        options: Options,
        settings: InstanceSettings,
    ) -> Self {
        Self {
            config,
            declaration,
            options,
            given: Vec::new(),
            allow_http: false,
            settings,
            sound: false,
        }
    }

    /// The instance's adapter with every setting that files and environment give.
    pub fn adapter<A: Adapter>(&mut self) -> A {
        let owner = Scope::of::<A>(self.declaration);
        let own = fields::<A>();
        if self
            .config
            .lists(owner, own.as_deref(), self.declaration, self.options)
        {
            self.settings.enabled = false;
            return A::default();
        }
        let Some(given) = self.gather(owner, own.as_deref()) else {
            return A::default();
        };
        let before = self.config.problems.len();
        let (keys, wrong) = InstanceKeys::read(&given.dict);
        if !self.config.settings.enabled || keys.enabled == Some(false) {
            self.leave_off::<A>(own.as_deref(), &given.dict);
            return A::default();
        }
        self.take_settings(owner, &given.dict, keys, wrong);
        self.say_unknown(owner, own.as_deref(), &given);
        self.given = given_names(own.as_deref(), &given.dict);
        let adapter = self.read(owner, own.as_deref(), given);
        self.sound = self.config.problems.len() == before && !self.settings.incomplete;
        adapter.unwrap_or_default()
    }

    /// Switches the instance off, whatever is wrong with it: but the others' messages must not
    /// quote its secrets.
    fn leave_off<A: Adapter>(&mut self, own: Option<&[Field]>, dict: &Dict) {
        self.settings.enabled = false;
        let surroundings = Context::new(true);
        let _unused = read_all::<A>(dict, own, &[], &surroundings);
        self.settings.secrets = surroundings.into_secrets();
    }

    /// Reads the adapter's own settings.
    fn read<A: Adapter>(
        &mut self,
        owner: Scope<'_>,
        own: Option<&[Field]>,
        given: Given,
    ) -> Option<A> {
        let surroundings = Context::new(self.allow_http);
        let dict = match own {
            Some(_) => given.dict,
            None => without_common(given.dict),
        };
        let later: Vec<_> = self.options.iter().map(|(name, _)| *name).collect();
        let (adapter, mut wrong) = read_all::<A>(&dict, own, &later, &surroundings);
        self.config.say_failed(owner, given.failed, &mut wrong);
        let absent = if cfg!(feature = "preview") && self.config.settings.dry_run {
            take_absent(&mut wrong)
        } else {
            Vec::new()
        };
        self.settings.incomplete = !absent.is_empty();
        self.config.note_absent(owner, &dict, absent);
        self.config.say_wrong(owner, &dict, wrong);
        self.settings.secrets = surroundings.into_secrets();
        adapter
    }

    /// Everything that is given under the instance's name.
    fn gather(&mut self, owner: Scope<'_>, own: Option<&[Field]>) -> Option<Given> {
        let mut names: Vec<_> = common_names().collect();
        names.extend(own.into_iter().flatten().flat_map(Field::names));
        let mut failed = self.config.look_up(owner, &names);
        let mut unknown = Vec::new();
        for (variable, key) in self.config.sources.unread(owner.name) {
            let of_file = variable.strip_suffix(FILE).map(str::to_owned);
            let key = match &of_file {
                Some(_) => key.strip_suffix("_file").unwrap_or(&key).to_owned(),
                None => key,
            };
            let path: Vec<&str> = std::iter::once(owner.name).chain(key.split("__")).collect();
            if !is_open(own, &path) {
                unknown.push((variable, key));
                continue;
            }
            let variable = of_file.unwrap_or(variable);
            if let Err(why) = self.config.sources.look_up(variable, &path) {
                failed.push(FailedVariable { key, why });
            }
        }
        self.config.sources.merge();
        // What keeps the whole from being read has been said when the settings were.
        let given = self.config.sources.given().ok()?;
        let dict = match given.get(owner.name).cloned() {
            None => Dict::new(),
            Some(Value::Dict(_, dict)) => dict,
            Some(value) if self.config.sources.is_ambient(&value) => Dict::new(),
            Some(value) => {
                let place = self.config.place(&[owner.name], Some(&value));
                let text = format!(
                    "{} is wrong{place}: expected a table of settings",
                    owner.name
                );
                self.config.say(text);
                return None;
            }
        };
        Some(Given {
            dict,
            failed,
            unknown,
        })
    }

    /// The settings that every instance has.
    fn take_settings(
        &mut self,
        owner: Scope<'_>,
        dict: &Dict,
        keys: InstanceKeys,
        mut wrong: Vec<Wrong>,
    ) {
        self.allow_http = keys.allow_http.unwrap_or(false);
        self.settings = InstanceSettings::new(self.declaration, &self.config.settings, keys);
        let declared = self.config.block.level_of(self.declaration);
        if let Some(why) = widening(self.settings.level, declared)
            && dict.contains_key("level")
        {
            wrong.push(Wrong::new("level", ValueError::Told(why)));
        }
        self.config.say_wrong(owner, dict, wrong);
    }

    fn say_unknown(&mut self, owner: Scope<'_>, own: Option<&[Field]>, given: &Given) {
        let Some(own) = own else {
            return;
        };
        let names = || own.iter().flat_map(Field::names);
        let known: Vec<_> = names().chain(common_names()).collect();
        for (key, value) in &given.dict {
            if !known.contains(&key.as_str()) {
                self.config.say_unknown(owner, key, value, &known);
            }
        }
        for (variable, key) in &given.unknown {
            self.config.sources.tell(variable);
            let advice = match nearest(key, &known) {
                Some(near) => {
                    format!(
                        "did you mean {}",
                        self.config.sources.variable(&[owner.name, near])
                    )
                }
                None => format!("the keys of {} are {}", owner.name, list(&known, "and")),
            };
            self.config
                .say(format!("the variable {variable} means nothing: {advice}"));
        }
    }

    /// Assigns the block's `value` to the option `key`, unless files or environment override it.
    pub fn option<T, V: IntoOption<T>>(&mut self, key: &'static str, field: &mut T, value: V) {
        if !self.settings.enabled || self.given.iter().any(|given| given == key) {
            return;
        }
        let is_insecure = value.is_insecure() && !self.allow_http;
        match value.into_option() {
            Ok(_) if is_insecure => self.say_option(key, INSECURE),
            Ok(value) => *field = value,
            Err(why) => self.say_option(key, &why),
        }
    }

    fn say_option(&mut self, key: &str, why: &str) {
        self.sound = false;
        let name = self.declaration.name;
        self.config.say(format!(
            "{name}.{key} is wrong (in the program's code): {why}"
        ));
    }

    /// The finished instance.
    pub fn instance<A: Adapter>(self, adapter: A) -> Instance<A> {
        if self.sound
            && let Err(why) = adapter.check()
        {
            let why = without_secrets(&why, &self.settings.secrets).unwrap_or_else(|| {
                "its adapter refuses the settings in words that quote a secret".to_owned()
            });
            self.config
                .say(format!("{} is wrong: {why}", self.declaration.name));
        }
        self.config.settings.instances.push(self.settings.clone());
        Instance::new(adapter, self.settings)
    }
}

/// Takes out what is not given, which a dry run does without.
fn take_absent(wrong: &mut Vec<Wrong>) -> Vec<Wrong> {
    let is_absent =
        |wrong: &Wrong| matches!(wrong.fail, ValueError::Missing(_) | ValueError::Empty);
    let (absent, rest) = std::mem::take(wrong).into_iter().partition(is_absent);
    *wrong = rest;
    absent
}

/// An adapter that does not announce its fields is given everything that is not everyone's.
fn without_common(dict: Dict) -> Dict {
    let mut own = Dict::new();
    for (key, value) in dict {
        if !common_names().any(|common| common == key) {
            own.insert(key, value);
        }
    }
    own
}

/// Whether a variable that is no field's own may be for this adapter all the same: because it
/// does not announce its fields, or because the field is a table.
fn is_open(own: Option<&[Field]>, path: &[&str]) -> bool {
    let Some(own) = own else {
        return true;
    };
    matches!(path, [_, key, _, ..] if own
        .iter()
        .any(|field| field.kind == Kind::Table && field.names().any(|name| name == *key)))
}

fn given_names(own: Option<&[Field]>, dict: &Dict) -> Vec<String> {
    match own {
        None => dict.keys().cloned().collect(),
        Some(own) => own
            .iter()
            .filter(|field| field.names().any(|name| dict.contains_key(name)))
            .flat_map(Field::names)
            .map(str::to_owned)
            .collect(),
    }
}
