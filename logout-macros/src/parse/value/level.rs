//! Levels.

use proc_macro2::Ident;
use syn::Expr;

use super::word;
use crate::ast::Value;
use crate::errors::Errors;
use crate::names::text;

/// The names of levels: tracing's, and those of the ancestors and of other loggers with what they
/// mean here.
const LEVELS: &[(&str, &str)] = &[
    ("off", "OFF"),
    ("error", "ERROR"),
    ("warn", "WARN"),
    ("info", "INFO"),
    ("debug", "DEBUG"),
    ("trace", "TRACE"),
    ("warning", "WARN"),
    ("notice", "INFO"),
    ("critical", "ERROR"),
    ("alert", "ERROR"),
    ("emergency", "ERROR"),
    ("fatal", "ERROR"),
    ("panic", "ERROR"),
    ("severe", "ERROR"),
    ("crit", "ERROR"),
    ("verbose", "TRACE"),
    ("none", "OFF"),
];

/// A bare name, or an expression of type `LevelFilter`.
pub(super) fn read(value: Expr, key: &Ident, errors: &mut Errors) -> Option<Value> {
    let Some(name) = word(&value) else {
        if let Some(level) = level_of_tracing(&value) {
            let help = format!("write `{}: {level}`", text(key));
            errors.at(value, "a level is written by its name alone", help);
            return None;
        }
        return Some(Value::Constant(value));
    };
    match named(&text(name)) {
        Some(level) if name != level => {
            let help = format!("write `{}: {level}`", text(key));
            errors.at(name, format!("there is no level `{name}`"), help);
            None
        }
        // A misspelt one is rustc's to judge, which names the nearest.
        _ => Some(Value::Level(name.clone())),
    }
}

/// The level that this name means.
pub(super) fn named(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    LEVELS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, level)| *level)
}

/// The level in `tracing::Level::WARN`, which has another type than the one wanted.
fn level_of_tracing(value: &Expr) -> Option<&'static str> {
    let Expr::Path(path) = value else {
        return None;
    };
    let mut segments = path.path.segments.iter().rev();
    let level = named(&text(&segments.next()?.ident))?;
    (segments.next()?.ident == "Level").then_some(level)
}
