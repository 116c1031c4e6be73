//! The sources of a configuration, and their names in errors.

mod origin;

use std::path::PathBuf;

use figment::value::{Dict, Map, Tag, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};

use self::origin::{ValueOrigin, collect_origins, unreadable};
#[cfg(feature = "toml")]
use super::FileOfStart;
use super::environment::{Environment, FILE, FILE_NAME, WrongVariable};
#[cfg(feature = "toml")]
use super::file::{ConfigFile, FileContext, FileLocation};
#[cfg(feature = "toml")]
use super::problem::Problem;
use super::suggestion::nearest;
#[cfg(feature = "toml")]
use super::value_error::quoted_list;
use crate::text::sorted_map::sorted;

/// The sources of one configuration.
pub(super) struct Sources {
    /// The file, or the program's own figment.
    figment: Figment,
    /// Where its values come from.
    origins: Vec<ValueOrigin>,
    /// The variables, which are merged over it.
    variables: Variables,
    /// The merged values, or why they cannot be read.
    given: Result<Dict, Vec<String>>,
    /// None for a program's own figment.
    environment: Option<Environment>,
    prefix: &'static str,
    file: Option<PathBuf>,
    /// The name of every variable that has an effect.
    known: Vec<String>,
    /// Variables without effect that were reported.
    reported: Vec<String>,
}

/// The values of variables, as one provider above every profile.
#[derive(Default)]
struct Variables {
    dict: Dict,
    /// Each variable with the path of its key, the weakest first.
    paths_by_variable: Vec<(String, Vec<String>)>,
}

impl Provider for &Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named("variables")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Global.collect(self.dict.clone()))
    }
}

impl Sources {
    /// Creates sources without values, which only name the variables.
    pub(super) fn empty(prefix: &'static str) -> Self {
        Self {
            figment: Figment::new(),
            origins: Vec::new(),
            variables: Variables::default(),
            given: Ok(Dict::new()),
            environment: None,
            prefix,
            file: None,
            known: Vec::new(),
            reported: Vec::new(),
        }
    }

    /// Creates the sources of an environment, whose variables are looked up one by one.
    pub(super) fn from_environment(environment: Environment, prefix: &'static str) -> Self {
        Self {
            environment: Some(environment),
            known: [CONFIG, PROFILE]
                .map(|name| format!("{prefix}{name}"))
                .to_vec(),
            ..Self::empty(prefix)
        }
    }

    /// Creates the sources of a program's own figment.
    pub(super) fn from_provider(provider: impl Provider) -> Self {
        let mut sources = Self::empty("");
        sources.set_figment(Figment::from(provider));
        sources
    }

    /// Returns whether this is the program's own figment, which may contain anything.
    pub(super) fn is_program_figment(&self) -> bool {
        self.environment.is_none()
    }

    /// Adds `logout.toml` below the variables; `keys` are the names of the block's settings and
    /// instances. Returns the file's location, for the next time. Errors go to `problems`,
    /// suspicions to `notes`.
    #[cfg(feature = "toml")]
    pub(super) fn add_file(
        &mut self,
        block: &str,
        keys: &[&str],
        file: &FileOfStart,
        notes: &mut Vec<String>,
        problems: &mut Vec<Problem>,
    ) -> FileOfStart {
        let Some(environment) = &self.environment else {
            return FileOfStart::default();
        };
        let (file_variable, profile_variable) = (self.file_variable(), self.profile_variable());
        let profile = environment.text(&profile_variable);
        let profile = profile.unwrap_or_else(|why| {
            problems.push(Problem::new(why));
            None
        });
        let profile = profile.filter(|name| !name.trim().is_empty());
        let profile = profile.map(|name| Profile::new(name.trim()));
        let known = FileContext {
            block,
            keys,
            profile_variable: &profile_variable,
            profile: profile.as_ref(),
        };
        let location = match &file.0 {
            Some(location) => Ok(Some(location.clone())),
            None => FileLocation::find(environment, &file_variable),
        };
        let location = location.unwrap_or_else(|why| {
            problems.push(Problem::new(why));
            None
        });
        let Some(mut location) = location else {
            return FileOfStart::default();
        };
        match ConfigFile::read(&location, known) {
            Err(why) => problems.push(Problem::new(why)),
            Ok(None) => {}
            Ok(Some(file)) => {
                location.must_exist = true;
                let place = file.path().display().to_string();
                let profile = profile.unwrap_or(Profile::Default);
                if !file.has(&profile) {
                    notes.push(format!(
                        "{place} does not have the profile that {profile_variable} names; it has {}",
                        quoted_list(&file.profiles(), "and"),
                    ));
                }
                problems.extend(file.unused_tables().iter().map(|(table, advice)| {
                    let text = format!(
                        "the table `[{}]` means nothing ({place}): {advice}",
                        table.escape_debug()
                    );
                    Problem::new(text)
                        .with_key(table.escape_debug().to_string())
                        .with_place(Some(place.clone()))
                }));
                self.file = Some(file.path().to_path_buf());
                self.set_figment(Figment::new().select(profile).merge(file));
            }
        }
        FileOfStart(Some(location))
    }

