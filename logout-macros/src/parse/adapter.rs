//! The entries of `adapters`.

mod foreign_syntax;
mod options;
mod path;

use proc_macro2::{Ident, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Attribute, Lit, LitStr, Token, Visibility};

pub(super) use self::foreign_syntax::types_in;
pub(super) use self::path::is_built_in;
use self::path::parse_path;
use super::list::{parse_entries, parse_inside, skip_to_comma, take_until_comma};
use super::{attribute, join_words, next_span, skip_token, value};
use crate::ast::{AdapterPath, ParsedInstance};
use crate::errors::Errors;
use crate::names::{generated_ident_at, ident_text, nearest};
use crate::settings;

const EXAMPLE: &str = "[Slack, ops: Slack { … }]";

/// Parses `[Slack, ops: Slack { level: ERROR }]`
pub(super) fn parse_list(
    input: ParseStream<'_>,
    key: &Ident,
    instances: &mut Vec<ParsedInstance>,
    errors: &mut Errors,
) {
    let key = value::Key {
        ident: key,
        example: EXAMPLE,
    };
    if let Some(list) = value::parse_brackets(input, key, errors) {
        parse_inside(&list, |input| {
            parse_entries(input, errors, "adapter", |input, errors| {
                instances.extend(parse_instance(input, errors));
            });
        });
    }
}

fn parse_instance(input: ParseStream<'_>, errors: &mut Errors) -> Option<ParsedInstance> {
    let (docs, conditions) = parse_docs_and_conditions(input, errors);
    if input.is_empty() {
        if let Some(attribute) = docs.iter().chain(&conditions).next_back() {
            let help = "write the adapter after it";
            errors.push(attribute, "no adapter follows this", help);
        }
        return None;
    }
    reject_pub(input, errors);
    if reject_options_after_colon(input, errors) {
        skip_to_comma(input);
        return None;
    }
    let reversed = foreign_syntax::parse_reversed(input, errors);
    let name = match &reversed {
        Some((name, _)) => Some(name.clone()),
        None => parse_name(input, errors),
    };
    if let Some(name) = &name
        && reversed.is_none()
        && reject_setting(input, name, errors)
    {
        skip_to_comma(input);
        return None;
    }
    let path = match reversed {
        Some((_, path)) => Ok(Some(path)),
        None => parse_path(input, name.as_ref(), errors),
    };
    let path = match path {
        Ok(path) => path,
        // Without a name and a type nothing can be generated.
        Err(()) if name.is_none() => {
            skip_to_comma(input);
            return None;
        }
        Err(()) => {
            skip_to_comma(input);
            None
        }
    };
    let name = name.or_else(|| parse_name_after_as(input, path.as_ref(), errors));
    let mut instance = ParsedInstance {
        docs,
        conditions,
        name,
        path,
        settings: Vec::new(),
        options: Vec::new(),
    };
    options::parse_options(input, &mut instance, errors);
    reject_condition_behind(input, errors);
    (instance.name.is_some() || instance.path.is_some()).then_some(instance)
}

/// Reports `Slack if cfg!(unix)`.
fn reject_condition_behind(input: ParseStream<'_>, errors: &mut Errors) {
    let at = next_span(input);
    let word = input.fork().call(Ident::parse_any);
    if word.is_ok_and(|word| ["if", "when", "unless"].contains(&ident_text(&word).as_str()))
        && !input.peek2(Token![:])
    {
        errors.push_at(at, path::LEFT_OUT, path::LEFT_OUT_HELP);
        skip_to_comma(input);
    }
}

/// Reports `Slack: ERROR` and `Slack: [level: ERROR]`.
fn reject_options_after_colon(input: ParseStream<'_>, errors: &mut Errors) -> bool {
    let ahead = input.fork();
    let Ok(adapter) = ahead.parse::<Ident>() else {
        return false;
    };
    let sign = (ahead.peek(Token![:]) && !ahead.peek(Token![::])) || ahead.peek(Token![=]);
    if !sign || !ident_text(&adapter).starts_with(char::is_uppercase) {
        return false;
    }
    value::skip_separator(&ahead);
    let options = match ahead.parse::<TokenTree>() {
        Ok(TokenTree::Ident(word)) if value::is_level_name(&ident_text(&word)) => {
            format!("level: {word}")
        }
        Ok(TokenTree::Group(_)) => "…".to_owned(),
        _ => return false,
    };
    let wrong = "options go in braces after the type of the adapter";
    errors.push(
        &adapter,
        wrong,
        format!("write `{adapter} {{ {options} }}`"),
    );
    true
}

/// Reports `pub` where it has no effect.
fn reject_pub(input: ParseStream<'_>, errors: &mut Errors) {
    let at = next_span(input);
    let named = input.peek2(Token![:]) && !input.peek2(Token![::]);
    if input.peek(Token![pub]) && !named && input.parse::<Visibility>().is_ok() {
        let wrong = "an instance has the visibility of its block";
        errors.push_at(at, wrong, "remove the word, or write it before `struct`");
    }
}

