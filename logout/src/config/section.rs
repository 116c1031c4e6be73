//! The configuration of one instance.

use std::fmt;

use figment::value::{Dict, Value};

use super::adapter_check::AdapterCheck;
use super::context::Context;
use super::environment::{FILE, VariableError};
use super::fields::{Field, fields};
use super::instance::Instance;
use super::instance_deserializer::deserialize_with_placeholders;
use super::merged_config::Config;
use super::problem::Problem;
use super::scope::Scope;
use super::setting_descriptions::instance_setting_names;
use super::settings::{InstanceSettings, widening_error, wrong_max_level};
use super::suggestion::nearest;
use super::value::INSECURE;
use super::value_error::{KeyError, ValueError, quoted_list};
use crate::adapter::{Adapter, AdapterOptions, IntoOption};
use crate::block::Declaration;
use crate::block::keys::KeyKind;

/// The options of an instance in a block: each name with its value as a variable would hold it, or
/// an empty text if only the running program knows the value.
pub type Options = &'static [(&'static str, &'static str)];

impl Config {
    /// Returns the part of the configuration that belongs to the instance at `index` of the block.
    pub fn section(&mut self, index: usize, options: Options) -> Section<'_> {
        const NAMELESS: Declaration = Declaration::new("", false);
        let declaration = self.block.instances.get(index).unwrap_or(&NAMELESS);
        let settings = InstanceSettings::new(declaration, &self.settings);
        Section::new(self, declaration, options, settings)
    }

    /// Collects the values under the name of an instance or of the fleet; `common` are the keys
    /// that all of these have.
    pub(super) fn collect_given(
        &mut self,
        scope: Scope<'_>,
        own: Option<&[Field]>,
        common: &[&'static str],
    ) -> Option<InstanceValues> {
        let mut names = common.to_vec();
        names.extend(own.into_iter().flatten().flat_map(Field::names));
        let mut variable_errors = self.read_variables(scope, &names);
        let mut unknown = Vec::new();
        for (variable, key) in self.sources.unknown_variables(scope.name) {
            let of_file = variable.strip_suffix(FILE).map(str::to_owned);
            let key = match &of_file {
                Some(_) => key.strip_suffix("_file").unwrap_or(&key).to_owned(),
                None => key,
            };
            let path: Vec<&str> = std::iter::once(scope.name).chain(key.split("__")).collect();
            if !accepts_any_key(own, &path) {
                unknown.push((variable, key));
                continue;
            }
            let variable = of_file.unwrap_or(variable);
            if let Err(wrong) = self.sources.read_variable(variable, &path) {
                variable_errors.push(VariableError { key, wrong });
            }
        }
        self.sources.merge();
        // The error was reported with the settings.
        let given = self.sources.given().ok()?;
        let dict = match given.get(scope.name).cloned() {
            None => Dict::new(),
            Some(Value::Dict(_, dict)) => dict,
            Some(value) if self.sources.is_ambient(&value) => Dict::new(),
            // This, too, was reported with the settings.
            Some(_) => return None,
        };
        Some(InstanceValues {
            dict,
            variable_errors,
            unknown,
        })
    }

    /// Reports keys and variables without effect.
    pub(super) fn report_unknown_keys(
        &mut self,
        scope: Scope<'_>,
        own: Option<&[Field]>,
        given: &InstanceValues,
        common: &[&'static str],
    ) {
        let Some(own) = own else {
            return;
        };
        let names = || own.iter().flat_map(Field::names);
        let known: Vec<_> = names().chain(common.iter().copied()).collect();
        for (key, value) in &given.dict {
            if !known.contains(&key.as_str()) {
                self.report_unknown_key(scope, key, value, &known);
            }
        }
        for (variable, key) in &given.unknown {
            self.sources.mark_reported(variable);
            let advice = match nearest(key, &known) {
                Some(suggestion) => {
                    format!(
                        "did you mean {}",
                        self.sources.variable(&[scope.name, suggestion])
                    )
                }
                None => format!(
                    "the keys of {} are {}",
                    scope.name,
                    quoted_list(&known, "and")
                ),
            };
            let text = format!("the variable {variable} means nothing: {advice}");
            let place = format!("variable {variable}");
            self.report(Problem::new(text).with_place(Some(place)));
        }
    }

    /// Notes where the own keys of an adapter or a broker are given.
    pub(super) fn note_places(
        &self,
        scope_name: &str,
        own: Option<&[Field]>,
        dict: &Dict,
        check: &mut AdapterCheck,
    ) {
        for (key, value) in dict {
            let names = match own.map(|own| own.iter().find(|field| field.has_name(key))) {
                None => vec![key.clone()],
                Some(Some(field)) => field.names().map(str::to_owned).collect(),
                Some(None) => continue,
            };
            if let Some(place) = self.place(&[scope_name, key], Some(value)) {
                check.add_given(names, place);
            }
        }
    }

    /// Reports an invalid option in the block.
    pub(super) fn report_option(&mut self, scope_name: &str, key: &str, why: &str) {
        let name = format!("{scope_name}.{key}");
        let text = format!("{name} is wrong ({IN_CODE}): {why}");
        let problem = Problem::new(text).with_key(name);
        self.report(problem.with_place(Some(IN_CODE.to_owned())));
    }
}

/// The part of a [`Config`] that belongs to one instance.
pub struct Section<'c> {
    config: &'c mut Config,
    declaration: &'static Declaration,
    /// The options in the block.
    options: Options,
    /// The keys in files and environment.
    given_keys: Vec<String>,
    allow_http: bool,
    settings: InstanceSettings,
    /// Whether the adapter can be asked about its settings.
    can_be_checked: bool,
    check: AdapterCheck,
}

