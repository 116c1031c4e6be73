//! Levels.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Expr;

use super::word;
use crate::ast::Value;
use crate::errors::Errors;
use crate::names::{nearest, text};

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

/// Reads a bare name, or an expression of type `LevelFilter`.
pub(super) fn read(value: Expr, key: &Ident, errors: &mut Errors) -> Option<Value> {
    let Some(name) = word(&value) else {
        if let Some(level) = level_of_tracing(&value) {
            let help = format!("write `{}: {level}`", text(key));
            errors.at(value, "a level is written by its name alone", help);
            return None;
        }
        return Some(Value::Constant(value));
    };
    let written = text(name);
    match named(&written) {
        Some(level) if name != level => {
            let help = format!("write `{}: {level}`", text(key));
            errors.at(name, format!("there is no level `{name}`"), help);
            None
        }
        None if begins_like_none(&written) => {
            let help = format!(
                "write `{}: WARN`, or `self::{written}` if that is a constant",
                text(key)
            );
            errors.at(name, format!("there is no level `{written}`"), help);
            None
        }
        None if ["default", "null", "nil"].contains(&written.as_str()) => {
            let help = format!("write `{}: WARN`, or remove it", text(key));
            errors.at(name, format!("there is no level `{written}`"), help);
            None
        }
        // In lower case rustc finds no similar one.
        None if !written.contains(char::is_uppercase) => {
            let known = LEVELS.iter().map(|(known, _)| *known);
            let Some(level) = nearest(&written, known).and_then(named) else {
                return Some(Value::Level(name.clone()));
            };
            let help = format!("write `{}: {level}`", text(key));
            errors.at(name, format!("there is no level `{written}`"), help);
            Some(Value::Level(Ident::new(level, name.span())))
        }
        // A misspelt one is rustc's to judge, which names the nearest.
        _ => Some(Value::Level(name.clone())),
    }
}

/// Whether this is no misspelt level, and rather the name of a constant. What an editor puts at its
/// cursor has letters of both cases.
fn begins_like_none(name: &str) -> bool {
    if name.contains(char::is_lowercase) {
        return false;
    }
    name.contains('_')
        || !name.starts_with(|letter: char| "OEWIDT".contains(letter.to_ascii_uppercase()))
}

/// Reports the bare name of a level within an expression, where it means nothing.
pub(super) fn in_expression(value: &Expr, name: &str, errors: &mut Errors) -> bool {
    let single = match value {
        Expr::Array(_) | Expr::Tuple(_) | Expr::Binary(_) | Expr::Range(_) => {
            let wrong = "a level is a single name, and what is above it is sent too";
            errors.at(value, wrong, format!("write `{name}: WARN`"));
            return true;
        }
        Expr::Lit(_) | Expr::Path(_) => return false,
        Expr::Paren(_) | Expr::Reference(_) | Expr::Unary(_) | Expr::Call(_) => true,
        Expr::Block(block) => block.block.stmts.len() == 1,
        _ => false,
    };
    let Some(level) = bare(value.to_token_stream()) else {
        return false;
    };
    if single {
        let help = format!("write `{name}: {level}`");
        errors.at(value, "a level is written by its name alone", help);
    } else {
        let help = format!("write `LevelFilter::{level}`, which is in `tracing::level_filters`");
        errors.at(
            level,
            "within an expression a level is written with its type",
            help,
        );
    }
    true
}

/// Returns the first name of a level that no path leads to.
fn bare(tokens: TokenStream) -> Option<Ident> {
    let mut in_path = false;
    for token in tokens {
        match &token {
            TokenTree::Ident(word) if !in_path && LEVELS.iter().any(|(_, level)| word == level) => {
                return Some(word.clone());
            }
            TokenTree::Group(group) => {
                let found = bare(group.stream());
                if found.is_some() {
                    return found;
                }
            }
            _ => {}
        }
        in_path = matches!(&token, TokenTree::Punct(sign) if matches!(sign.as_char(), ':' | '.'));
    }
    None
}

/// Returns the level that this name means.
pub(super) fn named(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    LEVELS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, level)| *level)
}

/// Returns the level in `tracing::Level::WARN`, which has another type than the one wanted.
fn level_of_tracing(value: &Expr) -> Option<&'static str> {
    let Expr::Path(path) = value else {
        return None;
    };
    let mut segments = path.path.segments.iter().rev();
    let level = named(&text(&segments.next()?.ident))?;
    (segments.next()?.ident == "Level").then_some(level)
}