fn parse_docs_and_conditions(
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> (Vec<Attribute>, Vec<Attribute>) {
    let mut docs = Vec::new();
    let mut conditions = Vec::new();
    for attribute in attribute::parse_attributes(input, errors) {
        if attribute.path().is_ident("doc") {
            docs.push(attribute);
        } else if attribute.path().is_ident("cfg") {
            conditions.push(attribute);
        } else {
            let wrong = "an instance takes documentation and `#[cfg(…)]` only";
            let written = attribute
                .path()
                .get_ident()
                .map(ident_text)
                .unwrap_or_default();
            let help = match nearest(&written, ["cfg"]) {
                Some(_) if written != "cfg_attr" => "write `#[cfg(…)]`, or remove the attribute",
                _ => "remove the attribute",
            };
            errors.push(attribute, wrong, help);
        }
    }
    (docs, conditions)
}

/// Reports a setting or an option in place of an adapter; returns whether it did.
fn reject_setting(input: ParseStream<'_>, name: &Ident, errors: &mut Errors) -> bool {
    let is_setting = settings::find(&ident_text(name)).is_some();
    if !is_setting && input.peek(Lit) && foreign_syntax::reject_option(input, name, errors) {
        return true;
    }
    let is_type = |word: Ident| word.to_string().contains(char::is_lowercase);
    let found = is_setting
        && !input.peek(Token![::])
        && !input.fork().call(Ident::parse_any).is_ok_and(is_type);
    if found {
        let wrong = format!(
            "the setting `{}` is inside the list of adapters",
            ident_text(name)
        );
        errors.push(name, wrong, "write it before or after `adapters: […]`");
    }
    found
}

/// Parses `ops` in `Slack as ops`.
fn parse_name_after_as(
    input: ParseStream<'_>,
    path: Option<&AdapterPath>,
    errors: &mut Errors,
) -> Option<Ident> {
    let at = next_span(input);
    input.parse::<Token![as]>().ok()?;
    let name = input.call(Ident::parse_any).ok()?;
    let adapter = AdapterPath::name(path);
    let help = format!("write `{}: {adapter}`", ident_text(&name));
    errors.push_at(at, "the name goes before the adapter", help);
    Some(name)
}

/// Parses `ops:`
fn parse_name(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    if let Some(name) = parse_joined_name(input, errors) {
        return Some(name);
    }
    let named = input.peek2(Token![:]) && !input.peek2(Token![::]);
    let assigned = input.peek2(Token![=]) || input.peek2(Token![->]);
    if !(named || assigned) {
        return parse_name_without_colon(input, errors);
    }
    if input.peek(Lit) {
        let (wrong, help) = match input.fork().parse::<LitStr>() {
            Ok(text) => (
                "the name of an instance is written without quotes",
                format!("write `{}: Slack`", text.value()),
            ),
            Err(_) => (
                "the name of an instance is a lower-case word",
                "write `ops: Slack`".to_owned(),
            ),
        };
        errors.push_at(next_span(input), wrong, help);
        skip_token(input);
        value::skip_separator(input);
        return None;
    }
    if input.peek2(Token![->]) && peek_two_types(input) {
        return None;
    }
    let name = input.call(Ident::parse_any).ok()?;
    if assigned {
        let help = format!("write `{}: Slack`", ident_text(&name));
        errors.push_at(
            next_span(input),
            "the name of an instance takes `:` after it",
            help,
        );
    }
    value::skip_separator(input);
    Some(name)
}

/// Returns whether this is `Slack -> Discord`, of which neither is an instance's name.
fn peek_two_types(input: ParseStream<'_>) -> bool {
    let words = take_until_comma(&input.fork());
    types_in(words).len() == 2
}

/// Parses `ops-dev:`, `ops.dev:`, `ops::dev:` or `ops dev:`
fn parse_joined_name(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    let ahead = input.fork();
    let first = ahead.call(Ident::parse_any).ok()?;
    let apart = ident_text(&first).starts_with(char::is_lowercase);
    let name = join_words(&ahead, &first, apart)?;
    let is_path_of_type = input.peek2(Token![::]) && name.contains(char::is_uppercase);
    if is_path_of_type || !ahead.peek(Token![:]) || ahead.peek(Token![::]) {
        return None;
    }
    input.advance_to(&ahead);
    value::skip_separator(input);
    let wrong = "the words of an instance's name are separated by `_`";
    errors.push(&first, wrong, format!("write `{name}: Slack`"));
    Some(generated_ident_at(&name, first.span()))
}

/// Parses `ops` in `ops Slack`, where no comma is missing.
fn parse_name_without_colon(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    if !input.peek2(Ident::peek_any) {
        return None;
    }
    let name: Ident = input.fork().parse().ok()?;
    if !name.to_string().starts_with(char::is_lowercase) {
        return None;
    }
    skip_token(input);
    let help = format!("write `{name}: Slack`");
    errors.push_at(
        next_span(input),
        format!("expected `:` after `{name}`"),
        help,
    );
    Some(name)
}