impl fmt::Debug for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section")
            .field("name", &self.declaration.name)
            .finish_non_exhaustive()
    }
}

/// The values of an instance, and the problems found while they were collected.
pub(super) struct InstanceValues {
    pub(super) dict: Dict,
    pub(super) variable_errors: Vec<VariableError>,
    /// Variables under the instance's name without effect, as `(variable, key)`.
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
            given_keys: Vec::new(),
            allow_http: false,
            settings,
            can_be_checked: false,
            check: AdapterCheck::default(),
        }
    }

    /// Reads the instance's adapter, with every setting that files and environment give.
    pub fn adapter<A: Adapter + AdapterOptions>(&mut self) -> A {
        let scope = Scope::of::<A>(self.declaration);
        let own = fields::<A>();
        let own = own.as_deref();
        let Some(given) = self.read_given(scope, own) else {
            return A::default();
        };
        // An instance that is switched off is still read for its secrets, which other messages must
        // not quote.
        let is_off = !self.settings.enabled;
        let context = Context::new(self.allow_http || is_off);
        let given_later: Vec<_> = self.options.iter().map(|(name, _)| *name).collect();
        let (adapter, errors) =
            deserialize_with_placeholders::<A>(&given.dict, own, &given_later, &context);
        if !is_off {
            self.report_errors(scope, given, errors);
        }
        self.settings.secrets = context.into_secrets();
        let adapter = adapter.filter(|_| !is_off);
        self.can_be_checked = adapter.is_some();
        adapter.unwrap_or_default()
    }

    /// Reads the instance's values and applies the settings that every instance has; returns the
    /// values for the adapter, if they can be read.
    fn read_given(
        &mut self,
        scope: Scope<'static>,
        own: Option<&[Field]>,
    ) -> Option<InstanceValues> {
        if self
            .config
            .list_keys_of_instance(scope, own, self.declaration, self.options)
        {
            self.settings.enabled = false;
            return None;
        }
        let common: Vec<_> = instance_setting_names().collect();
        let mut given = self.config.collect_given(scope, own, &common)?;
        let mut settings = InstanceSettings::new(self.declaration, &self.config.settings);
        let wrong = settings.read(&given.dict, &mut self.allow_http);
        if !settings.enabled {
            self.settings.enabled = false;
            return Some(given);
        }
        self.settings = settings;
        self.check_levels(scope, &given.dict, wrong);
        self.config.report_unknown_keys(scope, own, &given, &common);
        self.given_keys = given_keys(own, &given.dict);
        if own.is_none() {
            given.dict = without_common(given.dict, &common);
        }
        let name = self.declaration.name;
        self.config
            .note_places(name, own, &given.dict, &mut self.check);
        Some(given)
    }

    /// Reports what is wrong with the adapter's own settings.
    fn report_errors(
        &mut self,
        scope: Scope<'_>,
        given: InstanceValues,
        mut errors: Vec<KeyError>,
    ) {
        let wrong_variables = given.variable_errors.iter().map(|error| error.key.as_str());
        let wrong_keys = errors.iter().filter_map(|error| error.key.as_deref());
        for key in wrong_variables.chain(wrong_keys) {
            self.check.add_wrong(key);
        }
        self.config
            .report_variable_errors(scope, given.variable_errors, &mut errors);
        let missing = if cfg!(feature = "preview") && self.config.settings.dry_run {
            split_off_missing(&mut errors)
        } else {
            Vec::new()
        };
        self.settings.incomplete = !missing.is_empty();
        self.config
            .note_missing_in_dry_run(scope, &given.dict, missing);
        self.config.report_key_errors(scope, &given.dict, errors);
    }

    /// Reports what is `wrong` with the settings that every instance has, and with its levels.
    fn check_levels(&mut self, scope: Scope<'_>, dict: &Dict, mut wrong: Vec<KeyError>) {
        let declared = self.config.block.level_of(self.declaration);
        if let Some(why) = widening_error(self.settings.level, declared)
            && dict.contains_key("level")
        {
            wrong.push(KeyError::new("level", ValueError::Message(why)));
        } else {
            wrong.extend(self.wrong_max_level(dict));
        }
        self.config.report_key_errors(scope, dict, wrong);
    }

    /// Returns the error of the most severe level, unless it was reported for the whole block.
    fn wrong_max_level(&self, dict: &Dict) -> Option<KeyError> {
        let InstanceSettings {
            level, max_level, ..
        } = self.settings;
        let whole = &self.config.settings;
        if (level, max_level) == (whole.level, whole.max_level) && !dict.contains_key("max_level") {
            return None;
        }
        let declared = self.config.block.max_level_of(self.declaration);
        wrong_max_level(level, max_level, declared, dict)
    }

    /// Assigns the block's `value` to the option `key`, unless files or environment override it.
    pub fn option<T, V: IntoOption<T>>(&mut self, key: &'static str, field: &mut T, value: V) {
        if !self.settings.enabled || self.given_keys.iter().any(|given| given == key) {
            return;
        }
        let is_insecure = value.is_insecure() && !self.allow_http;
        match value.into_option() {
            Ok(_) if is_insecure => self.report_option(key, INSECURE),
            Ok(value) => {
                *field = value;
                self.check
                    .add_given(vec![key.to_owned()], IN_CODE.to_owned());
            }
            Err(why) => self.report_option(key, &why),
        }
    }

    fn report_option(&mut self, key: &str, why: &str) {
        self.check.add_wrong(key);
        self.config.report_option(self.declaration.name, key, why);
    }

    /// Returns the finished instance.
    pub fn instance<A: Adapter>(mut self, adapter: A) -> Instance<A> {
        if self.can_be_checked {
            self.report_check(adapter.check().err(), adapter.note());
        }
        let reminds = !self.settings.notification.remind.steps.is_empty();
        if A::INCIDENTS && self.can_be_checked && !reminds {
            let name = self.declaration.name;
            self.config.settings.notes.push(format!(
                "{name}: `remind` is off, so the end of a problem is not sent and its incident stays open"
            ));
        }
        self.config.settings.instances.push(self.settings.clone());
        Instance::new(adapter, self.settings)
    }

    /// Reports the problems and notes that the adapter found in its settings.
    fn report_check(&mut self, wrong: Option<String>, note: Option<String>) {
        let (name, secrets) = (self.declaration.name, &self.settings.secrets);
        if let Some(said) = wrong {
            for problem in self.check.problems(name, &said, secrets) {
                self.config.report(problem);
            }
        }
        if let Some(said) = note {
            let notes = self.check.notes(name, &said, secrets);
            self.config.settings.notes.extend(notes);
        }
    }
}

