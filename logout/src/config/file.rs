//! `logout.toml`: where it lies, and which of its tables belong to which profile.

use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};

use super::sources::NAME;
use super::suggestion::nearest;

/// A file that was found and read.
pub(crate) struct File {
    path: PathBuf,
    profiles: Map<Profile, Dict>,
}

impl File {
    /// Reads the nearest file from `directory` upwards.
    ///
    /// `known` are the names of the block's settings and instances.
    pub(crate) fn find(
        directory: &Path,
        known: &[&str],
        chosen: &Profile,
    ) -> Result<Option<Self>, String> {
        let Some(path) = directory
            .ancestors()
            .map(|directory| directory.join(NAME))
            .find(|path| path.is_file())
        else {
            return Ok(None);
        };
        let wrong = |why: String| format!("{} {why}", path.display());
        let text = std::fs::read(&path)
            .map_err(|error| wrong(format!("cannot be read: {}", error.kind())))?;
        let text = String::from_utf8(text).map_err(|_| wrong("is not UTF-8".to_owned()))?;
        let dict = parse(&text).map_err(wrong)?;
        let profiles = split(dict, known, chosen);
        Ok(Some(Self { path, profiles }))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn has(&self, profile: &Profile) -> bool {
        self.profiles.contains_key(profile)
    }

    /// Returns the profiles besides the default one.
    pub(crate) fn profiles(&self) -> Vec<&str> {
        let profiles = self.profiles.keys().filter(|profile| profile.is_custom());
        profiles.map(|profile| profile.as_str().as_str()).collect()
    }
}

/// Returns the parser's own message is left out, since it shows the line.
fn parse(text: &str) -> Result<Dict, String> {
    Toml::from_str(text).map_err(|error| match error.span() {
        None => "is not valid TOML".to_owned(),
        Some(span) => {
            let before = text.get(..span.start).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let start = before.rfind('\n').map_or(0, |newline| newline + 1);
            let column = before.get(start..).unwrap_or_default().chars().count() + 1;
            format!("is not valid TOML: look at line {line}, column {column}")
        }
    })
}

/// Top-level keys and the tables of instances are the default profile; every other table is a
/// profile of that name if it can be one.
fn split(dict: Dict, known: &[&str], chosen: &Profile) -> Map<Profile, Dict> {
    let mut default = Dict::new();
    let mut profiles = Map::new();
    for (key, value) in dict {
        match value {
            Value::Dict(_, dict) if is_profile(&key, &dict, known, chosen) => {
                profiles.insert(Profile::new(&key), dict);
            }
            value => {
                default.insert(key, value);
            }
        }
    }
    // `[default]` may be written out beside undeclared keys.
    profiles
        .entry(Profile::Default)
        .or_default()
        .append(&mut default);
    profiles
}

/// Returns a table is taken for a profile if it is the chosen one or could be one. A misspelt
/// instance must not pass for a profile: then what it says would be silently ignored.
fn is_profile(key: &str, dict: &Dict, known: &[&str], chosen: &Profile) -> bool {
    if known.contains(&key) {
        return false;
    }
    let name = Profile::new(key);
    let could_be_one = dict.keys().all(|key| known.contains(&key.as_str()));
    let could_be_an_instance = dict.keys().all(|key| SHARED.contains(&key.as_str()));
    name == *chosen
        || !name.is_custom()
        || (could_be_one && !(could_be_an_instance && nearest(key, known).is_some()))
}

/// The keys that a profile and an instance both may have.
const SHARED: [&str; 3] = ["enabled", "level", "metadata"];

impl Provider for File {
    fn metadata(&self) -> Metadata {
        Metadata::from(NAME, self.path.as_path())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(self.profiles.clone())
    }
}