    /// Returns the variable that names the file.
    #[cfg(feature = "toml")]
    fn file_variable(&self) -> String {
        format!("{}{CONFIG}", self.prefix)
    }

    /// Returns the variable that chooses the profile of the file.
    #[cfg(feature = "toml")]
    fn profile_variable(&self) -> String {
        format!("{}{PROFILE}", self.prefix)
    }

    fn set_figment(&mut self, figment: Figment) {
        self.given = read_all(&figment);
        for value in self.given.iter().flat_map(Dict::values) {
            collect_origins(&figment, value, &mut self.origins);
        }
        self.figment = figment;
    }

    /// Looks up the variable `name`, which sets the key `path`; [`Self::merge`] applies it.
    pub(super) fn read_variable(
        &mut self,
        name: String,
        path: &[&str],
    ) -> Result<(), WrongVariable> {
        let found = match &self.environment {
            None => Ok(None),
            Some(environment) => environment.variable(&name),
        };
        self.known.push(name);
        if let Some((variable, text)) = found? {
            insert_at(&mut self.variables.dict, path, text);
            let path = path.iter().map(|&key| key.to_owned()).collect();
            self.variables.paths_by_variable.push((variable, path));
        }
        Ok(())
    }

    /// Merges the variables found since over everything else.
    pub(super) fn merge(&mut self) {
        if self.given.is_ok() {
            self.figment = std::mem::take(&mut self.figment).merge(&self.variables);
            self.given = read_all(&self.figment);
        }
    }

    /// Returns the merged values, or why they cannot be read.
    pub(super) fn given(&self) -> Result<&Dict, &[String]> {
        self.given.as_ref().map_err(Vec::as_slice)
    }

    /// Returns the variable that sets `path`: a key, preceded by the instance's name if it has one.
    pub(super) fn variable(&self, path: &[&str]) -> String {
        variable(self.prefix, path)
    }

    /// Returns the prefix of the block's variables.
    pub(super) fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// Returns variables under the instance `name` without effect so far, as `(variable, key)`.
    pub(super) fn unknown_variables(&self, name: &str) -> Vec<(String, String)> {
        let stem = self.variable(&[name, ""]);
        let Some(environment) = &self.environment else {
            return Vec::new();
        };
        environment
            .names(&stem)
            .filter(|variable| !self.is_known(variable))
            .map(|variable| {
                let key = variable.strip_prefix(&stem).unwrap_or_default();
                (variable.to_owned(), key.to_ascii_lowercase())
            })
            .collect()
    }

    /// Records that `variable`, which has no effect, was reported.
    pub(super) fn mark_reported(&mut self, variable: &str) {
        self.reported.push(variable.to_owned());
    }

    fn is_known(&self, variable: &str) -> bool {
        let of_file = variable.strip_suffix(FILE);
        let mut known = self.known.iter().chain(&self.reported);
        known.any(|known| known == variable || Some(known.as_str()) == of_file)
    }

    /// Returns variables without effect that resemble others, as `(variable, meant)`.
    pub(super) fn near_misses(&self) -> Vec<(String, String)> {
        let Some(environment) = &self.environment else {
            return Vec::new();
        };
        let known: Vec<&str> = self
            .known
            .iter()
            .filter_map(|known| known.strip_prefix(self.prefix))
            .collect();
        let unknown = environment
            .names(self.prefix)
            .filter(|name| !self.is_known(name));
        let names = sorted(unknown, Ord::cmp);
        names
            .into_iter()
            .filter_map(|name| {
                let rest = name.strip_prefix(self.prefix)?;
                let (rest, of_file) = match rest.strip_suffix(FILE) {
                    Some(rest) => (rest, FILE),
                    None => (rest, ""),
                };
                let meant = nearest(rest, &known)?;
                Some((name.to_owned(), format!("{}{meant}{of_file}", self.prefix)))
            })
            .collect()
    }

