//! The merged configuration of one block, and its problems.

use std::fmt;

use figment::value::{Dict, Value};

#[cfg(feature = "toml")]
use super::FileOfStart;
use super::environment::VariableError;
use super::keys::ListedKeys;
use super::problem::Problem;
use super::scope::Scope;
use super::setting_descriptions::setting_names;
use super::settings::{Settings, wrong_max_level};
use super::sources::Sources;
use super::suggestion::nearest;
use super::value_error::{KeyError, ValueError, quoted_list};
use crate::block::Block;

/// The merged configuration while the instances of a block are read from it.
pub struct Config {
    pub(super) block: &'static Block,
    pub(super) sources: Sources,
    pub(super) settings: Settings,
    pub(super) problems: Vec<Problem>,
    /// The keys of the instances, if keys are all that is needed.
    pub(super) listed_keys: Option<ListedKeys>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("block", &self.block.name)
            .finish_non_exhaustive()
    }
}

impl Config {
    pub(super) fn new(block: &'static Block, sources: Sources) -> Self {
        Self {
            block,
            sources,
            settings: Settings::new(block),
            problems: Vec::new(),
            listed_keys: None,
        }
    }

    #[cfg(feature = "toml")]
    pub(super) fn with_file(mut self, file: &FileOfStart) -> Self {
        let instances = self.block.instances.iter().map(|instance| instance.name);
        let keys = setting_names().chain(instances);
        #[cfg(feature = "fleet")]
        let keys = keys.chain(self.block.fleet.map(|_| "fleet"));
        let keys: Vec<_> = keys.collect();
        let mut problems = Vec::new();
        let notes = &mut self.settings.notes;
        let found = self
            .sources
            .add_file(self.block.name, &keys, file, notes, &mut problems);
        self.settings.file = found;
        problems
            .into_iter()
            .for_each(|problem| self.report(problem));
        self
    }

    /// Reads the settings of the block itself.
    pub(super) fn read_settings(&mut self) {
        let block = Scope::default();
        let names: Vec<_> = setting_names().collect();
        let variable_errors = self.read_variables(block, &names);
        self.sources.merge();
        let dict = match self.sources.given() {
            Ok(dict) => dict.clone(),
            Err(texts) => {
                let texts = texts.to_vec();
                return texts
                    .into_iter()
                    .for_each(|text| self.report(Problem::new(text)));
            }
        };
        let instances = self.block.instances.iter().map(|instance| instance.name);
        #[cfg(feature = "fleet")]
        let instances = instances.chain(self.block.fleet.map(|_| "fleet"));
        let instances: Vec<_> = instances.collect();
        for (key, value) in &dict {
            let is_known = names.contains(&key.as_str()) || instances.contains(&key.as_str());
            if !is_known && !self.sources.is_ambient(value) {
                let known = if value.as_dict().is_some() {
                    &instances
                } else {
                    &names
                };
                self.report_unknown_key(block, key, value, known);
            } else if instances.contains(&key.as_str()) {
                self.check_table(key, value);
            }
        }
        let mut errors = self.settings.read(self.block, &dict);
        let Settings {
            level, max_level, ..
        } = self.settings;
        let declared = self.block.max_level;
        errors.extend(wrong_max_level(level, max_level, declared, &dict));
        self.report_variable_errors(block, variable_errors, &mut errors);
        self.report_key_errors(block, &dict, errors);
    }

    /// Checks that the value under the name of an instance or of the fleet is a table, before
    /// variables replace it.
    fn check_table(&mut self, name: &str, value: &Value) {
        if value.as_dict().is_none() && !self.sources.is_ambient(value) {
            let place = self.place(&[name], Some(value));
            let shown = in_brackets(place.as_deref());
            let text = format!(
                "{name} is wrong{shown}: expected a table of settings, which begins with `[{name}]`"
            );
            self.report(Problem::new(text).with_key(name).with_place(place));
        }
    }

    /// Reads the variables of `keys`; returns those that cannot be read.
    pub(super) fn read_variables(&mut self, scope: Scope<'_>, keys: &[&str]) -> Vec<VariableError> {
        let mut errors = Vec::new();
        for key in keys {
            for variable in scope.variables(self.sources.prefix(), key) {
                if let Err(wrong) = self.sources.read_variable(variable, &scope.path(key)) {
                    let key = (*key).to_owned();
                    errors.push(VariableError { key, wrong });
                }
            }
        }
        errors
    }

    pub(super) fn report(&mut self, problem: Problem) {
        self.problems.push(problem.of_block(self.block.name));
    }

