//! The levels.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Expr;
use syn::parse::ParseStream;

use super::Key;
use super::shape_check::Mistake;
use super::single_ident;
use crate::ast::{Value, text_literal};
use crate::errors::Errors;
use crate::names::{ident_text, nearest};
use crate::parse::list::take_until_comma;

/// The names of levels in tracing, in other loggers and in the ancestors, with their meaning here.
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
    ("all", "TRACE"),
];

/// Parses a bare name, or an expression of type `LevelFilter`.
pub(super) fn from_expr(value: Expr, key: Key<'_>, errors: &mut Errors) -> Option<Value> {
    let Some(name) = single_ident(&value) else {
        if let Some(level) = from_tracing_path(&value) {
            let help = format!("write `{key}: {level}`");
            errors.push(value, "a level is written by its name alone", help);
            return None;
        }
        return Some(Value::Constant(value));
    };
    let written = ident_text(name);
    match named(&written) {
        Some(level) if name != level => {
            let help = format!("write `{key}: {level}`");
            errors.push(name, format!("there is no level `{name}`"), help);
            None
        }
        None if is_constant_name(&written) => {
            let help =
                format!("write `{key}: WARN`, or `self::{written}` for a constant of that name");
            errors.push(name, format!("there is no level `{written}`"), help);
            None
        }
        None if ["default", "null", "nil"].contains(&written.as_str()) => {
            let help = format!("write `{key}: WARN`, or remove it");
            errors.push(name, format!("there is no level `{written}`"), help);
            None
        }
        // For lower case rustc finds no similar name.
        None if !written.contains(char::is_uppercase) => {
            let Some(level) = nearest_level(&written) else {
                return Some(Value::Level(name.clone()));
            };
            let help = format!("write `{key}: {level}`");
            errors.push(name, format!("there is no level `{written}`"), help);
            Some(Value::Level(Ident::new(level, name.span())))
        }
        // A misspelling is left to rustc, which suggests the nearest name.
        _ => Some(Value::Level(name.clone())),
    }
}

/// Returns whether this is the name of a constant, and not a misspelt level. The word that an
/// editor inserts at its cursor has letters of both cases.
fn is_constant_name(name: &str) -> bool {
    if name.contains(char::is_lowercase) {
        return false;
    }
    name.contains('_')
        || !name.starts_with(|letter: char| "OEWIDT".contains(letter.to_ascii_uppercase()))
}

/// The error for two levels, and for a comparison.
const ONE_NAME: &str = "a level is one name, and more severe events are sent too";

/// Reports `>= WARN` and `+WARN`; returns whether it did.
pub(super) fn reject_comparison(input: ParseStream<'_>, key: Key<'_>, errors: &mut Errors) -> bool {
    let is_sign = [">", "<", "+", "="].contains(&&*first_text(input));
    if is_sign {
        let written = take_until_comma(input);
        let level = find_bare_level(written.clone());
        let level = level.map_or_else(|| "WARN".to_owned(), |level| level.to_string());
        errors.push(written, ONE_NAME, format!("write `{key}: {level}`"));
    }
    is_sign
}

fn first_text(input: ParseStream<'_>) -> String {
    let first = input.fork().parse::<TokenTree>();
    first.map(|first| first.to_string()).unwrap_or_default()
}

/// Returns the level in `"warn".parse().unwrap()` and in `LevelFilter::from_str("warn")`.
fn level_in_text(value: &Expr) -> Option<&'static str> {
    match value {
        Expr::MethodCall(call) => level_in_text(&call.receiver),
        Expr::Try(value) => level_in_text(&value.expr),
        Expr::Call(call) => {
            let function = call.func.to_token_stream().to_string();
            level_in_text(
                call.args
                    .first()
                    .filter(|_| function.ends_with("from_str"))?,
            )
        }
        value => named(&text_literal(value)?.value()),
    }
}