/// The place of the block's values.
const IN_CODE: &str = "in the program's code";

/// Removes the errors about missing keys, which a dry run may lack, and returns them.
fn split_off_missing(errors: &mut Vec<KeyError>) -> Vec<KeyError> {
    let is_missing =
        |key: &KeyError| matches!(key.error, ValueError::Missing(_) | ValueError::Empty);
    let (missing, rest) = std::mem::take(errors).into_iter().partition(is_missing);
    *errors = rest;
    missing
}

/// Returns all keys but the common ones, for adapters that do not list their fields.
pub(super) fn without_common(dict: Dict, common: &[&str]) -> Dict {
    let mut own = Dict::new();
    for (key, value) in dict {
        if !common.contains(&key.as_str()) {
            own.insert(key, value);
        }
    }
    own
}

/// Returns whether a variable that belongs to no field may still be the adapter's: it does not
/// announce its fields, or the field is a table.
fn accepts_any_key(own: Option<&[Field]>, path: &[&str]) -> bool {
    let Some(own) = own else {
        return true;
    };
    matches!(path, [_, key, _, ..] if own
        .iter()
        .any(|field| field.kind == KeyKind::Table && field.has_name(key)))
}

/// Returns the names of those of the adapter's fields that are given.
pub(super) fn given_keys(own: Option<&[Field]>, dict: &Dict) -> Vec<String> {
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
