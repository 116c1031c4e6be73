//! Templates of configuration files.
//!
//! The block's values are behind `#`, so that an unchanged template changes nothing, and reading it
//! fails only for missing required keys.

use super::{Key, KeyKind};

/// How many characters a comment has on a line, without its `# `.
const WIDTH: usize = 98;

/// Returns a file of variables, as systemd, Docker Compose and dotenv read it.
pub(crate) fn env(block: &str, prefix: &str, keys: &[Key]) -> String {
    let mut text = format!(
        "# The configuration of {block}. Fill in the lines that do not begin with `#`.\n\
         # Each variable can also be set as NAME_FILE, which names a file that holds the value.\n"
    );
    if cfg!(feature = "toml") {
        text.push_str(&format!(
            "# {prefix}PROFILE=production adds the tables of that profile in logout.toml.\n"
        ));
    }
    let mut instance = None;
    for key in keys {
        append_heading(&mut text, &mut instance, key, |name| {
            format!("# === {name} ===")
        });
        let Some((variable, others)) = key.variables.split_first() else {
            continue;
        };
        let others = match others {
            [] => String::new(),
            others => format!(" Also set by {}.", others.join(" or ")),
        };
        let given = match key.kind {
            // Docker's `--env-file` keeps quotation marks, so it is written without any.
            KeyKind::Duration | KeyKind::Bytes => key.default().map(|text| text.replace(' ', "")),
            KeyKind::List => key
                .default()
                .and_then(|text| shell_quoted(&text.replace(", ", ","))),
            _ => key.default().and_then(shell_quoted),
        };
        text.push_str(&format!(
            "{}{}{variable}={}\n",
            comment(key, &others),
            comment_mark(key.required),
            given.unwrap_or_default(),
        ));
    }
    text
}

/// Returns a `logout.toml`.
pub(crate) fn toml(block: &str, keys: &[Key]) -> String {
    let mut text = format!(
        "# The configuration of {block}. Fill in the lines that do not begin with `#`.\n\
         # Keep secrets out of this file: set the variable that is named with each.\n"
    );
    let mut instance = None;
    for key in keys {
        append_heading(&mut text, &mut instance, key, |name| format!("[{name}]"));
        let variables = match key.secret {
            true => format!(" Set {} instead.", key.variables.join(" or ")),
            false => String::new(),
        };
        text.push_str(&format!(
            "{}{}{} = {}\n",
            comment(key, &variables),
            comment_mark(key.required && !key.secret),
            toml_key(key.name),
            value(key),
        ));
    }
    text
}

/// Appends a blank line and, before the first key of an instance, its heading.
fn append_heading(
    text: &mut String,
    instance: &mut Option<&'static str>,
    key: &Key,
    heading: impl Fn(&str) -> String,
) {
    text.push('\n');
    if let Some(name) = key.instance
        && *instance != Some(name)
    {
        *instance = Some(name);
        text.push_str(&heading(name));
        text.push('\n');
    }
}

/// Returns the comment above a key: its purpose, and on a line of its own the values it takes.
fn comment(key: &Key, variables: &str) -> String {
    let mut text = String::new();
    for line in key.meaning.map(wrap).unwrap_or_default() {
        text.push_str(&format!("# {line}\n"));
    }
    let required = if key.required { " Required." } else { "" };
    let known = match key.default() {
        Some("") => " The program sets it.",
        _ => "",
    };
    text.push_str(&format!(
        "# Type: {}.{required}{known}{variables}\n",
        key.kind
    ));
    text
}

/// Breaks a text into lines that fit an editor beside another one.
fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn comment_mark(required: bool) -> &'static str {
    if required { "" } else { "# " }
}

/// Quotes `value` so that shells and dotenv read it alike; `None` if they cannot.
fn shell_quoted(value: &str) -> Option<String> {
    let plain = |letter: char| letter.is_alphanumeric() || "_-./:@%+,=".contains(letter);
    if value.chars().all(plain) {
        Some(value.to_owned())
    } else if value.contains('\'') || value.contains(char::is_control) {
        None
    } else {
        Some(format!("'{value}'"))
    }
}

fn value(key: &Key) -> String {
    let given = key.default().unwrap_or_default();
    match key.kind {
        KeyKind::Bool | KeyKind::Integer | KeyKind::Number | KeyKind::Bytes
            if given.parse::<f64>().is_ok_and(f64::is_finite) || given.parse::<bool>().is_ok() =>
        {
            given.to_owned()
        }
        KeyKind::List => {
            let parts = given
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty());
            let parts: Vec<_> = parts.map(text_of_toml).collect();
            format!("[{}]", parts.join(", "))
        }
        KeyKind::Table => "{}".to_owned(),
        _ => text_of_toml(given),
    }
}

fn text_of_toml(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(letter)));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns a key of TOML, quoted where that is needed.
fn toml_key(name: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        text_of_toml(name)
    }
}
