//! `logout.toml`: its location, its owner, and its tables by profile.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};

use super::environment::{Environment, FILE_NAME, why_unreadable, without_byte_order_mark};
use super::suggestion::nearest;

/// The location of a block's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileLocation {
    /// Absolute, so that a program that changes its directory finds the file again.
    pub(super) path: PathBuf,
    /// Whether a missing file is an error.
    pub(super) must_exist: bool,
}

impl FileLocation {
    /// Returns the path in `variable`, or `logout.toml` in the working directory. Directories above
    /// are not searched: that file may be a stranger's.
    ///
    /// # Errors
    ///
    /// If the variable names a file by a relative path, and there is no working directory.
    pub(super) fn find(environment: &Environment, variable: &str) -> Result<Option<Self>, String> {
        let directory = environment.directory();
        match (environment.path(variable), directory) {
            (Some(path), _) if path.is_absolute() => Ok(Some(Self {
                path: path.to_path_buf(),
                must_exist: true,
            })),
            (Some(path), Some(directory)) => Ok(Some(Self {
                path: directory.join(path),
                must_exist: true,
            })),
            (Some(_), None) => Err(format!(
                "the variable {variable} does not name an absolute path, and the working \
                directory cannot be found"
            )),
            (None, Some(directory)) => Ok(Some(Self {
                path: directory.join(FILE_NAME),
                must_exist: false,
            })),
            (None, None) => Ok(None),
        }
    }
}

/// The names in a block, and the chosen profile.
#[derive(Clone, Copy)]
pub(super) struct FileContext<'k> {
    /// The name of the block.
    pub(super) block: &'k str,
    /// The names of its settings and instances.
    pub(super) keys: &'k [&'k str],
    /// The variable that chooses the profile.
    pub(super) profile_variable: &'k str,
    /// The chosen profile, if there is one.
    pub(super) profile: Option<&'k Profile>,
}

/// A configuration file.
pub(super) struct ConfigFile {
    path: PathBuf,
    profiles: Map<Profile, Dict>,
    /// Tables without effect, each with advice.
    unused_tables: Vec<(String, String)>,
}