    /// Reports variables that cannot be read; their keys need not be reported as missing.
    pub(super) fn report_variable_errors(
        &mut self,
        scope: Scope<'_>,
        variable_errors: Vec<VariableError>,
        key_errors: &mut Vec<KeyError>,
    ) {
        for VariableError { key, wrong } in variable_errors {
            key_errors.retain(|other| {
                !matches!(other.error, ValueError::Missing(_)) || other.key.as_ref() != Some(&key)
            });
            let name = scope.key(&key);
            let place = in_brackets(wrong.place.as_deref());
            let text = format!("{name} is wrong{place}: {}", wrong.why);
            self.report(Problem::new(text).with_key(name).with_place(wrong.place));
        }
    }

    pub(super) fn report_key_errors(
        &mut self,
        scope: Scope<'_>,
        dict: &Dict,
        errors: Vec<KeyError>,
    ) {
        for error in errors {
            let problem = self.problem(scope, dict, error);
            self.report(problem);
        }
    }

    /// Notes the missing keys of a dry run.
    pub(super) fn note_missing_in_dry_run(
        &mut self,
        scope: Scope<'_>,
        dict: &Dict,
        missing: Vec<KeyError>,
    ) {
        for missing in missing {
            let problem = self.problem(scope, dict, missing);
            self.settings.notes.push(format!("dry run: {problem}"));
        }
    }

    fn problem(&self, scope: Scope<'_>, dict: &Dict, KeyError { key, error }: KeyError) -> Problem {
        let value = key.as_ref().and_then(|key| dict.get(key));
        let place = self.place(&scope.path(key.as_deref().unwrap_or_default()), value);
        let named = key.as_deref().map(|key| scope.key(key));
        let name = named.clone().unwrap_or_else(|| scope.name.to_owned());
        let text = match (error, &key) {
            (ValueError::Missing(_), Some(key)) if value.is_none() => {
                let variables = scope.variables(self.sources.prefix(), key);
                let advice = self.sources.how_to_set(&name, &variables);
                format!("{name} is missing: {advice}")
            }
            (ValueError::Empty, _) => format!("{name} is empty{}", in_brackets(place.as_deref())),
            (error, _) => format!("{name} is wrong{}: {error}", in_brackets(place.as_deref())),
        };
        let problem = Problem::new(text).with_place(place);
        match named {
            Some(key) => problem.with_key(key),
            None => problem,
        }
    }

    pub(super) fn report_unknown_key(
        &mut self,
        scope: Scope<'_>,
        key: &str,
        value: &Value,
        known: &[&str],
    ) {
        let place = self.place(&scope.path(key), Some(value));
        let shown = in_brackets(place.as_deref());
        let key = &key.escape_debug().to_string();
        let suggestion = nearest(key, known);
        if scope.name.is_empty() && self.sources.is_program_figment() {
            // Other keys of a program's own figment belong to the program.
            if let Some(suggestion) = suggestion {
                let note = format!("{key} is not a setting{shown}: did you mean `{suggestion}`?");
                self.settings.notes.push(note);
            }
            return;
        }
        let advice = match (suggestion, self.sources.key_of_variable(key)) {
            (Some(suggestion), _) => format!("did you mean `{suggestion}`"),
            (None, Some(meant)) => format!("this is a variable; in a file write `{meant}`"),
            (None, None) if OF_THE_BLOCK.contains(&&**key) => {
                "it is set in the `logout!` block".to_owned()
            }
            (None, None) => format!("known are {}", quoted_list(known, "and")),
        };
        let name = scope.key(key);
        let text = format!("{name} is unknown{shown}: {advice}");
        self.report(Problem::new(text).with_key(name).with_place(place));
    }

    /// Returns where `value` of the key `path` was given, such as `variable LOGOUT_LEVEL`.
    pub(super) fn place(&self, path: &[&str], value: Option<&Value>) -> Option<String> {
        value.and_then(|value| self.sources.place(path, value))
    }

    /// Reports variables without effect that resemble others.
    pub(super) fn note_near_misses(&mut self) {
        for (variable, meant) in self.sources.misnamed_variables() {
            let of_missing = format!("set {meant} or ");
            if self
                .problems
                .iter()
                .any(|problem| problem.text().contains(&of_missing))
            {
                let note = format!("the variable {variable} means nothing: did you mean {meant}");
                self.report(Problem::new(note).into_hint());
            }
        }
        for (variable, meant) in self.sources.near_misses() {
            let note = format!("the variable {variable} means nothing: did you mean {meant}");
            if !self.problems.is_empty() {
                self.report(Problem::new(note.clone()).into_hint());
            }
            self.settings.notes.push(note);
        }
    }
}

/// The settings that a block has and a file cannot.
#[rustfmt::skip]
const OF_THE_BLOCK: [&str; 9] = [
    "adapters", "env_prefix", "fleet", "format", "ignore", "links", "metadata_filter", "scrub",
    "trail",
];

/// Returns the place in brackets, to follow a key: ` (variable LOGOUT_LEVEL)`.
pub(super) fn in_brackets(place: Option<&str>) -> String {
    place.map_or_else(String::new, |place| format!(" ({place})"))
}
