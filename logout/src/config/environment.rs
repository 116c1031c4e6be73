//! Environment variables, and the files they name.

use std::ffi::{OsStr, OsString};
#[cfg(feature = "toml")]
use std::path::{Path, PathBuf};

/// The environment of the process.
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

    /// Returns the path that the variable `name` holds, unless it is empty.
    #[cfg(feature = "toml")]
    pub(crate) fn path(&self, name: &str) -> Option<&Path> {
        self.get(name).filter(|path| !is_blank(path)).map(Path::new)
    }

    /// Returns the text of the variable `name`, or of the file that `{name}_FILE` names, and which
    /// of the two it was. An empty one counts as absent if the other is set.
    ///
    /// It is the unchanged text: figment's own `Env` turns `007` into 7 and `1.10` into 1.1. No
    /// message contains the name of the file, because by mistake it may be the secret itself.
    pub(crate) fn variable(&self, name: &str) -> Result<Option<(String, String)>, WrongVariable> {
        let of_file = format!("{name}{FILE}");
        let file = self.get(&of_file).filter(|file| !is_blank(file));
        let text = self.text(name).map_err(WrongVariable::unnamed)?;
        let (variable, text) = match (text.filter(|text| file.is_none() || !text.is_empty()), file)
        {
            (None, None) => return Ok(None),
            (Some(text), None) => (name.to_owned(), text),
            (Some(_), Some(_)) => {
                let why = format!("the variables {name} and {of_file} are both set; keep one");
                return Err(WrongVariable::unnamed(why));
            }
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file).map_err(|error| {
                    WrongVariable::unnamed(format!(
                        "the file that the variable {of_file} names {}",
                        why_unreadable(&error)
                    ))
                })?;
                (of_file, without_last_newline(text))
            }
        };
        let text = without_byte_order_mark(&text);
        if is_in_quotes(text) {
            return Err(WrongVariable {
                place: Some(format!("variable {variable}")),
                why: IN_QUOTES.to_owned(),
            });
        }
        Ok(Some((variable, text.to_owned())))
    }
}

/// The reason why a variable cannot be read, and the place to fix, unless `why` names it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrongVariable {
    pub(crate) place: Option<String>,
    pub(crate) why: String,
}

impl WrongVariable {
    fn unnamed(why: String) -> Self {
        Self { place: None, why }
    }
}

/// A key with a variable that cannot be read.
pub(crate) struct VariableError {
    pub(crate) key: String,
    pub(crate) wrong: WrongVariable,
}

/// The suffix of a variable that names a file.
pub(crate) const FILE: &str = "_FILE";

/// Returns `text` without the newline that editors and `echo` put at the end.
pub(crate) fn without_last_newline(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

/// The error for a value in quotes, which Docker's `--env-file` keeps.
pub(crate) const IN_QUOTES: &str = "it begins with a quotation mark; remove the quotes";

/// Returns why a file cannot be read, without its name. std's `entity not found` helps nobody.
pub(super) fn why_unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "cannot be read: there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => {
            "cannot be read: the program's user may not read it".to_owned()
        }
        kind => format!("cannot be read: {kind}"),
    }
}

/// Returns whether all of `text` is in quotes.
fn is_in_quotes(text: &str) -> bool {
    let text = text.trim();
    ['"', '\''].iter().any(|quote| {
        let inner = text.strip_prefix(*quote);
        inner.is_some_and(|inner| inner.ends_with(*quote))
    })
}

/// Returns `text` without the byte order mark that editors of Windows put before it.
pub(crate) fn without_byte_order_mark(text: &str) -> &str {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// Returns `text` without white space and byte order marks at both ends, which no secret and no
/// address has.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == BYTE_ORDER_MARK)
}

const BYTE_ORDER_MARK: char = '\u{feff}';

fn is_blank(value: &OsStr) -> bool {
    value.to_str().is_some_and(|value| value.trim().is_empty())
}

/// The name of the configuration file.
pub(crate) const FILE_NAME: &str = "logout.toml";
