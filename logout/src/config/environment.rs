//! Variables, and the files they name.

use std::ffi::{OsStr, OsString};
#[cfg(feature = "toml")]
use std::path::{Path, PathBuf};

/// What the process was started with.
pub(crate) struct Environment {
    variables: Vec<(OsString, OsString)>,
    #[cfg(feature = "toml")]
    directory: Option<PathBuf>,
}

impl Environment {
    pub(crate) fn of_process() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
            #[cfg(feature = "toml")]
            directory: std::env::current_dir().ok(),
        }
    }

    #[cfg(all(test, feature = "toml"))]
    pub(crate) fn new(variables: &[(&str, &str)], directory: Option<&Path>) -> Self {
        Self {
            variables: variables
                .iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            directory: directory.map(Path::to_path_buf),
        }
    }

    #[cfg(all(test, feature = "toml"))]
    pub(crate) fn with(mut self, name: &str, value: OsString) -> Self {
        self.variables.push((name.into(), value));
        self
    }

    #[cfg(feature = "toml")]
    pub(crate) fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// Returns the names of the variables that begin with `prefix`.
    pub(crate) fn names(&self, prefix: &str) -> impl Iterator<Item = &str> {
        self.variables
            .iter()
            .filter_map(|(name, _)| name.to_str())
            .filter(move |name| name.starts_with(prefix))
    }

    fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .iter()
            .find(|(variable, _)| variable == name)
            .map(|(_, value)| value.as_os_str())
    }

    /// Returns the text of the variable `name`.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, String> {
        match self.get(name).map(OsStr::to_str) {
            None => Ok(None),
            Some(Some(text)) => Ok(Some(text.to_owned())),
            Some(None) => Err(format!("the variable {name} is not UTF-8")),
        }
    }

    /// Returns what the variable `name` says, or the file that `{name}_FILE` names, and which of
    /// the two.
    ///
    /// It is the text as it is: figment's own `Env` turns `007` into 7 and `1.10` into 1.1. The
    /// name of the file stays out of every message: by mistake it may be the secret itself.
    pub(crate) fn variable(&self, name: &str) -> Result<Option<(String, String)>, String> {
        let of_file = format!("{name}{FILE}");
        match (self.text(name)?, self.get(&of_file)) {
            (None, None) => Ok(None),
            (Some(text), None) => Ok(Some((name.to_owned(), text))),
            (Some(_), Some(_)) => Err(format!(
                "the variables {name} and {of_file} are both set; keep one"
            )),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file).map_err(|error| {
                    format!(
                        "the file that the variable {of_file} names cannot be read: {}",
                        error.kind()
                    )
                })?;
                Ok(Some((of_file, without_last_newline(text))))
            }
        }
    }
}

/// A key whose variable is there and cannot be read.
pub(crate) struct VariableError {
    pub(crate) key: String,
    pub(crate) why: String,
}

/// What turns a variable's name into that of the one that names a file.
pub(crate) const FILE: &str = "_FILE";

/// Returns `text` without the newline with which editors and `echo` end a file.
pub(crate) fn without_last_newline(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}