/// Reports the bare name of a level inside an expression, where it has no meaning.
pub(super) fn report_level_in_expression(value: &Expr, name: &str, errors: &mut Errors) -> bool {
    let single = match value {
        Expr::Array(_) | Expr::Tuple(_) | Expr::Binary(_) | Expr::Range(_) => {
            errors.push(value, ONE_NAME, format!("write `{name}: WARN`"));
            return true;
        }
        Expr::MethodCall(_) | Expr::Call(_) | Expr::Try(_) => {
            if let Some(level) = level_in_text(value) {
                let help = format!("write `{name}: {level}`");
                errors.push(value, "a level is written by its name alone", help);
                return true;
            }
            matches!(value, Expr::Call(_))
        }
        Expr::Lit(_) | Expr::Path(_) => return false,
        Expr::Paren(_) | Expr::Reference(_) | Expr::Unary(_) => true,
        Expr::Block(block) => block.block.stmts.len() == 1,
        _ => false,
    };
    let Some(level) = find_bare_level(value.to_token_stream()) else {
        return false;
    };
    if single {
        let help = format!("write `{name}: {level}`");
        errors.push(value, "a level is written by its name alone", help);
    } else {
        let help = format!("write `LevelFilter::{level}`, which is in `tracing::level_filters`");
        errors.push(level, "inside an expression a level needs its type", help);
    }
    true
}

/// Returns the first name of a level that is not part of a path.
fn find_bare_level(tokens: TokenStream) -> Option<Ident> {
    let mut in_path = false;
    for token in tokens {
        match &token {
            TokenTree::Ident(word) if !in_path && LEVELS.iter().any(|(_, level)| word == level) => {
                return Some(word.clone());
            }
            TokenTree::Group(group) => {
                let found = find_bare_level(group.stream());
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

/// Returns the level that is meant by this name.
pub(super) fn named(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    LEVELS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, level)| *level)
}

/// Returns the level in `tracing::Level::WARN`, which has another type, and in `LevelFilter::Warn`,
/// which belongs to the crate `log`.
fn from_tracing_path(value: &Expr) -> Option<&'static str> {
    let Expr::Path(path) = value else {
        return None;
    };
    let names: Vec<_> = path
        .path
        .segments
        .iter()
        .map(|segment| ident_text(&segment.ident))
        .collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    match *names.as_slice() {
        ["LevelFilter", level] if named(level) == Some(level) => None,
        ["tracing" | "log", level] => named(level),
        [.., "Level", level] | ["LevelFilter", level] | ["log", "LevelFilter", level] => {
            named(level).or_else(|| nearest_level(level))
        }
        // A variant of an enum; `LevelFilter` has none.
        [_, level] if level.contains(char::is_lowercase) => named(level),
        _ => None,
    }
}

/// Returns what is wrong with `"warn"` or with `"info,hyper=off"`, and what to write.
pub(super) fn quoted_mistake(text: &str, name: &str) -> Mistake {
    // The `>=` of `>=warn` is implied here.
    let signs = [' ', '>', '=', '+'];
    let directives: Vec<_> = text
        .split(',')
        .map(|part| part.trim_matches(signs))
        .collect();
    let level = directives.iter().find_map(|directive| named(directive));
    let of_targets = directives
        .iter()
        .filter_map(|directive| directive.split_once('='));
    let of_targets: Vec<_> = of_targets
        .map(|(target, level)| (target.trim(), level.trim()))
        .collect();
    let Some((target, of_target)) = of_targets.first() else {
        let help = format!("write `{name}: {}`", level.unwrap_or("WARN"));
        return ("a level is written without quotes".to_owned(), help);
    };
    let wrong = "a level is one name, and the same for all targets".to_owned();
    let help = match level {
        Some(level) => format!(
            "write `{name}: {level}`, and `ignore: [target: \"{target}\"]` to drop a target's events"
        ),
        None => format!(
            "write `{name}: {}`, and `metadata_filter: [target: \"{target}\"]` to keep only that target's events",
            named(of_target).unwrap_or("WARN")
        ),
    };
    (wrong, help)
}

fn nearest_level(name: &str) -> Option<&'static str> {
    nearest(name, LEVELS.iter().map(|(known, _)| *known)).and_then(named)
}