impl ConfigFile {
    /// Reads the file at `location`; `None` if it is missing and may be.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is no TOML, or may be somebody else's.
    pub(super) fn read(
        location: &FileLocation,
        known: FileContext<'_>,
    ) -> Result<Option<Self>, String> {
        let path = &location.path;
        let wrong = |why: String| format!("{} {why}", path.display());
        let unreadable = |error: &std::io::Error| wrong(why_unreadable(error));
        let mut file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !location.must_exist => {
                return Ok(None);
            }
            Err(error) => return Err(unreadable(&error)),
        };
        let metadata = file.metadata().map_err(|error| unreadable(&error))?;
        if metadata.is_dir() {
            return Err(wrong("is a directory".to_owned()));
        }
        check_owner(&metadata).map_err(wrong)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(|error| unreadable(&error))?;
        let text = String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8".to_owned()))?;
        let dict = parse(without_byte_order_mark(&text)).map_err(wrong)?;
        Ok(Some(Self::new(path, dict, known)))
    }

    /// Sorts the tables of a file: top-level keys and the tables of instances are the default
    /// profile; every other table is a profile of that name if it can be one.
    fn new(path: &Path, dict: Dict, known: FileContext<'_>) -> Self {
        let mut default = Dict::new();
        let mut profiles = Map::new();
        let mut unused_tables = Vec::new();
        // Somebody who chooses a profile, or writes `[default]`, knows that tables can be profiles.
        let has_profiles = known.profile.is_some() || dict.contains_key("default");
        for (key, value) in dict {
            match value {
                Value::Dict(_, dict) if is_profile(&key, &dict, known) => {
                    if let Some(advice) = unused(&key, known, has_profiles) {
                        unused_tables.push((key, advice));
                    } else {
                        profiles.insert(Profile::new(&key), dict);
                    }
                }
                value => {
                    default.insert(key, value);
                }
            }
        }
        // Top-level keys and `[default]` are merged.
        profiles
            .entry(Profile::Default)
            .or_default()
            .append(&mut default);
        Self {
            path: path.to_path_buf(),
            profiles,
            unused_tables,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn has(&self, profile: &Profile) -> bool {
        self.profiles.contains_key(profile)
    }

    /// Returns the profiles besides the default one.
    pub(super) fn profiles(&self) -> Vec<&str> {
        let profiles = self.profiles.keys().filter(|profile| profile.is_custom());
        profiles.map(|profile| profile.as_str().as_str()).collect()
    }

    /// Returns the tables without effect, each with advice.
    pub(super) fn unused_tables(&self) -> &[(String, String)] {
        &self.unused_tables
    }
}

/// Checks that only root and the user of this process can change the file, which decides where
/// alerts go.
#[cfg(unix)]
fn check_owner(metadata: &std::fs::Metadata) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt as _;

    const WRITABLE_BY_OTHERS: u32 = 0o002;
    let user = rustix::process::geteuid().as_raw();
    if ![0, user].contains(&metadata.uid()) {
        return Err(format!(
            "belongs to another user ({}), who would decide where alarms go: give it to this process's user ({user}) or to root",
            metadata.uid()
        ));
    }
    if metadata.is_file() && metadata.mode() & WRITABLE_BY_OTHERS != 0 {
        return Err(
            "can be written by every user, who would then decide where alarms go: remove that \
            permission (`chmod o-w`)"
                .to_owned(),
        );
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_owner(_: &std::fs::Metadata) -> Result<(), String> {
    Ok(())
}

/// Parses `text`. The parser's own message is left out, because it quotes the line.
fn parse(text: &str) -> Result<Dict, String> {
    Toml::from_str(text).map_err(|error| match error.span() {
        None => "is not valid TOML".to_owned(),
        Some(span) => {
            let before = text.get(..span.start).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let start = before.rfind('\n').map_or(0, |newline| newline + 1);
            let column = before.get(start..).unwrap_or_default().chars().count() + 1;
            let written = text.get(start..).and_then(|rest| rest.lines().next());
            let reason = if error.message().contains("duplicate key") {
                "; this key or table is there twice"
            } else {
                reason(written.unwrap_or_default())
            };
            format!("is not valid TOML: look at line {line}, column {column}{reason}")
        }
    })
}

/// Returns the probable mistake in a line, without quoting it.
fn reason(line: &str) -> &'static str {
    let line = line.trim();
    let Some((_, value)) = line.split_once('=') else {
        let is_table = line.is_empty() || line.starts_with(['[', '#']);
        return if is_table {
            ""
        } else {
            "; write a key as `level = \"warn\"`, and a table as `[slack]`"
        };
    };
    let value = value.trim_start();
    let mut letters = value.chars();
    match letters.next() {
        Some(quote @ ('"' | '\'')) if !letters.any(|letter| letter == quote) => {
            "; text ends with a quotation mark on the line where it begins"
        }
        Some(first) if first.is_alphabetic() || "“”‘’/:${<".contains(first) => {
            "; write text in quotes: `level = \"warn\"`"
        }
        _ => "",
    }
}

/// Returns whether a table is a profile: the chosen one, or one that could be. A misspelt instance
/// must not count as one: its settings would be ignored silently.
fn is_profile(key: &str, dict: &Dict, known: FileContext<'_>) -> bool {
    if known.keys.contains(&key) {
        return false;
    }
    let name = Profile::new(key);
    let could_be_one = dict.keys().all(|key| known.keys.contains(&key.as_str()));
    let could_be_an_instance = dict
        .keys()
        .all(|key| PROFILE_OR_INSTANCE_KEYS.contains(&key.as_str()));
    known.profile == Some(&name)
        || !name.is_custom()
        || is_named_like_the_block(key, known)
        || (could_be_one && !(could_be_an_instance && nearest(key, known.keys).is_some()))
}

/// The keys that both a profile and an instance may have.
const PROFILE_OR_INSTANCE_KEYS: [&str; 3] = ["enabled", "level", "metadata"];

/// Returns advice about a table that is no profile in use. A table must not be ignored silently if
/// nothing shows that there are profiles.
fn unused(key: &str, known: FileContext<'_>, has_profiles: bool) -> Option<String> {
    let name = Profile::new(key);
    if known.profile == Some(&name) || !name.is_custom() {
        return None;
    }
    let variable = known.profile_variable;
    let key = key.escape_debug();
    if is_named_like_the_block(&key.to_string(), known) {
        return Some(format!(
            "write its keys at the top of the file, without `[{key}]`, and its tables as `[name]`"
        ));
    }
    (!has_profiles).then(|| {
        format!(
            "if it is a profile, set {variable}={key}, or put the other settings under `[default]`; if not, write its keys at the top of the file"
        )
    })
}

/// Returns whether a table is named like the library or the block, which its author takes for the
/// place of their settings.
fn is_named_like_the_block(key: &str, known: FileContext<'_>) -> bool {
    let key = key.replace(['_', '-'], "").to_lowercase();
    key == "logout" || key == known.block.replace('_', "").to_lowercase()
}

impl Provider for ConfigFile {
    fn metadata(&self) -> Metadata {
        Metadata::from(FILE_NAME, self.path.as_path())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(self.profiles.clone())
    }
}
