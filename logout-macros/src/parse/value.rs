//! The values of settings and options.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Expr, Lit, LitStr, Token};

use super::list::{entries, inside, skip_to_comma, to_comma};
use super::{next_span, no_attributes, skip_one};
use crate::ast::{Rule, Value};
use crate::errors::Errors;
use crate::names::{nearest, text};
use crate::settings::{Setting, Shape};
use crate::template;

/// The names of levels: tracing's, and those of the ancestors with what they mean here.
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
];

/// Reads the colon after `key`, or what was written for it; tells whether a value follows.
pub(super) fn follows(
    input: ParseStream<'_>,
    key: &Ident,
    kind: &str,
    example: &str,
    errors: &mut Errors,
) -> bool {
    let name = text(key);
    let help = format!("write `{name}: {example}`");
    let at = next_span(input);
    if input.peek(Token![=]) {
        skip_sign(input);
        errors.span(at, format!("{kind}s are written with `:`"), &help);
    } else if input.peek(Token![:]) && !input.peek(Token![::]) {
        skip_sign(input);
    } else if !ends(input) {
        errors.span(at, format!("expected `:` after `{name}`"), &help);
        let starts_value = input.peek(Lit) || input.peek(syn::token::Bracket);
        if !starts_value {
            skip_to_comma(input);
        }
        return starts_value;
    }
    if ends(input) {
        errors.at(key, format!("{kind} `{name}` needs a value"), help);
        return false;
    }
    true
}

/// Passes over `:`, `=` or `=>`.
pub(super) fn skip_sign(input: ParseStream<'_>) {
    if input.parse::<Token![=>]>().is_err() {
        skip_one(input);
    }
}

fn ends(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,]) || input.peek(Token![;])
}

/// The value of a setting; nothing after a mistake, which is reported.
pub(super) fn of(
    input: ParseStream<'_>,
    key: &Ident,
    setting: &Setting,
    errors: &mut Errors,
) -> Option<Value> {
    match setting.shape {
        Shape::Rules => {
            let mut rules = Vec::new();
            let list = list(input, key, setting.example, errors)?;
            inside(&list, |input| {
                entries(input, errors, "rule", |input, errors| {
                    rules.extend(rule(input, key, setting.example, errors));
                });
            });
            Some(Value::Rules(rules))
        }
        Shape::Fingerprints => {
            let mut fingerprints = Vec::new();
            let list = list(input, key, setting.example, errors)?;
            inside(&list, |input| {
                entries(input, errors, "fingerprint", |input, errors| {
                    fingerprints.extend(fingerprint(input, key, setting, errors));
                });
            });
            Some(Value::Fingerprints(fingerprints))
        }
        Shape::Metadata => metadata(input, key, setting.example, errors),
        _ => {
            let value = expression(input, errors).ok()?;
            if !is_literal_of(setting.shape, &value, key, setting.example, errors) {
                return None;
            }
            match setting.shape {
                Shape::Level => level(value, key, errors),
                Shape::Format => Some(format(value, errors)),
                Shape::Limit if word(&value).is_some_and(|word| word == "infinity") => {
                    Some(Value::Infinity)
                }
                _ => Some(Value::Constant(value)),
            }
        }
    }
}

/// An expression; what is left of a half-typed one, if anything, after reporting it.
pub(super) fn expression(
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> Result<Expr, Option<Expr>> {
    let ahead = input.fork();
    if let Ok(value) = ahead.parse::<Expr>() {
        input.advance_to(&ahead);
        return Ok(value);
    }
    let tokens = to_comma(input);
    let help = "complete it, or remove the entry up to its comma";
    errors.at(&tokens, "this is not a whole expression", help);
    // Keeps `receiver` of a half-typed `receiver.`, for the editor.
    let whole = tokens.into_iter().collect::<Vec<_>>();
    let typed = whole
        .iter()
        .rposition(|token| !matches!(token, TokenTree::Punct(_)));
    let typed: TokenStream = whole
        .iter()
        .take(typed.map_or(0, |last| last + 1))
        .cloned()
        .collect();
    Err(syn::parse2(typed).ok())
}

/// `[…]`
pub(super) fn list(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Group> {
    let help = format!("write `{}: {example}`", text(key));
    let wrong = format!("`{}` takes a list in brackets", text(key));
    let ahead = input.fork();
    match ahead.parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) => {
            input.advance_to(&ahead);
            if group.delimiter() != Delimiter::Bracket {
                errors.span(group.span_open(), wrong, help);
            }
            Some(group)
        }
        _ => {
            errors.at(to_comma(input), wrong, help);
            None
        }
    }
}

/// Whether `value` is not a literal of the wrong type; reports it if it is.
fn is_literal_of(
    shape: Shape,
    value: &Expr,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> bool {
    let Expr::Lit(literal) = value else {
        return true;
    };
    let (fits, takes) = match (shape, &literal.lit) {
        (Shape::Level, Lit::Str(text)) => {
            let level = level_of(&text.value()).unwrap_or("WARN");
            let help = format!("write `{}: {level}`", self::text(key));
            errors.at(text, "a level is written without quotes", help);
            return false;
        }
        (Shape::Level, _) => (false, "the name of a level"),
        (Shape::Text, lit) => (matches!(lit, Lit::Str(_)), "text in quotes"),
        (Shape::Count, lit) => (matches!(lit, Lit::Int(_)), "a whole number"),
        (Shape::Limit, lit) => (matches!(lit, Lit::Int(_)), "a whole number or `infinity`"),
        (Shape::Flag, lit) => (matches!(lit, Lit::Bool(_)), "`true` or `false`"),
        (Shape::Format, lit) => (
            matches!(lit, Lit::Str(_)),
            "a template in quotes or a function",
        ),
        (Shape::Duration, _) => (false, "a `Duration`"),
        _ => return true,
    };
    if !fits {
        let name = text(key);
        errors.at(
            value,
            format!("`{name}` takes {takes}"),
            format!("write `{name}: {example}`"),
        );
    }
    fits
}

/// The name, if the value is a single one.
fn word(value: &Expr) -> Option<&Ident> {
    match value {
        Expr::Path(path) if path.qself.is_none() && path.attrs.is_empty() => path.path.get_ident(),
        _ => None,
    }
}

fn level_of(name: &str) -> Option<&'static str> {
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
    let level = level_of(&text(&segments.next()?.ident))?;
    (segments.next()?.ident == "Level").then_some(level)
}