    /// Returns variables that resemble a well-known one that is not set, as `(variable, meant)`:
    /// `SLACK_WEBHOOK` and `SLACK_URL` for `SLACK_WEBHOOK_URL`.
    pub(super) fn misnamed_variables(&self) -> Vec<(String, String)> {
        let Some(environment) = &self.environment else {
            return Vec::new();
        };
        let is_set = |name: &str| environment.names(name).any(|other| other == name);
        let known = self.known.iter();
        let missing = known.filter(|known| !known.starts_with(self.prefix) && !is_set(known));
        let mut found = Vec::new();
        for meant in missing {
            let names = environment.names("").filter(|name| !self.is_known(name));
            let names = sorted(names.filter(|name| is_like(name, meant)), Ord::cmp);
            found.extend(
                names
                    .into_iter()
                    .map(|name| (name.to_owned(), meant.clone())),
            );
        }
        found
    }

    /// Returns the key of a variable that somebody wrote into a file, such as `LOGOUT_OPS__LEVEL`.
    pub(super) fn key_of_variable(&self, written: &str) -> Option<String> {
        let key = written
            .strip_prefix(self.prefix)
            .filter(|_| !self.prefix.is_empty())?;
        Some(key.to_ascii_lowercase().replace("__", "."))
    }

    /// Returns advice for a missing key.
    pub(super) fn how_to_set(&self, key: &str, variables: &[String]) -> String {
        if self.environment.is_none() {
            return "add it to the figment that the program gives".to_owned();
        }
        let variables = variables.join(" or ");
        match &self.file {
            Some(file) => format!("set {variables}, or {key} in {}", file.display()),
            None if cfg!(feature = "toml") => format!("set {variables}, or {key} in {FILE_NAME}"),
            None => format!("set {variables}"),
        }
    }

    /// Returns where `value` of the key `path` was given.
    pub(super) fn place(&self, path: &[&str], value: &Value) -> Option<String> {
        if let Some(origin) = self.origin(value) {
            return Some(origin.place.clone());
        }
        let mut paths_by_variable = self.variables.paths_by_variable.iter().rev();
        let (variable, _) =
            paths_by_variable.find(|(_, of)| of.iter().zip(path).all(|(of, key)| of == key))?;
        Some(format!("variable {variable}"))
    }

    /// Returns whether `value` comes from figment's own reader of the environment, which also reads
    /// unrelated variables (Kubernetes sets `LOGOUT_PORT`).
    pub(super) fn is_ambient(&self, value: &Value) -> bool {
        self.origin(value).is_some_and(|origin| origin.is_ambient)
    }

    fn origin(&self, value: &Value) -> Option<&ValueOrigin> {
        let tag = value.tag();
        self.origins.iter().find(|origin| origin.tag == tag)
    }
}

/// Returns whether one name contains all words of the other, or is a misspelling of it.
fn is_like(name: &str, meant: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let (of_name, of_meant): (Vec<_>, Vec<_>) =
        (name.split('_').collect(), meant.split('_').collect());
    let has_all = |few: &[&str], many: &[&str]| few.iter().all(|word| many.contains(word));
    of_name.len() > 1
        && of_name.first() == of_meant.first()
        && (has_all(&of_name, &of_meant) || has_all(&of_meant, &of_name))
        || nearest(&name, &[meant]).is_some()
}

/// The variable that chooses the profile of the file, without its prefix.
const PROFILE: &str = "PROFILE";

/// The variable that names the file, without its prefix.
const CONFIG: &str = "CONFIG";

/// Returns the values of a figment, or why it cannot be read.
fn read_all(figment: &Figment) -> Result<Dict, Vec<String>> {
    match figment.find_value("") {
        Ok(value) => Ok(value.into_dict().unwrap_or_default()),
        Err(errors) => Err(errors.into_iter().map(|error| unreadable(&error)).collect()),
    }
}

/// Inserts `text` at `path`, and creates missing tables.
fn insert_at(dict: &mut Dict, path: &[&str], text: String) {
    match path {
        [] => {}
        [key] => {
            dict.insert((*key).to_owned(), Value::String(Tag::Default, text));
        }
        [key, rest @ ..] => {
            let empty = || Value::Dict(Tag::Default, Dict::new());
            let table = dict.entry((*key).to_owned()).or_insert_with(empty);
            if table.as_dict().is_none() {
                *table = empty();
            }
            if let Value::Dict(_, table) = table {
                insert_at(table, rest, text);
            }
        }
    }
}

/// Returns the variable of a block with this prefix that sets `path`.
pub(super) fn variable(prefix: &str, path: &[&str]) -> String {
    let path: Vec<_> = path
        .iter()
        .map(|key| key.to_ascii_uppercase().replace('-', "_"))
        .collect();
    format!("{prefix}{}", path.join("__"))
}
