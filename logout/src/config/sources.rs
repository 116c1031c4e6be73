//! Where values come from: what is merged, and how it is said to the reader of an error.

use std::path::{Path, PathBuf};

use figment::value::{Dict, Value};
use figment::{Figment, Metadata, Profile, Provider, Source};

use super::environment::{Environment, FILE};
use super::near::nearest;
use crate::order::sorted;

/// The file that is looked for.
pub(super) const NAME: &str = "logout.toml";

/// The sources of one configuration.
pub(super) struct Sources {
    figment: Figment,
    /// None where the program brings a figment of its own.
    environment: Option<Environment>,
    prefix: &'static str,
    file: Option<PathBuf>,
    /// Every variable that means something.
    variables: Vec<String>,
    /// Variables that mean nothing and of which the reader has heard.
    told: Vec<String>,
}

impl Sources {
    /// The nearest `logout.toml`, over which the environment's variables are laid one by one.
    ///
    /// `known` are the names of the block's settings and instances. What could not be read is
    /// told in `problems`, what only looks wrong in `notes`.
    pub(super) fn of_environment(
        environment: Environment,
        prefix: &'static str,
        known: &[&str],
        problems: &mut Vec<String>,
        notes: &mut Vec<String>,
    ) -> Self {
        let variable = format!("{prefix}PROFILE");
        let profile = match environment.text(&variable) {
            Ok(Some(name)) if !name.trim().is_empty() => Profile::new(name.trim()),
            Ok(_) => Profile::Default,
            Err(problem) => {
                problems.push(problem);
                Profile::Default
            }
        };
        let directory = environment.directory().map(Path::to_path_buf);
        let mut sources = Self {
            figment: Figment::new().select(profile),
            environment: Some(environment),
            prefix,
            file: None,
            variables: vec![variable],
            told: Vec::new(),
        };
        sources.add_file(directory, known, problems, notes);
        sources
    }

    /// The program's own figment and nothing else.
    pub(super) fn of_program(provider: impl Provider) -> Self {
        Self {
            figment: Figment::from(provider),
            environment: None,
            prefix: "",
            file: None,
            variables: Vec::new(),
            told: Vec::new(),
        }
    }

    /// No source at all, only the names that variables would have.
    pub(super) fn nowhere(prefix: &'static str) -> Self {
        Self {
            prefix,
            ..Self::of_program(Figment::new())
        }
    }

    /// Whether they are the program's own figment, which may hold all kinds of things.
    pub(super) fn are_the_programs(&self) -> bool {
        self.environment.is_none()
    }