fn level(value: Expr, key: &Ident, errors: &mut Errors) -> Option<Value> {
    let Some(name) = word(&value) else {
        if let Some(level) = level_of_tracing(&value) {
            let help = format!("write `{}: {level}`", text(key));
            errors.at(value, "a level is written by its name alone", help);
            return None;
        }
        return Some(Value::Constant(value));
    };
    match level_of(&text(name)) {
        Some(level) if name != level => {
            let help = format!("write `{}: {level}`", text(key));
            errors.at(name, format!("there is no level `{name}`"), help);
            None
        }
        // A misspelt one is rustc's to judge, which names the nearest.
        _ => Some(Value::Level(name.clone())),
    }
}

fn format(value: Expr, errors: &mut Errors) -> Value {
    let Expr::Lit(literal) = &value else {
        return Value::Function(value);
    };
    let Lit::Str(template) = &literal.lit else {
        return Value::Function(value);
    };
    let text = template.value();
    let (segments, unknown) = template::parse(&text);
    for place in unknown {
        let word = text.get(place).unwrap_or_default();
        unknown_word(template, word, errors);
    }
    Value::Template(segments)
}

fn unknown_word(template: &LitStr, word: &str, errors: &mut Errors) {
    let words = template::WORDS.iter().map(|(word, _)| *word);
    let help = match nearest(word.trim_start_matches('$'), words.clone()) {
        Some(meant) => format!("write `${meant}`"),
        None => {
            let all: Vec<String> = words.map(|word| format!("${word}")).collect();
            format!("the words are {}", all.join(", "))
        }
    };
    let wrong = format!("a format has no word `{word}`");
    let literal = template.token();
    // Into the literal where the compiler allows that.
    let inside = literal
        .to_string()
        .find(word)
        .and_then(|start| literal.subspan(start..start + word.len()));
    errors.span(inside.unwrap_or_else(|| template.span()), wrong, help);
}

fn metadata(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Value> {
    let name = text(key);
    if !input.peek(syn::token::Bracket) {
        let value = expression(input, errors).ok()?;
        if word(&value).is_some_and(|word| word == "all") {
            return Some(Value::All);
        }
        let wrong = format!("`{name}` takes `all` or a list of fields");
        errors.at(value, wrong, format!("write `{name}: {example}`"));
        return None;
    }
    let mut fields = Vec::new();
    inside(&list(input, key, example, errors)?, |input| {
        entries(input, errors, "field", |input, errors| match field(input) {
            Some(field) => fields.push(field),
            None => {
                let help = format!("write `{name}: {example}`");
                errors.span(next_span(input), "expected the name of a field", help);
                skip_to_comma(input);
            }
        });
    });
    Some(Value::Fields(fields))
}

/// `order`, `http.status` or `"http.status"`
fn field(input: ParseStream<'_>) -> Option<String> {
    if input.peek(LitStr) {
        return input.parse().ok().map(|name: LitStr| name.value());
    }
    let mut name = text(&input.call(Ident::parse_any).ok()?);
    while input.parse::<Token![.]>().is_ok() {
        name.push('.');
        name.push_str(&text(&input.call(Ident::parse_any).ok()?));
    }
    Some(name)
}

/// `target: "my_app"`
fn rule(
    input: ParseStream<'_>,
    setting: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Rule> {
    no_attributes(input, "rule", errors);
    let at = next_span(input);
    let shape = input.peek(LitStr) && !input.peek2(Token![:]);
    let Some(key) = field(input).filter(|_| !shape) else {
        let name = text(setting);
        errors.span(
            at,
            format!("`{name}` takes keys and texts"),
            format!("write `{name}: {example}`"),
        );
        skip_to_comma(input);
        return None;
    };
    let ident = Ident::new("key", at);
    let named = crate::names::is_identifier(&key)
        .then(|| Ident::new(&key, at))
        .unwrap_or(ident);
    if !follows(input, &named, "rule", "\"…\"", errors) {
        return None;
    }
    let value = expression(input, errors).ok()?;
    if let Expr::Lit(literal) = &value
        && !matches!(literal.lit, Lit::Str(_))
    {
        let literal = literal.to_token_stream();
        let help = format!("write `{key}: \"{literal}\"`");
        errors.at(literal, "the value of a rule is text in quotes", help);
        return None;
    }
    Some(Rule { key, value })
}

/// `"3fa9"`
fn fingerprint(
    input: ParseStream<'_>,
    key: &Ident,
    setting: &Setting,
    errors: &mut Errors,
) -> Option<Expr> {
    let value = expression(input, errors).ok()?;
    let unquoted = word(&value).filter(|word| text(word).starts_with(char::is_lowercase));
    if let Some(word) = unquoted {
        let help = format!("write `{}: [\"{word}\"]`", text(key));
        errors.at(word, "a fingerprint is text in quotes", help);
        return None;
    }
    is_literal_of(Shape::Text, &value, key, setting.example, errors).then_some(value)
}