    #[cfg(feature = "toml")]
    fn add_file(
        &mut self,
        directory: Option<PathBuf>,
        known: &[&str],
        problems: &mut Vec<String>,
        notes: &mut Vec<String>,
    ) {
        let Some(directory) = directory else {
            return;
        };
        let profile = self.figment.profile().clone();
        match super::file::File::find(&directory, known, &profile) {
            Ok(Some(file)) => {
                self.file = Some(file.path().to_path_buf());
                if !file.has(&profile) {
                    notes.push(format!(
                        "{} does not have the profile that {}PROFILE names; it has {}",
                        file.path().display(),
                        self.prefix,
                        super::fail::list(&file.profiles(), "and"),
                    ));
                }
                self.merge(file);
            }
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }

    #[cfg(not(feature = "toml"))]
    fn add_file(
        &mut self,
        _: Option<PathBuf>,
        _: &[&str],
        _: &mut Vec<String>,
        _: &mut Vec<String>,
    ) {
    }

    fn merge(&mut self, provider: impl Provider) {
        self.figment = std::mem::take(&mut self.figment).merge(provider);
    }

    /// Lays the variable `name` over the key `path`.
    pub(super) fn look_up(&mut self, name: String, path: &[&str]) -> Result<(), String> {
        let found = match &self.environment {
            None => Ok(None),
            Some(environment) => environment.variable(&name, path),
        };
        self.variables.push(name);
        if let Some(variable) = found? {
            self.merge(variable);
        }
        Ok(())
    }

    /// Everything merged so far.
    pub(super) fn dict(&self) -> Result<Dict, Vec<String>> {
        match self.figment.find_value("") {
            Ok(value) => Ok(value.into_dict().unwrap_or_default()),
            Err(errors) => Err(errors.into_iter().map(|error| unreadable(&error)).collect()),
        }
    }

    /// The variable that sets `path`: the key, below the name of an instance where it has one.
    pub(super) fn variable(&self, path: &[&str]) -> String {
        variable(self.prefix, path)
    }

    /// What the names of the block's variables begin with.
    pub(super) fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// Variables under the instance `name` that mean nothing yet, as `(variable, key)`.
    pub(super) fn unread(&self, name: &str) -> Vec<(String, String)> {
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

    /// Notes that the reader has heard of `variable`, which means nothing.
    pub(super) fn tell(&mut self, variable: &str) {
        self.told.push(variable.to_owned());
    }

    fn is_known(&self, variable: &str) -> bool {
        let of_file = variable.strip_suffix(FILE);
        let mut known = self.variables.iter().chain(&self.told);
        known.any(|known| known == variable || Some(known.as_str()) == of_file)
    }

    /// Variables that mean nothing and look like ones that do, as `(variable, meant)`.
    pub(super) fn near_misses(&self) -> Vec<(String, String)> {
        let Some(environment) = &self.environment else {
            return Vec::new();
        };
        let known: Vec<&str> = self
            .variables
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

    /// What to do about a missing key.
    pub(super) fn remedy(&self, key: &str, variables: &[String]) -> String {
        if self.environment.is_none() {
            return "add it to the figment that the program gives".to_owned();
        }
        let variables = variables.join(" or ");
        match &self.file {
            Some(file) => format!("set {variables}, or {key} in {}", file.display()),
            None if cfg!(feature = "toml") => format!("set {variables}, or {key} in {NAME}"),
            None => format!("set {variables}"),
        }
    }

    /// Where `value` was given.
    pub(super) fn place(&self, value: &Value) -> Option<String> {
        let tag = value.tag();
        let metadata = self.figment.get_metadata(tag)?;
        let mut place = describe(metadata);
        if tag.profile().is_none() {
            place.push_str(", profile ");
            place.push_str(self.figment.profile().as_str().as_str());
        }
        Some(place)
    }

    /// Whether `value` comes from figment's own reader of the environment, which also brings
    /// variables that were meant for nobody (Kubernetes sets `LOGOUT_PORT`).
    pub(super) fn is_ambient(&self, value: &Value) -> bool {
        self.figment
            .get_metadata(value.tag())
            .is_some_and(|metadata| metadata.name.contains("environment variable"))
    }
}

/// The variable of a block with this prefix that sets `path`.
pub(super) fn variable(prefix: &str, path: &[&str]) -> String {
    let path: Vec<_> = path
        .iter()
        .map(|key| key.to_ascii_uppercase().replace('-', "_"))
        .collect();
    format!("{prefix}{}", path.join("__"))
}

/// A provider's name, with the file or the line of code that it names. What else a foreign
/// provider calls its source may be an address with a password in it.
fn describe(metadata: &Metadata) -> String {
    match &metadata.source {
        Some(Source::File(path)) if metadata.name == NAME => path.display().to_string(),
        Some(Source::File(path)) => format!("{} {}", metadata.name, path.display()),
        Some(Source::Code(place)) => format!("{} at {place}", metadata.name),
        _ => metadata.name.to_string(),
    }
}

/// A provider's error without its message, which may show what it read.
fn unreadable(error: &figment::Error) -> String {
    let place = error
        .metadata
        .as_ref()
        .map_or_else(|| "the figment".to_owned(), describe);
    match position(&error.kind.to_string()) {
        Some(position) => format!("{place} cannot be read: look at {position}"),
        None => format!("{place} cannot be read"),
    }
}

/// `line 3, column 7` of a parser's message.
fn position(message: &str) -> Option<String> {
    let number = |word: &str| {
        let (_, rest) = message.split_once(word)?;
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest.get(..end).filter(|digits| !digits.is_empty())
    };
    let line = number("line ")?;
    Some(match number("column ") {
        Some(column) => format!("line {line}, column {column}"),
        None => format!("line {line}"),
    })
}
